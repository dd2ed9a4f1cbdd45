"""The shape of an order: which of its fields go together. Denied here is what no market and no state could accept."""

from functools import cache

from cryptex.protocol.problems import invalid
from cryptex.protocol.terms import LIMIT_PRICED, RESTING, STOP_PRICED, UNPRICED, OrderType, Side, TimeInForce


@cache  # a few hundred shapes at most, and most orders have one of three
def check_shape(
    order_type: OrderType,
    side: Side,
    time_in_force: TimeInForce | None,
    has_price: bool,
    has_stop_price: bool,
    has_size: bool,
    has_quote_size: bool,
    post_only: bool,
) -> TimeInForce:
    """Return the time in force that an order of this shape has. Raises Refusal(invalid_request)."""
    effective = _time_in_force(order_type, time_in_force)
    _check_prices(order_type, has_price, has_stop_price)
    if has_size == has_quote_size:
        raise invalid("size", "an order needs either size or quote_size")
    if has_quote_size and (order_type not in UNPRICED or side is not Side.BUY or effective is TimeInForce.FOK):
        raise invalid("quote_size", "quote_size is for market and stop buys that are not fok")
    if post_only and (order_type is not OrderType.LIMIT or effective not in RESTING):
        raise invalid("post_only", "post_only needs a limit order that may rest (gtc or gtd)")
    return effective


def _time_in_force(order_type: OrderType, given: TimeInForce | None) -> TimeInForce:
    if order_type is OrderType.MARKET:
        if given is TimeInForce.GTD:
            raise invalid("time_in_force", "a market order never rests: use ioc or fok")
        return TimeInForce.FOK if given is TimeInForce.FOK else TimeInForce.IOC
    if order_type is OrderType.STOP and given is TimeInForce.IOC:
        raise invalid("time_in_force", "a stop waits for its trigger: use gtc, gtd or fok")
    return TimeInForce.GTC if given is None else given


def _check_prices(order_type: OrderType, has_price: bool, has_stop_price: bool) -> None:
    if (order_type in LIMIT_PRICED) != has_price:
        need = "takes no" if has_price else "needs"
        raise invalid("price", f"a {order_type.value} order {need} price")
    if (order_type in STOP_PRICED) != has_stop_price:
        need = "takes no" if has_stop_price else "needs"
        raise invalid("stop_price", f"a {order_type.value} order {need} stop_price")
