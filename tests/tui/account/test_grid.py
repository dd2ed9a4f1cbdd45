"""Aligned columns."""

from cryptex.tui.account.grid import Cell, Column, grid
from cryptex.tui.drawing.panel import Line

COLUMNS = (
    Column("Id", 4, 2),
    Column("Side", 5, right=False),
    Column("Price", 8),
    Column("Why", 6, 1, right=False),
)
ROW = (Cell("7"), Cell("buy"), Cell("1,234.50", zeros=True), Cell("canceled by you"))


def text(line: Line) -> str:
    return "".join(span.text for span in line)


def drawn(width: int) -> list[str]:
    return [text(line) for line in grid(COLUMNS, [ROW], width)]


def test_everything_is_shown_where_there_is_room_and_every_line_has_the_width() -> None:
    assert drawn(36) == [
        "  Id Side     Price Why             ",
        "   7 buy   1,234.50 canceled by you ",
    ]
    assert drawn(50)[1] == "      7 buy      1,234.50 canceled by you         "


def test_the_highest_rank_goes_first_and_whole() -> None:
    assert drawn(30) == ["Side     Price Why            ", "buy   1,234.50 canceled by you"]
    assert drawn(16) == ["Side       Price", "buy     1,234.50"]


def test_a_long_number_widens_its_column_and_is_never_cut() -> None:
    long = (Cell("7"), Cell("buy"), Cell("123,456,789,012.50"), Cell("user"))
    lines = [text(line) for line in grid(COLUMNS, [ROW, long], 30)]
    assert "123,456,789,012.50" in lines[2]
    assert {len(line) for line in lines} == {30}
