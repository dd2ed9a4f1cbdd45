"""Requests that a test signs by itself, as a program without the SDK would."""

import base64
import hashlib
import hmac
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.node.edge import Edge

PAIR = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(PAIR.public_key().public_bytes_raw()).decode()


def signature(secret: str | None, text: bytes) -> bytes:
    """Return the signature by an HMAC secret or, without one, by the pair."""
    return PAIR.sign(text) if secret is None else hmac.digest(secret.encode(), text, hashlib.sha256)


def signed(
    node: Edge,
    key: Any,
    method: str,
    target: str,
    body: bytes = b"",
    *,
    ahead_ms: int = 0,
    window_ms: int = 5000,
) -> dict[str, str]:
    """Return the headers of a signed request; `key` is the answer that made the key."""
    time_ms = node.clock.now_ns() // 10**6 + ahead_ms
    digest = hashlib.sha256(body).hexdigest()
    text = f"{key['id']}\n{time_ms}\n{window_ms}\n{method}\n{target}\n{digest}".encode()
    return {
        "Cryptex-Key": str(key["id"]),
        "Cryptex-Timestamp": str(time_ms),
        "Cryptex-Window": str(window_ms),
        "Cryptex-Signature": base64.b64encode(signature(key["secret"], text)).decode(),
    }


def signed_login(node: Edge, key: Any) -> dict[str, Any]:
    """Return the params of a signed login."""
    headers = signed(node, key, "LOGIN", "/ws")
    return {
        "key": key["id"],
        "timestamp": int(headers["Cryptex-Timestamp"]),
        "window": 5000,
        "signature": headers["Cryptex-Signature"],
    }


async def new_signing_key(node: Edge, token: str, kind: str, *scopes: str, **more: object) -> Any:
    """Make a key that signs."""
    public = {"public_key": PUBLIC} if kind == "ed25519" else {}
    form = {"label": "bot", "scopes": list(scopes or ("read", "trade", "withdraw")), "kind": kind, **public, **more}
    return await node.post("/api_keys", form, token)
