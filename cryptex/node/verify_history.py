"""History held against the journal: read in one transaction, row by row beside the replay."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cryptex.engine.exchange import Exchange
from cryptex.node.findings import Findings
from cryptex.node.landing import STORED_BOOK_LEVELS
from cryptex.node.verify_candles import CANDLE, CandleCheck
from cryptex.protocol.events import (
    Event,
    Fill,
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
from cryptex.store.rows import levels_json, order_row, withdrawal_row
from cryptex.store.tables import HistoryTable

HISTORY: Final = "history"

_CURSOR: Final = "SELECT cursor FROM meta"
_TRADES: Final = "SELECT trade_id, sequence, market, price_ticks, size_lots, side FROM trades ORDER BY trade_id"
_FILLS: Final = (
    "SELECT fill_id, sequence, trade_id, order_id, account_id, liquidity, price_ticks, size_lots, fee_units "
    "FROM fills ORDER BY fill_id"
)
_ENTRIES: Final = "SELECT entry_id, sequence, kind, reference FROM entries ORDER BY entry_id"
_POSTING: Final = (
    "SELECT asset, available_change, held_change, available, held FROM postings "
    "WHERE account_id = ? AND entry_id = ? AND line = ?"
)
_ORDER_COLUMNS: Final = [
    each.name for each in HistoryTable.metadata.tables["orders"].columns if each.name != "market_id"
]
_ORDER: Final = f"SELECT {', '.join(_ORDER_COLUMNS)} FROM orders WHERE order_id = ?"  # noqa: S608 (our own names)
_WITHDRAWAL: Final = f"SELECT {', '.join(Withdrawal.__struct_fields__)} FROM withdrawals WHERE withdrawal_id = ?"  # noqa: S608 (the same)
_BOOKS: Final = "SELECT market, bids, asks FROM books"
_COUNTS: Final = {name: f"SELECT COUNT(*) FROM {name}" for name in ("orders", "postings", "candles", "withdrawals")}  # noqa: S608 (same)

_NO_LEVELS: Final = levels_json([])

_Stored = tuple[int | str | None, ...]


class HistoryCheck:
    """Compares trades, fills, ledger entries and ended orders as the replay makes them, the rest where history ends."""

    def __init__(self, path: Path, findings: Findings) -> None:
        """Open history as it is now. Raises `driver.ERRORS` and FileNotFoundError."""
        self._findings = findings
        self._connection = open_sqlite(path, synchronous="NORMAL", read_only=True)
        self._connection.execute("BEGIN")  # one view of it, though its writer goes on
        self.cursor: int = self._connection.execute(_CURSOR).fetchone()[0]
        self._tables: dict[type[Event], tuple[str, Iterator[_Stored]]] = {
            kind: (name, iter(self._connection.execute(query)))
            for kind, name, query in (
                (Trade, "trades", _TRADES),
                (Fill, "fills", _FILLS),
                (Posting, "entries", _ENTRIES),
            )
        }
        self._last_entry = 0
        self._line = 0
        self._expected = dict.fromkeys(_COUNTS, 0)
        self._withdrawals: dict[int, Withdrawal] = {}
        """Those that are alive."""
        self._candles = CandleCheck(self._candle, self._broken)
        self.compared = False

    def fold(self, sequence: int, time_ns: int, events: Sequence[Event], exchange: Exchange) -> None:
        """Compare what a command did with the rows that are next; the exchange has the definitions they count in."""
        if sequence > self.cursor:
            return
        for event in events:
            if isinstance(event, Trade):
                self._expect(
                    event,
                    sequence,
                    (event.trade_id, sequence, event.market, event.price_ticks, event.size_lots, event.side),
                )
                self._candles.add(sequence, time_ns, event, exchange)
            elif isinstance(event, Fill):
                self._expect(event, sequence, _fill_row(sequence, event))
            elif isinstance(event, Posting):
                self._posting(sequence, event)
            elif isinstance(event, OrderAccepted | OrderRejected):
                self._expected["orders"] += 1
            elif isinstance(event, WithdrawalChanged):
                self._withdrawal(event.withdrawal)
            elif isinstance(event, MarketDefined) and event.steps_changed:
                self._candles.redefine(event.market.symbol)

    def ended(self, order: Order) -> None:
        """Compare an order that will not change any more."""
        if order.sequence <= self.cursor:
            self._compare_order(order)

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
        stored = self._connection.execute(_WITHDRAWAL, (withdrawal.withdrawal_id,)).fetchone()
        if stored != tuple(withdrawal_row(withdrawal).values()):
            what = "differs" if stored else "is missing"
            self._broken(f"withdrawal {withdrawal.withdrawal_id} {what}", withdrawal.sequence)

    def _posting(self, sequence: int, event: Posting) -> None:
        if event.entry_id != self._last_entry:
            self._last_entry, self._line = event.entry_id, 0
            self._expect(event, sequence, (event.entry_id, sequence, event.kind, str(event.reference)))
        key = (event.account_id, event.entry_id, self._line)
        stored = self._connection.execute(_POSTING, key).fetchone()
        mine = (event.asset, event.available_change, event.held_change, event.available, event.held)
        if stored != mine:
            name = f"line {self._line} of entry {event.entry_id}, of account {event.account_id}"
            self._broken(f"{name}: {stored} is stored, the journal gives {mine}", sequence)
        self._line += 1
        self._expected["postings"] += 1

    def _expect(self, event: Event, sequence: int, row: _Stored) -> None:
        name, rows = self._tables[type(event)]
        stored = next(rows, None)
        if stored != row:
            given = tuple(str(value) for value in row)
            self._findings.broken(HISTORY, f"{name}: {stored} is stored, the journal gives {given}", sequence)

    def compare(self, exchange: Exchange) -> None:
        """Compare what there is where history ends: call it when the replay is there."""
        self.compared = True
        for order in exchange.orders.live.values():
            self._compare_order(order)
        for withdrawal in self._withdrawals.values():
            self._compare_withdrawal(withdrawal)
        self._candles.finish()
        self._expected["candles"] = self._candles.count
        for name, rows in self._tables.values():
            if (extra := next(rows, None)) is not None:
                self._broken(f"{name}: {extra} is stored, the journal has no such thing", self.cursor)
        for name, expected in self._expected.items():
            count = self._connection.execute(_COUNTS[name]).fetchone()[0]
            if count != expected:
                self._broken(f"{count} {name} are stored, the journal gives {expected}", self.cursor)
        self._compare_books(exchange)
        self._findings.held(HISTORY, f"it is the journal's up to sequence {self.cursor}")

    def _compare_order(self, order: Order) -> None:
        row = order_row(order, 0)
        mine = tuple(row[name] for name in _ORDER_COLUMNS)
        stored = self._connection.execute(_ORDER, (order.order_id,)).fetchone()
        if stored != mine:
            differs = [
                name for name, one, other in zip(_ORDER_COLUMNS, stored or (), mine, strict=False) if one != other
            ]
            what = f"differs in {', '.join(differs)}" if stored else "is missing"
            self._broken(f"order {order.order_id} {what}", order.sequence)

    def _compare_books(self, exchange: Exchange) -> None:
        stored = {market: sides for market, *sides in self._connection.execute(_BOOKS)}
        for market in exchange.markets:
            sides = [levels_json(side) for side in exchange.depth(market, STORED_BOOK_LEVELS)]
            if stored.get(market, [_NO_LEVELS, _NO_LEVELS]) != sides:
                self._broken(f"the stored book of {market} is not the journal's", self.cursor)

    def _candle(self, *key: str | int) -> tuple[int | str, ...] | None:
        found: tuple[int | str, ...] | None = self._connection.execute(CANDLE, key).fetchone()
        return found

    def _broken(self, detail: str, sequence: int) -> None:
        self._findings.broken(HISTORY, detail, sequence)

    def close(self) -> None:
        """Let history go."""
        self._connection.close()


def _fill_row(sequence: int, fill: Fill) -> _Stored:
    return (
        fill.fill_id,
        sequence,
        fill.trade_id,
        fill.order_id,
        fill.account_id,
        fill.liquidity,
        fill.price_ticks,
        fill.size_lots,
        fill.fee_units,
    )


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
