"""History held against the journal: read in one transaction, row by row beside the replay."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cryptex.engine.exchange import Exchange
from cryptex.node.findings import Findings
from cryptex.node.verify_ledger import SecondLedger
from cryptex.protocol.events import Event, Fill, OrderAccepted, OrderRejected, Posting, Trade
from cryptex.store.database import open_sqlite
from cryptex.store.driver import ERRORS

HISTORY: Final = "history"

_CURSOR: Final = "SELECT cursor FROM meta"
_TRADES: Final = "SELECT trade_id, sequence, market, price_ticks, size_lots, side FROM trades ORDER BY trade_id"
_FILLS: Final = (
    "SELECT fill_id, sequence, trade_id, order_id, account_id, liquidity, price_ticks, size_lots, fee_units "
    "FROM fills ORDER BY fill_id"
)
_ENTRIES: Final = "SELECT entry_id, sequence, kind, reference FROM entries ORDER BY entry_id"
_SUMS: Final = (
    "SELECT account_id, asset, SUM(available_change), SUM(held_change) FROM postings GROUP BY account_id, asset"
)
_ORDERS: Final = "SELECT COUNT(*) FROM orders"
_ALIVE: Final = (
    "SELECT order_id, status, remaining_lots, filled_lots, canceled_lots, held_units FROM orders "
    "WHERE status IN ('open', 'partially_filled', 'pending') ORDER BY order_id"
)

_Stored = tuple[int | str, ...]


class HistoryCheck:
    """Compares trades, fills and ledger entries as the replay makes them; orders and balances where history ends."""

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
        self._orders = 0
        self.compared = False

    def fold(self, sequence: int, events: Sequence[Event]) -> None:
        """Compare what a command did with the rows that are next."""
        if sequence > self.cursor:
            return
        for event in events:
            if isinstance(event, Trade):
                self._expect(
                    event,
                    sequence,
                    (event.trade_id, sequence, event.market, event.price_ticks, event.size_lots, event.side),
                )
            elif isinstance(event, Fill):
                self._expect(event, sequence, _fill_row(sequence, event))
            elif isinstance(event, Posting) and event.entry_id != self._last_entry:
                self._last_entry = event.entry_id
                self._expect(event, sequence, (event.entry_id, sequence, event.kind, str(event.reference)))
            elif isinstance(event, OrderAccepted | OrderRejected):
                self._orders += 1

    def _expect(self, event: Event, sequence: int, row: _Stored) -> None:
        name, rows = self._tables[type(event)]
        stored = next(rows, None)
        if stored != row:
            given = tuple(str(value) for value in row)
            self._findings.broken(HISTORY, f"{name}: {stored} is stored, the journal gives {given}", sequence)

    def compare(self, exchange: Exchange, ledger: SecondLedger) -> None:
        """Compare what there is where history ends: call it when the replay is there."""
        self.compared = True
        for name, rows in self._tables.values():
            if (extra := next(rows, None)) is not None:
                self._findings.broken(HISTORY, f"{name}: {extra} is stored, the journal has no such thing", self.cursor)
        count = self._connection.execute(_ORDERS).fetchone()[0]
        if count != self._orders:
            self._findings.broken(HISTORY, f"{count} orders are stored, the journal has {self._orders}", self.cursor)
        self._compare_alive(exchange)
        stored = {(account, asset): sums for account, asset, *sums in self._connection.execute(_SUMS)}
        for key in stored.keys() | ledger.available.keys():
            mine = [ledger.available.get(key, 0), ledger.held.get(key, 0)]
            if stored.get(key, [0, 0]) != mine:
                name = f"postings of account {key[0]} in {key[1]}"
                self._findings.broken(
                    HISTORY, f"{name} sum to {stored.get(key)}, the journal gives {mine}", self.cursor
                )
        self._findings.held(HISTORY, f"it is the journal's up to sequence {self.cursor}")

    def _compare_alive(self, exchange: Exchange) -> None:
        live = sorted(exchange.orders.live.items())
        mine = [
            (order_id, each.status, each.remaining_lots, each.filled_lots, each.canceled_lots, each.held_units)
            for order_id, each in live
        ]
        stored: list[_Stored] = self._connection.execute(_ALIVE).fetchall()
        if stored != mine:
            different = sorted({row[0] for row in set(stored) ^ set(mine)})
            named = ", ".join(map(str, different[:3]))
            self._findings.broken(HISTORY, f"open orders differ from the journal's: {named}", self.cursor)

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
