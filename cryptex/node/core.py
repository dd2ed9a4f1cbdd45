"""The core of a node: the stores, the state from the log, the sequencer and the projection; how they start and stop.

The edge (REST and websocket) reads the exchange and its folds here, and changes them through the sequencer alone.
"""

import asyncio
import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Protocol, cast

from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import RULES_VERSION, state_hash
from cryptex.node.clock import Clock, ManualClock, SystemClock
from cryptex.node.commits import COMMIT_TIMEOUT_S
from cryptex.node.companion import Companion
from cryptex.node.early_log import EarlyLog
from cryptex.node.hidden import Hidden
from cryptex.node.live_state import LiveState, answer_in, question_in
from cryptex.node.log_time import LogTime
from cryptex.node.market_data import MarketData
from cryptex.node.metrics import Metrics
from cryptex.node.projection import FollowerProcess, Projection
from cryptex.node.recent import RecentActivity
from cryptex.node.replay import State
from cryptex.node.sequencer import Applied, Publisher, Sequencer
from cryptex.node.settings import Settings
from cryptex.node.startup import (
    begin_epoch,
    check_log_time,
    check_strays,
    check_users,
    recover,
    settle_registrations,
)
from cryptex.node.stores import FolderStores, Stores
from cryptex.node.winding_down import has_business, wind_down
from cryptex.protocol.problems import Code, Refusal
from cryptex.store.audit import OPERATOR
from cryptex.store.history import History
from cryptex.store.journal import Journal, JournalUnavailable, SqliteJournal
from cryptex.store.users import Users

FAILED_EXIT_CODE: Final = 70
"""What a node exits with that could not go on; its next start recovers."""

HISTORY_WAIT_S: Final = 1.0
"""How long a read of history waits for what its reader was told already."""

HISTORY_START_WAIT_S: Final = 3.0
"""How long a start waits for history to land what an earlier node left, before it serves all the same."""

PROJECTION_STOP_S: Final = 2.0
"""How long a stop waits for history to land and for the last snapshot."""

CHECKPOINT_INTERVAL_S: Final = 2.0
FLAG_WAIT_S: Final = 1.0
"""How long a failing node waits for the mark that makes the next start recover."""

_log: Final = logging.getLogger(__name__)


class ProjectionFactory(Protocol):
    """How a core gets its projection."""

    def __call__(self, data_dir: Path, database_url: str, on_cursor: Callable[[int], None]) -> Projection:
        """Return a projection that calls back with the cursor as history lands."""


