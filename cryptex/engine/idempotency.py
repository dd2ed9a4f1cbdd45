"""Keys that users give their requests, so that a repetition does nothing twice."""

from collections import deque
from typing import Final

import msgspec

from cryptex.protocol.commands import Deposit, PlaceOrder, RequestWithdrawal, Withdraw
from cryptex.protocol.market import Market
from cryptex.protocol.order import Order
from cryptex.protocol.terms import AMOUNT_LIMIT, NANOSECONDS_PER_SECOND

CLOSED_KEYS_MAX: Final = 10_000
"""Newer closed keys of the account that end an older one's life."""

CLOSED_KEY_LIFE_NS: Final = 24 * 3600 * NANOSECONDS_PER_SECOND
"""Log time after which a closed key may be used anew."""


KeyedRequest = PlaceOrder | Deposit | Withdraw | RequestWithdrawal
"""Requests that a key makes idempotent."""

NOT_EXPRESSIBLE: Final = -1
"""Stands for a price or size between the steps that a market has now."""


class KeyRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a key stands for: the id of the order, entry or withdrawal, and the request that made it."""

    key: str
    id: int
    request: KeyedRequest
    closed_ns: int


class KeyTable:
    """The keys of one account: alive while their order or withdrawal is, then for a while. All O(1) amortised."""

    __slots__ = ("closed", "oldest_end_ns", "open", "pinned", "queue")

    def __init__(self) -> None:
        self.open: dict[str, Order] = {}
        self.pinned: dict[str, KeyRecord] = {}
        """References of withdrawals that are alive."""
        self.closed: dict[str, KeyRecord] = {}
        self.queue: deque[KeyRecord] = deque()
        """Closed keys in the order of closing; one that was used anew since then counts no more."""
        self.oldest_end_ns = 0
        """No closed key's life ends before this."""

    def find(self, key: str, now_ns: int) -> tuple[int, KeyedRequest] | None:
        """Return the id and request that a key stands for, unless its life has ended."""
        order = self.open.get(key)
        if order is not None:
            return order.order_id, order.request
        pinned = self.pinned.get(key)
        if pinned is not None:
            return pinned.id, pinned.request
        record = self.closed.get(key)
        if record is None or record.closed_ns + CLOSED_KEY_LIFE_NS <= now_ns:
            return None
        return record.id, record.request

    def close(self, request: PlaceOrder, order_id: int, now_ns: int) -> None:
        """Let the remaining life of an order's key begin."""
        key = request.client_order_id
        del self.open[key]
        self.remember(key, order_id, request, now_ns)

    def pin(self, key: str, record_id: int, request: KeyedRequest, now_ns: int) -> None:
        """Note a key that lives until it is unpinned."""
        self.pinned[key] = KeyRecord(key, record_id, request, now_ns)

    def unpin(self, key: str, now_ns: int) -> None:
        """Let the remaining life of a pinned key begin."""
        record = self.pinned.pop(key)
        self.remember(key, record.id, record.request, now_ns)

    def remember(self, key: str, record_id: int, request: KeyedRequest, now_ns: int) -> None:
        """Note a closed key; keys whose life has ended make room."""
        closed = self.closed
        record = closed[key] = KeyRecord(key, record_id, request, now_ns)
        self.queue.append(record)
        if len(closed) > CLOSED_KEYS_MAX or now_ns >= self.oldest_end_ns:
            self._make_room(now_ns)

    def _make_room(self, now_ns: int) -> None:
        closed, queue = self.closed, self.queue
        while len(closed) > CLOSED_KEYS_MAX or queue[0].closed_ns + CLOSED_KEY_LIFE_NS <= now_ns:
            oldest = queue.popleft()
            if closed.get(oldest.key) is oldest:
                del closed[oldest.key]
        self.oldest_end_ns = queue[0].closed_ns + CLOSED_KEY_LIFE_NS

    def restate(self, before: Market, after: Market) -> None:
        """Write the closed keys of a market in its new ticks and lots, so that they go on meaning the same order.

        What cannot be written so cannot be asked for either: it becomes a request that equals none.
        """
        self.queue = deque(_restated(record, before, after) for record in self.kept())
        self.closed = {record.key: record for record in self.queue}

    def kept(self) -> list[KeyRecord]:
        """Return the closed keys in the order of closing."""
        return [record for record in self.queue if self.closed.get(record.key) is record]

    def restore(self, records: list[KeyRecord]) -> None:
        """Take over what `kept` returned."""
        self.queue.extend(records)
        self.closed.update((record.key, record) for record in records)


def _restated(record: KeyRecord, before: Market, after: Market) -> KeyRecord:
    request = record.request
    if not isinstance(request, PlaceOrder) or request.market != after.symbol:
        return record

    def converted(steps: int, step_before_e8: int, step_after_e8: int) -> int:
        steps_after, rest = divmod(steps * step_before_e8, step_after_e8)
        return NOT_EXPRESSIBLE if rest or steps_after >= AMOUNT_LIMIT else steps_after

    restated = msgspec.structs.replace(
        request,
        price_ticks=converted(request.price_ticks, before.tick_e8, after.tick_e8),
        stop_ticks=converted(request.stop_ticks, before.tick_e8, after.tick_e8),
        size_lots=converted(request.size_lots, before.lot_e8, after.lot_e8),
    )
    return msgspec.structs.replace(record, request=restated)


def same_request(first: PlaceOrder, second: PlaceOrder) -> bool:
    """Return whether two orders ask for the same; the connection they came on does not count."""
    if first.connection_id != second.connection_id:
        second = msgspec.structs.replace(second, connection_id=first.connection_id)
    return first == second
