"""Sizes by one key: a share of what is available, or a preset. Pure, and never more than the funds that are there.

A buy with a price holds price x size; a buy at market by size is served by the shown book; a buy by quote amount
holds just that, so it is what a share of one's funds at market means.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Final

from cryptex.client.models import Level
from cryptex.protocol.terms import OrderType, Side
from cryptex.tui.drawing import texts
from cryptex.tui.model import Depth, Terms
from cryptex.tui.ticket.form import PRICED, STOPPED, Form, amount, can_go_by_quote

SHARES: Final = (25, 50, 75, 100)
"""What the share keys take, in percent of what is available."""
_LEAST_NOTIONALS: Final = (20, 100, 200, 1000)
"""Presets where the user chose none, in least orders of the market: 100, 500, 1,000 and 5,000 USDT at 5."""
_HUNDRED: Final = Decimal(100)


def by_share(form: Form, terms: Terms, depth: Depth | None, available: Decimal, percent: int) -> Form:
    """Return the form with the size that a share of the available funds buys or sells."""
    with localcontext(texts.WIDE):
        return _by_share(priced(form, terms, depth), terms, depth, available, percent)


def by_value(form: Form, terms: Terms, depth: Depth | None, last: Decimal | None, value: Decimal) -> Form:
    """Return the form with the size whose notional is about `value` of quote, a lot at least."""
    form = priced(form, terms, depth)
    if form.by_quote:
        return replace(form, size=f"{value:f}", share=None)
    size = size_of(value, terms, reference(form) or touch(depth, form.side, far=True) or last)
    return form if size is None else replace(form, size=f"{size:f}", share=None)


def by_size(form: Form, terms: Terms, depth: Depth | None, size: Decimal) -> Form:
    """Return the form with a size in base, down to whole lots."""
    form = priced(form, terms, depth)
    lots = max(Decimal(1), size // terms.lot)
    return replace(form, size=f"{lots * terms.lot:f}", by_quote=False, share=None)


def size_of(value: Decimal, terms: Terms, price: Decimal | None) -> Decimal | None:
    """Return the size in whole lots that `value` of quote is worth at a price, a lot at least."""
    if not price:
        return None
    return max(Decimal(1), value // (price * terms.lot)) * terms.lot


def preset_values(terms: Terms) -> tuple[Decimal, ...]:
    """Return the presets of a market where the user chose none, in quote; empty where there is no least order."""
    return tuple(terms.min_notional * times for times in _LEAST_NOTIONALS) if terms.min_notional else ()


def priced(form: Form, terms: Terms, depth: Depth | None) -> Form:
    """Return the form with a price: the best of its own side where none was typed."""
    if form.type is not OrderType.LIMIT or form.price:
        return form
    best = touch(depth, form.side, far=False) or touch(depth, form.side, far=True)
    return form if best is None else replace(form, price=f"{best:.{terms.price_places}f}")


def reference(form: Form) -> Decimal | None:
    """Return the price at which an order holds its funds: its limit, or else its stop price."""
    if form.type in PRICED:
        return amount(form.price) or None
    return (amount(form.stop_price) or None) if form.type in STOPPED else None


def basis(form: Form) -> tuple[str, ...]:
    """Return what the size of a share depends on."""
    return (form.side, form.type, form.time_in_force, form.price, form.stop_price)


def touch(depth: Depth | None, side: Side, *, far: bool) -> Decimal | None:
    """Return the best price of the side that an order would join, or (far) of the one that it would take."""
    if depth is None:
        return None
    levels = depth.bids if (side is Side.BUY) != far else depth.asks
    return levels[0].price if levels else None


def _by_share(form: Form, terms: Terms, depth: Depth | None, available: Decimal, percent: int) -> Form:
    funds = available * percent / _HUNDRED
    if form.side is Side.SELL:
        return _with_lots(form, funds // terms.lot, terms, percent)
    if can_go_by_quote(form):
        size = funds.quantize(available or Decimal(1), ROUND_DOWN)
        return replace(form, by_quote=True, size=f"{size:f}" if size else "", share=percent)
    price = reference(form)
    if price is not None:
        return _with_lots(form, funds // (price * terms.lot), terms, percent)
    return _with_lots(form, _lots_for(funds, depth.asks if depth else (), terms), terms, percent)


def _lots_for(funds: Decimal, asks: Sequence[Level], terms: Terms) -> Decimal:
    """Return the lots that the shown asks sell for at most `funds`."""
    lots = Decimal(0)
    for level in asks:
        wanted = funds // (level.price * terms.lot)
        taken = min(wanted, level.size // terms.lot)
        lots += taken
        if taken == wanted:
            break
        funds -= taken * level.price * terms.lot
    return lots


def _with_lots(form: Form, lots: Decimal, terms: Terms, percent: int) -> Form:
    return replace(form, size=f"{lots * terms.lot:f}" if lots else "", by_quote=False, share=percent)
