"""What the order ticket holds, checked and estimated. Pure.

The exchange decides; these checks only say early, in words, what it would say anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cryptex.client.models import Level
from cryptex.protocol.amounts import FRACTION_DIGITS_MAX, WHOLE_DIGITS_MAX
from cryptex.protocol.terms import OrderType, Side, TimeInForce
from cryptex.tui.drawing import texts
from cryptex.tui.model import Depth, Terms

PRICED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
STOPPED: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
FORCES: Final = {
    OrderType.LIMIT: (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK),
    OrderType.MARKET: (TimeInForce.IOC, TimeInForce.FOK),
    OrderType.STOP: (TimeInForce.GTC, TimeInForce.FOK),
    OrderType.STOP_LIMIT: (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK),
}
"""Times in force that the ticket offers; the first is the default."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as typed."""

    side: Side = Side.BUY
    type: OrderType = OrderType.LIMIT
    price: str = ""
    stop_price: str = ""
    size: str = ""
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that can be sent."""

    market: str
    side: Side
    type: OrderType
    size: Decimal
    price: Decimal | None
    stop_price: Decimal | None
    time_in_force: TimeInForce
    post_only: bool

    def summary(self, terms: Terms) -> str:
        """Return the order in one line: `buy 0.5 BTC at 61,234.50`."""
        size, _ = texts.split_zeros(texts.number(self.size, terms.size_places))
        text = f"{self.side.value} {size} {terms.base}"
        if self.stop_price is not None:
            text += f" stop {texts.number(self.stop_price, terms.price_places)}"
        if self.price is not None:
            return f"{text} at {texts.number(self.price, terms.price_places)}"
        return f"{text} at market"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a form cannot be sent: which field, and what about it."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an order would cost (buy) or bring (sell). `short` is the size that the shown book cannot fill."""

    notional: Decimal
    fee: Decimal
    fee_asset: str
    average: Decimal | None = None
    short: Decimal = Decimal(0)


def can_post_only(form: Form) -> bool:
    """Return whether post_only makes sense."""
    return form.type is OrderType.LIMIT and form.time_in_force is TimeInForce.GTC


def check(form: Form, terms: Terms) -> Draft | Flaw:
    """Return the order to send, or the first flaw in the order of the fields on the screen."""
    price = stop_price = None
    if form.type in PRICED:
        price = _step(form.price, "price", terms.tick)
    if isinstance(price, Flaw):
        return price
    if form.type in STOPPED:
        stop_price = _step(form.stop_price, "stop_price", terms.tick)
    if isinstance(stop_price, Flaw):
        return stop_price
    size = _step(form.size, "size", terms.lot)
    if isinstance(size, Flaw):
        return size
    if price is not None and price * size < terms.min_notional:
        least = texts.split_zeros(texts.number(terms.min_notional, 8))[0]
        return Flaw("size", f"below the least order of {least} {terms.quote}")
    post_only = form.post_only and can_post_only(form)
    return Draft(terms.market, form.side, form.type, size, price, stop_price, form.time_in_force, post_only)


def estimate(draft: Draft, terms: Terms, depth: Depth | None) -> Estimate | None:
    """Return what the order would cost or bring at most, fee as a taker; None when the book says nothing."""
    notional, average, short = Decimal(0), None, Decimal(0)
    reference = draft.price if draft.price is not None else draft.stop_price
    if reference is not None:
        notional = reference * draft.size
    else:
        levels = depth and (depth.asks if draft.side is Side.BUY else depth.bids)
        if not levels:
            return None
        notional, filled = _walk(levels, draft.size)
        average, short = notional / filled, draft.size - filled
    if draft.side is Side.BUY:
        return Estimate(notional, (draft.size - short) * terms.taker_fee, terms.base, average, short)
    return Estimate(notional, notional * terms.taker_fee, terms.quote, average, short)


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


def _step(text: str, field: str, step: Decimal) -> Decimal | Flaw:
    name = texts.words(field)
    if not text:
        return Flaw(field, f"{name} is missing")
    value = amount(text)
    if value is None:
        return Flaw(field, f"{name} is not a number")
    if value == 0:
        return Flaw(field, f"{name} must be above zero")
    if value % step:
        return Flaw(field, f"{name} must be a multiple of {step:f}")
    return value


def _walk(levels: Sequence[Level], size: Decimal) -> tuple[Decimal, Decimal]:
    notional = filled = Decimal(0)
    for level in levels:
        part = min(level.size, size - filled)
        notional += part * level.price
        filled += part
    return notional, filled
