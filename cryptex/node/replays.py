"""Signed requests that were done already: one that comes again within its window is refused."""

import heapq
from typing import Final, NamedTuple

from cryptex.protocol.problems import Code, Refusal

REMEMBERED_MAX: Final = 10_000
"""Requests of one key that are remembered at once, until their windows are over; more are refused."""

KEYS_SWEPT: Final = 1_000
"""With so many keys, those of which nothing is remembered any more are forgotten."""


class Once(NamedTuple):
    """A signed request that counts once: the key, the signature, and until when a copy of it could come."""

    key_id: int
    signature: bytes
    until_ms: int


class _Seen:
    def __init__(self) -> None:
        self.signatures: set[bytes] = set()
        self.ends: list[tuple[int, bytes]] = []

    def forget(self, now_ms: int) -> None:
        while self.ends and self.ends[0][0] < now_ms:
            self.signatures.discard(heapq.heappop(self.ends)[1])


class Replays:
    """What was seen of each key. Time is an argument, in milliseconds since 1970, and must not go back."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}

    def refuse_again(self, once: Once, now_ms: int) -> None:
        """Remember a request until its window is over. Raises Refusal: replayed_request, rate_limited."""
        seen = self._seen.get(once.key_id)
        if seen is None:
            self._sweep(now_ms)
            seen = self._seen[once.key_id] = _Seen()
        seen.forget(now_ms)
        if once.signature in seen.signatures:
            raise Refusal(Code.REPLAYED_REQUEST, "this very request has come before")
        if len(seen.signatures) >= REMEMBERED_MAX:
            wait_s = max(1, -((now_ms - seen.ends[0][0]) // 1000))
            raise Refusal(Code.RATE_LIMITED, "too many signed requests within their windows", retry_after=wait_s)
        seen.signatures.add(once.signature)
        heapq.heappush(seen.ends, (once.until_ms, once.signature))

    def _sweep(self, now_ms: int) -> None:
        if len(self._seen) < KEYS_SWEPT:
            return
        for key_id, seen in list(self._seen.items()):
            seen.forget(now_ms)
            if not seen.signatures:
                del self._seen[key_id]
