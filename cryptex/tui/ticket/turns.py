"""What single keys make of a form. Pure."""

from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from cryptex.protocol.terms import OrderType, SelfTradePrevention, Side, TimeInForce
from cryptex.tui.model import Terms
from cryptex.tui.ticket.form import FORCES, Form, can_go_by_quote, can_post_only, nudged

T = TypeVar("T")


def typed(form: Form, kind: OrderType) -> Form:
    """Return the form of another order type, with the time in force that this type usually has."""
    return replace(form, type=kind, time_in_force=FORCES[kind][0])


def next_type(form: Form) -> Form:
    """Return the form of the next order type."""
    return typed(form, _after(form.type, tuple(OrderType)))


def next_force(form: Form) -> Form:
    """Return the form with the next time in force that its type may have."""
    return replace(form, time_in_force=_after(form.time_in_force, FORCES[form.type]))


def next_self_trade(form: Form) -> Form:
    """Return the form with the next way of keeping an order from trading with one's own."""
    return replace(form, self_trade_prevention=_after(form.self_trade_prevention, tuple(SelfTradePrevention)))


def other_post_only(form: Form) -> Form:
    """Return the form with post_only on or off, where it makes sense."""
    return replace(form, post_only=not form.post_only) if can_post_only(form) else form


def other_unit(form: Form) -> Form:
    """Return the form with its size in quote instead of base, or the other way, where it may be."""
    return replace(form, by_quote=not form.by_quote, size="", share=None) if can_go_by_quote(form) else form


def until(form: Form, expires: str) -> Form:
    """Return the form good till a date, where its type may be."""
    if TimeInForce.GTD not in FORCES[form.type]:
        return form
    return replace(form, time_in_force=TimeInForce.GTD, expires=expires)


def picked(form: Form, price: str, resting: Side) -> Form:
    """Return the form with a level's price, on the side that would trade against what rests there."""
    side = Side.SELL if resting is Side.BUY else Side.BUY
    if "price" not in form.field_names:
        form = typed(form, OrderType.LIMIT)
    return replace(form, side=side, price=price)


def chosen(form: Form, choice: str, value: str) -> Form:
    """Return the form with what was chosen in one of its choices, but for the side."""
    if choice == "type":
        return typed(form, OrderType(value))
    if choice == "self_trade_prevention":
        return replace(form, self_trade_prevention=SelfTradePrevention(value))
    return replace(form, time_in_force=TimeInForce(value))


def stepped(form: Form, name: str, steps: int, terms: Terms, otherwise: str) -> Form:
    """Return the form with a number moved by whole steps; an empty one begins from `otherwise`."""
    step = terms.tick if name != "size" else Decimal(1) if form.by_quote else terms.lot
    return form.with_number(name, nudged(form.number(name) or otherwise, step, steps))


def _after(value: T, order: tuple[T, ...]) -> T:
    return order[(order.index(value) + 1) % len(order)]
