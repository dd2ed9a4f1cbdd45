"""Columns, and sizes that fit into them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.tui.ladder.figures import GUTTER, brief, columns, decimals, figure, own_text
from cryptex.tui.ladder.state import Own


@pytest.mark.parametrize("width", range(33, 81))
def test_columns_fill_the_width_and_hold_a_price(width: int) -> None:
    found = columns(width, len("61,234.50"))
    assert GUTTER + sum(found) == width
    assert min(found.price, found.size, found.total) >= len("61,234.50") + 1
    assert columns(width, len("1,061,234.50")).price > len("1,061,234.50")


@pytest.mark.parametrize(
    ("largest", "room", "fit"),
    [("9", 9, 5), ("999", 9, 5), ("9999", 9, 3), ("1234567", 9, 0), ("12345678", 9, None), ("0", 9, 5)],
)
def test_decimals_give_way_to_whole_numbers(largest: str, room: int, fit: int | None) -> None:
    assert decimals(Decimal(largest), 5, room) == fit


@pytest.mark.parametrize(
    ("size", "fit", "shown"),
    [
        ("1.5", 5, "1.5|0000"),
        ("1.50009", 4, "1.5|000"),
        ("12345.5", 1, "12,345.5|"),
        ("0.00009", 4, "<0.0001|"),
        ("0.4", 0, "<1|"),
        ("0", 4, "|"),
        ("123456789", None, "123.4 M|"),
    ],
)
def test_figures(size: str, fit: int | None, shown: str) -> None:
    assert "|".join(figure(Decimal(size), fit)) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ("0.5", "0.5"),
        ("0.12345678", "0.1234"),
        ("0.00000001", "<0.0001"),
        ("12.3456789", "12.345"),
        ("9999.9", "9,999.9"),
        ("12345", "12.3 k"),
        ("1234567", "1,234.5 k"),
        ("12345678", "12.3 M"),
        ("0", "0"),
    ],
)
def test_brief_sizes(size: str, shown: str) -> None:
    assert brief(Decimal(size)) == shown


@pytest.mark.parametrize(
    ("ahead", "room", "shown"),
    [
        ("1.25", 20, "0.5 ≤ 1.25 ahead"),
        ("1.25", 12, "0.5 ≤ 1.25"),
        ("1.25", 9, "0.5 ≤1.25"),
        ("1.25341", 9, "0.5 ≤1.26"),
        ("1.25", 5, "≤1.25"),
        ("1.25", 3, ""),
        ("1.23411", 16, "0.5 ≤ 1.2342"),
        ("0", 9, "0.5 front"),
        ("0", 5, "front"),
        (None, 9, "0.5"),
    ],
)
def test_own_orders_in_as_many_words_as_fit(ahead: str | None, room: int, shown: str) -> None:
    own = Own(Decimal("0.5"), None if ahead is None else Decimal(ahead), (1,))
    assert own_text(own, room) == shown


@given(st.integers(0, 10**12), st.integers(0, 8), st.integers(7, 20))
def test_a_figure_fits_and_never_says_more_than_there_is(lots: int, places: int, room: int) -> None:
    size = Decimal(lots).scaleb(-places)
    told, zeros = figure(size, decimals(size, places, room))
    assert len(told + zeros) <= max(room, len("999,999.9 G"))
    if told and told[0] != "<" and told[-1].isdigit():
        assert Decimal((told + zeros).replace(",", "")) <= size
