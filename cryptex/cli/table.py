"""Tables as text: aligned columns that a person reads and grep, awk and cut understand. Numbers are never shortened.

Text from the node is never markup: what cannot be printed is written out as an escape.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from cryptex.protocol.printable import printable

NOTHING: Final = "-"
"""What stands where there is no value."""

_GAP: Final = "  "
_RESET: Final = "\x1b[0m"


class Style(StrEnum):
    """How a cell looks on a terminal with colour: the escape sequence that begins it."""

    PLAIN = ""
    HEAD = "\x1b[1m"
    DIM = "\x1b[2m"
    BUY = "\x1b[32m"
    SELL = "\x1b[31m"


class Cell(NamedTuple):
    """A text and its style."""

    text: str
    style: Style = Style.PLAIN


class Column(NamedTuple):
    """A column's title; numbers stand right. Where there is no room, the highest `spare` goes first; 0 never goes."""

    title: str
    right: bool = False
    spare: int = 0


Value = Cell | str | int | None
Row = Sequence[Value]


def number(title: str, spare: int = 0) -> Column:
    """Return a column of numbers."""
    return Column(title, True, spare)


def side_cell(side: str) -> Cell:
    """Return a side in its colour."""
    return Cell(side, Style.BUY if side == "buy" else Style.SELL)


def table(columns: Sequence[Column], rows: Sequence[Row], *, colour: bool) -> str:
    """Return a head line and a line for each row, each ended by a newline."""
    cells = [_titles(columns), *([_cell(value) for value in row] for row in rows)]
    return _lines(cells, [column.right for column in columns], colour)


def fitted(
    columns: Sequence[Column], rows: Sequence[Row], width: int | None
) -> tuple[Sequence[Column], Sequence[Row], tuple[str, ...]]:
    """Return a table without what does not fit into `width` (None: all does), and the titles that were left out.

    Whole columns go, so that a row stays a line and no number is cut: first those that say nothing here.
    """
    if width is None:
        return columns, rows, ()
    widths = [max(len(_cell(row[index]).text) for row in [_titles(columns), *rows]) for index in range(len(columns))]
    silent = [all(_cell(row[index]).text == NOTHING for row in rows) for index in range(len(columns))]
    kept = list(range(len(columns)))
    while sum(widths[index] + len(_GAP) for index in kept) - len(_GAP) > width:
        spare = [index for index in kept if columns[index].spare]
        if not spare:
            break
        kept.remove(max(spare, key=lambda index: (silent[index], columns[index].spare)))
    left_out = tuple(column.title for index, column in enumerate(columns) if index not in kept and not silent[index])
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows], left_out


def card(fields: Sequence[tuple[str, Value]], *, colour: bool) -> str:
    """Return one thing as a line for each of its fields; fields without a value are left out."""
    rows = [[Cell(name, Style.DIM), _cell(value)] for name, value in fields if value is not None]
    return _lines(rows, [False, False], colour)


def _titles(columns: Sequence[Column]) -> list[Cell]:
    return [Cell(column.title, Style.HEAD) for column in columns]


def _cell(value: Value) -> Cell:
    if isinstance(value, Cell):
        return Cell(printable(value.text), value.style)
    return Cell(NOTHING if value is None or value == "" else printable(str(value)))


def _lines(rows: Sequence[Sequence[Cell]], right: Sequence[bool], colour: bool) -> str:
    widths = [max(len(row[index].text) for row in rows) for index in range(len(right))] if rows else []
    return "".join(_line(row, widths, right, colour) + "\n" for row in rows)


def _line(row: Sequence[Cell], widths: Sequence[int], right: Sequence[bool], colour: bool) -> str:
    parts = []
    for column, (cell, width, to_right) in enumerate(zip(row, widths, right, strict=True), 1):
        text = cell.text.rjust(width) if to_right else cell.text.ljust(width if column < len(row) else 0)
        parts.append(f"{cell.style.value}{text}{_RESET}" if colour and cell.style is not Style.PLAIN else text)
    return _GAP.join(parts)
