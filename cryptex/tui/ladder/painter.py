"""Draws the rows of the ladder, each anew only when something of it changed."""

from decimal import Decimal
from enum import Enum, auto
from typing import Final, NamedTuple

from cryptex.protocol.terms import Side
from cryptex.tui.drawing import sides, texts
from cryptex.tui.drawing.panel import BLANK, Line, Span, spread_over
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.ladder.figures import Columns, columns, decimals, figure, own_text
from cryptex.tui.ladder.rows import Rung
from cryptex.tui.ladder.state import Own

OWN: Final = "◆"
LAST: Final = "▸"
"""Beside the price of the last trade."""
_BARS: Final = {Side.BUY: Ground.BUY_BAR, Side.SELL: Ground.SELL_BAR}
_HALF_BARS: Final = {Side.BUY: Ink.BUY_BAR, Side.SELL: Ink.SELL_BAR}
_HALF: Final = "▐"
_CURSORS: Final = {Side.BUY: Ground.BUY_CURSOR, Side.SELL: Ground.SELL_CURSOR}


class Lit(Enum):
    """What draws the eye to a row."""

    NOTHING = auto()
    FLASH = auto()
    POINTER = auto()
    CURSOR = auto()


class Frame(NamedTuple):
    """What all rows share: when it changes, all are drawn anew."""

    width: int
    columns: Columns
    base: str
    quote: str
    price_places: int
    size_fit: int | None
    total_fit: int | None


class Marks(NamedTuple):
    """What a row says besides price and sizes. `bar` is its length in half cells."""

    bar: int = 0
    own: Own | None = None
    last: int | None = None
    """Where the last trade was at this price: its direction, 1, 0 or -1."""
    lit: Lit = Lit.NOTHING


class Painter:
    """Keeps what each row was drawn from, so that equal rows cost one comparison."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._drawn: dict[int, tuple[Rung, Marks, Line]] = {}

    def begin(self, frame: Frame) -> None:
        """Take what all rows share."""
        if frame != self._frame:
            self._frame = frame
            self._drawn = {}

    def row(self, y: int, rung: Rung | None, marks: Marks) -> Line:
        """Return the line of a row."""
        if rung is None or self._frame is None:
            return BLANK
        known = self._drawn.get(y)
        if known is not None and known[0] == rung and known[1] == marks:
            return known[2]
        line = paint(rung, marks, self._frame)
        self._drawn[y] = (rung, marks, line)
        return line


def frame_of(width: int, base: str, quote: str, places: tuple[int, int], rungs: list[Rung | None]) -> Frame:
    """Return the frame for rows; `places` are the decimals of a price and of a size."""
    price_places, size_places = places
    shown = [rung for rung in rungs if rung is not None]
    highest = shown[0].price if shown else Decimal(0)
    wide = columns(width, len(texts.number(highest, price_places)))
    largest = max((rung.size for rung in shown), default=Decimal(0))
    deepest = max((rung.total for rung in shown), default=Decimal(0))
    size_fit = decimals(largest, size_places, wide.size - 1)
    total_fit = decimals(deepest, size_places, wide.total - 1)
    return Frame(width, wide, base, quote, price_places, size_fit, total_fit)


def paint(rung: Rung, marks: Marks, frame: Frame) -> Line:
    """Return a row: marks, price, size, total and own orders over its bar."""
    wide, own, side = frame.columns, marks.own, rung.side
    told, zeros = figure(rung.size, frame.size_fit)
    line: Line = (
        Span(OWN if own else " ", Ink.ACCENT),
        Span(" " if marks.last is None else LAST, sides.change_ink(marks.last, Ink.BRIGHT)),
        Span(
            texts.number(rung.price, frame.price_places).rjust(wide.price),
            sides.INKS[side] if rung.size else Ink.FAINT,
            bold=own is not None,
        ),
        Span(told.rjust(wide.size - len(zeros)), Ink.BRIGHT if own else Ink.TEXT),
        Span(zeros, Ink.FAINT),
        *_end(rung, own, frame),
    )
    if marks.lit is Lit.CURSOR:
        return spread_over(line, frame.width, (0, frame.width), _CURSORS[side])
    if marks.lit is Lit.POINTER:
        return spread_over(line, frame.width, (0, frame.width), Ground.RAISED)
    start = frame.width - marks.bar // 2
    under = spread_over(line, frame.width, (start, frame.width), _BARS[side])
    if marks.bar % 2:
        under = _with_half(under, start - 1, _HALF_BARS[side])
    return spread_over(under, frame.width, wide.flash, _CURSORS[side]) if marks.lit is Lit.FLASH else under


def heading(frame: Frame) -> Line:
    """Return the names of the columns."""
    wide = frame.columns
    fits = min(wide.price, wide.size) > len("Price ") + max(len(frame.base), len(frame.quote))
    base, quote = (f" {frame.base}", f" {frame.quote}") if fits else ("", "")
    own = "Own orders".rjust(wide.own) if wide.own else ""
    text = f"{f'Price{quote}'.rjust(wide.price)}{f'Size{base}'.rjust(wide.size)}{'Total'.rjust(wide.total)}{own}"
    return (Span("  " + text, Ink.FAINT),)


def _end(rung: Rung, own: Own | None, frame: Frame) -> tuple[Span, ...]:
    """Return the total and the own orders; where these have no column, they stand in place of the total."""
    wide = frame.columns
    total = "".join(figure(rung.total, frame.total_fit))
    if wide.own:
        text = own_text(own, wide.own - 1) if own else ""
        return Span(total.rjust(wide.total), Ink.MUTED), Span(text.rjust(wide.own), Ink.ACCENT)
    text = own_text(own, wide.total - 1) if own else ""
    return (Span(text.rjust(wide.total), Ink.ACCENT) if text else Span(total.rjust(wide.total), Ink.MUTED),)


def _with_half(line: Line, at: int, ink: Ink) -> Line:
    """Return a line with the end of a bar in a cell, if that is blank: a half cell has no room for a text as well."""
    x = 0
    for place, span in enumerate(line):
        text, cell = span.text, at - x
        if cell < len(text):
            if cell < 0 or text[cell] != " ":
                return line
            pieces = (span._replace(text=text[:cell]), Span(_HALF, ink), span._replace(text=text[cell + 1 :]))
            return (*line[:place], *(piece for piece in pieces if piece.text), *line[place + 1 :])
        x += len(text)
    return line
