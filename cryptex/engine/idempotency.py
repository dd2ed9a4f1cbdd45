"""Keys that users give their requests, so that a repetition does nothing twice."""

from collections import OrderedDict
from typing import Final

import msgspec

from cryptex.protocol.commands import Deposit, PlaceOrder
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

CLOSED_KEYS_MAX: Final = 10_000
"""Newer closed keys of the account that end an older one's life."""

CLOSED_KEY_LIFE_NS: Final = 24 * 3600 * NANOSECONDS_PER_SECOND
"""Log time after which a closed key may be used anew."""


class KeyRecord(msgspec.Struct, frozen=True, array_like=True):
    """What a key stands for: the id of the order or entry, and the request that made it."""

    key: str
    id: int
    request: PlaceOrder | Deposit
    closed_ns: int = 0


class KeyTable:
    """The keys of one account: alive while open, then for a while. All operations O(1) amortised."""

    __slots__ = ("closed", "open")

    def __init__(self) -> None:
        self.open: dict[str, KeyRecord] = {}
        self.closed: OrderedDict[str, KeyRecord] = OrderedDict()

    def find(self, key: str, now_ns: int) -> KeyRecord | None:
        """Return what a key stands for, unless its life has ended."""
        record = self.open.get(key)
        if record is None:
            record = self.closed.get(key)
            if record is not None and record.closed_ns + CLOSED_KEY_LIFE_NS <= now_ns:
                return None
        return record

    def put(self, key: str, record_id: int, request: PlaceOrder | Deposit) -> None:
        """Remember a key as open."""
        self.closed.pop(key, None)
        self.open[key] = KeyRecord(key, record_id, request)

    def close(self, key: str, now_ns: int) -> None:
        """Let a key's remaining life begin; keys whose life has ended make room."""
        closed, record = self.closed, self.open.pop(key)
        closed[key] = KeyRecord(key, record.id, record.request, now_ns)
        while len(closed) > CLOSED_KEYS_MAX or closed[next(iter(closed))].closed_ns + CLOSED_KEY_LIFE_NS <= now_ns:
            closed.popitem(last=False)


def same_request(first: PlaceOrder, second: PlaceOrder) -> bool:
    """Return whether two orders ask for the same; the connection they came on does not count."""
    if first.connection_id != second.connection_id:
        second = msgspec.structs.replace(second, connection_id=first.connection_id)
    return first == second
