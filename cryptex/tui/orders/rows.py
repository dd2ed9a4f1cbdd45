"""Rows of the table of open orders: those that are open, and those on their way. Pure."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from cryptex.client.models import Order
from cryptex.protocol.terms import OrderStatus, OrderType, Side, TimeInForce
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.orders.working import Amendment, Flight, Way, Working

_PARTIAL = "partial"


class Row(NamedTuple):
    """An order as a row. `key` stays the same from the moment it is sent; `order` or `flight` is behind it."""

    key: str
    market: str
    side: Side
    type: OrderType
    price: Decimal | None
    stop_price: Decimal | None
    size: Decimal | None
    quote_size: Decimal | None
    filled: Decimal
    time_in_force: TimeInForce
    post_only: bool
    status: str
    ink: Ink
    order: Order | None = None
    flight: Flight | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it is a stop that waits for its trigger."""
        return self.order is not None and self.order.status is OrderStatus.PENDING


def rows(orders: Iterable[Order], working: Working) -> list[Row]:
    """Return a row for each order, once: those on their way first, then the open ones, newest first."""
    opened = working.newest(orders)
    keys = {order.client_order_id for order in opened}
    flights = [flight for flight in working.flights.values() if flight.key not in keys]
    return [*map(_of_flight, reversed(flights)), *(_of_order(order, working) for order in opened)]


def _of_flight(flight: Flight) -> Row:
    draft = flight.draft
    ink = Ink.BAD if flight.way is Way.REJECTED else Ink.ACCENT
    return Row(
        flight.key,
        draft.market,
        draft.side,
        draft.type,
        draft.price,
        draft.stop_price,
        draft.size,
        draft.quote_size,
        Decimal(0),
        draft.time_in_force,
        draft.post_only,
        "canceling" if flight.canceling else flight.way.value,
        ink,
        flight=flight,
    )


def _of_order(order: Order, working: Working) -> Row:
    amendment = working.amending.get(order.id)
    status, ink = _status(order, amendment, canceling=order.id in working.canceling)
    wanted = None if amendment is None else amendment.wanted
    return Row(
        order.client_order_id or f"#{order.id}",
        order.market,
        order.side,
        order.type,
        order.price if wanted is None else wanted.price,
        order.stop_price if wanted is None else wanted.stop_price,
        order.size if wanted is None else wanted.size,
        order.quote_size,
        order.filled,
        order.time_in_force,
        order.post_only,
        status,
        ink,
        order=order,
    )


def _status(order: Order, amendment: Amendment | None, *, canceling: bool) -> tuple[str, Ink]:
    if canceling:
        return "canceling", Ink.ACCENT
    if amendment is not None:
        return "unknown" if amendment.unknown else "amending", Ink.ACCENT
    return _PARTIAL if order.status is OrderStatus.PARTIALLY_FILLED else order.status.value, Ink.MUTED
