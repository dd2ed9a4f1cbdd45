"""The projector: rows and cursor land together, once."""

import dataclasses
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import create_engine, event, select
from sqlmodel import Session, col

from cryptex.protocol.order import Order
from cryptex.protocol.terms import EndReason, Interval, OrderStatus
from cryptex.store.projector import BookRow, CandleRow, Landing, Projector
from cryptex.store.rows import market_from, order_from
from cryptex.store.tables import HistoryTable, StoredMarket, StoredOrder
from tests.store.history_tools import (
    BTC,
    BTC_USDT,
    FIRST,
    START_NS,
    USDT,
    candle,
    fill,
    market,
    order,
    posting,
    query,
    rich_order,
    trade,
)

EVERYTHING = Landing(
    sequence=2,
    time_ns=START_NS,
    orders=[order(1), rich_order(2)],
    trades=[(2, START_NS, trade(1))],
    fills=[(2, START_NS, fill(1))],
    postings=[(2, START_NS, posting(1, 1, "BTC", 5)), (2, START_NS, posting(1, 2, "BTC", -5))],
    candles=[candle(0)],
    books=[BookRow("BTC-USDT", 2, START_NS, [(1, 2)], [])],
)
TABLES = sorted(name for name in HistoryTable.metadata.tables)


def contents(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    return {name: query(folder, f"SELECT * FROM {name}") for name in TABLES}


@contextmanager
def reading(folder: Path) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{folder / 'history.db'}")
    with Session(engine) as session:
        yield session
    engine.dispose()


def stored_orders(folder: Path) -> list[Order]:
    with reading(folder) as session:
        return [order_from(row) for row in session.scalars(select(StoredOrder)).all()]


def test_an_order_is_rebuilt_exactly(tmp_path: Path) -> None:
    projector = Projector(tmp_path)
    projector.land(FIRST)
    projector.land(EVERYTHING)
    projector.close()
    assert stored_orders(tmp_path) == EVERYTHING.orders


def test_every_field_of_an_order_but_its_connection_is_stored() -> None:
    sent = rich_order(2)
    values = [getattr(sent.request, name) for name in sent.request.__struct_fields__ if name != "connection_id"]
    assert all(values), "rich_order leaves nothing at its default, so that the test above would notice a field left out"


def test_a_market_is_rebuilt_exactly(tmp_path: Path) -> None:
    projector = Projector(tmp_path)
    projector.land(FIRST)
    projector.close()
    with reading(tmp_path) as session:
        row = session.scalars(select(StoredMarket).order_by(col(StoredMarket.market_id))).first()
        assert row is not None
        assert market_from(row, BTC, USDT) == BTC_USDT


def test_a_later_landing_changes_the_order_and_not_what_was_asked(tmp_path: Path) -> None:
    projector = Projector(tmp_path)
    projector.land(FIRST)
    projector.land(EVERYTHING)
    ended = dataclasses.replace(
        EVERYTHING.orders[0],
        status=OrderStatus.CANCELED,
        reason=EndReason.USER,
        price_ticks=1_200_001,
        size_lots=9,
        stop_ticks=1,
        remaining_lots=0,
        filled_lots=4,
        canceled_lots=5,
        filled_quote_units=2**70,
        fee_units=2**64,
        held_units=3,
        updated_ns=START_NS + 5,
        sequence=3,
    )
    projector.land(Landing(sequence=3, time_ns=START_NS, orders=[ended]))
    projector.close()
    assert stored_orders(tmp_path) == [ended, EVERYTHING.orders[1]]


@pytest.mark.parametrize("sequence", [1, 2])
def test_a_landing_lands_once(tmp_path: Path, sequence: int) -> None:
    projector = Projector(tmp_path)
    projector.land(FIRST)
    projector.land(EVERYTHING)
    before = contents(tmp_path)
    with pytest.raises(ValueError, match="has landed before"):
        projector.land(msgspec.structs.replace(EVERYTHING, sequence=sequence))
    assert (projector.cursor, contents(tmp_path)) == (2, before)
    projector.close()
    again = Projector(tmp_path)
    with pytest.raises(ValueError, match="has landed before"):
        again.land(EVERYTHING)
    again.close()
    assert contents(tmp_path) == before


def test_two_projectors_cannot_land_the_same(tmp_path: Path) -> None:
    one, other = Projector(tmp_path), Projector(tmp_path)
    one.land(FIRST)
    with pytest.raises(ValueError, match="has landed before"):
        other.land(FIRST)
    one.close()
    other.close()


class Crash(Exception):
    """The process would have died here."""


def crash_at(projector: Projector, table: str) -> Callable[[], None]:
    """Raise Crash when the projector writes to `table`; return what undoes this."""

    def watch(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(f"INSERT INTO {table} "):
            raise Crash

    event.listen(projector._engine, "before_cursor_execute", watch)
    return lambda: event.remove(projector._engine, "before_cursor_execute", watch)


@pytest.mark.parametrize("table", ["markets", "orders", "trades", "fills", "entries", "postings", "candles", "books"])
def test_a_crash_in_the_middle_leaves_nothing_behind(tmp_path: Path, table: str) -> None:
    finer = market(BTC, USDT, "0.01", "0.0001")
    landing = msgspec.structs.replace(EVERYTHING, markets=[finer])
    projector = Projector(tmp_path)
    projector.land(FIRST)
    before = contents(tmp_path)
    mend = crash_at(projector, table)
    with pytest.raises(Crash):
        projector.land(landing)
    assert (projector.cursor, contents(tmp_path)) == (1, before)
    mend()
    projector.land(landing)
    assert projector.cursor == 2
    assert query(tmp_path, "SELECT market_id FROM orders") == [(3,), (3,)]
    projector.close()


def test_a_killed_writer_leaves_whole_landings(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.store.land_until_killed", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        seen = [int(process.stdout.readline()) for _ in range(100)][-1]
        process.kill()
    projector = Projector(tmp_path)
    cursor = projector.cursor
    assert cursor >= seen
    for table, key in (("orders", "order_id"), ("trades", "trade_id"), ("fills", "fill_id")):
        assert query(tmp_path, f"SELECT count(*), max({key}) FROM {table}") == [(cursor - 1, cursor)]
    projector.land(Landing(sequence=cursor + 1, time_ns=START_NS, orders=[order(cursor + 1)]))
    projector.close()


def test_new_fees_change_a_definition_and_new_steps_make_one(tmp_path: Path) -> None:
    projector = Projector(tmp_path)
    projector.land(FIRST)
    projector.land(Landing(sequence=2, time_ns=2, markets=[market(BTC, USDT, "0.05", "0.0001", fee="0.002")]))
    steps = "SELECT market_id, market, tick_e8, maker_fee_e8 FROM markets"
    jpy = (2, "BTC-JPY", 100_000_000, 100_000)
    assert query(tmp_path, steps) == [(1, "BTC-USDT", 5_000_000, 200_000), jpy]
    projector.close()
    again = Projector(tmp_path)
    again.land(Landing(sequence=3, time_ns=3, markets=[market(BTC, USDT, "0.01", "0.0001")], orders=[order(1)]))
    assert query(tmp_path, steps) == [
        (1, "BTC-USDT", 5_000_000, 200_000),
        jpy,
        (3, "BTC-USDT", 1_000_000, 100_000),
    ]
    assert query(tmp_path, "SELECT market_id FROM orders") == [(3,)]
    again.close()


def test_candles_and_books_are_replaced_and_a_large_turnover_is_kept(tmp_path: Path) -> None:
    projector = Projector(tmp_path)
    projector.land(FIRST)
    projector.land(EVERYTHING)
    grown = CandleRow("BTC-USDT", Interval.M1, 0, 1, 2, 1, 2, 2**65, 2**66, 9)
    book = BookRow("BTC-USDT", 3, START_NS, [], [(8, 9)])
    projector.land(Landing(sequence=3, time_ns=START_NS, candles=[grown], books=[book]))
    projector.close()
    assert query(tmp_path, "SELECT volume_steps, quote_units, trades FROM candles") == [(str(2**65), str(2**66), 9)]
    assert query(tmp_path, "SELECT sequence, bids, asks FROM books") == [(3, "[]", "[[8,9]]")]


def test_an_asset_may_be_renamed(tmp_path: Path) -> None:
    projector = Projector(tmp_path)
    projector.land(FIRST)
    projector.land(Landing(sequence=2, time_ns=2, assets=[msgspec.structs.replace(BTC, name="Bit")]))
    projector.close()
    assert query(tmp_path, "SELECT name, decimals FROM assets WHERE symbol = 'BTC'") == [("Bit", 8)]


def test_a_url_names_a_file_too(tmp_path: Path) -> None:
    projector = Projector(f"sqlite:///{tmp_path / 'history.db'}")
    projector.land(FIRST)
    projector.close()
    assert query(tmp_path, "SELECT cursor FROM meta") == [(1,)]
    with pytest.raises(ValueError, match="needs a file"):
        Projector("sqlite://")


def test_the_file_is_in_wal_mode(tmp_path: Path) -> None:
    Projector(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "history.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
