"""What goes on by itself: orders with an expiry, dead man's switches, withdrawals, halts, auctions; earliest first."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from cryptex.protocol.terms import AMOUNT_LIMIT

_AFTER_ORDERS: Final = AMOUNT_LIMIT
"""Stands for an order id in the deadline of a withdrawal or a market: what expires at the same time does so first."""

STALE_KEPT_MIN: Final = 1_024
"""Below this many deadlines, stale ones are not worth clearing out."""


class Deadline(NamedTuple):
    """A due time. `order_id` 0 stands for the dead man's switch of the account.

    With `withdrawal_id` that goes on; with `market` its state ends.
    """

    time_ns: int
    order_id: int
    account_id: int
    market: str = ""
    withdrawal_id: int = 0


class Deadlines:
    """A heap whose entries may be stale: `is_current` says which still count. O(log n) amortised."""

    def __init__(self, is_current: Callable[[Deadline], bool]) -> None:
        self.heap: Final[list[Deadline]] = []
        self._is_current = is_current
        self._sweep_at = STALE_KEPT_MIN

    def add(self, time_ns: int, order_id: int, account_id: int) -> None:
        """Note a deadline of an order or an account."""
        self._add(Deadline(time_ns, order_id, account_id))

    def add_market(self, time_ns: int, market: str) -> None:
        """Note when the state of a market ends."""
        self._add(Deadline(time_ns, _AFTER_ORDERS, 0, market))

    def add_withdrawal(self, time_ns: int, withdrawal_id: int) -> None:
        """Note when a withdrawal goes on."""
        self._add(Deadline(time_ns, _AFTER_ORDERS, 0, "", withdrawal_id))

    def _add(self, deadline: Deadline) -> None:
        heappush(self.heap, deadline)
        if len(self.heap) >= self._sweep_at:
            self.heap[:] = [deadline for deadline in self.heap if self._is_current(deadline)]
            heapify(self.heap)
            self._sweep_at = max(STALE_KEPT_MIN, 2 * len(self.heap))

    def next_ns(self) -> int | None:
        """Return when something is due next."""
        heap = self.heap
        while heap and not self._is_current(heap[0]):
            heappop(heap)
        return heap[0].time_ns if heap else None

    def take_due(self, now_ns: int) -> Deadline | None:
        """Take out and return the earliest deadline that is not after `now_ns`."""
        due = self.next_ns()
        return heappop(self.heap) if due is not None and due <= now_ns else None
