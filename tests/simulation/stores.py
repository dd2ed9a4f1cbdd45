"""The stores beside the journal, in memory: users in SQLite without a file, history and snapshots in plain Python."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec

from cryptex.node.follower import Follower
from cryptex.node.projection import Progress
from cryptex.protocol import render
from cryptex.protocol.events import Fill, Posting, Trade
from cryptex.protocol.market import Market
from cryptex.protocol.order import Order, record_of
from cryptex.protocol.terms import WithdrawalStatus
from cryptex.protocol.views import EntryList, EntryView, OrderView
from cryptex.protocol.withdrawal import Withdrawal
from cryptex.store.admins import Admins
from cryptex.store.batches import EMPTY_HASH
from cryptex.store.history import History
from cryptex.store.projector import Landing, Position, Projector
from cryptex.store.snapshots import Snapshot, SnapshotStore
from cryptex.store.users import Users
from cryptex.store.users_database import UsersDatabase
from tests.simulation.disk import DiskJournal, JournalDisk
from tests.simulation.loop import Process

SNAPSHOT_EVERY = 60


class MemorySnapshots(SnapshotStore):
    """Snapshots as encoded bytes; one that was being written when its process died is torn, and thereby not there."""

    def __init__(self) -> None:
        self._saved: dict[int, bytes] = {}

    def save(self, snapshot: Snapshot) -> int:
        self._saved[snapshot.sequence] = data = msgspec.msgpack.encode(snapshot)
        return len(data)

    def latest(self, at_most: int | None = None) -> Snapshot | None:
        found = [sequence for sequence in self._saved if at_most is None or sequence <= at_most]
        return msgspec.msgpack.decode(self._saved[max(found)], type=Snapshot) if found else None

    def sequences(self) -> list[int]:
        return sorted(self._saved, reverse=True)

    def prune(self, keep_from: int, keep: int = 3) -> None:
        base = next((sequence for sequence in self.sequences() if sequence <= keep_from), None)
        for sequence in self.sequences()[keep:]:
            if sequence != base:
                del self._saved[sequence]


class HistoryRows:
    """What history's tables hold."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin again at nothing."""
        self.position = Position(0, EMPTY_HASH)
        self.markets: dict[str, Market] = {}
        self.orders: dict[int, Order] = {}
        self.trades: dict[int, tuple[int, int, Trade]] = {}
        self.fills: dict[int, tuple[int, int, Fill]] = {}
        self.entries: dict[int, tuple[int, int, list[Posting]]] = {}
        self.withdrawals: dict[int, Withdrawal] = {}


