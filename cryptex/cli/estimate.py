"""What an order would do to the book as it stands now. Pure: levels in, an estimate out.

Own resting orders are not known here and count like those of others.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

import msgspec

from cryptex.protocol.terms import OrderType, Side, TimeInForce
from cryptex.protocol.views import LevelView, MarketView

UNIT: Final = Decimal("0.00000001")
"""The finest unit of any asset. Fees are rounded up to it; assets with fewer decimals round up further."""


class Outcome(StrEnum):
    """What would become of the order at once."""

    FILLED = "filled"
    RESTS = "rests"
    FILLED_PARTLY_REST_RESTS = "filled_partly_rest_rests"
    FILLED_PARTLY_REST_CANCELED = "filled_partly_rest_canceled"
    CANCELED = "canceled"
    WAITS = "waits"
    WOULD_TAKE = "would_take"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """An order in thought. Exactly one of size (base) and quote_size (quote) is set."""

    side: Side
    type: OrderType
    size: Decimal | None
    quote_size: Decimal | None
    price: Decimal | None
    time_in_force: TimeInForce
    post_only: bool


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What would be done at once: sizes in base, notional in quote, fee in what is received."""

    outcome: Outcome
    filled: Decimal
    remaining: Decimal | None
    notional: Decimal
    average_price: Decimal | None
    worst_price: Decimal | None
    fee: Decimal
    fee_asset: str


def estimate(plan: Plan, market: MarketView, levels: Sequence[LevelView]) -> Estimate:
    """Return what the plan would do against the other side's `levels`, best first."""
    base_or_quote = market.base if plan.side is Side.BUY else market.quote
    if plan.type in (OrderType.STOP, OrderType.STOP_LIMIT):
        return _nothing(Outcome.WAITS, plan, base_or_quote)
    taken = _taken(plan, Decimal(market.lot_size), levels)
    filled = sum((size for _, size in taken), Decimal(0))
    remaining = None if plan.size is None else plan.size - filled
    outcome = _outcome(plan, filled, remaining)
    if outcome in (Outcome.WOULD_TAKE, Outcome.RESTS, Outcome.CANCELED):
        return _nothing(outcome, plan, base_or_quote)
    notional = sum((price * size for price, size in taken), Decimal(0)).quantize(UNIT)
    received = [size if plan.side is Side.BUY else price * size for price, size in taken]
    rate = Decimal(market.taker_fee)
    return Estimate(
        outcome=outcome,
        filled=filled,
        remaining=remaining,
        notional=notional,
        average_price=(notional / filled).quantize(Decimal(market.tick_size)),
        worst_price=taken[-1][0],
        fee=sum(((each * rate).quantize(UNIT, ROUND_CEILING) for each in received), Decimal(0)),
        fee_asset=base_or_quote,
    )


def decimal_of(text: str) -> Decimal | None:
    """Return the number that was typed, or None where it is none that an order can have."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None


def _taken(plan: Plan, lot: Decimal, levels: Sequence[LevelView]) -> list[tuple[Decimal, Decimal]]:
    """Return (price, size) of what would trade, level by level."""
    taken: list[tuple[Decimal, Decimal]] = []
    size_left, quote_left = plan.size, plan.quote_size
    for price_text, size_text in levels:
        price, size = Decimal(price_text), Decimal(size_text)
        if plan.price is not None and (price > plan.price if plan.side is Side.BUY else price < plan.price):
            break
        if size_left is not None:
            size = min(size, size_left)
            size_left -= size
        elif quote_left is not None:
            size = min(size, quote_left / price // lot * lot)
            quote_left -= size * price
        if not size:
            break
        taken.append((price, size))
    return taken


def _outcome(plan: Plan, filled: Decimal, remaining: Decimal | None) -> Outcome:
    rests = plan.type is OrderType.LIMIT and plan.time_in_force in (TimeInForce.GTC, TimeInForce.GTD)
    if plan.post_only and filled:
        return Outcome.WOULD_TAKE
    if not filled or (remaining and plan.time_in_force is TimeInForce.FOK):
        return Outcome.RESTS if rests else Outcome.CANCELED
    if not remaining:
        return Outcome.FILLED
    return Outcome.FILLED_PARTLY_REST_RESTS if rests else Outcome.FILLED_PARTLY_REST_CANCELED


def _nothing(outcome: Outcome, plan: Plan, fee_asset: str) -> Estimate:
    zero = Decimal(0).quantize(UNIT)
    return Estimate(
        outcome=outcome,
        filled=zero,
        remaining=plan.size,
        notional=zero,
        average_price=None,
        worst_price=None,
        fee=zero,
        fee_asset=fee_asset,
    )
