"""The projector: lands what happened in the tables of history, each event exactly once.

Its position (the cursor) is stored in the same transaction as the rows. So after a crash the cursor says which
sequences are there, wholly, and the next landing begins after it.
"""

from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Dialect, Insert, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cryptex.protocol.events import Fill, Posting, Trade
from cryptex.protocol.market import Asset, Market
from cryptex.protocol.order import Order
from cryptex.protocol.terms import Interval
from cryptex.protocol.withdrawal import Withdrawal
from cryptex.store.batches import EMPTY_HASH
from cryptex.store.history_database import META_ID, SQLITE, begin_anew, open_writer
from cryptex.store.rows import (
    Levels,
    Row,
    asset_row,
    entry_rows,
    fill_row,
    levels_json,
    market_row,
    order_row,
    trade_row,
    withdrawal_row,
)
from cryptex.store.tables import ORDER_CHANGES, HistoryTable

_TABLES: Final = HistoryTable.metadata.tables
_META: Final = _TABLES["meta"]
_MARKETS: Final = _TABLES["markets"]


class CandleRow(msgspec.Struct, frozen=True):
    """A candle as it stands: prices in ticks, volume in lots, turnover in atomic units of the quote asset."""

    market: str
    interval: Interval
    time_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: int
    quote_units: int
    trades: int


class BookRow(msgspec.Struct, frozen=True):
    """The best levels of a book after `sequence`, best first, as (price in ticks, size in lots)."""

    market: str
    sequence: int
    time_ns: int
    bids: Levels
    asks: Levels


class Landing(msgspec.Struct):
    """All that came of the commands after the last landing, up to and with `sequence`, whose log time is `time_ns`.

    A landing ends where a batch does, and `chain_hash` is the journal's there; without it, nobody takes history for
    that journal's. Assets and markets are in the order of their definition. Rows count the ticks and lots of the
    landing's last definition of their market: where steps change, one landing ends before the change and the next
    begins with it. Orders, candles, books and withdrawals are as they stand at the end; trades, fills and postings come
    with the sequence and time of their command, every entry whole.
    """

    sequence: int
    time_ns: int
    chain_hash: bytes = EMPTY_HASH
    assets: list[Asset] = []
    markets: list[Market] = []
    orders: list[Order] = []
    trades: list[tuple[int, int, Trade]] = []
    fills: list[tuple[int, int, Fill]] = []
    postings: list[tuple[int, int, Posting]] = []
    candles: list[CandleRow] = []
    books: list[BookRow] = []
    withdrawals: list[Withdrawal] = []


class Position(NamedTuple):
    """Where history stands: after `sequence` of the journal whose hash is `chain_hash` there."""

    sequence: int
    chain_hash: bytes


class _Definition(NamedTuple):
    """What ticks and lots of a market mean since its last definition."""

    market_id: int
    tick_e8: int
    lot_e8: int
    lot_steps: int


_Definitions = dict[str, _Definition]


class Projector:
    """The only writer of history. Not for several threads at once."""

    def __init__(self, location: Path | str) -> None:
        """Open history in a data folder or at a database URL.

        History of an older schema is emptied: the cursor is 0 and everything is to be landed again. Raises
        SchemaTooNew.
        """
        self._engine = open_writer(location)
        dialect = self._engine.dialect
        self._writes: Final = {name: _Write(statement, dialect) for name, statement in _statements(dialect.name)}
        try:
            with self._engine.begin() as connection:
                self._definitions = _stored_definitions(connection)
        except BaseException:
            self._engine.dispose()
            raise

    @property
    def cursor(self) -> int:
        """The sequence of the last landing; 0 before the first."""
        return self.position().sequence

    def position(self) -> Position:
        """Return where the last landing ended, in which journal."""
        with self._engine.begin() as connection:
            return Position(*connection.execute(select(_META.c.cursor, _META.c.chain_hash)).one())

    def begin_anew(self) -> None:
        """Empty history: everything is to be landed again."""
        with self._engine.begin() as connection:
            begin_anew(connection)
        self._definitions = {}

    def land(self, landing: Landing) -> None:
        """Store a landing and its cursor in one transaction.

        Raises ValueError when the landing's sequence is not after the cursor, and leaves everything as it was then
        and on any other error.
        """
        definitions = self._definitions.copy()
        with self._engine.begin() as connection:
            _advance(connection, landing)
            self._define(connection, landing, definitions)
            for table, rows in _rows(landing, definitions):
                self._writes[table](connection, rows)
        self._definitions = definitions

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _define(self, connection: Connection, landing: Landing, definitions: _Definitions) -> None:
        self._writes["assets"](connection, [asset_row(asset) for asset in landing.assets])
        for market in landing.markets:
            old = definitions.get(market.symbol)
            if old is not None and (old.tick_e8, old.lot_e8) == (market.tick_e8, market.lot_e8):
                market_id = old.market_id
            else:
                market_id = 1 + max((definition.market_id for definition in definitions.values()), default=0)
            definitions[market.symbol] = _Definition(market_id, market.tick_e8, market.lot_e8, market.lot_steps)
            self._writes["markets"](connection, [market_row(market, market_id)])


