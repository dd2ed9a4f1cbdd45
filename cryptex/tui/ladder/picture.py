"""The ladder as lines, from what there is to show: headings, rows with the spread among them, and a last line. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from cryptex.client.models import Ticker
from cryptex.protocol.terms import MarketState, Side
from cryptex.tui.drawing.panel import BLANK, Line, Span, message, spread_over
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.ladder.cursor import Cursor
from cryptex.tui.ladder.painter import Lit, Marks, Painter, frame_of, heading
from cryptex.tui.ladder.readout import readout, readout_text
from cryptex.tui.ladder.rows import Book, Rows, Rung, centred, still
from cryptex.tui.ladder.spread import not_open_line, spread_line
from cryptex.tui.ladder.state import OwnRows
from cryptex.tui.model import Depth, Terms

AROUND: Final = 2
"""Lines that are not levels: headings, and the spread."""


class Laid(NamedTuple):
    """Rows, and after how many of them the spread stands: after none where the rows stand still."""

    rows: Rows
    middle: int

    def line(self, row: int) -> int:
        """Return the line that a row is drawn on."""
        return 1 + row + (row >= self.middle)


class Scene(NamedTuple):
    """What is shown besides the rows."""

    terms: Terms
    depth: Depth
    ticker: Ticker | None
    last: Decimal | None
    direction: int
    """Of the last trade: 1, 0 or -1."""
    last_row: Cursor | None
    own: OwnRows
    aim: Cursor | None
    """Where the cursor is."""
    pointer_y: int | None
    """The line under the pointer."""
    lit: Mapping[Cursor, float]
    """Rows whose size changed a moment ago, and until when that is shown."""
    names_best: bool
    """Whether the spread says the best prices, which no row shows as they are."""
    advice: str = ""
    """What to do where a side is empty."""

    @property
    def has_foot(self) -> bool:
        """Whether the last line says what it takes to trade up to a row."""
        return self.aim is not None or self.pointer_y is not None


def lay(book: Book, top: Decimal | None, height: int, *, has_foot: bool) -> Laid:
    """Return the rows for a height in lines: standing still from `top` down, else with the spread in the middle."""
    room = max(0, height - AROUND)
    if top is not None:
        return Laid(still(book, top, max(1, room - has_foot)), 0)
    above = room // 2
    return Laid(centred(book, above, max(0, room - above - has_foot)), above)


class Picture:
    """Draws scenes; rows that are as they were are not drawn again."""

    def __init__(self) -> None:
        self._painter = Painter()

    def draw(self, laid: Laid, scene: Scene, width: int, height: int) -> list[Line]:
        """Return the lines."""
        terms = scene.terms
        frame = frame_of(width, terms.base, terms.quote, (terms.price_places, terms.size_places), laid.rows.rungs)
        self._painter.begin(frame)
        drawn = self._rows(laid, scene, width)
        middle = laid.middle
        if middle and not scene.depth.asks:
            _say_empty(drawn, "no asks", scene.advice, range(middle), width)
        if middle and not scene.depth.bids and len(drawn) > middle:
            _say_empty(drawn, "no bids", scene.advice, range(middle, len(drawn)), width)
        drawn.insert(middle, _between(scene, width))
        if scene.has_foot and len(drawn) < height - 1:
            drawn.append(_foot(laid, scene, width))
        return [heading(frame), *drawn]

    def _rows(self, laid: Laid, scene: Scene, width: int) -> list[Line]:
        own, aim, lit, last_row, pointer_y = scene.own, scene.aim, scene.lit, scene.last_row, scene.pointer_y
        deepest, row_of = laid.rows.deepest, self._painter.row
        lines: list[Line] = []
        halves = width * 2
        for row, rung in enumerate(laid.rows.rungs):
            if rung is None:
                lines.append(BLANK)
                continue
            y, key = laid.line(row), (rung.side, rung.price)
            state = Lit.NOTHING
            if key == aim:
                state = Lit.CURSOR
            elif y == pointer_y:
                state = Lit.POINTER
            elif lit and key in lit:
                state = Lit.FLASH
            bar = int(rung.total * halves / deepest) if deepest else 0
            mine = own.get(key) if own else None
            lines.append(row_of(y, rung, Marks(bar, mine, scene.direction if key == last_row else None, state)))
        return lines


def rung_at(laid: Laid, y: int) -> Rung | None:
    """Return what stands on a line."""
    row = y - 1 - (y > laid.middle)
    is_row = y >= 1 and y != laid.middle + 1 and row < len(laid.rows.rungs)
    return laid.rows.rungs[row] if is_row else None


def _say_empty(drawn: list[Line], text: str, advice: str, rows: range, width: int) -> None:
    """Say in the middle of rows that nothing is there, and below it what to do, where there is a row for it."""
    at = (rows.start + rows.stop) // 2
    drawn[at] = message(text, width)
    if at + 1 < rows.stop:
        drawn[at + 1] = message(advice, width, Ink.FAINT)


def _between(scene: Scene, width: int) -> Line:
    ticker, terms = scene.ticker, scene.terms
    if ticker is not None and ticker.state is not MarketState.OPEN:
        return not_open_line(ticker, terms, scene.last, width)
    return spread_line(scene.depth, terms, scene.last, scene.direction, width, names_best=scene.names_best)


def _foot(laid: Laid, scene: Scene, width: int) -> Line:
    """Draw what it takes to trade up to the row under the pointer, else to the cursor."""
    pointed = None if scene.pointer_y is None else rung_at(laid, scene.pointer_y)
    key = (pointed.side, pointed.price) if pointed else scene.aim
    text = ""
    if key is not None:
        side, price = key
        found = readout(scene.depth.bids if side is Side.BUY else scene.depth.asks, side, price)
        text = readout_text(found, price, scene.terms, width)
    return spread_over((Span(text, Ink.BRIGHT),), width, (0, width), Ground.RAISED)
