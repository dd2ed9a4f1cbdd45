"""What the order ticket holds, and how it is checked. Pure.

The exchange decides; these checks only say early, in words, what it would say anyway.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from cryptex.protocol.amounts import FRACTION_DIGITS_MAX, WHOLE_DIGITS_MAX
from cryptex.protocol.terms import (
    LIMIT_PRICED,
    RESTING,
    STOP_PRICED,
    UNPRICED,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from cryptex.tui.drawing import texts
from cryptex.tui.model import Terms
from cryptex.tui.ticket import expiry
from cryptex.tui.ticket.draft import Draft

PRICED: Final = LIMIT_PRICED
STOPPED: Final = STOP_PRICED
NUMBERS: Final = ("price", "stop_price", "size")
RESTS: Final = RESTING
FORCES: Final = {
    OrderType.LIMIT: (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD),
    OrderType.MARKET: (TimeInForce.IOC, TimeInForce.FOK),
    OrderType.STOP: (TimeInForce.GTC, TimeInForce.FOK, TimeInForce.GTD),
    OrderType.STOP_LIMIT: (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD),
}
"""Times in force that the node takes for a type; the first is the default."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as typed. `by_quote`: `size` is an amount of quote; `share`: `size` is that percentage of funds."""

    side: Side = Side.BUY
    type: OrderType = OrderType.LIMIT
    price: str = ""
    stop_price: str = ""
    size: str = ""
    by_quote: bool = False
    share: int | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expires: str = expiry.DEFAULT
    post_only: bool = False
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.CANCEL_NEWEST

    @property
    def field_names(self) -> tuple[str, ...]:
        """The number fields that the order type has, as on the screen."""
        price = ("price",) if self.type in PRICED else ()
        stop = ("stop_price",) if self.type in STOPPED else ()
        return (*price, *stop, "size")

    def number(self, name: str) -> str:
        """Return what stands in a number field."""
        return {"price": self.price, "stop_price": self.stop_price, "size": self.size}[name]

    def with_number(self, name: str, text: str) -> "Form":
        """Return the form with a number typed. A size that is typed is no share of anything."""
        match name:
            case "price":
                return replace(self, price=text)
            case "stop_price":
                return replace(self, stop_price=text)
            case _:
                return replace(self, size=text, share=self.share if text == self.size else None)


class Flaw(NamedTuple):
    """Why a form cannot be sent: which field, and what about it."""

    field: str
    text: str


def can_post_only(form: Form) -> bool:
    """Return whether post_only makes sense."""
    return form.type is OrderType.LIMIT and form.time_in_force in RESTS


def can_go_by_quote(form: Form) -> bool:
    """Return whether the size may be an amount of quote."""
    return form.side is Side.BUY and form.type in UNPRICED and form.time_in_force is not TimeInForce.FOK


def settled(form: Form) -> Form:
    """Return the form with what its order type cannot have put right."""
    if form.time_in_force not in FORCES[form.type]:
        form = replace(form, time_in_force=FORCES[form.type][0])
    if form.by_quote and not can_go_by_quote(form):
        form = replace(form, by_quote=False, size="", share=None)
    return form


def check(form: Form, terms: Terms, now: datetime) -> Draft | Flaw:
    """Return the order to send, or the first flaw in the order of the fields on the screen."""
    price = stop_price = expires_at = None
    if form.type in PRICED:
        price = stepped(form.price, "price", terms.tick)
    if isinstance(price, Flaw):
        return price
    if form.type in STOPPED:
        stop_price = stepped(form.stop_price, "stop_price", terms.tick)
    if isinstance(stop_price, Flaw):
        return stop_price
    by_quote = form.by_quote and can_go_by_quote(form)
    size = stepped(form.size, "size", None if by_quote else terms.lot)
    if isinstance(size, Flaw):
        return size
    notional = size if by_quote else _notional(price or stop_price, size)
    if notional is not None and notional < terms.min_notional:
        return too_small(terms)
    if form.time_in_force is TimeInForce.GTD:
        until = expiry.expiry_at(form.expires, now)
        if isinstance(until, str):
            return Flaw("expires", until)
        expires_at = until
    return Draft(
        terms.market,
        form.side,
        form.type,
        None if by_quote else size,
        price,
        stop_price,
        form.time_in_force,
        form.post_only and can_post_only(form),
        size if by_quote else None,
        expires_at,
        form.self_trade_prevention,
    )


def too_small(terms: Terms) -> Flaw:
    """Return the flaw of an order below the least notional."""
    return Flaw("size", f"below the least order of {texts.trimmed(terms.min_notional, 8)} {terms.quote}")


def stepped(text: str, field: str, step: Decimal | None) -> Decimal | Flaw:
    """Return a typed number above zero, a whole multiple of its step, or what is wrong with it."""
    name = texts.words(field)
    if not text:
        return Flaw(field, f"{name} is missing")
    value = amount(text)
    if value is None:
        return Flaw(field, f"{name} is not a number")
    if value == 0:
        return Flaw(field, f"{name} must be above zero")
    if step is not None and value % step:
        return Flaw(field, f"{name} must be a multiple of {step:f}")
    return value


def nudged(text: str, step: Decimal, times: int) -> str:
    """Return a typed number moved by whole steps, never below one step."""
    value = amount(text) or Decimal(0)
    return str(max(step, (value // step + times) * step))


def amount(text: str) -> Decimal | None:
    """Return a typed number, or None when it is not one that the exchange reads. Commas are allowed."""
    digits = text.replace(",", "").strip()
    whole, _, fraction = digits.partition(".")
    plain = f"{whole}{fraction}"
    if not plain.isascii() or not plain.isdigit():
        return None
    if len(whole) > WHOLE_DIGITS_MAX or len(fraction) > FRACTION_DIGITS_MAX:
        return None
    return Decimal(f"{whole or '0'}.{fraction or '0'}")


def _notional(price: Decimal | None, size: Decimal) -> Decimal | None:
    return None if price is None else price * size
