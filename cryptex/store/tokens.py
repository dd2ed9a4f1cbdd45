"""Tokens: random text that speaks for a user. The stores keep hashes alone."""

import hashlib
import secrets
from typing import Final

TOKEN_BYTES: Final = 32
"""Randomness of a token: nobody guesses 256 bits, so that one round of a fast hash is enough to keep it."""

TOKEN_LENGTH: Final = 43
"""Characters that so many bytes take in base64."""


def new_token() -> str:
    """Return a new token, safe in a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """Return what stands for a token in stores and tables."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
