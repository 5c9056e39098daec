"""API keys: shown once, stored as the hash of a secret."""

import hashlib
import secrets

KEY_PREFIX = "tthc"
NO_HASH = "0" * 64
"""Compared with when no key is known, so that both ways take the same time."""


def new_key() -> tuple[str, str, str]:
    """Return (key id, whole key, hash of the secret); the secret has 256 random bits."""
    key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    return key_id, f"{KEY_PREFIX}_{key_id}_{secret}", hash_secret(secret)


def hash_secret(secret: str) -> str:
    """Return what is stored of a secret: its SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