class MemoryHistory(History):
    """Reads those rows, as the node asks for them."""

    def __init__(self, rows: HistoryRows) -> None:
        self._rows = rows

    def close(self) -> None:
        """There is nothing to close."""

    def cursor(self) -> int:
        return self._rows.position.sequence

    def order(self, account_id: int, order_id: int) -> OrderView | None:
        order = self._rows.orders.get(order_id)
        return None if order is None or order.account_id != account_id else self.view(order)

    def order_by_client_id(self, account_id: int, client_order_id: str) -> OrderView | None:
        found = [
            order
            for order in self._rows.orders.values()
            if order.account_id == account_id
            and order.request.client_order_id == client_order_id
            and order.reject_code is None
        ]
        return self.view(max(found, key=lambda order: order.order_id)) if found else None

    def entries(self, account_id: int, *, limit: int = 100, before: int | None = None) -> EntryList:
        found: list[EntryView] = []
        assets = {
            asset.symbol: asset for market in self._rows.markets.values() for asset in (market.base, market.quote)
        }
        for entry_id in sorted(self._rows.entries, reverse=True):
            sequence, time_ns, postings = self._rows.entries[entry_id]
            own = [posting for posting in postings if posting.account_id == account_id]
            if own and (before is None or entry_id < before):
                found.append(render.entry_view(own, assets, sequence, time_ns))
        return EntryList(found[:limit], found[limit - 1].id if len(found) > limit else None)

    def withdrawals(
        self,
        account_id: int | None,
        *,
        status: WithdrawalStatus | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> tuple[list[Withdrawal], int | None]:
        found = [
            self._rows.withdrawals[number]
            for number in sorted(self._rows.withdrawals, reverse=True)
            if before is None or number < before
        ]
        found = [one for one in found if account_id in (None, one.account_id) and status in (None, one.status)]
        return found[:limit], found[limit - 1].withdrawal_id if len(found) > limit else None

    def view(self, order: Order) -> OrderView:
        """Return an order as readers see it."""
        return render.order_view(order, self._rows.markets[order.market])


class MemoryProjector(Projector):
    """Writes those rows; that each thing lands once is asserted."""

    def __init__(self, rows: HistoryRows, process: Process) -> None:
        self._rows = rows
        self._process = process

    @property
    def cursor(self) -> int:
        return self._rows.position.sequence

    def position(self) -> Position:
        return self._rows.position

    def land(self, landing: Landing) -> None:
        """Take a landing, all of it."""
        rows = self._rows
        assert self._process.alive
        assert landing.sequence > rows.position.sequence, "history goes forward"
        for market in landing.markets:
            rows.markets[market.symbol] = market
        for order in landing.orders:
            rows.orders[order.order_id] = record_of(order)
        for sequence, time_ns, trade in landing.trades:
            assert trade.trade_id not in rows.trades, "a trade lands once"
            rows.trades[trade.trade_id] = (sequence, time_ns, trade)
        for sequence, time_ns, fill in landing.fills:
            assert fill.fill_id not in rows.fills, "a fill lands once"
            rows.fills[fill.fill_id] = (sequence, time_ns, fill)
        for sequence, time_ns, posting in landing.postings:
            known = rows.entries.setdefault(posting.entry_id, (sequence, time_ns, []))
            assert known[0] == sequence, "an entry is of one command"
            known[2].append(posting)
        for withdrawal in landing.withdrawals:
            rows.withdrawals[withdrawal.withdrawal_id] = withdrawal
        rows.position = Position(landing.sequence, landing.chain_hash)


class MemoryFollower(Follower):
    """The follower on a simulated disk."""

    def __init__(self, journal: DiskJournal, projector: MemoryProjector, snapshots: MemorySnapshots) -> None:
        self._projector = projector
        self._snapshots = snapshots
        self._snapshot_every = SNAPSHOT_EVERY
        self._reader = journal  # type: ignore[assignment]  # it has what the follower reads
        self._prepare(projector.cursor)


class SimulatedProjection:
    """A follower that lives beside the node: it lands at drawn moments, and dies and comes back now and then."""

    def __init__(self, make: Callable[[], MemoryFollower], on_cursor: Callable[[int], None]) -> None:
        self._make = make
        self._progress = Progress(on_cursor)
        self._watermark = -1
        self._wake: asyncio.Event | None = None
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def cursor(self) -> int:
        return self._progress.cursor

    def start(self) -> None:
        self._wake = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._follow())

    def advance(self, watermark: int) -> None:
        self._watermark = watermark
        if self._wake is not None:
            self._wake.set()

    def reach(self, cursor: int) -> None:
        self._progress.reach(cursor)

    async def wait(self, sequence: int, timeout_s: float) -> bool:
        return await self._progress.wait(sequence, timeout_s)

    async def stop(self, timeout_s: float) -> None:
        self._stopping = True
        if self._wake is not None:
            self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=timeout_s)

    async def _follow(self) -> None:
        assert self._wake is not None
        follower: MemoryFollower | None = None
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._watermark >= 0:
                if follower is None:
                    follower = await asyncio.to_thread(self._make)
                    self._progress.reach(follower.cursor)
                while follower.cursor < self._watermark:
                    for cursor in await asyncio.to_thread(_landed, follower, self._watermark):
                        self._progress.reach(cursor)
            if self._stopping:
                if follower is not None:
                    await asyncio.to_thread(follower.save_snapshot)
                return


def _landed(follower: MemoryFollower, watermark: int) -> list[int]:
    return list(follower.advance(watermark))


class _Kept(sqlite3.Connection):
    """A database in memory that outlives the processes that use it, as a file does, on a disk that may be full."""

    is_full: Callable[[], bool] = staticmethod(lambda: False)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql == "BEGIN IMMEDIATE" and self.is_full():
            error = sqlite3.OperationalError("the disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return super().execute(sql, *values)

    def close(self) -> None:
        """Stay."""


class Machine:
    """All that a machine keeps while its processes come and go."""

    def __init__(self, journal: JournalDisk) -> None:
        self.journal = journal
        self.snapshots = MemorySnapshots()
        self.history = HistoryRows()
        self.users: _Kept = sqlite3.connect(":memory:", isolation_level=None, factory=_Kept, check_same_thread=False)
        self.users.is_full = lambda: journal.full
        self.users.execute("PRAGMA foreign_keys = ON")

    def give_role(self, username: str, clock: Callable[[], int]) -> None:
        """Make a user an admin, as the operator does on the data folder."""
        Admins(UsersDatabase("/nonexistent", self.users), clock).give(username)


class MachineStores:
    """A machine's stores, as one process has them open."""

    def __init__(self, machine: Machine, process: Process) -> None:
        self._machine = machine
        self._process = process

    def lock(self) -> Callable[[], None]:
        """There is one process at a time: the simulation sees to it."""
        return lambda: None

    def snapshots(self) -> SnapshotStore:
        return self._machine.snapshots

    def users(self, clock: Callable[[], int], *, refuse_common: bool) -> Users:
        return Users(UsersDatabase("/nonexistent", self._machine.users), clock, refuse_common=refuse_common)

    def history(self, hash_at: Callable[[int], bytes | None]) -> History:
        position = self._machine.history.position
        if hash_at(position.sequence) != position.chain_hash:  # another journal's: it is built anew
            self._machine.history.clear()
        return MemoryHistory(self._machine.history)
