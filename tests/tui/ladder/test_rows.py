"""Which level stands on which row, as pictures: `side price size total`, `-` for an empty row."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.client.models import Level
from cryptex.protocol.terms import Side
from cryptex.tui.ladder.rows import EDGE_ROWS, Book, Rows, centred, still, top_price


def book(bids: str, asks: str, *, step: str = "1", tick: str = "1", depth: int = 25) -> Book:
    """Return a book of levels written as `price:size`."""
    sides = [[Level(*map(Decimal, level.split(":"))) for level in side.split()] for side in (bids, asks)]
    made = Book()
    made.take(sides[0], sides[1], depth, Decimal(tick), Decimal(step))
    return made


def picture(rows: Rows) -> list[str]:
    out = []
    for rung in rows.rungs:
        if rung is None:
            out.append("-")
        elif rung.size:
            out.append(f"{rung.side} {rung.price:f} {rung.size:f} {rung.total:f}")
        else:
            out.append(f"{rung.side} {rung.price:f}")
    return out


def test_asks_over_bids_from_the_middle_outwards() -> None:
    rows = centred(book("99:1 98:2 95:4", "101:3 104:5"), above=3, below=2)
    assert picture(rows) == ["-", "sell 104 5 8", "sell 101 3 3", "buy 99 1 1", "buy 98 2 3"]
    assert rows.deepest == 8


def test_grouped_rows() -> None:
    rows = centred(book("99:1 96:2 95:4", "101:3 104:5 106:1", step="5"), above=3, below=3)
    assert picture(rows) == ["-", "sell 110 1 9", "sell 105 8 8", "buy 95 7 7", "-", "-"]


def test_a_last_group_that_may_be_cut_in_two_is_left_out() -> None:
    cut = book("99:1 96:2 94:4", "101:3", step="5", depth=3)
    assert picture(centred(cut, above=1, below=2)) == ["sell 105 3 3", "buy 95 3 3", "-"]
    assert picture(centred(cut, above=1, below=1)) == ["sell 105 3 3", "buy 95 3 3"]


@pytest.mark.parametrize(
    ("above", "depth", "short"), [(2, 3, False), (4, 3, True), (4, 25, False)], ids=["full", "cut", "the whole book"]
)
def test_says_whether_a_deeper_book_would_fill_rows(above: int, depth: int, short: bool) -> None:
    assert centred(book("", "101:1 102:1 103:1", depth=depth), above, above).short is short


def test_rows_that_stand_still_have_every_price() -> None:
    rows = still(book("99:1 97:2 90:4", "101:3 120:5"), Decimal(102), 6)
    assert picture(rows) == ["sell 102", "sell 101 3 3", "buy 100", "buy 99 1 1", "buy 98", "buy 97 2 3"]
    assert rows.deepest == 3


def test_rows_that_stand_still_are_short_while_the_book_ends_among_them() -> None:
    assert still(book("99:1", "101:3 102:1", depth=2), Decimal(104), 8).short
    assert not still(book("99:1", "101:3 104:1", depth=2), Decimal(104), 8).short
    assert not still(book("99:1", "101:3", depth=2), Decimal(104), 8).short


def test_the_window_is_put_around_the_best_prices_and_then_stands() -> None:
    top = top_price(None, book("99:1", "101:1"), 11)
    assert top == 105
    assert top_price(top, book("97:1", "102:1"), 11) == top
    assert top_price(top, book("98:1", "103:1"), 11) == 105


def test_the_window_moves_once_a_best_price_is_near_its_edge() -> None:
    assert top_price(Decimal(105), book("97:1", "98:1"), 11) == Decimal(102)
    assert top_price(Decimal(105), book("102:1", "103:1"), 11) == Decimal(107)


def test_how_near_to_the_edge_is_for_the_user_to_say() -> None:
    assert top_price(Decimal(105), book("95:1", "104:1"), 11, 0) == 105
    assert top_price(Decimal(105), book("94:1", "96:1"), 11, 0) == 100
    assert top_price(Decimal(105), book("99:1", "101:1"), 11, 4) == 105
    assert top_price(Decimal(105), book("98:1", "100:1"), 11, 4) == 104
    assert top_price(Decimal(105), book("99:1", "101:1"), 11, 20) == 105, "no farther than there are rows"


def test_a_spread_wider_than_the_window_has_its_middle_shown() -> None:
    top = top_price(None, book("50:1", "150:1"), 11)
    assert top == 105
    assert top_price(top, book("52:1", "150:1"), 11) == top


def test_one_side_alone_is_followed_and_nothing_leaves_the_window_where_it_is() -> None:
    assert top_price(None, book("99:1", ""), 11) == 104
    assert top_price(Decimal(7), book("", ""), 11) == 7
    assert top_price(None, book("", ""), 11) is None


def test_levels_used() -> None:
    made = book("99:1 96:2 94:4", "101:3 104:5 106:1 119:1", step="5")
    assert made.used(centred(made, above=1, below=1).rungs) == 2
    assert made.used(centred(made, above=9, below=9).rungs) == 4
    assert made.used([None]) == 0


sides = st.lists(st.integers(1, 60), unique=True, min_size=1, max_size=30)


@given(sides, sides, st.sampled_from([1, 2, 5, 10]), st.integers(4, 30))
def test_both_ladders_show_the_same_sizes_and_totals(below: list[int], above: list[int], step: int, rows: int) -> None:
    bids = " ".join(f"{100 - p}:{p}" for p in sorted(below))
    asks = " ".join(f"{100 + p}:{p}" for p in sorted(above))
    made = book(bids, asks, step=str(step), depth=100)
    top = top_price(None, made, rows)
    assert top is not None
    all_rungs = {r for r in centred(made, 100, 100).rungs if r is not None}
    seen = [r for r in still(made, top, rows).rungs if r is not None]
    assert len(seen) == rows
    assert {r for r in seen if r.size} == {r for r in all_rungs if top - (rows - 1) * step <= r.price <= top}
    asked = [r.total for r in seen if r.size and r.side is Side.SELL]
    assert asked == sorted(asked, reverse=True)


@given(st.lists(st.integers(-4, 4), max_size=40), st.integers(2 * EDGE_ROWS + 3, 20))
def test_wherever_prices_go_the_best_ones_are_in_the_window(moves: list[int], rows: int) -> None:
    price, top = 1000, None
    for move in moves:
        price += move
        made = book(f"{price - 1}:1", f"{price + 1}:1")
        before, top = top, top_price(top, made, rows)
        assert top is not None
        assert top - (rows - 1) < price - 1 < price + 1 < top
        if before is not None and before != top:
            edge = before - EDGE_ROWS, before - (rows - 1 - EDGE_ROWS)
            assert price + 1 > edge[0] or price - 1 < edge[1]
