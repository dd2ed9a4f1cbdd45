"""How requests show who asks: a token that is sent along, or a key that signs each of them and is never sent."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from threading import Lock
from typing import Final

from cryptex.client.errors import invalid_request
from cryptex.protocol.signing import (
    ED25519_KEY_BYTES,
    ED25519_PREFIX,
    HMAC_PREFIX,
    KEY_HEADER,
    LOGIN_METHOD,
    LOGIN_TARGET,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    WINDOW_HEADER,
    WINDOW_MS_DEFAULT,
    signed_text,
)

Sign = Callable[[bytes], bytes]

_NANOSECONDS_PER_MILLISECOND: Final = 1_000_000


class Signer:
    """Signs requests with an API key. May be used from several threads.

    No two requests have the same time, so that two equal ones are not taken for one that was replayed.
    """

    def __init__(self, key_id: int, sign: Sign, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._key_id = key_id
        self._sign = sign
        self._clock_ns = clock_ns
        self._last_ms = 0
        self._lock = Lock()

    def headers(self, method: str, target: str, body: bytes) -> dict[str, str]:
        """Return the headers of a request; `target` is its path with the query."""
        timestamp_ms, signature = self._signed(method, target, body)
        return {
            KEY_HEADER: str(self._key_id),
            TIMESTAMP_HEADER: str(timestamp_ms),
            WINDOW_HEADER: str(WINDOW_MS_DEFAULT),
            SIGNATURE_HEADER: signature,
        }

    def login(self) -> dict[str, str | int]:
        """Return the params by which a websocket logs in."""
        timestamp_ms, signature = self._signed(LOGIN_METHOD, LOGIN_TARGET, b"")
        window = WINDOW_MS_DEFAULT
        return {"key": self._key_id, "timestamp": timestamp_ms, "window": window, "signature": signature}

    def _signed(self, method: str, target: str, body: bytes) -> tuple[int, str]:
        with self._lock:
            timestamp_ms = max(self._clock_ns() // _NANOSECONDS_PER_MILLISECOND, self._last_ms + 1)
            self._last_ms = timestamp_ms
        text = signed_text(self._key_id, timestamp_ms, WINDOW_MS_DEFAULT, method, target, body)
        return timestamp_ms, base64.b64encode(self._sign(text)).decode("ascii")


def signer_of(token: str) -> Signer | None:
    """Return what signs for a token that is never sent, None for one that is. Raises InvalidRequestError."""
    if is_sent(token):
        return None
    key_id = signing_key_id(token)
    if key_id is None:
        raise _unusable()
    if token.startswith(HMAC_PREFIX):
        return Signer(key_id, _hmac(token))
    return Signer(key_id, _ed25519(token[len(ED25519_PREFIX) :].partition("_")[2]))


def signing_key_id(token: str) -> int | None:
    """Return the id of the API key that signs, None for a token that is sent or cannot be read."""
    if is_sent(token):
        return None
    key_id, _, secret = token[len(HMAC_PREFIX) :].partition("_")
    return int(key_id) if key_id.isascii() and key_id.isdigit() and secret else None


def is_sent(token: str) -> bool:
    """Return whether a token goes along with each request, so that who reads the request has it."""
    return token[: len(HMAC_PREFIX)] not in (HMAC_PREFIX, ED25519_PREFIX)


def show(token: str, signer: Signer | None, method: str, target: str, body: bytes) -> dict[str, str]:
    """Return the headers that show who asks."""
    return {"Authorization": f"Bearer {token}"} if signer is None else signer.headers(method, target, body)


def new_ed25519() -> tuple[str, str]:
    """Return the secret half of a new pair, and the public half as the node takes it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    secret = base64.urlsafe_b64encode(private.private_bytes_raw()).decode("ascii").rstrip("=")
    return secret, base64.b64encode(public).decode("ascii")


def ed25519_token(key_id: int, secret: str) -> str:
    """Return the token of a key whose pair is one's own. It signs, and is never sent."""
    return f"{ED25519_PREFIX}{key_id}_{secret}"


def _hmac(token: str) -> Sign:
    key = token.encode("utf-8", "surrogatepass")
    return lambda text: hmac.digest(key, text, hashlib.sha256)


def _ed25519(secret: str) -> Sign:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # 50 ms: only who signs pays

    try:
        seed = base64.b64decode(secret + "=" * (-len(secret) % 4), altchars=b"-_", validate=True)
        if len(seed) != ED25519_KEY_BYTES:
            raise _unusable()
        return Ed25519PrivateKey.from_private_bytes(seed).sign
    except ValueError:
        raise _unusable() from None


def _unusable() -> Exception:
    return invalid_request("this key cannot be read: it is cut off, or was changed", "token")
