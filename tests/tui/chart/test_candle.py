"""The cells of candles, to the half row."""

import pytest

from cryptex.tui.chart.candle import Shape, thin, wide


def drawn(shape: Shape, *, rises: bool, width: int = 1) -> list[str]:
    cells = thin(shape, rises=rises) if width == 1 else wide(shape, width, rises=rises)
    return [text for _, text in cells]


@pytest.mark.parametrize(
    ("shape", "rising", "falling"),
    [
        (Shape(0, 2, 3, 5), "│┃│", "│█│"),
        (Shape(1, 2, 3, 4), "╷┃╵", "╷█╵"),
        (Shape(0, 1, 4, 5), "╽┃╿", "╽█╿"),
        (Shape(1, 1, 2, 2), "╻╹", "▄▀"),
        (Shape(0, 0, 0, 1), "╿", "▀"),
        (Shape(0, 1, 1, 1), "╽", "▄"),
        (Shape(0, 0, 1, 1), "┃", "█"),
        (Shape(3, 3, 3, 3), "╻", "▄"),
    ],
)
def test_one_cell_wide(shape: Shape, rising: str, falling: str) -> None:
    assert "".join(drawn(shape, rises=True)) == rising
    assert "".join(drawn(shape, rises=False)) == falling


@pytest.mark.parametrize(
    ("shape", "rising", "falling"),
    [
        (Shape(0, 2, 7, 9), ["│", "▛▀▜", "▌ ▐", "▙▄▟", "│"], ["│", "███", "███", "███", "│"]),
        (Shape(0, 3, 5, 7), ["│", "▄╽▄", "▙▄▟", "│"], ["│", "▄▄▄", "███", "│"]),
        (Shape(1, 3, 4, 6), ["╷", "▄╽▄", "▀╿▀", "╵"], ["╷", "▄▄▄", "▀▀▀", "╵"]),
        (Shape(3, 3, 4, 4), ["▄ ▄", "▀ ▀"], ["▄▄▄", "▀▀▀"]),
        (Shape(2, 2, 3, 3), ["▛▀▜"], ["███"]),
        (Shape(2, 2, 2, 2), ["▀ ▀"], ["▀▀▀"]),
        (Shape(2, 3, 3, 3), ["▄╽▄"], ["▄▄▄"]),
    ],
)
def test_three_cells_wide(shape: Shape, rising: list[str], falling: list[str]) -> None:
    assert drawn(shape, rises=True, width=3) == rising
    assert drawn(shape, rises=False, width=3) == falling


def test_five_cells_wide() -> None:
    assert drawn(Shape(0, 0, 3, 3), rises=True, width=5) == ["▛▀▀▀▜", "▙▄▄▄▟"]
    assert drawn(Shape(0, 0, 3, 3), rises=False, width=5) == ["█████", "█████"]


@pytest.mark.parametrize("width", [1, 3, 5])
def test_rising_and_falling_never_look_the_same(width: int) -> None:
    """Never colour alone: however short the body, its glyphs say which way it went."""
    for high in range(2):
        for top in range(high, 6):
            for bottom in range(top, 8):
                for low in range(bottom, 10):
                    shape = Shape(high, top, bottom, low)
                    assert drawn(shape, rises=True, width=width) != drawn(shape, rises=False, width=width), shape


def test_rows_are_where_the_halves_are() -> None:
    assert [row for row, _ in thin(Shape(5, 6, 7, 8), rises=True)] == [2, 3, 4]
