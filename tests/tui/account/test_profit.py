"""Profit from fills at average cost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.tui.account.profit import Position, ProfitBook
from tests.tui.account.past import BEGIN, as_fill, fill_view

CENT = Decimal("0.01")


def position(*fills: tuple[str, str, str, str]) -> Position:
    made = Position()
    for number, (side, size, price, fee) in enumerate(fills, 1):
        made.take(as_fill(fill_view(number, side, size, price, fee)))
    return made


@pytest.mark.parametrize(
    ("fills", "size", "average", "realised"),
    [
        ([("buy", "2", "100", "0")], "2", "100", "0"),
        ([("buy", "1", "100", "0"), ("buy", "3", "200", "0")], "4", "175", "0"),
        ([("buy", "2", "100", "0"), ("sell", "1", "130", "0")], "1", "100", "30"),
        ([("buy", "2", "100", "0"), ("sell", "2", "90", "0")], "0", None, "-20"),
        ([("sell", "1", "100", "0")], "-1", "100", "0"),
        ([("sell", "1", "100", "0"), ("buy", "1", "90", "0")], "0", None, "10"),
        ([("buy", "1", "100", "0"), ("sell", "3", "110", "0")], "-2", "110", "10"),
        ([("sell", "2", "100", "0"), ("buy", "3", "80", "0")], "1", "80", "40"),
        ([("buy", "1", "100", "0.5")], "0.5", "200", "0"),
        ([("buy", "1", "100", "0"), ("sell", "1", "110", "3")], "0", None, "7"),
    ],
)
def test_average_cost(fills: list[tuple[str, str, str, str]], size: str, average: str | None, realised: str) -> None:
    made = position(*fills)
    assert made.size == Decimal(size)
    assert made.average == (None if average is None else Decimal(average))
    assert made.realised == Decimal(realised)


def test_fees_are_told_in_quote() -> None:
    assert position(("buy", "1", "100", "0.01"), ("sell", "1", "110", "3")).fees == Decimal(4)


fill = st.tuples(
    st.sampled_from(["buy", "sell"]),
    st.integers(1, 10**9).map(lambda lots: str(Decimal(lots).scaleb(-5))),
    st.integers(1, 10**8).map(lambda ticks: str(Decimal(ticks).scaleb(-2))),
    st.integers(0, 1000),
)


@given(fills=st.lists(fill, max_size=30), last=st.integers(1, 10**8))
def test_realised_and_unrealised_are_what_the_fills_brought_in(
    fills: list[tuple[str, str, str, int]], last: int
) -> None:
    price, cash, owned = Decimal(last).scaleb(-2), Decimal(0), Decimal(0)
    book = ProfitBook()
    for number, (side, size, at, share) in enumerate(fills, 1):
        bought = side == "buy"
        received = Decimal(size) if bought else Decimal(size) * Decimal(at)
        fee = (received * share / 10_000).quantize(Decimal("1e-8"))
        book.take(as_fill(fill_view(number, side, size, at, f"{fee:f}")))
        owned += Decimal(size) - fee if bought else -Decimal(size)
        cash += -Decimal(size) * Decimal(at) if bought else Decimal(size) * Decimal(at) - fee
    profit = book.profit({"BTC-USDT": price}, {"USDT": Decimal(1)}.get)
    assert abs(profit.realised + profit.unrealised - cash - owned * price) < Decimal("1e-8")


def test_profits_of_markets_are_added_in_one_asset_and_what_has_no_price_is_named() -> None:
    book = ProfitBook(
        as_fill(view)
        for view in (
            fill_view(1, "buy", "1", "60000"),
            fill_view(2, "buy", "10", "0.05", market="ETH-BTC"),
            fill_view(3, "sell", "10", "0.06", market="ETH-BTC"),
            fill_view(4, "buy", "5", "2", market="SOL-EUR"),
            fill_view(5, "buy", "5", "2", market="XYZ-USDT"),
        )
    )
    rates = {"USDT": Decimal(1), "BTC": Decimal(61000)}
    profit = book.profit({"BTC-USDT": Decimal(61000), "ETH-BTC": Decimal("0.06")}, rates.get)
    assert (profit.realised, profit.unrealised) == (Decimal(6100), Decimal(1000))
    assert profit.unpriced == ("EUR", "XYZ")
    assert (book.count, book.since) == (5, BEGIN.replace(minute=1))
