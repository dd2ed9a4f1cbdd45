"""The row between asks and bids: the last trade, the best prices and their spread, or why nothing trades. Pure."""

from decimal import Decimal
from typing import Final

from cryptex.client.models import Ticker
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.fitting import cells
from cryptex.tui.drawing.panel import Line, Span, spread_over
from cryptex.tui.drawing.sides import change_ink
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.market.state import auction_text, state_text
from cryptex.tui.model import Depth, Terms

_BASIS_POINTS: Final = 10_000


def spread_line(
    depth: Depth, terms: Terms, last: Decimal | None, direction: int, width: int, *, names_best: bool
) -> Line:
    """Return the row of a market that is open.

    `names_best` says the best prices as well, for rows that do not show them: grouped ones, and those that stand still.
    """
    ink = change_ink(direction, Ink.BRIGHT)
    left = Span(f"{texts.arrow(direction)} {texts.number(last, terms.price_places)}", ink, bold=True)
    spreads = _spreads(depth, terms)
    if not names_best or not (depth.bids or depth.asks):
        right = next((text for text in spreads if len(left.text) + len(text) + 2 <= width), spreads[-1])
        return _raised((left,), (Span(right, Ink.MUTED),), width)
    best = _best(depth, terms)
    for lead in ((left,), ()):
        for text in spreads:
            tail = (*best, Span(f"  {text}", Ink.MUTED))
            if cells(lead) + cells(tail) + 2 <= width:
                return _raised(lead, tail, width)
    return _raised((), best, width)


def not_open_line(ticker: Ticker, terms: Terms, last: Decimal | None, width: int) -> Line:
    """Return the row of a market that is not open: its book may be crossed."""
    left = state_text(ticker)
    right = auction_text(ticker, terms.price_places, terms.size_places)
    if right is None:
        right = f"last {texts.number(last, terms.price_places)}"
    if len(left) + len(right) + 2 > width:
        left = ticker.state.value
    return _raised((Span(left, Ink.ACCENT, bold=True),), (Span(right, Ink.BRIGHT),), width)


def _spreads(depth: Depth, terms: Terms) -> list[str]:
    """Return the spread in fewer and fewer words."""
    spread = depth.spread
    if spread is None:
        return ["one side only" if depth.bids or depth.asks else "empty book"]
    text = texts.number(spread, terms.price_places)
    points = spread / depth.bids[0].price * _BASIS_POINTS
    return [f"spread {text}  {points:.1f} bp", f"spread {text}", text]


def _best(depth: Depth, terms: Terms) -> tuple[Span, ...]:
    """Return both best prices, or which of them there is not."""
    bid = texts.number(depth.bids[0].price, terms.price_places) if depth.bids else "no bids"
    ask = texts.number(depth.asks[0].price, terms.price_places) if depth.asks else "no asks"
    return Span(bid, Ink.BUY), Span(" / ", Ink.MUTED), Span(ask, Ink.SELL)


def _raised(left: Line, right: Line, width: int) -> Line:
    gap = max(1, width - cells(left) - cells(right) - 1)
    return spread_over((*left, Span(" " * gap), *right), width, (0, width), Ground.RAISED)
