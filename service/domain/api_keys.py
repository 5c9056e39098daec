"""API keys: shown once, stored as the hash of a secret."""

import hashlib
import secrets

KEY_PREFIX = "tthc"
MAX_KEY_ID = 16
NO_HASH = "0" * 64
"""Stands in for the hash of an unknown key, so that a wrong key id takes as long as a wrong secret."""


def new_key() -> tuple[str, str, str]:
    """Return (key id, whole key, hash of the secret); the secret has 256 random bits."""
    key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    return key_id, f"{KEY_PREFIX}_{key_id}_{secret}", hash_secret(secret)


def hash_secret(secret: str) -> str:
    """Return what is stored of a secret: its SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def shown_key(authorization: str) -> str:
    """Return the key that an Authorization header carries, "" when it carries none."""
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def key_id_of(key: str) -> str:
    """Return the public part of a key, by which logs name it; "" when there is none."""
    key_id = key.partition("_")[2].partition("_")[0]
    return key_id if key_id.isascii() and key_id.isalnum() and len(key_id) <= MAX_KEY_ID else ""
