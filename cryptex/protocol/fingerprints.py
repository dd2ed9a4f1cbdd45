"""How a key is named to people: by the SHA-256 of its public half, written as OpenSSH writes it."""

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from typing import Final

LOCAL_AUTHORITY: Final = "cryptex local CA"
"""How the subject of a certificate begins whose key a node made to sign its own certificates, and nothing else."""

_PREFIX: Final = "SHA256:"
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_DIGEST_BYTES: Final = 32


def fingerprint(public_key: bytes) -> str:
    """Return the fingerprint of a public key, given as its SubjectPublicKeyInfo in DER."""
    return _text(hashlib.sha256(public_key).digest())


def read_fingerprint(text: str) -> str | None:
    """Return a fingerprint as this house writes it, of text that may also be hexadecimal; None for what is none."""
    plain = text.strip()
    if plain[: len(_PREFIX)].upper() == _PREFIX:
        plain = plain[len(_PREFIX) :]
    digits = plain.replace(":", "")
    if _HEX.fullmatch(digits):
        return _text(bytes.fromhex(digits))
    try:
        digest = b64decode(plain.rstrip("=") + "=", validate=True)
    except (NoBase64, ValueError):
        return None
    return _text(digest) if len(digest) == _DIGEST_BYTES else None


def _text(digest: bytes) -> str:
    return _PREFIX + b64encode(digest).decode("ascii").rstrip("=")
