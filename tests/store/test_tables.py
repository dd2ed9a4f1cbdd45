"""The schema of history: STRICT tables, versions, and views that give exact decimals."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.schema import CreateTable

from cryptex.protocol.amounts import decimal_text
from cryptex.protocol.times import time_text
from cryptex.store.database import SchemaTooNew
from cryptex.store.decimal_views import decimal_sql, sum_sql, time_sql
from cryptex.store.history import History
from cryptex.store.history_database import HISTORY_SCHEMA_VERSION
from cryptex.store.projector import BookRow, Landing, Projector, _statements
from cryptex.store.tables import HistoryTable
from tests.store.history_tools import (
    ASSETS,
    FIRST,
    MARKETS,
    START_NS,
    candle,
    fill,
    order,
    posting,
    query,
    rich_order,
    trade,
)


def written(folder: Path, *landings: Landing) -> Path:
    projector = Projector(folder)
    for landing in landings:
        projector.land(landing)
    projector.close()
    return folder


def test_every_table_is_strict_and_names_the_parts_of_issue_2(tmp_path: Path) -> None:
    written(tmp_path)
    found = {str(row[1]): row[5] for row in query(tmp_path, "PRAGMA table_list") if row[2] == "table"}
    mine = {name: strict for name, strict in found.items() if not name.startswith("sqlite_")}
    assert set(mine) == {
        "meta", "assets", "markets", "orders", "trades", "fills", "entries", "postings", "candles", "books",
            "withdrawals",
    }  # fmt: skip
    assert set(mine.values()) == {1}


def test_history_is_for_its_owner_alone(tmp_path: Path) -> None:
    written(tmp_path)
    assert (tmp_path / "history.db").stat().st_mode & 0o777 == 0o600


def test_a_wrong_type_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER column"):
        query(tmp_path, "UPDATE meta SET cursor = 'much'")


def test_postgresql_gets_64_bits_and_no_references() -> None:
    dialect = PGDialect(paramstyle="format")  # type: ignore[no-untyped-call]
    for table in HistoryTable.metadata.tables.values():
        ddl = str(CreateTable(table).compile(dialect=dialect))
        assert "BIGINT" in ddl
        assert "SERIAL" not in ddl
        assert not table.foreign_keys
    for name, statement in _statements("postgresql"):
        compiled = statement.compile(dialect=dialect)
        assert compiled.positiontup == HistoryTable.metadata.tables[name].columns.keys()
        assert str(compiled).count("%s") == len(compiled.positiontup)


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    written(tmp_path, FIRST)
    connection = sqlite3.connect(tmp_path / "history.db")
    connection.execute("UPDATE meta SET schema_version = ?", (HISTORY_SCHEMA_VERSION + 1,))
    connection.commit()
    connection.close()
    for opening in (Projector, History):
        with pytest.raises(SchemaTooNew, match=f"schema {HISTORY_SCHEMA_VERSION + 1}"):
            opening(tmp_path)
    assert query(tmp_path, "SELECT cursor FROM meta") == [(1,)]
    assert query(tmp_path, "SELECT count(*) FROM assets") == [(len(ASSETS),)]


def test_an_older_schema_begins_again_empty(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "history.db")
    connection.executescript(
        "CREATE TABLE meta (schema_version INTEGER, position INTEGER); INSERT INTO meta VALUES (0, 41);"
        "CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1);"
        "CREATE VIEW order_decimals AS SELECT id FROM orders; CREATE TABLE forgotten (id INTEGER);"
    )
    connection.close()
    projector = Projector(tmp_path)
    assert projector.cursor == 0
    projector.land(FIRST)
    projector.close()
    assert query(tmp_path, "SELECT schema_version, cursor FROM meta") == [(HISTORY_SCHEMA_VERSION, 1)]
    assert query(tmp_path, "SELECT * FROM order_decimals") == []
    assert query(tmp_path, "SELECT name FROM sqlite_schema WHERE name = 'forgotten'") == []


def test_a_reader_may_come_first(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert history.cursor() == 0
    written(tmp_path, FIRST)
    assert history.cursor() == 1
    history.close()


@pytest.fixture(scope="module")
def sql() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


@given(units=st.integers(-(2**62) + 1, 2**62 - 1), decimals=st.integers(0, 8))
def test_decimals_are_those_of_the_protocol(sql: sqlite3.Connection, units: int, decimals: int) -> None:
    found = sql.execute(f"SELECT {decimal_sql('u', 'd')} FROM (SELECT ? AS u, ? AS d)", (units, decimals)).fetchone()
    assert found == (decimal_text(units, decimals),)


@given(units=st.integers(0, 2**100), decimals=st.integers(0, 8))
def test_sums_of_any_length_are_exact(sql: sqlite3.Connection, units: int, decimals: int) -> None:
    found = sql.execute(f"SELECT {sum_sql('u', 'd')} FROM (SELECT ? AS u, ? AS d)", (str(units), decimals)).fetchone()
    assert found == (decimal_text(units, decimals),)


@given(time_ns=st.integers(0, 2**62))
def test_times_are_those_of_the_protocol(sql: sqlite3.Connection, time_ns: int) -> None:
    assert sql.execute(f"SELECT {time_sql('t')} FROM (SELECT ? AS t)", (time_ns,)).fetchone() == (time_text(time_ns),)


def test_the_views_show_each_row_once_in_decimals(tmp_path: Path) -> None:
    at = (2, START_NS)
    written(
        tmp_path,
        Landing(
            sequence=2,
            time_ns=START_NS,
            assets=ASSETS,
            markets=MARKETS,
            orders=[rich_order(7), order(8, symbol="BTC-JPY")],
            trades=[(*at, trade(5)), (*at, trade(6, "BTC-JPY"))],
            fills=[(*at, fill(5)), (*at, fill(6, symbol="BTC-JPY"))],
            postings=[(*at, posting(9, 1, "USDT", -18_000_000, 5)), (*at, posting(9, 2, "JPY", -7))],
            candles=[candle(START_NS - START_NS % 60_000_000_000)],
            books=[BookRow("BTC-USDT", 2, START_NS, [(1_199_999, 4)], [(1_200_001, 5), (1_200_002, 6)])],
        ),
    )
    time = "2026-11-22T15:40:03.123456Z"
    assert query(tmp_path, "SELECT * FROM order_decimals") == [
        (
            7, 1, "a key", "BTC-USDT", "buy", "stop_limit", "expired", "55001.00", "54501.05", "0.0095", "7.000001",
            "0.0033", "0.0022", "0.0040", "181.503299", "0.00330003", "BTC", "gtd", 1, "decrement", "expired", None,
            "2026-11-22T15:40:12.123456Z", time, "2026-11-22T15:40:11.123456Z", 1007,
        ),
        (
            8, 1, None, "BTC-JPY", "sell", "limit", "open", "1200000", None, "10", None,
            "0", "10", "0", "0", "0", "JPY", "gtc", 0, "cancel_newest", None, None,
            None, time, time, 8,
        ),
    ]  # fmt: skip
    assert query(tmp_path, "SELECT * FROM trade_decimals") == [
        (5, "BTC-USDT", "60000.00", "0.0003", "buy", 2, time),
        (6, "BTC-JPY", "1200000", "3", "buy", 2, time),
    ]
    assert query(tmp_path, "SELECT * FROM fill_decimals") == [
        (5, 5, 7, 1, None, "BTC-USDT", "sell", "maker", "60000.00", "0.0003", "0.018000", "USDT", 2, time),
        (6, 6, 7, 1, None, "BTC-JPY", "sell", "maker", "1200000", "3", "18000", "JPY", 2, time),
    ]
    assert query(tmp_path, "SELECT * FROM posting_decimals ORDER BY entry_id, line") == [
        (9, 0, "trade", "5", 1, "USDT", "-18.000000", "0.000005", "1.000000", "0.001000", 2, time),
        (9, 1, "trade", "5", 2, "JPY", "-7", "0", "1000000", "1000", 2, time),
    ]
    minute = "2026-11-22T15:40:00.000000Z"
    assert query(tmp_path, "SELECT * FROM candle_decimals") == [
        ("BTC-USDT", "1m", minute, "60000.00", "65000.00", "55000.00", "60000.00", "0.0012", "720.000000", 4)
    ]
    assert query(tmp_path, "SELECT market, side, level, price, size FROM book_decimals") == [
        ("BTC-USDT", "bid", 0, "59999.95", "0.0004"),
        ("BTC-USDT", "ask", 0, "60000.05", "0.0005"),
        ("BTC-USDT", "ask", 1, "60000.10", "0.0006"),
    ]
