"""What the service answers, as marshmallow schemas: the description is made from them, tests hold answers to it."""