class Core:
    """A node without its edge. `start` opens everything; until then only `settings`, `clock` and `failed` are there.

    `failed` is set, with `exit_code`, when the node can not go on and its process has to end.
    """

    exchange: Exchange
    market_data: MarketData
    recent: RecentActivity
    sequencer: Sequencer
    projection: Projection
    journal: Journal
    users: Users
    history: History
    _state: State

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        open_journal: Callable[[Path], Journal] | None = None,
        executor: Executor | None = None,
        projection: ProjectionFactory = FollowerProcess,
        commit_timeout_s: float = COMMIT_TIMEOUT_S,
        accept_journal: bool = False,
        repair: bool = False,
        companion: Companion | None = None,
        stores: Stores | None = None,
        draw_seed: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self.settings: Final = settings
        self.companion: Final = companion
        self.clock: Final[Clock] = clock or SystemClock()
        self.metrics: Final = Metrics(self.clock.now_ns())
        self.failed: Final = asyncio.Event()
        self.exit_code = 0
        self.start_error: Exception | None = None
        """Why the start was refused."""
        self._open_journal = open_journal or self._open_sqlite_journal
        self._stores: Stores = stores or FolderStores(settings.data_dir, settings.database_url)
        self._executor = executor or ThreadPoolExecutor(1, "journal")
        self._make_projection = projection
        self._commit_timeout_s = commit_timeout_s
        self._accept_journal = accept_journal
        self._repair = repair
        self._draw_seed = draw_seed
        self._log_time = LogTime(self.clock)
        self._publisher: Publisher | None = None
        self._recovered_sequence = 0
        self._epoch = 0
        self._hung = False
        self._closing = AsyncExitStack()

    @property
    def epoch(self) -> int:
        """How often a node has started on this log."""
        return self._epoch

    async def start(self, publisher: Publisher) -> None:
        """Open the stores, recover the state, begin an epoch and take commands; batches go to `publisher`.

        Raises StartRefused, FolderInUse, KeyRefused, JournalDamaged, StoreDamaged, SchemaTooNew and OSError, after
        closing what was open.
        """
        self._publisher = publisher
        try:
            await self._start()
        except Exception as error:
            self.start_error = error
            await self._closing.aclose()
            raise

    async def _start(self) -> None:
        data_dir = self.settings.data_dir
        self._closing.callback(self._executor.shutdown, wait=False)
        self._closing.callback(self._stores.lock())
        self.projection = self._make_projection(data_dir, self.settings.database_url, self._landed)
        self.projection.start()
        self._closing.push_async_callback(self.projection.stop, PROJECTION_STOP_S)
        self._state = state = await asyncio.to_thread(self._recover, data_dir)
        self.exchange, self.market_data, self.recent = state
        self.history = await asyncio.to_thread(self._stores.history, self.journal.hash_at)
        self._closing.callback(self.history.close)
        cursor = await asyncio.to_thread(self.history.cursor)
        self.projection.reach(cursor)
        self._closing.push_async_callback(self.projection.stop, PROJECTION_STOP_S)  # before the stores are closed
        await asyncio.to_thread(self._begin, state)
        self._start_sequencer()
        if self.companion is not None:
            self.companion.start(self)
            self._closing.callback(self.companion.stop)
        await self._settle_disabled()
        self.projection.advance(self.exchange.sequence)
        if cursor < self._recovered_sequence:
            await self.projection.wait(self._recovered_sequence, HISTORY_START_WAIT_S)

    async def _settle_disabled(self) -> None:
        """End what users have under way who are disabled: the node may have ended before it did."""
        for account_id in await asyncio.to_thread(self.users.admins.disabled_ids):
            if has_business(self.exchange, account_id):
                await wind_down(self.exchange, self.sequencer, account_id, OPERATOR)

    def _recover(self, data_dir: Path) -> State:
        """Open journal and users and replay. In a thread."""
        self.journal = self._open_journal(data_dir)
        self._closing.callback(self._close_journal)
        refuse_common = not is_loopback(self.settings.host)
        self.users = self._stores.users(self.clock.now_ns, refuse_common=refuse_common)
        self._closing.callback(self.users.close)
        return recover(self.journal, self._stores.snapshots(), self.clock)

    def _begin(self, state: State) -> None:
        """Bring log, settings and users together. In a thread."""
        self._recovered_sequence = state.exchange.sequence
        check_log_time(state.exchange, self.clock, repair=self._repair)
        check_strays(state.exchange, self.users, repair=self._repair)
        settle_registrations(state.exchange, self.users)
        check_users(state.exchange, self.users, repair=self._repair)
        begin_epoch(state, self.journal, self._first_clock(state), self.settings, self._network_seed)
        self._epoch = state.exchange.epoch
        if self.companion is not None:
            early = EarlyLog(state, self.journal, self.clock)
            self.companion.begin(early)
            early.flush()

    def _network_seed(self, size_bytes: int) -> str:
        """Return a seed for the network of a new log: drawn, or from the simulation, whose seed gives one log alone."""
        if self.companion is None:
            return self._draw_seed(size_bytes)
        about = self.companion.simulation
        return sha256(f"network of {about.scenario}, {about.seed}".encode()).hexdigest()[: 2 * size_bytes]

    def _first_clock(self, state: State) -> Clock:
        """Return the clock for the first commands of this start: an empty log may begin in the companion's past."""
        if self.companion is None or state.exchange.sequence:
            return self.clock
        return ManualClock(self.clock.now_ns() - self.companion.past_ns)

    def _open_sqlite_journal(self, data_dir: Path) -> Journal:
        return SqliteJournal.open(data_dir, rules_version=RULES_VERSION, accept_journal=self._accept_journal)

    def _start_sequencer(self) -> None:
        self.sequencer = Sequencer(
            self.exchange,
            self.journal,
            self.clock,
            self,
            self._executor,
            fail=self._fail,
            broken=self._hide_exchange,
            commit_timed_out=self._flag_recovery,
            find_closed=self.recent.find_order,
            commit_timeout_s=self._commit_timeout_s,
            meter=self.metrics,
        )
        self.sequencer.start()
        self._closing.push_async_callback(self.sequencer.stop)
        checkpoints = asyncio.get_running_loop().create_task(self._keep_checkpointing(), name="checkpoints")
        self._closing.push_async_callback(_cancel, checkpoints)

    async def stop(self) -> None:
        """Take no more commands, finish those that wait, let history land, and close; a second call does nothing."""
        await self._closing.aclose()

    def publish(self, batch: list[Applied]) -> None:
        """Let the folds, the edge and the projection follow a batch."""
        self._state.fold(batch)
        self.recent.add_closed(self.exchange.take_closed())
        self._log_time.note(batch[-1].time_ns)
        if self._publisher is not None:
            self._publisher.publish(batch)
        if self.companion is not None:
            self.companion.publish(batch)
        self.projection.advance(batch[-1].sequence)

    async def history_ready(self, account_id: int | None = None) -> None:
        """Return when history holds what this account was told: its last answers, and all before this start.

        Without an account it is what there was at the call, as far as it lands in time. Raises Refusal(unavailable).
        """
        if account_id is None:
            await self.projection.wait(self.exchange.sequence, HISTORY_WAIT_S)
            return
        sequence = self.sequencer.acknowledged.get(account_id, self._recovered_sequence)
        if not await self.projection.wait(sequence, HISTORY_WAIT_S):
            raise Refusal(Code.UNAVAILABLE, "history has not caught up with your last command yet")

    def _landed(self, cursor: int) -> None:
        self.recent.projected(cursor)

    def _fail(self, reason: str) -> None:
        _log.critical("the node stops: %s", reason)
        self.exit_code = FAILED_EXIT_CODE
        self.failed.set()

    def _hide_exchange(self) -> None:
        """Show nobody what a command left half done: whoever looks is told that the node restarts."""
        self.exchange = cast(Exchange, Hidden())

    def _flag_recovery(self) -> None:
        """Leave word for the next start. The disk may hang, so this does not wait for it long."""
        self._hung = True
        if isinstance(self.journal, SqliteJournal):
            flag = threading.Thread(target=self.journal.flag_recovery, name="flag recovery", daemon=True)
            flag.start()
            flag.join(FLAG_WAIT_S)

    def _close_journal(self) -> None:
        if not self._hung:  # a commit that hangs still uses its connection
            self.journal.close()

    async def _keep_checkpointing(self) -> None:
        checkpointed = 0
        while True:
            await asyncio.sleep(CHECKPOINT_INTERVAL_S)
            await asyncio.to_thread(self.users.failures.settle)
            await asyncio.to_thread(self.users.checkpoint)
            await self._tell_state()
            last = self.journal.last_sequence
            if last == checkpointed:
                continue
            try:
                await asyncio.to_thread(self.journal.checkpoint)
                checkpointed = last
            except JournalUnavailable as error:
                _log.warning("%s; the next one tries again", error)

    async def _tell_state(self) -> None:
        """Tell the state hash to who asks for it in the data folder."""
        nonce = await asyncio.to_thread(question_in, self.settings.data_dir)
        if nonce is None:
            return
        try:
            state = LiveState(nonce, self.epoch, self.exchange.sequence, state_hash(self.exchange))
            await asyncio.to_thread(answer_in, self.settings.data_dir, state)
        except (OSError, Refusal) as error:
            _log.warning("the state hash that was asked for can not be told: %s", error)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def is_loopback(host: str) -> bool:
    """Return whether a host to listen on is this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