class _Write:
    """An insert, compiled once: Core would look up every value by name again for each row."""

    def __init__(self, statement: Insert, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._sql: Final = str(compiled)
        self._values: Final = itemgetter(*(compiled.positiontup or ()))

    def __call__(self, connection: Connection, rows: list[Row]) -> None:
        """Execute it for all rows."""
        if rows:
            connection.exec_driver_sql(self._sql, list(map(self._values, rows)))


def _statements(dialect: str) -> Iterator[tuple[str, Insert]]:
    """Yield each table that a landing writes to, and how."""
    for name in ("trades", "fills", "entries", "postings"):
        yield name, _TABLES[name].insert()
    for name in ("markets", "candles", "books", "withdrawals"):
        yield name, _upsert(name, dialect)
    # An asset may be renamed; its decimals never change, since every balance is counted in them.
    yield "assets", _upsert("assets", dialect, ("name",))
    yield "orders", _upsert("orders", dialect, ORDER_CHANGES)


def _rows(landing: Landing, definitions: _Definitions) -> Iterator[tuple[str, list[Row]]]:
    """Yield each table with the rows of a landing, assets and markets aside."""
    entries, postings = entry_rows(landing.postings)
    ids = {market: definition.market_id for market, definition in definitions.items()}
    yield "orders", [order_row(order, ids[order.request.market]) for order in landing.orders]
    yield "trades", [trade_row(trade, ids[trade.market], at, time_ns) for at, time_ns, trade in landing.trades]
    yield "fills", [fill_row(fill, ids[fill.market], at, time_ns) for at, time_ns, fill in landing.fills]
    yield "entries", entries
    yield "postings", postings
    yield "candles", [_candle_row(candle, definitions[candle.market]) for candle in landing.candles]
    yield "withdrawals", [withdrawal_row(withdrawal) for withdrawal in landing.withdrawals]
    yield "books", [_book_row(book, ids[book.market]) for book in landing.books]


def _upsert(table_name: str, dialect: str, changes: tuple[str, ...] = ()) -> Insert:
    """Return an insert that changes these columns (or all) of a row that is there already; here dialects differ."""
    table: Table = _TABLES[table_name]
    key = list(table.primary_key)
    changes = changes or tuple(column.name for column in table.columns if not column.primary_key)
    if dialect == SQLITE:
        into = sqlite.insert(table)
        return into.on_conflict_do_update(index_elements=key, set_={name: into.excluded[name] for name in changes})
    insert = postgresql.insert(table)
    return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in changes})


def _advance(connection: Connection, landing: Landing) -> None:
    """Move the cursor to the landing's sequence, or raise ValueError when it is there or beyond."""
    moved = connection.execute(
        update(_META)
        .where(_META.c.id == META_ID, _META.c.cursor < landing.sequence)
        .values(cursor=landing.sequence, time_ns=landing.time_ns, chain_hash=landing.chain_hash)
    )
    if moved.rowcount != 1:
        raise ValueError(f"sequence {landing.sequence} has landed before")


def _stored_definitions(connection: Connection) -> _Definitions:
    """Return the latest definition of each market."""
    columns = _MARKETS.c
    found = connection.execute(
        select(columns.market, columns.market_id, columns.tick_e8, columns.lot_e8, columns.lot_steps).order_by(
            columns.market_id
        )
    )
    return {market: _Definition(*rest) for market, *rest in found}


def _candle_row(candle: CandleRow, definition: _Definition) -> Row:
    return {
        "market": candle.market,
        "interval": candle.interval.value,
        "time_ns": candle.time_ns,
        "market_id": definition.market_id,
        "open_ticks": candle.open_ticks,
        "high_ticks": candle.high_ticks,
        "low_ticks": candle.low_ticks,
        "close_ticks": candle.close_ticks,
        "volume_steps": str(candle.volume_lots * definition.lot_steps),
        "quote_units": str(candle.quote_units),
        "trades": candle.trades,
    }


def _book_row(book: BookRow, market_id: int) -> Row:
    return {
        "market": book.market,
        "market_id": market_id,
        "sequence": book.sequence,
        "time_ns": book.time_ns,
        "bids": levels_json(book.bids),
        "asks": levels_json(book.asks),
    }
