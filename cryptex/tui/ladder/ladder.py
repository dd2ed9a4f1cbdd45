"""The ladder: asks over bids with the spread between, and cumulative depth as bars behind the rows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, Final, NamedTuple

from textual import events
from textual.message import Message

from cryptex.client.models import Level, Ticker
from cryptex.protocol.terms import MarketState, Side
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import BLANK, Line, Panel, Span, message, spread_over
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.market.state import auction_text, state_text
from cryptex.tui.model import Depth, TerminalModel, Terms

OWN: Final = "◆"
_GUTTER: Final = 2
_INKS: Final = {Side.BUY: Ink.BUY, Side.SELL: Ink.SELL}
_BARS: Final = {Side.BUY: Ground.BUY_BAR, Side.SELL: Ground.SELL_BAR}
_CURSORS: Final = {Side.BUY: Ground.BUY_CURSOR, Side.SELL: Ground.SELL_CURSOR}


class Rung(NamedTuple):
    """A level on the screen. `side` is that of the resting orders; `total` counts from the best level to here."""

    side: Side
    price: Decimal
    size: Decimal
    total: Decimal


def rungs(side: Side, levels: Sequence[Level], rows: int) -> list[Rung]:
    """Return the best `rows` levels, best first, with running totals."""
    total = Decimal(0)
    out = []
    for level in levels[:rows]:
        total += level.size
        out.append(Rung(side, level.price, level.size, total))
    return out


class Ladder(Panel):
    """The book of the chosen market. A click or Enter on a level offers its price to the ticket."""

    TITLE = "Ladder"
    PLACE: ClassVar = Place.LADDER
    BINDINGS = [*keys.bindings(Place.LADDER)]  # noqa: RUF012 (Textual's shape)

    class Picked(Message):
        """A level was picked: `side` is the side of the orders that rest there."""

        def __init__(self, price: Decimal, side: Side) -> None:
            super().__init__()
            self.price = price
            self.side = side

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.LADDER)
        self._model = model
        self._rows: dict[int, Rung] = {}
        """What stands on each line as painted, so that a click gets what the eye saw."""
        self.cursor: tuple[Side, Decimal] | None = None

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings, asks (best lowest), the spread, bids."""
        terms, depth = self._model.trading, self._model.depth
        if terms is None or depth is None:
            return [BLANK] * (height // 2) + [message("waiting for the book", width)]
        above = max(0, (height - 2) // 2)
        below = max(0, height - 2 - above)
        asks = rungs(Side.SELL, depth.asks, above)
        bids = rungs(Side.BUY, depth.bids, below)
        deepest = max([r.total for r in (*asks[-1:], *bids[-1:])], default=Decimal(0))
        columns = _columns(width)
        placed: list[Rung | None] = [None] * (above - len(asks)) + asks[::-1]
        self._rows = {y: r for y, r in enumerate([None, *placed, None, *bids]) if r is not None}
        drawn = [self._rung(r, terms, depth, deepest, columns, width) if r else BLANK for r in placed]
        if not asks and above:
            drawn[above // 2] = message("no asks", width)
        lower = [self._rung(r, terms, depth, deepest, columns, width) for r in bids]
        lower += [BLANK] * (below - len(bids))
        if not bids and below:
            lower[below // 2] = message("no bids", width)
        return [_heading(terms, columns), *drawn, self._middle(terms, depth, width), *lower]

    def _rung(
        self, rung: Rung, terms: Terms, depth: Depth, deepest: Decimal, columns: tuple[int, int, int], width: int
    ) -> Line:
        own = (rung.side.value, rung.price) in depth.own
        price, size, total = columns
        told, zeros = texts.split_zeros(texts.number(rung.size, terms.size_places))
        line: Line = (
            Span(f"{OWN} " if own else "  ", Ink.ACCENT),
            Span(texts.number(rung.price, terms.price_places).rjust(price), _INKS[rung.side], bold=own),
            Span(told.rjust(size - len(zeros)), Ink.BRIGHT if own else Ink.TEXT),
            Span(zeros, Ink.FAINT),
            Span(texts.number(rung.total, terms.size_places).rjust(total), Ink.MUTED),
        )
        if self.has_focus and self.cursor == (rung.side, rung.price):
            return spread_over(line, width, (0, width), _CURSORS[rung.side])
        bar = int(rung.total * width / deepest) if deepest else 0
        return spread_over(line, width, (width - bar, width), _BARS[rung.side])

    def _middle(self, terms: Terms, depth: Depth, width: int) -> Line:
        last, direction = self._model.last, self._model.direction
        ticker = self._model.tickers.get(terms.market)
        if ticker is not None and ticker.state is not MarketState.OPEN:
            return self._not_open(terms, ticker, width)
        ink = Ink.BUY if direction > 0 else Ink.SELL if direction < 0 else Ink.BRIGHT
        left = f"{texts.arrow(direction)} {texts.number(last, terms.price_places)}"
        spread = depth.spread
        right = "one side only" if depth.bids or depth.asks else "empty book"
        if spread is not None:
            right = f"spread {texts.number(spread, terms.price_places)}"
        if spread is not None and depth.bids and width >= len(left) + len(right) + 12:
            points = spread / depth.bids[0].price * 10_000
            right += f"  {points:.1f} bp"
        gap = max(1, width - len(left) - len(right) - 1)
        line = (Span(left, ink, bold=True), Span(" " * gap), Span(right, Ink.MUTED))
        return spread_over(line, width, (0, width), Ground.RAISED)

    def _not_open(self, terms: Terms, ticker: Ticker, width: int) -> Line:
        """Draw the line between asks and bids of a market that is not open: its book may be crossed."""
        left = state_text(ticker)
        right = auction_text(ticker, terms.price_places, terms.size_places)
        if right is None:
            right = f"last {texts.number(self._model.last, terms.price_places)}"
        if len(left) + len(right) + 2 > width:
            left = ticker.state.value
        gap = max(1, width - len(left) - len(right) - 1)
        line = (Span(left, Ink.ACCENT, bold=True), Span(" " * gap), Span(right, Ink.BRIGHT))
        return spread_over(line, width, (0, width), Ground.RAISED)

    def on_click(self, event: events.Click) -> None:
        """Offer the price under the pointer."""
        offset = event.get_content_offset(self)
        rung = self._rows.get(offset.y) if offset else None
        if rung is not None:
            self.cursor = (rung.side, rung.price)
            self.post_message(self.Picked(rung.price, rung.side))

    def action_pick(self) -> None:
        """Offer the price under the cursor, even if its level has just gone."""
        if self.cursor is not None:
            side, price = self.cursor
            self.post_message(self.Picked(price, side))

    def action_move(self, step: int) -> None:
        """Move the cursor by lines; from nowhere it comes to the best price."""
        order = [self._rows[y] for y in sorted(self._rows)]
        if not order:
            return
        self.cursor = self._moved(order, step)
        self.show(stale=self.stale)

    def _moved(self, order: list[Rung], step: int) -> tuple[Side, Decimal]:
        if self.cursor is None:
            best = next((r for r in order if r.side is Side.BUY), order[-1])
            return best.side, best.price
        at = next((place for place, r in enumerate(order) if (r.side, r.price) == self.cursor), None)
        if at is not None:  # by rows, which a crossed book does not have in the order of their prices
            found = order[min(max(at + step, 0), len(order) - 1)]
            return found.side, found.price
        price = self.cursor[1]
        if step < 0:
            higher = [r for r in order if r.price > price]
            found = higher[max(len(higher) + step, 0)] if higher else order[0]
        else:
            lower = [r for r in order if r.price < price]
            found = lower[min(step, len(lower)) - 1] if lower else order[-1]
        return found.side, found.price

    def on_focus(self) -> None:
        """Show the cursor."""
        if self.cursor is None:
            self.action_move(0)
        self.show(stale=self.stale)

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.show(stale=self.stale)


def _columns(width: int) -> tuple[int, int, int]:
    """Return the widths of price, size and total."""
    room = max(0, width - _GUTTER)
    price = room * 34 // 100
    size = room * 32 // 100
    return price, size, room - price - size - 1


def _heading(terms: Terms, columns: tuple[int, int, int]) -> Line:
    price, size, total = columns
    fits = min(columns) >= len("Price ") + max(len(terms.base), len(terms.quote))
    base, quote = (f" {terms.base}", f" {terms.quote}") if fits else ("", "")
    text = " " * _GUTTER + f"Price{quote}".rjust(price) + f"Size{base}".rjust(size) + f"Total{base}".rjust(total)
    return (Span(text, Ink.FAINT),)
