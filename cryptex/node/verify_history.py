"""History held against the journal: read in one transaction, row by row beside the replay."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from cryptex.engine.exchange import Exchange
from cryptex.node.findings import Findings
from cryptex.node.landing import STORED_BOOK_LEVELS
from cryptex.node.verify_candles import CandleCheck
from cryptex.node.verify_definitions import DefinitionCheck
from cryptex.node.verify_rows import (
    ASSETS,
    BOOKS,
    CANDLES,
    ENTRIES,
    FILLS,
    MARKETS,
    META,
    ORDERS,
    POSTINGS,
    TRADES,
    WITHDRAWALS,
    Stored,
    WholeRows,
)
from cryptex.protocol.events import (
    AssetDefined,
    Event,
    Fill,
    LevelChanged,
    MarketDefined,
    OrderAccepted,
    OrderRejected,
    Posting,
    Trade,
    WithdrawalChanged,
)
from cryptex.protocol.order import Order
from cryptex.protocol.terms import LIVE_WITHDRAWALS
from cryptex.protocol.withdrawal import Withdrawal
from cryptex.store.database import open_sqlite
from cryptex.store.driver import ERRORS
from cryptex.store.history_database import HISTORY_SCHEMA_VERSION, META_ID
from cryptex.store.rows import Row, entry_rows, fill_row, levels_json, order_row, trade_row, withdrawal_row

HISTORY: Final = "history"

_CURSOR: Final = "SELECT cursor FROM meta"
_COUNTS: Final = {name: f"SELECT COUNT(*) FROM {name}" for name in ("orders", "postings", "candles", "withdrawals")}  # noqa: S608 (our own names)


class HistoryCheck:
    """Compares trades, fills, ledger entries and ended orders as the replay makes them, the rest where history ends."""

    def __init__(self, path: Path, findings: Findings) -> None:
        """Open history as it is now. Raises `driver.ERRORS` and FileNotFoundError."""
        self._findings = findings
        self._connection = open_sqlite(path, synchronous="NORMAL", read_only=True)
        self._connection.execute("BEGIN")  # one view of it, though its writer goes on
        self.cursor: int = self._connection.execute(_CURSOR).fetchone()[0]
        self._in_order: dict[str, Iterator[Stored]] = {
            table.name: iter(self._connection.execute(table.all)) for table in (TRADES, FILLS, ENTRIES)
        }
        self._definitions = DefinitionCheck()
        self._expected = dict.fromkeys(_COUNTS, 0)
        self._order_market_ids: dict[int, int] = {}
        """The definition that each order came under which is alive, or was at the last batch's end."""
        self._withdrawals: dict[int, Withdrawal] = {}
        """Those that are alive."""
        self._changed_books: dict[str, tuple[int, int]] = {}
        """Sequence and time of the last change in this batch."""
        self._books: dict[str, tuple[int, int, int]] = {}
        """The definition, sequence and time of the last change of all."""
        self._candles = CandleCheck(self._candle, self._broken)
        self.compared = False

    def fold(self, sequence: int, time_ns: int, events: Sequence[Event], exchange: Exchange) -> None:
        """Compare what a command did with the rows that are next; the exchange has the definitions they count in."""
        if sequence > self.cursor:
            return
        market_ids = self._definitions.market_ids
        postings: list[tuple[int, int, Posting]] = []
        for event in events:
            if isinstance(event, Posting):
                postings.append((sequence, time_ns, event))
            elif isinstance(event, LevelChanged):
                self._changed_books[event.market] = (sequence, time_ns)
            elif isinstance(event, Trade):
                market_id = market_ids[event.market]
                self._expect(TRADES, trade_row(event, market_id, sequence, time_ns), sequence)
                self._candles.add(sequence, time_ns, event, exchange.definition(event.market), market_id)
            elif isinstance(event, Fill):
                self._expect(FILLS, fill_row(event, market_ids[event.market], sequence, time_ns), sequence)
            elif isinstance(event, OrderAccepted | OrderRejected):
                self._expected["orders"] += 1
                self._order_market_ids[event.order_id] = market_ids[event.request.market]
            elif isinstance(event, WithdrawalChanged):
                self._withdrawal(event.withdrawal)
            elif isinstance(event, AssetDefined | MarketDefined):
                self._define(event)
        if postings:
            self._post(sequence, postings)

    def batch_ended(self, closed: Iterable[Order]) -> None:
        """Compare the orders that will not change any more; a book is one of the definition at its batch's end."""
        for order in closed:
            if order.sequence <= self.cursor:
                self._compare_order(order)
                self._order_market_ids.pop(order.order_id, None)
        for market, changed in self._changed_books.items():
            self._books[market] = (self._definitions.market_ids[market], *changed)
        self._changed_books.clear()

    def _define(self, event: AssetDefined | MarketDefined) -> None:
        self._definitions.define(event)
        if isinstance(event, MarketDefined) and event.steps_changed:
            self._candles.redefine(event.market.symbol)

    def _withdrawal(self, withdrawal: Withdrawal) -> None:
        """Compare one that will not change any more; note one that may."""
        number = withdrawal.withdrawal_id
        self._expected["withdrawals"] = max(self._expected["withdrawals"], number)
        if withdrawal.status in LIVE_WITHDRAWALS:
            self._withdrawals[number] = withdrawal
        else:
            self._withdrawals.pop(number, None)
            self._compare_withdrawal(withdrawal)

    def _compare_withdrawal(self, withdrawal: Withdrawal) -> None:
        name = f"withdrawal {withdrawal.withdrawal_id}"
        self._compare_row(WITHDRAWALS, name, withdrawal_row(withdrawal), withdrawal.sequence, withdrawal.withdrawal_id)

    def _post(self, sequence: int, postings: list[tuple[int, int, Posting]]) -> None:
        """Compare the entries that a command made, each whole."""
        entries, lines = entry_rows(postings)
        for entry in entries:
            self._expect(ENTRIES, entry, sequence)
        for line in lines:
            account_id, entry_id, number = key = (line["account_id"], line["entry_id"], line["line"])
            name = f"line {number} of entry {entry_id}, of account {account_id},"
            self._compare_row(POSTINGS, name, line, sequence, *key)
        self._expected["postings"] += len(lines)

    def _expect(self, table: WholeRows, row: Row, sequence: int) -> None:
        stored, mine = next(self._in_order[table.name], None), table.values(row)
        if stored != mine:
            given = tuple(str(value) for value in mine)
            self._broken(f"{table.name}: {stored} is stored, the journal gives {given}", sequence)

    def _compare_row(self, table: WholeRows, name: str, row: Row, sequence: int, *key: int | str | None) -> None:
        stored, mine = self._connection.execute(table.by_key, key).fetchone(), table.values(row)
        if stored != mine:
            self._broken(f"{name} {table.difference(stored, mine)}", sequence)

    def compare(self, exchange: Exchange, chain_hash: bytes) -> None:
        """Compare what there is where history ends: call it when the replay is there, with the journal's hash there."""
        self.compared = True
        for order in exchange.orders.live.values():
            self._compare_order(order)
        for withdrawal in self._withdrawals.values():
            self._compare_withdrawal(withdrawal)
        self._candles.finish()
        self._expected["candles"] = self._candles.count
        for name, rows in self._in_order.items():
            if (extra := next(rows, None)) is not None:
                self._broken(f"{name}: {extra} is stored, the journal has no such thing", self.cursor)
        for name, expected in self._expected.items():
            count = self._connection.execute(_COUNTS[name]).fetchone()[0]
            if count != expected:
                self._broken(f"{count} {name} are stored, the journal gives {expected}", self.cursor)
        self._compare_table(ASSETS, self._definitions.assets)
        self._compare_table(MARKETS, self._definitions.markets)
        self._compare_table(BOOKS, {market: self._book(exchange, market) for market in self._books})
        meta = (META_ID, HISTORY_SCHEMA_VERSION, self.cursor, exchange.time_ns, chain_hash)
        self._compare_table(META, {META_ID: meta})
        self._findings.held(HISTORY, f"it is the journal's up to sequence {self.cursor}")

    def _compare_table(self, table: WholeRows, mine: Mapping[int, Stored] | Mapping[str, Stored]) -> None:
        """Compare a small table, whose key is its first column, as a whole."""
        stored = {row[0]: row for row in self._connection.execute(table.all)}
        expected = dict[object, Stored](mine.items())
        for key in stored.keys() | expected.keys():
            theirs, ours = stored.get(key), expected.get(key)
            if theirs != ours:
                self._broken(f"{key} of {table.name} {table.difference(theirs, ours)}", self.cursor)

    def _compare_order(self, order: Order) -> None:
        row = order_row(order, self._order_market_ids[order.order_id])
        self._compare_row(ORDERS, f"order {order.order_id}", row, order.sequence, order.order_id)

    def _book(self, exchange: Exchange, market: str) -> Stored:
        bids, asks = (levels_json(side) for side in exchange.depth(market, STORED_BOOK_LEVELS))
        return (market, *self._books[market], bids, asks)

    def _candle(self, *key: str | int) -> Stored | None:
        found: Stored | None = self._connection.execute(CANDLES.by_key, key).fetchone()
        return found

    def _broken(self, detail: str, sequence: int) -> None:
        self._findings.broken(HISTORY, detail, sequence)

    def close(self) -> None:
        """Let history go."""
        self._connection.close()


def open_history(path: Path, findings: Findings) -> HistoryCheck | None:
    """Return the check of a history file, or None where there is none or it cannot be read (a finding then)."""
    if not path.exists():
        findings.held(HISTORY, "there is no history.db here: nothing to compare")
        return None
    try:
        return HistoryCheck(path, findings)
    except ERRORS as error:
        findings.broken(HISTORY, f"history.db cannot be read ({error}): `cryptex node rebuild` makes it anew")
        return None
