"""A port to an exchange in this process. What a bot sees is current; what it sends arrives after its latency.

How old what a bot knows is when its order meets the book is all that latency does to a market, so the whole of it is
put on the way in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from cryptex.protocol.commands import AmendOrder, CancelAll, CancelOrder, PlaceOrder
from cryptex.sim.clock import ARRIVAL
from cryptex.sim.context import Context
from cryptex.sim.port import NewOrder

if TYPE_CHECKING:
    from cryptex.sim.venue import Venue

T = TypeVar("T")


class LocalPort:
    """One account's way to a venue."""

    __slots__ = (
        "_clock",
        "_numbers",
        "_order_ids",
        "account_id",
        "book",
        "connection_id",
        "context",
        "latency_ns",
        "market",
        "venue",
    )

    def __init__(self, venue: Venue, account_id: int, latency_ns: int, connection_id: int = 0) -> None:
        """`connection_id` is what its orders are tied to, if anything."""
        self.venue = venue
        self.connection_id = connection_id
        self.account_id = account_id
        self.latency_ns = latency_ns
        self.market = venue.market
        self.book = venue.book
        self.context: Context
        self._clock = venue.clock
        self._order_ids: dict[int, int] = {}
        self._numbers: dict[int, int] = {}

    def now(self) -> int:
        """Return the simulated time in nanoseconds."""
        return self._clock.time_ns

    def call_at(self, time_ns: int, call: Callable[[T], object], argument: T) -> None:
        """Call `call(argument)` at a time."""
        self._clock.call_at(time_ns, call, argument)

    def place(self, order: NewOrder) -> None:
        """Send an order on its way."""
        clock = self._clock
        clock.call_at(clock.time_ns + self.latency_ns, self._order_arrives, order, ARRIVAL)

    def resize(self, number: int, size_lots: int) -> None:
        """Send a smaller total size of one of the bot's orders on its way."""
        clock = self._clock
        clock.call_at(clock.time_ns + self.latency_ns, self._resize_arrives, (number, size_lots), ARRIVAL)

    def cancel(self, number: int) -> None:
        """Send the cancel of one of the bot's orders on its way."""
        clock = self._clock
        clock.call_at(clock.time_ns + self.latency_ns, self._cancel_arrives, number, ARRIVAL)

    def cancel_all(self) -> None:
        """Send the cancel of all the bot's orders on its way."""
        clock = self._clock
        clock.call_at(clock.time_ns + self.latency_ns, self._cancel_all_arrives, None, ARRIVAL)

    def accepted(self, number: int, order_id: int) -> None:
        """The exchange has given an order its id."""
        self._order_ids[number] = order_id
        self._numbers[order_id] = number

    def number_of(self, order_id: int) -> int:
        """Return the bot's number of an order."""
        return self._numbers[order_id]

    def ended(self, order_id: int) -> None:
        """An order is no more."""
        number = self._numbers.pop(order_id)
        del self._order_ids[number]
        self.context.ended(number)

    def _order_arrives(self, order: NewOrder) -> None:
        number, side, kind, size_lots, price_ticks, time_in_force, post_only, expires_ns = order
        venue = self.venue
        command = PlaceOrder(
            self.account_id,
            venue.symbol,
            side,
            kind,
            size_lots,
            price_ticks,
            time_in_force,
            post_only,
            expires_ns=venue.log_ns(expires_ns) if expires_ns else 0,
            connection_id=self.connection_id,
        )
        venue.place(self, number, command)

    def _resize_arrives(self, what: tuple[int, int]) -> None:
        number, size_lots = what
        order_id = self._order_ids.get(number)
        if order_id is not None:
            self.venue.apply(AmendOrder(self.account_id, order_id, size_lots=size_lots))

    def _cancel_arrives(self, number: int) -> None:
        order_id = self._order_ids.get(number)
        if order_id is not None:
            self.venue.apply(CancelOrder(self.account_id, order_id))

    def _cancel_all_arrives(self, _: None) -> None:
        if self._order_ids:
            self.venue.apply(CancelAll(self.account_id, self.venue.symbol))
