"""One's own orders as they are under way: sent and not answered, rejected, being canceled or amended. Plain state.

The orders channel says what is open. Replies often come before it: what one says is kept until the channel has passed
its sequence, so that a row neither doubles nor falls back for a moment.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from cryptex.client.models import Order
from cryptex.tui.ticket.draft import Draft

REJECTED_MAX: Final = 5
"""Rejected orders whose rows wait to be tried again or put away."""


class Way(StrEnum):
    """Where an order without an id is on its way."""

    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Flight:
    """An order that was sent under a client_order_id. `field` is what its rejection is about.

    `asked` is whether somebody waits for its reply or asks what became of it.
    """

    key: str
    draft: Draft
    way: Way = Way.SUBMITTING
    field: str = ""
    canceling: bool = False
    asked: bool = True

    @property
    def is_unanswered(self) -> bool:
        """Whether the exchange may have it, or get it yet."""
        return self.way is not Way.REJECTED


class Wanted(NamedTuple):
    """The values that an amendment asks for; all three, so that asking twice changes nothing."""

    price: Decimal | None
    stop_price: Decimal | None
    size: Decimal | None

    @classmethod
    def of(cls, order: Order) -> "Wanted":
        """Return the values that an order has."""
        return cls(order.price, order.stop_price, order.size)


class Amendment(NamedTuple):
    """An amendment under way."""

    wanted: Wanted
    unknown: bool = False


class Working:
    """What the orders channel does not say. `changed` hears of every change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.flights: dict[str, Flight] = {}
        self.canceling: frozenset[int] = frozenset()
        self.amending: dict[int, Amendment] = {}
        self._newest = ""
        """The key of the order that was sent last."""
        self._newer: dict[int, Order] = {}
        self._sequence = 0
        self._changed = changed

    @property
    def rejected(self) -> Flight | None:
        """The order that was sent last, if it was rejected; older ones are meant by their rows alone."""
        flight = self.flights.get(self._newest)
        return flight if flight is not None and flight.way is Way.REJECTED else None

    def unanswered(self, draft: Draft) -> Flight | None:
        """Return the same order on its way, whatever its expiry: a length of time ends later when it is sent later."""
        same = (f for f in self.flights.values() if f.is_unanswered and _but_expiry(f.draft) == _but_expiry(draft))
        return next(same, None)

    def begin(self, key: str, draft: Draft) -> None:
        """Note an order that is being sent. The rejection that it tries again is put away."""
        self.flights = {k: f for k, f in self.flights.items() if f.way is not Way.REJECTED or f.draft != draft}
        self.flights[key] = Flight(key, draft)
        self._newest = key
        self._changed()

    def turn(self, key: str, way: Way, field: str = "") -> None:
        """Note where an order is on its way."""
        flight = self.flights.get(key)
        if flight is None:
            return
        self.flights[key] = replace(flight, way=way, field=field, canceling=False)
        rejected = [k for k, f in self.flights.items() if f.way is Way.REJECTED]
        for old in rejected[: -REJECTED_MAX or None]:
            del self.flights[old]
        self._changed()

    def cancel(self, key: str, *, done: bool = False) -> None:
        """Note that an order without an id is being canceled; `done` takes the note away."""
        if key in self.flights:
            self.flights[key] = replace(self.flights[key], canceling=not done)
            self._changed()

    def leave(self, key: str) -> None:
        """Note that nobody asks any more what became of an order: the channel or a cancel may still tell."""
        if key in self.flights:
            self.flights[key] = replace(self.flights[key], asked=False)

    def is_left(self, key: str) -> bool:
        """Return whether nobody asks what became of an order on its way."""
        return key in self.flights and not self.flights[key].asked

    def land(self, key: str, order: Order) -> None:
        """Take the reply to an order that was taken; older rejections are old news then."""
        self.flights = {k: f for k, f in self.flights.items() if k != key and f.way is not Way.REJECTED}
        self.hear(order)

    def drop(self, key: str) -> None:
        """Forget an order that never came to be, or of which all is known."""
        if self.flights.pop(key, None) is not None:
            self._changed()

    def hear(self, order: Order) -> None:
        """Take what a reply says of an order, until the channel says it too."""
        known = self._newer.get(order.id)
        if order.sequence > self._sequence and (known is None or order.sequence >= known.sequence):
            self._newer[order.id] = order
        self._changed()

    def settle(self, orders: Iterable[Order], sequence: int) -> None:
        """Take how far the channel has come and what is open there."""
        known = {order.id: order.client_order_id for order in orders}
        self._sequence = sequence
        self._newer = {i: o for i, o in self._newer.items() if o.sequence > sequence}
        self.canceling &= known.keys()
        for key in [key for key in known.values() if key is not None and self.is_left(key)]:
            del self.flights[key]
        self._changed()

    def mark_canceling(self, order_ids: Iterable[int], *, done: bool = False) -> None:
        """Mark orders whose cancel was asked for; `done` takes the mark away."""
        ids = frozenset(order_ids)
        self.canceling = self.canceling - ids if done else self.canceling | ids
        self._changed()

    def mark_amending(self, order_id: int, amendment: Amendment | None) -> None:
        """Mark an order that is being amended; None takes the mark away."""
        if amendment is None:
            self.amending.pop(order_id, None)
        else:
            self.amending[order_id] = amendment
        self._changed()

    def newest(self, orders: Iterable[Order]) -> list[Order]:
        """Return the open orders as replies and channel together know them, newest first."""
        known = {order.id: order for order in orders}
        for order_id, order in self._newer.items():
            if order_id not in known or known[order_id].sequence < order.sequence:
                known[order_id] = order
        return sorted((order for order in known.values() if order.is_open), key=lambda order: -order.id)


def _but_expiry(draft: Draft) -> Draft:
    return replace(draft, expires_at=None)
