"""Marshmallow schemas of answers: the OpenAPI description is made from them, and tests validate answers by it."""
