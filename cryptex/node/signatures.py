"""Signed requests, on REST and where a websocket logs in: who signed, when, and not a second time."""

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.datastructures import Headers
from starlette.requests import Request

from cryptex.node.core import Core
from cryptex.node.handle import Handle
from cryptex.node.http import read_body, whole_number
from cryptex.node.rates import Rates
from cryptex.node.replays import Once, Replays
from cryptex.node.slots import Slots
from cryptex.protocol.api_keys import KeyKind
from cryptex.protocol.problems import Code, Refusal, invalid
from cryptex.protocol.requests import ID_MAX, LoginParams
from cryptex.protocol.signing import (
    AHEAD_MS_MAX,
    KEY_HEADER,
    LOGIN_METHOD,
    LOGIN_TARGET,
    SIGNATURE_HEADER,
    SIGNATURE_LENGTH_MAX,
    TIMESTAMP_HEADER,
    WINDOW_HEADER,
    WINDOW_MS_DEFAULT,
    WINDOW_MS_MAX,
    signed_text,
)
from cryptex.protocol.times import time_text
from cryptex.store.api_keys import SigningKey

LOOKUPS_MAX: Final = 1
LOOKUPS_WAITING_MAX: Final = 1000
KEYS_KEPT_MAX: Final = 10_000
"""Keys that are kept in memory to check by. What a key is checked by never changes; whether it counts is asked anew."""

_NANOSECONDS_PER_MILLISECOND: Final = 1_000_000
_READING: Final = frozenset({"GET", "HEAD"})
"""Methods that may be repeated: a copy of such a request tells its sender nothing that the first did not."""


class _Signed(NamedTuple):
    """A signed request: who signed, when, for how long it counts, and what."""

    key_id: int
    timestamp_ms: int
    window_ms: int
    method: str
    target: str
    body: bytes
    signature: bytes


class Shown(NamedTuple):
    """Whose key signed, and what is to be remembered (`spend`) once the key may do what was asked for."""

    handle: Handle
    once: Once | None


