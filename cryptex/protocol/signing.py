"""Signed requests: what is signed, and how that travels. Node and SDK share it, and so can any other program.

A request is signed by an API key of the kind hmac or ed25519 instead of carrying a secret. The signature covers when it
was made, for how long it counts, and all of the request: whoever sees it on the way can neither change nor reuse it.
"""

import hashlib
from typing import Final

KEY_HEADER: Final = "Cryptex-Key"
"""The id of the key."""
TIMESTAMP_HEADER: Final = "Cryptex-Timestamp"
"""When it was signed, in milliseconds since 1970."""
WINDOW_HEADER: Final = "Cryptex-Window"
"""For how many milliseconds after that it counts; may be left out."""
SIGNATURE_HEADER: Final = "Cryptex-Signature"
"""The signature in base64."""

WINDOW_MS_DEFAULT: Final = 5_000
WINDOW_MS_MAX: Final = 60_000
AHEAD_MS_MAX: Final = 1_000
"""A signer's clock may be ahead of the node's by so much."""

HMAC_PREFIX: Final = "cxh_"
ED25519_PREFIX: Final = "cxe_"
"""How the tokens begin that sign instead of being sent: the prefix, the key's id, `_`, and what nobody else knows."""

LOGIN_METHOD: Final = "LOGIN"
LOGIN_TARGET: Final = "/ws"
"""What stands for method and target where a websocket logs in."""

SIGNATURE_LENGTH_MAX: Final = 128
ED25519_KEY_BYTES: Final = 32


def signed_text(key_id: int, timestamp_ms: int, window_ms: int, method: str, target: str, body: bytes) -> bytes:
    """Return what is signed: six lines, the last without an end. `target` is the path with its query, as it is sent."""
    body_hash = hashlib.sha256(body).hexdigest()
    return f"{key_id}\n{timestamp_ms}\n{window_ms}\n{method}\n{target}\n{body_hash}".encode("utf-8", "surrogatepass")
