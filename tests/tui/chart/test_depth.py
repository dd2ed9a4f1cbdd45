"""The depth chart: pictures, and its arithmetic against a plain sum."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cryptex.client.models import Level
from cryptex.protocol.terms import Side
from cryptex.tui.chart.depth import render_depth, sweep
from cryptex.tui.chart.scene import OrderMark
from cryptex.tui.chart.view import View
from tests.tui.chart.candles import LOOK
from tests.tui.chart.golden import expect, picture

SIZES = (120, 40, 250, 33, 78, 210, 260, 90, 55, 110, 180, 72, 310, 205, 140)


def levels(best: str, step: str, count: int = 100) -> list[Level]:
    """Return levels away from a best price."""
    return [Level(Decimal(best) + Decimal(step) * i, Decimal(SIZES[i % 15]).scaleb(-2)) for i in range(count)]


BIDS, ASKS = levels("61234.50", "-1.5"), levels("61235.50", "1.25")
LOOK_OWN = replace(
    LOOK,
    orders=(
        OrderMark(Side.BUY, Decimal("61200.00")),
        OrderMark(Side.SELL, Decimal("61300.00")),
        OrderMark(Side.SELL, Decimal("61150.00"), waits=True),
    ),
)
DEPTH = View(depth=True)
CASES = {
    "depth-100x20": (BIDS, ASKS, 100, 20, DEPTH),
    "depth-near-60x12": (BIDS, ASKS, 60, 12, replace(DEPTH, depth_zoom=3)),
    "depth-crosshair-80x14": (BIDS, ASKS, 80, 14, replace(DEPTH, depth_cursor=12)),
    "depth-one-side-60x12": (BIDS, [], 60, 12, replace(DEPTH, depth_cursor=-10)),
    "depth-empty-60x12": ([], [], 60, 12, DEPTH),
}


@pytest.mark.parametrize("name", CASES)
def test_pictures(name: str) -> None:
    bids, asks, width, height, view = CASES[name]
    expect(name, render_depth(bids, asks, width, height, view, LOOK_OWN).lines)


books = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 10_000)), max_size=40, unique_by=lambda level: level[0])


def side(drawn: list[tuple[int, int]], sign: int) -> list[Level]:
    return [Level(1_000 + sign * Decimal(away), Decimal(size).scaleb(-2)) for away, size in sorted(drawn)]


@given(books, books, st.integers(0, 160), st.integers(1, 50), st.integers(0, 4), st.none() | st.integers(-100, 100))
def test_any_book_fits_any_room(
    down: list[tuple[int, int]], up: list[tuple[int, int]], width: int, height: int, zoom: int, cursor: int | None
) -> None:
    view = View(depth=True, depth_zoom=zoom, depth_cursor=cursor)
    lines = render_depth(side(down, -1), side(up, 1), width, height, view, LOOK_OWN).lines
    assert len(lines) <= height
    assert all(sum(cell_len(span.text) for span in line) <= width for line in lines)


@given(books, st.integers(1, 500))
def test_a_sweep_is_what_rests_up_to_a_price(drawn: list[tuple[int, int]], away: int) -> None:
    for of, sign in ((Side.BUY, -1), (Side.SELL, 1)):
        found = sweep(side(drawn, sign), 1_000 + sign * Decimal(away), of)
        taken = [level for level in side(drawn, sign) if abs(level.price - 1_000) <= away]
        assert found.size == sum(level.size for level in taken)
        if taken:
            assert found.average == sum(level.price * level.size for level in taken) / found.size
        else:
            assert found.average is None


def test_the_crosshair_says_what_an_order_up_to_there_would_trade() -> None:
    told = picture(render_depth(BIDS, ASKS, 100, 20, replace(DEPTH, depth_cursor=2), LOOK).lines[1:2])
    assert told == "buy up to 61,240.45 +0.01%  size 4.43 BTC  average 61,237.30\n"
    told = picture(render_depth(BIDS, ASKS, 100, 20, replace(DEPTH, depth_cursor=-1), LOOK).lines[1:2])
    assert told == "sell down to 61,232.27 -0.00%  size 1.6 BTC  average 61,234.13\n"


def test_an_empty_book_says_what_to_do() -> None:
    lines = render_depth([], [], 60, 12, DEPTH, replace(LOOK_OWN, advice="b buys, s sells")).lines
    assert picture(lines).split("\n")[-3:-1] == [
        "empty book".center(60).rstrip(),
        "b buys, s sells".center(60).rstrip(),
    ]
