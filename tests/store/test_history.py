"""History answers what live state would have answered, page by page."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy.exc import OperationalError

from cryptex.protocol import render
from cryptex.protocol.order import Order
from cryptex.protocol.terms import OPEN_STATUSES, EntryKind, Interval, OrderStatus
from cryptex.protocol.times import time_text
from cryptex.protocol.views import CandleView, PostingView
from cryptex.store.history import PAGE_LIMIT_MAX, History
from cryptex.store.projector import BookRow, Landing, Projector
from cryptex.store.tables import ALIVE
from tests.store.history_tools import (
    ASSETS,
    BTC,
    BTC_JPY,
    BTC_USDT,
    FIRST,
    START_NS,
    USDT,
    candle,
    fill,
    market,
    order,
    posting,
    rich_order,
    trade,
)

MINUTE_NS = 60_000_000_000


@pytest.fixture
def projector(tmp_path: Path) -> Iterator[Projector]:
    projector = Projector(tmp_path)
    projector.land(FIRST)
    yield projector
    projector.close()


@pytest.fixture
def history(tmp_path: Path, projector: Projector) -> Iterator[History]:
    history = History(tmp_path)
    yield history
    history.close()


def land_orders(projector: Projector, *orders: Order) -> None:
    projector.land(Landing(sequence=projector.cursor + 1, time_ns=START_NS, orders=list(orders)))


def test_the_cursor_moves_with_the_landings(projector: Projector, history: History) -> None:
    assert history.cursor() == 1
    land_orders(projector, order(1))
    assert history.cursor() == 2


def test_orders_read_as_they_were_given(projector: Projector, history: History) -> None:
    given = [rich_order(1), order(2, status=OrderStatus.PARTIALLY_FILLED, filled_lots=4), order(3, symbol="BTC-JPY")]
    land_orders(projector, *given, order(4, account_id=2))
    views = [render.order_view(given[0], BTC_USDT), render.order_view(given[1], BTC_USDT)]
    views.append(render.order_view(given[2], BTC_JPY))
    page = history.orders(1)
    assert page.orders == views[::-1]
    assert page.next is None
    assert [history.order(1, view.id) for view in views] == views


def test_an_order_is_its_owners_alone(projector: Projector, history: History) -> None:
    land_orders(projector, order(1, client_order_id="key"))
    assert history.order(2, 1) is None
    assert history.order(1, 2) is None
    assert history.order_by_client_id(2, "key") is None
    assert history.orders(2).orders == []


def test_a_key_finds_the_newest_order_that_was_not_rejected(projector: Projector, history: History) -> None:
    land_orders(
        projector,
        order(1, client_order_id="key", status=OrderStatus.CANCELED),
        order(2, client_order_id="key"),
        order(3, client_order_id="key", status=OrderStatus.REJECTED),
        order(4, client_order_id="other"),
    )
    found = history.order_by_client_id(1, "key")
    assert found is not None
    assert found.id == 2
    assert history.order_by_client_id(1, "none") is None


@pytest.mark.parametrize(
    ("status", "ids"),
    [
        (None, [7, 6, 5, 4, 3, 2, 1]),
        (OrderStatus.OPEN, [3, 2, 1]),
        ("open", [3, 2, 1]),
        (OrderStatus.PENDING, [1]),
        (OrderStatus.PARTIALLY_FILLED, [3]),
        (OrderStatus.REJECTED, [7]),
    ],
)
def test_orders_by_status(
    projector: Projector, history: History, status: OrderStatus | Literal["open"] | None, ids: list[int]
) -> None:
    land_orders(projector, *(order(number, status=word) for number, word in enumerate(OrderStatus, 1)))
    assert [view.id for view in history.orders(1, status=status).orders] == ids


def test_the_index_of_living_orders_knows_every_status() -> None:
    assert str(ALIVE) == f"status IN ({', '.join(repr(status.value) for status in sorted(OPEN_STATUSES))})"


def test_orders_by_market_page_by_page(projector: Projector, history: History) -> None:
    land_orders(projector, *(order(number, symbol=("BTC-USDT", "BTC-JPY")[number % 2]) for number in range(1, 11)))
    first = history.orders(1, market="BTC-JPY", limit=2)
    assert ([view.id for view in first.orders], first.next) == ([9, 7], 7)
    second = history.orders(1, market="BTC-JPY", limit=2, before=first.next)
    assert ([view.id for view in second.orders], second.next) == ([5, 3], 3)
    last = history.orders(1, market="BTC-JPY", limit=2, before=second.next)
    assert ([view.id for view in last.orders], last.next) == ([1], None)
    assert history.orders(1, market="ETH-BTC").orders == []


@pytest.mark.parametrize("limit", [0, -1, PAGE_LIMIT_MAX + 1])
def test_a_page_has_bounds(history: History, limit: int) -> None:
    with pytest.raises(ValueError, match="limit must be 1-1000"):
        history.trades("BTC-USDT", limit=limit)


def test_a_page_that_ends_at_the_last_item_has_no_next(projector: Projector, history: History) -> None:
    trades = [(2, START_NS, trade(number)) for number in range(1, 5)]
    projector.land(Landing(sequence=2, time_ns=START_NS, trades=trades))
    assert history.trades("BTC-USDT", limit=4).next is None
    assert history.trades("BTC-USDT", limit=3).next == 2
    assert history.trades("BTC-USDT", limit=2, before=3).next is None


def test_fills(projector: Projector, history: History) -> None:
    fills = [fill(1), fill(2, order_id=8), fill(3, symbol="BTC-JPY", order_id=9), fill(4, account_id=2)]
    projector.land(Landing(sequence=2, time_ns=START_NS, fills=[(2, START_NS, one) for one in fills]))
    markets = [BTC_USDT, BTC_USDT, BTC_JPY]
    views = [render.fill_view(one, where, 2, START_NS) for one, where in zip(fills[:3], markets, strict=True)]
    assert history.fills(1).fills == views[::-1]
    assert history.fills(1, order_id=8).fills == [views[1]]
    assert history.fills(1, market="BTC-JPY").fills == [views[2]]
    assert history.fills(2, order_id=8).fills == []
    page = history.fills(1, limit=1, before=3)
    assert (page.fills, page.next) == ([views[1]], 2)


def test_trades_are_those_of_their_market(projector: Projector, history: History) -> None:
    trades = [trade(1), trade(2, "BTC-JPY"), trade(3)]
    projector.land(Landing(sequence=2, time_ns=START_NS, trades=[(2, START_NS + one.trade_id, one) for one in trades]))
    views = [render.trade_view(one, BTC_USDT, START_NS + one.trade_id) for one in (trades[2], trades[0])]
    assert history.trades("BTC-USDT").trades == views
    assert history.trades("ETH-BTC").trades == []


def test_an_account_sees_its_own_lines_of_an_entry_together(projector: Projector, history: History) -> None:
    own = [posting(5, 1, "USDT", -18_000_000, -5), posting(5, 1, "BTC", 30_000)]
    other = [posting(5, 2, "USDT", 18_000_000), posting(5, 2, "BTC", -30_000), posting(6, 2, "JPY", 4)]
    mixed = [own[0], other[0], own[1], other[1], other[2]]
    projector.land(Landing(sequence=2, time_ns=START_NS, postings=[(2, START_NS, line) for line in mixed]))
    assets = {asset.symbol: asset for asset in ASSETS}
    page = history.entries(1)
    assert page.entries == [render.entry_view(own, assets, 2, START_NS)]
    assert page.entries[0].postings == (
        PostingView("USDT", "available", "-18.000000", "1.000000"),
        PostingView("USDT", "held", "-0.000005", "0.001000"),
        PostingView("BTC", "available", "0.00030000", "0.01000000"),
    )
    assert (page.entries[0].kind, page.entries[0].reference) == (EntryKind.TRADE, "5")
    assert [entry.id for entry in history.entries(2).entries] == [6, 5]
    assert history.entries(3).entries == []


def test_entries_are_paged_by_entry_not_by_line(projector: Projector, history: History) -> None:
    lines = [posting(entry, 1, asset, entry) for entry in range(1, 6) for asset in ("BTC", "USDT")]
    projector.land(Landing(sequence=2, time_ns=START_NS, postings=[(2, START_NS, line) for line in lines]))
    first = history.entries(1, limit=2)
    assert ([entry.id for entry in first.entries], first.next) == ([5, 4], 4)
    assert [len(entry.postings) for entry in first.entries] == [2, 2]
    second = history.entries(1, limit=3, before=first.next)
    assert ([entry.id for entry in second.entries], second.next) == ([3, 2, 1], None)


def test_candles(projector: Projector, history: History) -> None:
    candles = [candle(number * MINUTE_NS) for number in range(3)]
    projector.land(Landing(sequence=2, time_ns=START_NS, candles=candles))
    page = history.candles("BTC-USDT", Interval.M1, limit=2)
    time = time_text(2 * MINUTE_NS)
    assert page.candles[0] == CandleView(time, "60000.00", "65000.00", "55000.00", "60000.00", "0.0012", 4)
    assert page.next == time_text(MINUTE_NS)
    rest = history.candles("BTC-USDT", Interval.M1, before_ns=MINUTE_NS)
    assert ([one.time for one in rest.candles], rest.next) == ([time_text(0)], None)
    assert history.candles("BTC-USDT", Interval.H1).candles == []


def test_a_redefinition_leaves_old_rows_readable(projector: Projector, history: History) -> None:
    coarser = market(BTC, USDT, "10", "0.02")
    old, new = order(1, status=OrderStatus.CANCELED), order(2)
    projector.land(
        Landing(
            sequence=2,
            time_ns=START_NS,
            orders=[old],
            trades=[(2, START_NS, trade(1))],
            fills=[(2, START_NS, fill(1))],
            candles=[candle(0), candle(MINUTE_NS)],
        )
    )
    assert history.orders(1).orders == [render.order_view(old, BTC_USDT)]
    projector.land(
        Landing(
            sequence=3,
            time_ns=START_NS,
            markets=[coarser],
            orders=[old, new],
            trades=[(3, START_NS, trade(2))],
            fills=[(3, START_NS, fill(2))],
            candles=[candle(MINUTE_NS)],
        )
    )
    assert history.orders(1).orders == [render.order_view(new, coarser), render.order_view(old, BTC_USDT)]
    assert [one.price for one in history.trades("BTC-USDT").trades] == ["12000000", "60000.00"]
    assert [one.size for one in history.fills(1, market="BTC-USDT").fills] == ["0.06", "0.0003"]
    volumes = [one.volume for one in history.candles("BTC-USDT", Interval.M1).candles]
    assert volumes == ["0.24", "0.0012"]


def test_a_reader_cannot_write(history: History) -> None:
    with history._engine.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.exec_driver_sql("DELETE FROM assets")


def test_the_last_book_is_kept(projector: Projector, history: History) -> None:
    book = BookRow("BTC-USDT", 2, START_NS, [(10, 1), (9, 2)], [(11, 3)])
    projector.land(Landing(sequence=2, time_ns=START_NS, books=[book]))
    assert history.book("BTC-USDT") == book
    assert history.book("BTC-JPY") is None


def test_many_threads_may_ask_while_the_projector_lands(projector: Projector, history: History) -> None:
    def newest(_: int) -> tuple[int, int]:
        at_least = history.cursor()
        orders = history.orders(1, limit=1).orders
        return at_least, orders[0].id if orders else 1

    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(newest, range(200))
        for sequence in range(2, 60):
            projector.land(Landing(sequence=sequence, time_ns=START_NS, orders=[order(sequence)]))
        assert all(order_id >= cursor for cursor, order_id in answers)


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT * FROM orders WHERE account_id = 1 AND order_id < 9 ORDER BY order_id DESC", "orders_by_account"),
        (
            "SELECT * FROM orders WHERE account_id = 1 AND status = 'filled' ORDER BY order_id DESC",
            "orders_by_account",
        ),
        (f"SELECT * FROM orders WHERE account_id = 1 AND {ALIVE} ORDER BY order_id DESC", "orders_alive"),
        (
            "SELECT * FROM orders WHERE account_id = 1 AND client_order_id = 'k' ORDER BY order_id DESC",
            "orders_by_client_order_id",
        ),
        ("SELECT * FROM fills WHERE account_id = 1 AND fill_id < 9 ORDER BY fill_id DESC", "fills_by_account"),
        ("SELECT * FROM fills WHERE account_id = 1 AND order_id = 9 ORDER BY fill_id DESC", "fills_by_order"),
        ("SELECT * FROM trades WHERE market = 'BTC-USDT' AND trade_id < 9 ORDER BY trade_id DESC", "trades_by_market"),
        ("SELECT DISTINCT entry_id FROM postings WHERE account_id = 1 ORDER BY entry_id DESC", "PRIMARY KEY"),
        ("SELECT * FROM candles WHERE market = 'M' AND interval = '1m' ORDER BY time_ns DESC", "PRIMARY KEY"),
    ],
)
def test_every_page_is_read_in_the_order_of_an_index(projector: Projector, sql: str, index: str) -> None:
    with projector._engine.begin() as connection:
        plan = " ".join(str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))
    assert index in plan
    assert "TEMP B-TREE" not in plan
