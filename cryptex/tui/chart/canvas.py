"""A grid of cells that becomes lines, and lines drawn into it with braille dots. Pure."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from cryptex.tui.drawing.panel import Line, Span
from cryptex.tui.drawing.theme import Ink

DOT_ROWS: Final = 4
DOT_COLUMNS: Final = 2
_BRAILLE: Final = 0x2800
_DOTS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of a braille cell: by column, then by row from the top."""

Points = Sequence[tuple[int, int]]
"""Dots of a line from left to right: column and row, in dots from the upper left."""


class Canvas:
    """Characters and their inks; what was put last is seen."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._chars = [[" "] * width for _ in range(height)]
        self._inks: list[list[Ink | None]] = [[None] * width for _ in range(height)]

    def put(self, x: int, y: int, char: str, ink: Ink) -> None:
        """Put a character on a cell; beyond the canvas nothing happens."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._chars[y][x] = char
            self._inks[y][x] = ink

    def fill(self, x: int, y: int, char: str, ink: Ink) -> None:
        """Put a character on a cell that is empty."""
        if 0 <= x < self.width and 0 <= y < self.height and self._inks[y][x] is None:
            self._chars[y][x] = char
            self._inks[y][x] = ink

    def rule(self, y: int, char: str, ink: Ink, columns: Iterable[int] | None = None) -> None:
        """Fill the empty cells of a row."""
        for x in range(self.width) if columns is None else columns:
            self.fill(x, y, char, ink)

    def curve(self, points: Points, ink: Ink, dashes: int = 0) -> None:
        """Draw a line through points with dots, in empty cells; `dashes` leaves out every so many columns of dots."""
        cells: dict[tuple[int, int], int] = {}
        for x, y in _joined(points):
            if 0 <= y < self.height * DOT_ROWS and not (dashes and x // dashes % 2):
                cell = (x // DOT_COLUMNS, y // DOT_ROWS)
                cells[cell] = cells.get(cell, 0) | _DOTS[x % DOT_COLUMNS][y % DOT_ROWS]
        for (x, y), bits in cells.items():
            self.fill(x, y, chr(_BRAILLE | bits), ink)

    def line(self, y: int) -> Line:
        """Return a row, as few spans as it takes."""
        text, inks = "".join(self._chars[y]), self._inks[y]
        if not any(inks):
            return (Span(text),)
        out: list[Span] = []
        start, current = 0, inks[0] if inks else None
        for x, ink in enumerate(inks):
            if ink is current or ink is None:  # an empty cell has no ink of its own
                continue
            if current is not None:
                out.append(Span(text[start:x], current))
                start = x
            current = ink
        out.append(Span(text[start:], current or Ink.TEXT))
        return tuple(out)


def _joined(points: Points) -> Iterable[tuple[int, int]]:
    """Yield the dots of a line through points without holes: one a column, more where it is steep."""
    for (x0, y0), (x1, y1) in pairwise(points):
        run = x1 - x0
        before = y0
        for x in range(x0, x1):
            after = y0 + (y1 - y0) * (x - x0 + 1) // run
            step = 1 if after >= before else -1
            yield x, before
            for y in range(before + step, after, step):
                yield x, y
            before = after
    if points:
        yield points[-1]
