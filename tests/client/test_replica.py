"""Replicas: chains, gaps, and a book that is the same as a plain dict whatever the updates were."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.client.book_replica import BookReplica
from cryptex.client.chain import Gap
from cryptex.client.models import Level
from cryptex.client.replica import (
    CANDLES_MAX,
    CLOSED_ORDERS_MAX,
    TRADES_MAX,
    CandlesReplica,
    FillsReplica,
    OrdersReplica,
    TickerReplica,
    TradesReplica,
    WalletReplica,
)
from cryptex.protocol.channels import (
    BookMessage,
    CandlesMessage,
    FillsMessage,
    TickerMessage,
    TradesMessage,
    WalletMessage,
    book_checksum,
)
from cryptex.protocol.terms import Interval, Liquidity, OrderStatus, Side
from cryptex.protocol.times import time_text
from cryptex.protocol.views import BalanceView, CandleView, FillView, LevelView, TickerView, TradeView
from tests.client.views import TIME, book_message, order_view, orders_message

BIDS: list[LevelView] = [("100.00", "1.0"), ("99.50", "2.0")]
ASKS: list[LevelView] = [("101.00", "3.0")]


def level(price: str, size: str) -> Level:
    return Level(Decimal(price), Decimal(size))


def book() -> BookReplica:
    replica = BookReplica("BTC-USDT", 25)
    replica.apply(book_message("snapshot", 10, bids=BIDS, asks=ASKS))
    return replica


def test_a_snapshot_fills_an_empty_book() -> None:
    replica = BookReplica("BTC-USDT", 25)
    assert (replica.ready, replica.best_bid) == (False, None)
    replica.apply(book_message("snapshot", 10, bids=BIDS, asks=ASKS))
    assert replica.ready
    assert replica.bids == [level("100.00", "1.0"), level("99.50", "2.0")]
    assert replica.best_ask == level("101.00", "3.0")
    assert (replica.epoch, replica.sequence) == (1, 10)
    assert replica.time is not None


@dataclass
class Case:
    """Updates after the snapshot of `book()`, and the sides they leave."""

    bids: list[LevelView] = field(default_factory=list)
    asks: list[LevelView] = field(default_factory=list)
    best_bid: Level | None = None
    count: int = 3


@pytest.mark.parametrize(
    "case",
    [
        Case(bids=[("100.00", "0")], best_bid=level("99.50", "2.0"), count=2),
        Case(bids=[("100.00", "0.00000")], best_bid=level("99.50", "2.0"), count=2),
        Case(bids=[("100.50", "5.0")], best_bid=level("100.50", "5.0"), count=4),
        Case(bids=[("100.00", "7.0")], best_bid=level("100.00", "7.0")),
        Case(bids=[("98.00", "0")], best_bid=level("100.00", "1.0")),
        Case(bids=[("100.00", "0"), ("99.50", "0")], asks=[("101.00", "0")], best_bid=None, count=0),
    ],
)
def test_updates_change_levels(case: Case) -> None:
    replica = book()
    replica.apply(book_message("update", 11, prev=10, bids=case.bids, asks=case.asks))
    assert replica.best_bid == case.best_bid
    assert len(replica.bids) + len(replica.asks) == case.count


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(book_message("update", 12, prev=11), id="missed one"),
        pytest.param(book_message("update", 11), id="no prev"),
        pytest.param(book_message("update", 9, prev=10), id="goes back"),
        pytest.param(book_message("update", 11, prev=10, epoch=2), id="another epoch"),
        pytest.param(book_message("update", 11, prev=10, checksum=1), id="wrong checksum"),
        pytest.param(book_message("update", 11, prev=10, bids=[("x", "1")]), id="not a number"),
        pytest.param(book_message("update", 11, prev=10, bids=[("NaN", "1")]), id="not comparable"),
        pytest.param(book_message("snapshot", 11, bids=[(str(n), "1") for n in range(26)]), id="too deep"),
    ],
)
def test_what_does_not_fit_is_a_gap(message: BookMessage) -> None:
    replica = book()
    with pytest.raises(Gap):
        replica.apply(message)
    with pytest.raises(Gap, match="before the snapshot"):
        replica.apply(book_message("update", 11, prev=10))
    replica.apply(book_message("snapshot", 20, epoch=2, bids=BIDS))
    assert replica.ready
    assert replica.asks == []


def test_after_a_gap_it_is_not_ready() -> None:
    replica = book()
    with pytest.raises(Gap):
        replica.apply(book_message("update", 12, prev=11))
    assert not replica.ready


def test_a_resync_waits_for_a_snapshot_and_keeps_the_data() -> None:
    replica = book()
    replica.apply(book_message("resync", 15))
    assert not replica.ready
    assert replica.best_bid == level("100.00", "1.0")


def test_the_checksum_is_of_the_text_as_sent() -> None:
    replica = book()
    bids: list[LevelView] = [("100.00", "1.000")]
    replica.apply(
        book_message("update", 11, prev=10, bids=bids, checksum=book_checksum([("100.00", "1.000"), BIDS[1]], ASKS))
    )
    assert replica.ready


prices = st.integers(1, 40).map(lambda ticks: f"{ticks}.00")
sizes = st.integers(0, 3).map(lambda lots: f"{lots}.5" if lots else "0")
changes = st.lists(st.tuples(prices, sizes), max_size=6)


@given(st.lists(st.tuples(changes, changes), max_size=20))
def test_a_chain_of_updates_is_a_dict(steps: list[tuple[list[LevelView], list[LevelView]]]) -> None:
    replica = BookReplica("BTC-USDT", 100)
    replica.apply(book_message("snapshot", 0, depth=100))
    bids: dict[str, str] = {}
    asks: dict[str, str] = {}

    def side(levels: dict[str, str], reverse: bool) -> list[LevelView]:
        return sorted(levels.items(), key=lambda item: Decimal(item[0]), reverse=reverse)

    for sequence, (bid_changes, ask_changes) in enumerate(steps, 1):
        for levels, changed in ((bids, bid_changes), (asks, ask_changes)):
            for price, size in changed:
                levels[price] = size
                if size == "0":
                    del levels[price]
        checksum = book_checksum(side(bids, True), side(asks, False))
        replica.apply(
            book_message("update", sequence, prev=sequence - 1, bids=bid_changes, asks=ask_changes, checksum=checksum)
        )
        assert replica.bids == [level(*pair) for pair in side(bids, True)]
        assert replica.asks == [level(*pair) for pair in side(asks, False)]


def test_orders_move_from_open_to_closed() -> None:
    replica = OrdersReplica()
    ended = order_view(3, status=OrderStatus.CANCELED)
    replica.apply(orders_message("snapshot", 5, [order_view(9), order_view(7), ended]))
    assert [order.id for order in replica.open] == [7, 9]
    assert [order.id for order in replica.closed] == [3]
    replica.apply(orders_message("update", 6, [order_view(7, status=OrderStatus.FILLED), order_view(10)], prev=5))
    assert [order.id for order in replica.open] == [9, 10]
    assert [order.id for order in replica.closed] == [7, 3]
    found = replica.get(7)
    assert found is not None
    assert found.price == Decimal(45000)
    replica.apply(orders_message("snapshot", 9, []))
    assert replica.open == replica.closed == []
    assert replica.get(7) is None


def test_ended_orders_are_bounded() -> None:
    replica = OrdersReplica()
    many = [order_view(number, status=OrderStatus.FILLED) for number in range(CLOSED_ORDERS_MAX + 5)]
    replica.apply(orders_message("snapshot", 5, many))
    assert len(replica.closed) == CLOSED_ORDERS_MAX
    assert replica.closed[0].id == CLOSED_ORDERS_MAX + 4


def test_trades_and_fills_keep_the_newest() -> None:
    trades = TradesReplica("BTC-USDT")
    view = [TradeView(number, "1.00", "2", Side.BUY, TIME) for number in range(TRADES_MAX + 1)]
    trades.apply(TradesMessage(market="BTC-USDT", type="snapshot", epoch=1, sequence=5, time=TIME, trades=view))
    assert len(trades.trades) == TRADES_MAX
    assert [trade.id for trade in trades.after(TRADES_MAX - 2)] == [TRADES_MAX - 1, TRADES_MAX]

    fills = FillsReplica()
    fill = FillView(
        id=4,
        trade_id=3,
        order_id=2,
        client_order_id=None,
        market="BTC-USDT",
        side=Side.SELL,
        liquidity=Liquidity.MAKER,
        price="1.00",
        size="2",
        fee="0.01",
        fee_asset="USDT",
        sequence=6,
        time=TIME,
    )
    fills.apply(FillsMessage(type="snapshot", epoch=1, sequence=5, time=TIME, fills=[]))
    fills.apply(FillsMessage(type="update", epoch=1, sequence=6, prev=5, time=TIME, fills=[fill]))
    assert [each.fee for each in fills.after(3)] == [Decimal("0.01")]
    assert fills.after(4) == []


def test_a_candle_replaces_that_of_the_same_time() -> None:
    def candle(minute: int, close: str) -> CandleView:
        return CandleView(time_text(minute * 60_000_000_000), "1", "1", "1", close, "1", 1)

    replica = CandlesReplica("BTC-USDT", Interval.M1)
    start = [candle(minute, "1") for minute in range(CANDLES_MAX)]
    common = {"market": "BTC-USDT", "interval": Interval.M1, "epoch": 1, "time": TIME}
    replica.apply(CandlesMessage(type="snapshot", sequence=1, candles=start, **common))  # type: ignore[arg-type]
    fresh = [candle(CANDLES_MAX - 1, "2"), candle(CANDLES_MAX, "3")]
    replica.apply(CandlesMessage(type="update", sequence=2, prev=1, candles=fresh, **common))  # type: ignore[arg-type]
    assert len(replica.candles) == CANDLES_MAX
    assert [each.close for each in replica.candles[-2:]] == [Decimal(2), Decimal(3)]
    assert replica.since(replica.candles[-2].time) == replica.candles[-2:]
    assert replica.since(replica.candles[0].time) == replica.candles
    assert replica.since(replica.candles[-1].time + timedelta(seconds=1)) == []


def test_ticker_and_wallet_hold_the_last_word() -> None:
    ticker = TickerReplica("BTC-USDT")
    view = TickerView("BTC-USDT", "5.00", None, None, None, None, "0", "0", None, None, TIME)
    ticker.apply(TickerMessage(market="BTC-USDT", type="snapshot", epoch=1, sequence=1, time=TIME, ticker=view))
    assert ticker.ticker is not None
    assert ticker.ticker.last == Decimal(5)

    wallet = WalletReplica()
    both = [BalanceView("BTC", "1", "0", "1"), BalanceView("USDT", "9", "4", "5")]
    wallet.apply(WalletMessage(type="snapshot", epoch=1, sequence=1, time=TIME, balances=both))
    change = [BalanceView("BTC", "2", "0", "2")]
    wallet.apply(WalletMessage(type="update", epoch=1, sequence=2, prev=1, time=TIME, balances=change))
    assert list(wallet.balances) == ["BTC", "USDT"]
    assert wallet.balances["BTC"].balance == Decimal(2)
    assert wallet.get("ETH") is None
