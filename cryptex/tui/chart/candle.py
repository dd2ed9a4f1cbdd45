"""The shape of a candle in cells: half a row is the finest. Rising ones are hollow or thin, falling ones filled. Pure.

A candle is told by four half rows, counted from the top: those of its high, of the upper and the lower end of its body,
and of its low.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

_BODY: Final = "B"
_WICK: Final = "W"
_NONE: Final = " "
_THIN: Final = {
    "BB": "┃",
    "B ": "╹",
    " B": "╻",
    "WB": "╽",
    "BW": "╿",
    "WW": "│",
    "W ": "╵",
    " W": "╷",
}
_SOLID: Final = {"BB": "█", "B ": "▀", " B": "▄", "BW": "▀", "WB": "▄"}


class Shape(NamedTuple):
    """Half rows of a candle, from the top: high <= top <= bottom <= low."""

    high: int
    top: int
    bottom: int
    low: int

    def rows(self) -> Iterator[tuple[int, str]]:
        """Yield each row and what its upper and its lower half are: body, wick or nothing."""
        for row in range(self.high // 2, self.low // 2 + 1):
            yield row, self._half(2 * row) + self._half(2 * row + 1)

    def _half(self, half: int) -> str:
        if self.top <= half <= self.bottom:
            return _BODY
        return _WICK if self.high <= half <= self.low else _NONE


def thin(shape: Shape, *, rises: bool) -> Iterator[tuple[int, str]]:
    """Yield the rows and characters of a candle that is one cell wide."""
    for row, halves in shape.rows():
        if rises or "B" not in halves or _narrows(shape, halves):
            yield row, _THIN[halves]
        else:
            yield row, _SOLID[halves]


def wide(shape: Shape, width: int, *, rises: bool) -> Iterator[tuple[int, str]]:
    """Yield the rows and characters of a candle whose body is `width` cells wide, an odd number from 3 on.

    Rows that are all wick have one character, which belongs in the middle.
    """
    side = width // 2
    for row, halves in shape.rows():
        if "B" not in halves:
            yield row, _THIN[halves]
        elif not rises:
            yield row, _SOLID[halves] * width
        else:
            yield row, _hollow(shape, row, halves, side)


def _narrows(shape: Shape, halves: str) -> bool:
    """Return whether a row where a filled body goes over into its wick is drawn thin: it is told by its whole rows."""
    return halves in ("WB", "BW") and (shape.bottom + 1) // 2 > (shape.top + 1) // 2


def _hollow(shape: Shape, row: int, halves: str, side: int) -> str:
    """Return a row of a body of which only the edge is drawn."""
    begins, ends = shape.top // 2 == row, shape.bottom // 2 == row
    open_middle = shape.bottom - shape.top <= 1  # there is no edge to be told from what it encloses
    if halves == "BB":
        if begins:
            return "▛" + "▀" * (2 * side - 1) + "▜"
        return "▙" + "▄" * (2 * side - 1) + "▟" if ends else "▌" + " " * (2 * side - 1) + "▐"
    edge = _SOLID[halves]
    wick = _THIN[halves] if "W" in halves else edge
    if open_middle:
        return edge + " " * (side - 1) + (wick if "W" in halves else " ") + " " * (side - 1) + edge
    return edge * side + wick + edge * side
