"""Prices put together by steps."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.client.models import Level
from cryptex.protocol.terms import Side
from cryptex.tui.ladder.grouping import bucket, depth_for, grouped, step_for, steps, turned, whole

TICK = Decimal("0.01")


def levels(*pairs: tuple[str, str]) -> list[Level]:
    return [Level(Decimal(price), Decimal(size)) for price, size in pairs]


def test_steps_are_the_tick_and_what_is_useful_at_the_price() -> None:
    shown = " ".join(f"{step.normalize():f}" for step in steps(TICK, Decimal(61234)))
    assert shown == "0.01 0.1 0.2 0.5 1 2 5 10 20 50 100 200 500"
    assert steps(TICK, Decimal("1.20")) == (TICK,)
    assert steps(Decimal("0.00001"), Decimal("0.054"))[-1] == Decimal("0.0005")


def test_turning_goes_one_step_and_stays_at_the_ends() -> None:
    price = Decimal(61234)
    assert turned(TICK, TICK, price, 1) == Decimal("0.1")
    assert turned(Decimal("0.1"), TICK, price, -1) == TICK
    assert turned(TICK, TICK, price, -1) == TICK
    assert turned(Decimal(500), TICK, price, 1) == Decimal(500)


def test_a_step_that_the_price_left_behind_finds_its_neighbours() -> None:
    assert turned(Decimal(500), TICK, Decimal(100), -1) == Decimal(1)


def test_asks_round_up_and_bids_down() -> None:
    asks = levels(("100.01", "1"), ("100.40", "2"), ("100.50", "3"), ("100.51", "4"))
    assert grouped(asks, Side.SELL, Decimal("0.5"), TICK, 9) == levels(("100.5", "6"), ("101.0", "4"))
    bids = levels(("100.49", "1"), ("100.00", "2"), ("99.99", "3"))
    assert grouped(bids, Side.BUY, Decimal("0.5"), TICK, 9) == levels(("100.0", "3"), ("99.5", "3"))


def test_no_more_rows_than_asked_for() -> None:
    asks = levels(("1", "1"), ("2", "2"), ("3", "3"))
    assert grouped(asks, Side.SELL, TICK, TICK, 2) == asks[:2]
    assert grouped(asks, Side.SELL, Decimal(2), TICK, 1) == levels(("2", "3"))


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(1, 9)), unique_by=lambda pair: pair[0], max_size=40),
    st.sampled_from([1, 2, 5, 10, 50]),
    st.sampled_from(Side),
)
def test_groups_hold_all_that_is_there_and_look_no_better(
    pairs: list[tuple[int, int]], multiple: int, side: Side
) -> None:
    step = TICK * multiple
    book = sorted((Level(TICK * price, Decimal(size)) for price, size in pairs), reverse=side is Side.BUY)
    groups = grouped(book, side, step, TICK, 500)
    assert sum(g.size for g in groups) == sum(level.size for level in book)
    assert [g.price for g in groups] == list(dict.fromkeys(bucket(level.price, side, step) for level in book))
    for group in groups:
        held = [level.price for level in book if bucket(level.price, side, step) == group.price]
        assert all(0 <= (p - group.price if side is Side.BUY else group.price - p) < step for p in held)


def test_a_group_that_the_depth_may_have_cut_is_not_shown() -> None:
    groups = levels(("2", "3"), ("4", "1"))
    assert whole(groups, 25, 25) == groups[:1]
    assert whole(groups, 24, 25) == groups
    assert whole(groups[:1], 25, 25) == groups[:1]


@pytest.mark.parametrize(
    ("depth", "used", "short", "wanted"),
    [
        (25, 25, False, 25),
        (25, 25, True, 100),
        (100, 100, True, 1000),
        (1000, 1000, True, 1000),
        (1000, 60, False, 1000),
        (1000, 50, False, 100),
        (100, 12, False, 25),
        (100, 0, False, 25),
    ],
)
def test_depth_grows_where_it_is_too_little_and_shrinks_where_half_would_do(
    depth: int, used: int, short: bool, wanted: int
) -> None:
    assert depth_for(depth, used, short=short) == wanted


def test_the_finest_step_that_makes_a_spread_narrow_enough() -> None:
    price = Decimal(61234)
    assert step_for(Decimal("0.03"), TICK, price, rows=6) == TICK
    assert step_for(Decimal("1.00"), TICK, price, rows=6) == Decimal("0.2")
    assert step_for(Decimal(60000), TICK, price, rows=6) == Decimal(500)
