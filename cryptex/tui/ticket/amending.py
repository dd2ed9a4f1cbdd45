"""The ticket as it amends an order: its fields, its checks, and what the change means. Pure."""

from decimal import Decimal
from typing import Final

from cryptex.client.models import Order
from cryptex.protocol.terms import OrderStatus, Side, TimeInForce
from cryptex.tui.drawing import texts
from cryptex.tui.model import Terms
from cryptex.tui.orders.working import Wanted
from cryptex.tui.ticket.draft import Draft
from cryptex.tui.ticket.form import Flaw, Form, stepped, too_small

_KEEPS: Final = "keeps its place in the queue"
_LOSES: Final = "goes to the end of the queue"


def form_of(order: Order, terms: Terms) -> Form:
    """Return the form of an order as it is."""
    return Form(
        side=order.side,
        type=order.type,
        price=_text(order.price, terms.price_places),
        stop_price=_text(order.stop_price, terms.price_places),
        size=_text(order.size, terms.size_places),
        time_in_force=order.time_in_force,
        post_only=order.post_only,
        self_trade_prevention=order.self_trade_prevention,
    )


def amendable(order: Order) -> tuple[str, ...]:
    """Return the fields of an order that can be changed: a stop that has triggered keeps its stop price."""
    given = {
        "price": order.price is not None,
        "stop_price": order.stop_price is not None and order.status is OrderStatus.PENDING,
        "size": order.size is not None,
    }
    return tuple(name for name, there in given.items() if there)


def wanted_of(form: Form, order: Order, terms: Terms) -> Wanted | Flaw:
    """Return the values that the order is to have, or the first flaw."""
    found: dict[str, Decimal | None] = dict(zip(("price", "stop_price", "size"), Wanted.of(order), strict=True))
    for name in amendable(order):
        value = stepped(form.number(name), name, terms.lot if name == "size" else terms.tick)
        if isinstance(value, Flaw):
            return value
        found[name] = value
    wanted = Wanted(found["price"], found["stop_price"], found["size"])
    if wanted == Wanted.of(order):
        return Flaw(amendable(order)[0], "nothing is changed yet")
    left = _left(order, wanted)
    if left is not None and left <= 0:
        done = texts.trimmed(order.filled + order.canceled_size, terms.size_places)
        return Flaw("size", f"size must be above the {done} that is done")
    price = wanted.price if wanted.price is not None else wanted.stop_price
    if left is not None and price is not None and price * left < terms.min_notional:
        return too_small(terms)
    return wanted


def draft_of(order: Order, wanted: Wanted) -> Draft:
    """Return what is left of the order, amended, as an order of its own: for its estimate."""
    return Draft(
        order.market,
        order.side,
        order.type,
        _left(order, wanted),
        wanted.price,
        wanted.stop_price if order.status is OrderStatus.PENDING else None,
        TimeInForce.GTC if order.status is not OrderStatus.PENDING else order.time_in_force,
        order.post_only,
        order.quote_size,
        order.expires_at,
        order.self_trade_prevention,
    )


def held(order: Order) -> Decimal:
    """Return what the order holds of its funds; they are its own to use again."""
    if order.side is Side.SELL:
        return order.remaining
    return order.quote_size or (order.price or Decimal(0)) * order.remaining


def place_text(order: Order, wanted: Wanted) -> str:
    """Return what becomes of the order's place in the queue; nothing for a stop, which has none."""
    if order.status is OrderStatus.PENDING:
        return ""
    keeps = wanted.price == order.price and (wanted.size or Decimal(0)) <= (order.size or Decimal(0))
    return _KEEPS if keeps else _LOSES


def button_text(order: Order, wanted: Wanted | Flaw, terms: Terms) -> str:
    """Return what Enter will do, or what is missing."""
    if isinstance(wanted, Flaw):
        return wanted.text
    price = wanted.price if wanted.price is not None else wanted.stop_price
    at = "" if price is None else f" at {texts.number(price, terms.price_places)}"
    size = "" if wanted.size is None else f": {texts.trimmed(wanted.size, terms.size_places)} {terms.base}"
    return f"Amend #{order.id}{size}{at}"


def _left(order: Order, wanted: Wanted) -> Decimal | None:
    return None if wanted.size is None else wanted.size - order.filled - order.canceled_size


def _text(value: Decimal | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}f}"
