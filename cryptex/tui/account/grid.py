"""Rows of texts as aligned columns: where there is no room, whole columns go, and no number is ever cut. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import Line, Span
from cryptex.tui.drawing.theme import Ink

_GAP: Final = 1
_ROOMY: Final = 3
"""Cells that a column is widened by, at most, where there is room to spare."""

_WORDS_MAX: Final = 32
"""Cells for which the last column's words may push out other columns."""


class Column(NamedTuple):
    """A heading, the least width, and the rank: the highest goes first, 0 never. The last column takes what is left."""

    title: str
    width: int
    rank: int = 0
    right: bool = True


class Cell(NamedTuple):
    """A text in its ink; `zeros` draws trailing zeros faintly."""

    text: str
    ink: Ink = Ink.TEXT
    zeros: bool = False


Row = Sequence[Cell]


def grid(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[Line]:
    """Return the headings and a line for each row."""
    wide = [_needed(columns, rows, i) for i in range(len(columns))]
    kept = list(range(len(columns)))
    while sum(wide[i] + _GAP for i in kept) - _GAP > width:
        spare = [i for i in kept if columns[i].rank]
        if not spare:
            break
        kept.remove(max(spare, key=lambda i: columns[i].rank))
    wide = _widened(columns, wide, kept, width)
    heading = [Cell(column.title, Ink.FAINT) for column in columns]
    return [_line(columns, row, wide, kept) for row in (heading, *rows)]


def _needed(columns: Sequence[Column], rows: Sequence[Row], i: int) -> int:
    """Return how wide a column must be: numbers are whole, and the words of the last column if they are few."""
    column = columns[i]
    longest = max((len(row[i].text) for row in rows), default=0)
    if column.right:
        return max(column.width, len(column.title), longest)
    return max(column.width, min(longest, _WORDS_MAX)) if i == len(columns) - 1 else column.width


def _widened(columns: Sequence[Column], wide: Sequence[int], kept: Sequence[int], width: int) -> list[int]:
    """Deal out what is left of `width`."""
    out = list(wide)
    over = max(0, width - sum(wide[i] + _GAP for i in kept) + _GAP)
    numbers = [i for i in kept if columns[i].right]
    for i in numbers:
        out[i] += min(_ROOMY, over // len(numbers))
    out[kept[-1]] += max(0, width - sum(out[i] + _GAP for i in kept) + _GAP)
    return out


def _line(columns: Sequence[Column], row: Row, wide: Sequence[int], kept: Sequence[int]) -> Line:
    out: list[Span] = []
    for i in kept:
        text, ink, faint = row[i]
        room = wide[i] + (0 if i == kept[0] else _GAP)
        if not columns[i].right:
            out.append(Span((" " * (room - wide[i]) + texts.fitted(text, wide[i])).ljust(room), ink))
            continue
        told, zeros = texts.split_zeros(text) if faint else (text, "")
        out.append(Span(told.rjust(room - len(zeros)), ink))
        if zeros:
            out.append(Span(zeros, Ink.FAINT))
    return tuple(out)
