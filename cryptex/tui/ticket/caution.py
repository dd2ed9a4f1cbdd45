"""What a trader should know before an order goes out, most serious first. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from cryptex.protocol.terms import OrderType, Side
from cryptex.tui.drawing import texts
from cryptex.tui.model import Depth, Terms
from cryptex.tui.ticket.draft import Draft
from cryptex.tui.ticket.estimate import Estimate
from cryptex.tui.ticket.form import RESTS
from cryptex.tui.ticket.sizing import touch

FAR_PERCENT: Final = Decimal(5)
"""From how far beyond the market a price looks like a slip of the finger."""
SLIPPAGE_BP_MAX: Final = Decimal(100)
"""From where on the average price of what fills at once is worth a question."""


class Caution(NamedTuple):
    """A warning. A risky one is about an order that would trade at once, badly."""

    text: str
    risky: bool = False


class Confirm(StrEnum):
    """Which orders are asked about before they are sent."""

    NEVER = "never"
    RISKY = "risky"
    ALWAYS = "always"


def must_confirm(confirm: Confirm, draft: Draft, cautions: list[Caution]) -> bool:
    """Return whether an order is asked about: risky ones are market orders and those with a risky caution."""
    if confirm is not Confirm.RISKY:
        return confirm is Confirm.ALWAYS
    return draft.type is OrderType.MARKET or any(caution.risky for caution in cautions)


def cautions(
    draft: Draft, found: Estimate | None, terms: Terms, depth: Depth | None, last: Decimal | None
) -> list[Caution]:
    """Return the warnings about an order."""
    if found is None:
        return [Caution("nothing to trade against: it would be canceled")]
    told = [*_of_price(draft, terms, depth, last), *_of_funds(found, terms), *_of_book(draft, found, terms)]
    return sorted(told, key=lambda caution: not caution.risky)


def _of_funds(found: Estimate, terms: Terms) -> Iterator[Caution]:
    if found.left is not None and found.left < 0:
        places = terms.size_places if found.spent == terms.base else 2
        needs, has = texts.number(found.needs, places), texts.floored(found.needs + found.left, places)
        yield Caution(f"needs {needs} {found.spent}, has {has}")


def _of_book(draft: Draft, found: Estimate, terms: Terms) -> Iterator[Caution]:
    if found.short and draft.price is None:
        asset = terms.quote if draft.quote_size is not None else terms.base
        yield Caution(f"the shown book is {texts.trimmed(found.short, terms.size_places)} {asset} short", risky=True)
    elif found.short:
        what = "nothing" if not found.taken else f"only {texts.trimmed(found.taken, terms.size_places)} {terms.base}"
        yield Caution(
            f"{what} fills now: {'all or nothing' if draft.time_in_force == 'fok' else 'the rest is canceled'}"
        )
    if found.slippage_bp is not None and found.slippage_bp >= SLIPPAGE_BP_MAX:
        yield Caution(f"average {found.slippage_bp / 100:.1f} % worse than the best", risky=True)


def _of_price(draft: Draft, terms: Terms, depth: Depth | None, last: Decimal | None) -> Iterator[Caution]:
    buys = draft.side is Side.BUY
    if draft.stop_price is not None:
        yield from _of_stop(draft, terms, last)
        return
    if draft.price is None:
        return
    taken = touch(depth, draft.side, far=True)
    joined = touch(depth, draft.side, far=False)
    if draft.post_only and taken is not None and (draft.price >= taken if buys else draft.price <= taken):
        yield Caution(f"post-only would take at {texts.number(taken, terms.price_places)}")
    beyond = _percent_beyond(draft.price, taken if taken is not None else last, buys)
    if beyond > FAR_PERCENT and not draft.post_only:
        name = ("best ask" if buys else "best bid") if taken is not None else "last price"
        yield Caution(f"{beyond:,.1f} % {'above' if buys else 'below'} the {name}", risky=True)
    behind = _percent_beyond(draft.price, joined, not buys)
    if behind > FAR_PERCENT and draft.time_in_force in RESTS:
        yield Caution(f"{behind:,.1f} % {'below' if buys else 'above'} the best {'bid' if buys else 'ask'}")


def _of_stop(draft: Draft, terms: Terms, last: Decimal | None) -> Iterator[Caution]:
    stop, price, buys = draft.stop_price, draft.price, draft.side is Side.BUY
    if stop is None:
        return
    if last is not None and (last >= stop if buys else last <= stop):
        yield Caution(f"reached already: the last price is {texts.number(last, terms.price_places)}")
    if price is None:
        return
    beyond = _percent_beyond(price, stop, buys)
    if beyond > FAR_PERCENT:
        yield Caution(f"limit {beyond:,.1f} % {'above' if buys else 'below'} the stop", risky=True)
    elif beyond < 0:
        yield Caution(f"the limit is {'below' if buys else 'above'} the stop: it may not fill")


def _percent_beyond(price: Decimal, market: Decimal | None, above: bool) -> Decimal:
    """Return how far a price lies above the market (or below it), in percent."""
    if not market:
        return Decimal(0)
    return (price - market) * (1 if above else -1) / market * 100
