"""Orders folded from events alone, as any follower of the exchange could do it."""

from dataclasses import dataclass

from cryptex.protocol import events as e
from cryptex.protocol.terms import EndReason, OrderStatus

Change = e.Fill | e.OrderTriggered | e.OrderAmended | e.OrderReduced | e.OrderEnded


@dataclass
class FoldedOrder:
    """What the events have said of an order so far."""

    price: int
    stop: int
    size: int
    remaining: int
    status: OrderStatus
    reason: EndReason | None = None
    filled: int = 0
    canceled: int = 0
    fee: int = 0


def fold(orders: dict[int, FoldedOrder], event: e.Event) -> None:
    """Take an event into account."""
    if isinstance(event, e.OrderAccepted | e.OrderRejected):
        ask = event.request
        status = OrderStatus.PENDING if ask.stop_ticks else OrderStatus.OPEN
        order = FoldedOrder(ask.price_ticks, ask.stop_ticks, ask.size_lots, ask.size_lots, status)
        assert event.order_id not in orders, "an id is given once"
        orders[event.order_id] = order
        if isinstance(event, e.OrderRejected):
            order.status, order.remaining, order.canceled = OrderStatus.REJECTED, 0, order.size
    elif isinstance(event, Change):
        _change(orders[event.order_id], event)


def _change(
    order: FoldedOrder, event: e.Fill | e.OrderTriggered | e.OrderAmended | e.OrderReduced | e.OrderEnded
) -> None:
    is_sized = order.size > 0
    match event:
        case e.OrderTriggered():
            order.status = OrderStatus.OPEN
        case e.OrderAmended():
            order.price, order.size, order.stop = event.price_ticks, event.size_lots, event.stop_ticks
            order.remaining = order.size - order.filled - order.canceled if is_sized else 0
        case e.Fill():
            order.filled, order.fee = order.filled + event.size_lots, order.fee + event.fee_units
            order.remaining -= event.size_lots if is_sized else 0
            order.status = OrderStatus.PARTIALLY_FILLED
        case e.OrderReduced():
            order.remaining -= event.lots if is_sized else 0
            order.canceled += event.lots if is_sized else 0
        case e.OrderEnded():
            assert event.canceled_lots == order.remaining, "what is canceled is what was left"
            order.status, order.reason = event.status, event.reason
            order.canceled, order.remaining = order.canceled + order.remaining, 0