class Signatures:
    """Checks the signed requests of a node."""

    def __init__(self, core: Core, rates: Rates) -> None:
        self._core = core
        self._rates = rates
        self._lookups = Slots(LOOKUPS_MAX, LOOKUPS_WAITING_MAX)
        self._keys: OrderedDict[int, SigningKey] = OrderedDict()
        self._replays = Replays()
        self._begun_ns = core.clock.now_ns()
        self._latest_ms = self._now_ms()
        """The latest time that was seen: a clock that is set back must not let in again what was forgotten."""

    async def of_request(self, request: Request, address: str) -> Shown | None:
        """Return whose key signed a request, None for one that is not signed.

        Raises Refusal: unauthenticated, bad_signature, timestamp_out_of_window, rate_limited, unavailable, and what
        the body is refused for.
        """
        headers = request.headers
        key_id = headers.get(KEY_HEADER)
        if key_id is None:
            return None
        if "authorization" in headers:
            raise Refusal(Code.UNAUTHENTICATED, f"give {KEY_HEADER} or Authorization, not both")
        try:
            number, timestamp_ms, window_ms, signature = _read_headers(key_id, headers)
        except Refusal as refusal:  # what is no signature lets nobody in, as one that is wrong
            raise Refusal(Code.BAD_SIGNATURE, refusal.message, **refusal.details) from None
        query = request.scope["query_string"]
        target = (request.scope["raw_path"] + (b"?" + query if query else b"")).decode("latin-1")
        body = await read_body(request)
        signed = _Signed(number, timestamp_ms, window_ms, request.method, target, body, signature)
        return await self._check(signed, address)

    async def of_login(self, params: LoginParams, address: str) -> Shown:
        """Return whose key signed the login of a websocket. Raises Refusal as `of_request` does."""
        if params.key is None or params.timestamp is None or params.signature is None:
            raise invalid("token", "login takes a token, or key, timestamp and signature")
        signature = _decoded(params.signature, "signature")
        window_ms = WINDOW_MS_DEFAULT if params.window is None else params.window
        signed = _Signed(params.key, params.timestamp, window_ms, LOGIN_METHOD, LOGIN_TARGET, b"", signature)
        return await self._check(signed, address)

    def spend(self, once: Once | None) -> None:
        """Remember a request that is about to be done. Raises Refusal: replayed_request, rate_limited.

        Only what the key may do is remembered: else a key that may do nothing any more could fill the room.
        """
        if once is not None:
            self._replays.refuse_again(once, self._latest_ms)

    def forget(self, key_id: int) -> None:
        """Forget what a key that was revoked is checked by."""
        self._keys.pop(key_id, None)

    async def _check(self, signed: _Signed, address: str) -> Shown:
        self._rates.check_stranger(address)
        try:
            key = await self._key(signed.key_id)
            if key is None or not _verified(key, signed):
                raise Refusal(Code.BAD_SIGNATURE, "there is no such key, or the signature is not its own")
            self._check_time(signed, key)
        except Refusal:
            self._rates.stranger(address)
            raise
        once = None
        if signed.method not in _READING:
            once = Once(signed.key_id, signed.signature, signed.timestamp_ms + signed.window_ms)
        return Shown(Handle(key.secret_hash, is_api_key=True), once)

    def _now_ms(self) -> int:
        return self._core.clock.now_ns() // _NANOSECONDS_PER_MILLISECOND

    def _check_time(self, signed: _Signed, key: SigningKey) -> None:
        now_ms = self._now_ms()
        self._latest_ms = max(self._latest_ms, now_ms)
        is_reading = signed.method in _READING
        age_ms = now_ms - signed.timestamp_ms
        oldest_ms = (now_ms if is_reading else self._latest_ms) - signed.window_ms
        if age_ms < -AHEAD_MS_MAX or signed.timestamp_ms < oldest_ms:
            detail, time = "this was signed too long ago, or in the future", time_text(self._core.clock.now_ns())
            raise Refusal(Code.TIMESTAMP_OUT_OF_WINDOW, detail, time=time, age_ms=age_ms)
        if not is_reading and key.created_ns < self._begun_ns:
            self._check_start(signed)

    def _check_start(self, signed: _Signed) -> None:
        """Refuse what the node may have done before it started, and remembers no more."""
        begun_ms = self._begun_ns // _NANOSECONDS_PER_MILLISECOND
        if signed.timestamp_ms < begun_ms:
            raise Refusal(Code.TIMESTAMP_OUT_OF_WINDOW, "this was signed before the node started: sign it anew")
        if signed.timestamp_ms <= begun_ms + AHEAD_MS_MAX:  # signed ahead of time, it may have come before as well
            detail = "the node has only just started: sign it anew in a second"
            raise Refusal(Code.UNAVAILABLE, detail, retry_after=AHEAD_MS_MAX // 1000)

    async def _key(self, key_id: int) -> SigningKey | None:
        found = self._keys.get(key_id)
        if found is None:
            found = await self._lookups.run(self._core.users.api_keys.signing_key, key_id)
            if found is not None:
                self._keys[key_id] = found
                if len(self._keys) > KEYS_KEPT_MAX:
                    self._keys.popitem(last=False)
        return found


def _verified(key: SigningKey, signed: _Signed) -> bool:
    text = signed_text(signed.key_id, signed.timestamp_ms, signed.window_ms, signed.method, signed.target, signed.body)
    if key.kind is KeyKind.HMAC:
        return hmac.compare_digest(hmac.digest(key.material, text, hashlib.sha256), signed.signature)
    try:
        Ed25519PublicKey.from_public_bytes(key.material).verify(signed.signature, text)
    except InvalidSignature:
        return False
    return True


def _read_headers(key_id: str, headers: Headers) -> tuple[int, int, int, bytes]:
    """Return what the headers of a signed request say: key, time, window and signature. Raises Refusal."""
    window = headers.get(WINDOW_HEADER, str(WINDOW_MS_DEFAULT))
    return (
        whole_number(key_id, KEY_HEADER, 1, ID_MAX),
        whole_number(headers.get(TIMESTAMP_HEADER, ""), TIMESTAMP_HEADER, 0, ID_MAX),
        whole_number(window, WINDOW_HEADER, 1, WINDOW_MS_MAX),
        _decoded(headers.get(SIGNATURE_HEADER, ""), SIGNATURE_HEADER),
    )


def _decoded(text: str, field: str) -> bytes:
    try:
        if 0 < len(text) <= SIGNATURE_LENGTH_MAX:
            return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise invalid(field, f"{field} must be a signature in base64")
