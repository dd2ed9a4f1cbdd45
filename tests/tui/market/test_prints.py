"""Rows of the tape: trades of one order together, own ones marked, big ones told apart."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.client.models import Trade
from cryptex.protocol.terms import Side
from cryptex.tui.market.prints import big_size, prints
from tests.tui.fake_exchange import MOMENT

trades = st.lists(
    st.builds(
        Trade,
        st.integers(1, 99),
        st.sampled_from([Decimal(10), Decimal(11)]),
        st.decimals(1, 9, places=2),
        st.sampled_from(Side),
        st.sampled_from([MOMENT, MOMENT + timedelta(seconds=1)]),
    ),
    max_size=20,
)


def trade(trade_id: int, price: str, size: str, side: Side = Side.BUY, second: int = 0) -> Trade:
    return Trade(trade_id, Decimal(price), Decimal(size), side, MOMENT + timedelta(seconds=second))


def test_what_one_order_traded_at_a_price_is_one_row() -> None:
    made = [
        trade(9, "11", "1"),
        trade(8, "10", "2"),
        trade(7, "10", "3"),
        trade(6, "10", "4", Side.SELL),
        trade(5, "10", "5", Side.SELL, second=1),
    ]
    rows = prints(made, {7}, together=True, rows_max=99)
    assert [(row.trade_id, row.size, row.trades, row.own) for row in rows] == [
        (9, 1, 1, False),
        (8, 5, 2, True),
        (6, 4, 1, False),
        (5, 5, 1, False),
    ]
    assert len(prints(made, {7}, together=False, rows_max=99)) == 5


@given(trades, st.booleans())
def test_nothing_is_lost(made: list[Trade], together: bool) -> None:
    rows = prints(made, frozenset(), together=together, rows_max=99)
    assert sum(row.size for row in rows) == sum(t.size for t in made)
    assert sum(row.trades for row in rows) == len(made)


@given(trades, st.booleans(), st.integers(0, 20))
def test_no_more_rows_are_made_than_asked(made: list[Trade], together: bool, most: int) -> None:
    everything = prints(made, frozenset(), together=together, rows_max=99)
    assert prints(made, frozenset(), together=together, rows_max=most) == everything[:most]


@pytest.mark.parametrize(
    ("sizes", "big"),
    [
        ((1,) * 19, None),
        ((1,) * 40, None),
        ((1,) * 19 + (7,), 7),
        ((1,) * 38 + (7, 9), 7),
        ((1,) * 39 + (9,), None),
    ],
)
def test_one_in_twenty_may_be_big(sizes: tuple[int, ...], big: int | None) -> None:
    assert big_size([Decimal(size) for size in sizes]) == big
