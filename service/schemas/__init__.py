"""Marshmallow schemas of what comes in and of answers; they use neither database nor request."""
