"""Rows as lines: what they say, what lies under them, and that equal ones are not drawn twice."""

from decimal import Decimal

import pytest

from cryptex.protocol.terms import Side
from cryptex.tui.drawing.panel import BLANK, Line
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.ladder.painter import Lit, Marks, Painter, frame_of, heading, paint
from cryptex.tui.ladder.rows import Rung
from cryptex.tui.ladder.state import Own

ASK = Rung(Side.SELL, Decimal("61235.50"), Decimal("1.50000"), Decimal("3.00000"))
EMPTY = Rung(Side.SELL, Decimal("61235.50"), Decimal(0), Decimal(0))
OWN = Own(Decimal("0.5"), Decimal("1.25"), (7,))


def frame(width: int):  # type: ignore[no-untyped-def]
    return frame_of(width, "BTC", "USDT", (2, 5), [ASK])


def text(line: Line) -> str:
    return "".join(span.text for span in line)


def grounds(line: Line) -> str:
    """Return a letter a cell: what lies under it."""
    letters = {None: ".", Ground.SELL_BAR: "b", Ground.SELL_CURSOR: "c", Ground.RAISED: "r"}
    return "".join(letters[span.ground] * len(span.text) for span in line)


@pytest.mark.parametrize(
    ("width", "marks", "picture"),
    [
        (33, Marks(), "   61,235.50   1.50000    3.00000"),
        (33, Marks(own=OWN), "◆  61,235.50   1.50000 0.5 ≤ 1.25"),
        (33, Marks(last=1), " ▸ 61,235.50   1.50000    3.00000"),
        (60, Marks(), "      61,235.50       1.50000       3.00000"),
        (60, Marks(own=OWN), "◆     61,235.50       1.50000       3.00000 0.5 ≤ 1.25 ahead"),
    ],
)
def test_what_a_row_says(width: int, marks: Marks, picture: str) -> None:
    assert text(paint(ASK, marks, frame(width))).rstrip() == picture.rstrip()


def test_an_empty_row_has_a_faint_price_alone() -> None:
    line = paint(EMPTY, Marks(), frame(33))
    assert text(line).split() == ["61,235.50"]
    assert line[2].ink is Ink.FAINT


def test_what_lies_under_a_row() -> None:
    assert grounds(paint(ASK, Marks(bar=20), frame(33))) == "." * 23 + "b" * 10
    assert grounds(paint(ASK, Marks(bar=21, lit=Lit.CURSOR), frame(33))) == "c" * 33
    assert grounds(paint(ASK, Marks(bar=21, lit=Lit.POINTER), frame(33))) == "r" * 33
    flash = grounds(paint(ASK, Marks(bar=40, lit=Lit.FLASH), frame(33)))
    start, end = frame(33).columns.flash
    assert flash == "." * start + "c" * (end - start) + "b" * (33 - end)


def test_a_bar_ends_in_a_half_cell_where_nothing_is_written() -> None:
    line = paint(ASK, Marks(bar=19), frame(33))
    assert text(line)[23] == "▐"
    assert next(span.ink for span in line if span.text == "▐") is Ink.SELL_BAR
    assert grounds(line) == "." * 24 + "b" * 9
    assert "▐" not in text(paint(ASK, Marks(bar=9), frame(33)))
    assert text(paint(ASK, Marks(bar=65), frame(33)))[0] == "▐"
    assert text(paint(ASK, Marks(own=OWN, bar=65), frame(33)))[0] == "◆"


def test_the_heading_stands_over_its_columns() -> None:
    row = text(paint(ASK, Marks(own=OWN), frame(60)))
    head = text(heading(frame(60)))
    assert head.index("Price USDT") + len("Price USDT") == row.index("61,235.50") + len("61,235.50")
    assert head.index("Size BTC") + len("Size BTC") == row.index("1.50000") + len("1.50000")
    assert head.rstrip().endswith("Own orders")
    assert text(heading(frame(33))).split() == ["Price", "Size", "Total"]


def test_sizes_of_all_rows_have_the_decimals_that_the_largest_leaves_room_for() -> None:
    large = ASK._replace(size=Decimal("1234567.5"), total=Decimal("1234567.5"))
    small = ASK._replace(size=Decimal("0.00001"))
    shared = frame_of(33, "BTC", "USDT", (2, 5), [large, small])
    assert text(paint(large, Marks(), shared)).split()[1] == "1,234,567"
    assert text(paint(small, Marks(), shared)).split()[1] == "<1"


def test_equal_rows_are_drawn_once() -> None:
    painter = Painter()
    painter.begin(frame(33))
    first = painter.row(1, ASK, Marks())
    assert painter.row(1, ASK._replace(size=Decimal("1.5")), Marks()) is first
    assert painter.row(1, ASK, Marks(bar=3)) is not first
    assert painter.row(2, None, Marks()) is BLANK
    painter.begin(frame(40))
    assert len(text(painter.row(1, ASK, Marks(bar=3)))) == 40
