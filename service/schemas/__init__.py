"""What comes in and goes out, as marshmallow schemas: no database, no request."""
