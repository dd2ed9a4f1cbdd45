"""What an order would come to against the book on the screen. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Final, NamedTuple

from cryptex.client.models import Level
from cryptex.protocol.terms import OrderType, Side
from cryptex.tui.drawing import texts
from cryptex.tui.model import Depth, Terms
from cryptex.tui.ticket.draft import Draft
from cryptex.tui.ticket.form import RESTS

_BASIS_POINTS: Final = 10_000
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an order would cost (buy) or bring (sell), before its fee.

    `taken` (base) fills at once, at `average`, which is `slippage_bp` worse than the best price; `rests` (base) waits.
    `short` is what the shown book cannot serve, in the unit of the order's size. `needs` of `spent` are held for the
    order; `left` of it stay available, where that is known.
    """

    base: Decimal
    notional: Decimal
    fee: Decimal
    fee_asset: str
    taken: Decimal
    average: Decimal | None
    slippage_bp: Decimal | None
    rests: Decimal
    short: Decimal
    needs: Decimal
    spent: str
    left: Decimal | None


class Walk(NamedTuple):
    """What part of an order the shown levels serve: `size` of base for `quote`."""

    size: Decimal
    quote: Decimal


def estimate(draft: Draft, terms: Terms, depth: Depth | None, available: Decimal | None) -> Estimate | None:
    """Return the estimate; None for a market order that meets no book."""
    with localcontext(texts.WIDE):
        return _estimate(draft, terms, depth, available)


def _estimate(draft: Draft, terms: Terms, depth: Depth | None, available: Decimal | None) -> Estimate | None:
    buys = draft.side is Side.BUY
    levels: Sequence[Level] = () if depth is None else depth.asks if buys else depth.bids
    walk = _walk(draft, levels, terms)
    if draft.type is OrderType.MARKET and not walk.size:
        return None
    reference = (draft.price if draft.price is not None else draft.stop_price) or Decimal(0)
    size = draft.size if draft.size is not None else _worth(draft, reference, walk, terms)
    waits = draft.stop_price is not None or (draft.type is OrderType.LIMIT and draft.time_in_force in RESTS)
    rests = size - walk.size if waits else Decimal(0)
    notional = walk.quote + rests * reference
    needs = _needs(draft, size, notional)
    average = walk.quote / walk.size if walk.size else None
    return Estimate(
        base=walk.size + rests,
        notional=notional,
        fee=_fee(draft, walk, rests, reference, terms),
        fee_asset=terms.base if buys else terms.quote,
        taken=walk.size,
        average=average,
        slippage_bp=_slippage_bp(average, levels, draft.side),
        rests=rests,
        short=Decimal(0) if waits else _short(draft, size, walk, levels, terms),
        needs=needs,
        spent=terms.quote if buys else terms.base,
        left=None if available is None else available - needs,
    )


def _needs(draft: Draft, size: Decimal, notional: Decimal) -> Decimal:
    """Return what the order holds of funds, or (a market buy by size) what it costs."""
    if draft.side is Side.SELL:
        return size
    if draft.quote_size is not None:
        return draft.quote_size
    return notional if draft.price is None else draft.price * size


def _fee(draft: Draft, walk: Walk, rests: Decimal, reference: Decimal, terms: Terms) -> Decimal:
    """Return the fee, in what is received: as a taker now, as a maker later; stops take when they are reached."""
    later_rate = terms.maker_fee if draft.stop_price is None else terms.taker_fee
    if draft.side is Side.BUY:
        return walk.size * terms.taker_fee + rests * later_rate
    return walk.quote * terms.taker_fee + rests * reference * later_rate


def _walk(draft: Draft, levels: Sequence[Level], terms: Terms) -> Walk:
    size = quote = Decimal(0)
    if draft.stop_price is not None:
        return Walk(size, quote)  # it waits: today's book says nothing of the one that it will meet
    for level in levels:
        if draft.price is not None and (level.price - draft.price) * (1 if draft.side is Side.BUY else -1) > 0:
            break
        if draft.size is not None:
            wanted = draft.size - size
        else:
            wanted = ((draft.quote_size or Decimal(0)) - quote) // (level.price * terms.lot) * terms.lot
        part = min(level.size, wanted)
        size += part
        quote += part * level.price
        if part == wanted:
            break
    return Walk(size, quote)


def _worth(draft: Draft, reference: Decimal, walk: Walk, terms: Terms) -> Decimal:
    """Return what an order by quote amount buys: by the book, or at its stop price."""
    if not reference:
        return walk.size
    return (draft.quote_size or Decimal(0)) // (reference * terms.lot) * terms.lot


def _short(draft: Draft, size: Decimal, walk: Walk, levels: Sequence[Level], terms: Terms) -> Decimal:
    """Return what the shown book cannot serve. Of a quote amount, less than a lot of the worst level is no lack."""
    if draft.quote_size is None:
        return size - walk.size
    left = draft.quote_size - walk.quote
    return left.quantize(_CENT, ROUND_DOWN) if left >= levels[-1].price * terms.lot else Decimal(0)


def _slippage_bp(average: Decimal | None, levels: Sequence[Level], side: Side) -> Decimal | None:
    if average is None:
        return None
    best = levels[0].price
    return (average - best) * (1 if side is Side.BUY else -1) / best * _BASIS_POINTS
