"""A node without its edge on a real folder: start, stop, restart, and what it does when the journal fails."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cryptex.engine.errors import InvariantBroken
from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import RULES_VERSION, state_hash
from cryptex.node import core as core_module
from cryptex.node.clock import ManualClock
from cryptex.node.core import FAILED_EXIT_CODE, Core, is_loopback
from cryptex.node.follower import Follower
from cryptex.node.projection import FollowerThread
from cryptex.node.settings import Settings, load_settings
from cryptex.node.startup import StartRefused, recover
from cryptex.protocol.commands import Command, Deposit, VoidCommand
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import Side
from cryptex.store.database import DataFolder, FolderInUse
from cryptex.store.journal import CommitUnknown, SqliteJournal
from cryptex.store.projector import Projector
from cryptex.store.snapshots import SnapshotStore
from tests.node.house import HangingExecutor, Listener, limit, open_account


def follower_thread(data_dir: Path, database_url: str, on_cursor: Callable[[int], None]) -> FollowerThread:
    """Return a projection that runs in a thread."""
    return FollowerThread(lambda: Follower(data_dir, Projector(database_url or data_dir)), on_cursor)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data")


@asynccontextmanager
async def running(settings: Settings, **companions: Any) -> AsyncIterator[Core]:
    """Start a node, and stop it afterwards."""
    core = Core(settings, **{"clock": ManualClock(), "projection": follower_thread, **companions})
    await core.start(Listener())
    try:
        yield core
    finally:
        await core.stop()


async def trade(core: Core, times: int = 1) -> None:
    """Open two accounts, whose users are registered, and let them trade."""
    for name in ("anna", "bela"):
        if name not in {user.username for user in map(core.users.by_id, core.users.known_ids()) if user}:
            key = await asyncio.to_thread(core.users.reserve, name, "correct horse", None)
            reply = await core.sequencer.submit(open_account(key))
            await asyncio.to_thread(core.users.complete, key, reply.answer.account_id)  # type: ignore[union-attr]
    for _ in range(times):
        await asyncio.gather(
            core.sequencer.submit(limit(1, Side.SELL, 1000)), core.sequencer.submit(limit(2, Side.BUY, 1000))
        )


def replayed_hash(settings: Settings, snapshots: Path | None = None) -> str:
    """Return the hash of the state that the folder's journal makes, from its snapshots or those elsewhere."""
    journal = SqliteJournal.open(settings.data_dir, rules_version=RULES_VERSION)
    try:
        return state_hash(recover(journal, SnapshotStore(snapshots or settings.data_dir), ManualClock()).exchange)
    finally:
        journal.close()


async def test_a_restart_finds_everything_as_it_was(settings: Settings, tmp_path: Path) -> None:
    async with running(settings) as core:
        await trade(core, 3)
        await core.sequencer.submit(limit(1, Side.SELL, 1001))
        before, closed = state_hash(core.exchange), core.recent.closed_orders(1)
        assert core.epoch == 1
    assert replayed_hash(settings) == before
    assert replayed_hash(settings, tmp_path / "no snapshots") == before
    async with running(settings) as core:
        assert core.epoch == 2
        assert len(core.exchange.open_orders(1)) == 1
        assert [order.order_id for order in core.recent.closed_orders(1)] == [order.order_id for order in closed]
        assert len(core.market_data.trades("BTC-USDT", 10)) == 3
        assert [user.username for user in map(core.users.by_id, (1, 2)) if user] == ["anna", "bela"]
    assert SnapshotStore(settings.data_dir).latest() is not None
    assert not DataFolder(settings.data_dir).journal.with_suffix(".db-wal").exists(), "closed cleanly"


async def test_batches_reach_the_publisher_after_the_folds(settings: Settings) -> None:
    seen: list[int] = []
    core = Core(settings, clock=ManualClock(), projection=follower_thread)

    class Reader(Listener):
        def publish(self, batch: list[Any]) -> None:
            seen.append(len(core.market_data.trades("BTC-USDT", 10)))

    await core.start(Reader())
    await trade(core)
    await core.stop()
    assert seen[-1] == 1


async def test_a_folder_serves_one_node(settings: Settings) -> None:
    async with running(settings):
        second = Core(settings, clock=ManualClock(), projection=follower_thread)
        with pytest.raises(FolderInUse):
            await second.start(Listener())
        assert isinstance(second.start_error, FolderInUse)
        await second.stop()
    async with running(settings):
        pass


async def test_history_is_ready_when_it_holds_what_the_account_was_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings) as core:
        await trade(core)
        await core.history_ready(1)
        await core.history_ready()
        orders = await asyncio.to_thread(
            lambda: core.history.orders(1, status=None, market=None, limit=10, before=None)
        )
        assert len(orders.orders) == 1
        monkeypatch.setattr(core_module, "HISTORY_WAIT_S", 0.0)
        monkeypatch.setattr(core.projection, "advance", lambda watermark: None)
        await core.sequencer.submit(limit(1, Side.SELL, 1001))
        with pytest.raises(Refusal) as refused:
            await core.history_ready(1)
        assert refused.value.code is Code.UNAVAILABLE
        await core.history_ready(2)
        await core.history_ready(None)


async def test_a_journal_that_is_gone_stops_the_start_unless_its_users_are_set_aside(settings: Settings) -> None:
    async with running(settings) as core:
        await trade(core)
        token = core.users.login("bela", "correct horse").token
    folder = DataFolder(settings.data_dir)
    for path in (folder.journal, folder.witness, folder.history):
        path.unlink()
    with pytest.raises(StartRefused, match=r"accounts of 2 users \(ids 1, 2\)"):
        async with running(settings):
            pass
    async with running(settings, repair=True) as core:
        await trade(core)
        assert core.users.known_ids() == {1, 2}
        assert core.users.sessions.find(token) is None
    async with running(settings):
        pass


async def test_a_clock_that_went_back_far_stops_the_start_unless_repaired(settings: Settings) -> None:
    late = ManualClock()
    late.advance(7200)
    async with running(settings, clock=late):
        pass
    with pytest.raises(StartRefused, match="ahead of the clock"):
        async with running(settings):
            pass
    async with running(settings, repair=True) as core:
        await trade(core)


async def test_users_that_are_gone_stop_the_start_unless_repaired(settings: Settings) -> None:
    async with running(settings) as core:
        await trade(core)
    DataFolder(settings.data_dir).users.unlink()
    with pytest.raises(StartRefused, match="lacks 2 users"):
        async with running(settings):
            pass
    async with running(settings, repair=True) as core:
        assert core.users.known_ids() == {1, 2}
    async with running(settings):
        pass


async def test_a_registration_that_a_crash_cut_short_is_finished(settings: Settings) -> None:
    async with running(settings) as core:
        key = core.users.reserve("anna", "correct horse", None)
        await core.sequencer.submit(open_account(key))
    async with running(settings) as core:
        user = core.users.by_id(1)
        assert user is not None
        assert user.username == "anna"


async def test_a_commit_of_unknown_outcome_fails_the_node_and_the_next_start_recovers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings) as core:
        await trade(core)
        before = state_hash(core.exchange)
        assert isinstance(core.journal, SqliteJournal)

        def commit() -> None:
            raise OSError("fsync failed")

        monkeypatch.setattr(core.journal, "_commit", commit)
        with pytest.raises(Refusal) as unknown:
            await core.sequencer.submit(limit(1, Side.SELL, 1001))
        assert unknown.value.code is Code.OUTCOME_UNKNOWN
        await core.failed.wait()
        assert core.exit_code == FAILED_EXIT_CODE
        with pytest.raises(CommitUnknown):
            core.journal.append([])
        assert DataFolder(settings.data_dir).recovery_marker.exists()
    assert replayed_hash(settings) == before
    async with running(settings) as core:
        assert not core.failed.is_set()


async def test_a_commit_that_hangs_fails_the_node_and_leaves_word_to_recover(settings: Settings) -> None:
    async with running(settings, executor=HangingExecutor(), commit_timeout_s=0.05) as core:
        with pytest.raises(Refusal) as unknown:
            await core.sequencer.submit(open_account("key"))
        assert unknown.value.code is Code.OUTCOME_UNKNOWN
        assert core.failed.is_set()
        assert DataFolder(settings.data_dir).recovery_marker.exists()
    core.journal.close()  # a process that ends does this
    async with running(settings):
        assert not DataFolder(settings.data_dir).recovery_marker.exists()


async def test_a_poison_command_stops_the_node_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Exchange.apply

    def apply(self: Exchange, time_ns: int, command: Command) -> list[Any]:
        if isinstance(command, Deposit):
            raise InvariantBroken("the books do not add up")
        return real(self, time_ns, command)

    monkeypatch.setattr(Exchange, "apply", apply)
    async with running(settings) as core:
        await trade(core)
        with pytest.raises(Refusal) as refused:
            await core.sequencer.submit(Deposit(1, "BTC", 1))
        assert refused.value.code is Code.INTERNAL_ERROR
        assert core.exit_code == FAILED_EXIT_CODE
    async with running(settings) as core:
        await trade(core)
        await core.history_ready(1)
        assert len(core.recent.fills(1)) == 2
    assert replayed_hash(settings)


async def test_nobody_sees_what_a_poison_command_left_half_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Exchange.apply

    def apply(self: Exchange, time_ns: int, command: Command) -> list[Any]:
        events = real(self, time_ns, command)
        if isinstance(command, Deposit):
            raise InvariantBroken("the books do not add up")
        return events

    monkeypatch.setattr(Exchange, "apply", apply)
    async with running(settings) as core:
        await trade(core)
        epoch, exchange, seen = core.epoch, core.exchange, []
        written = core.journal.append

        def append(commands: Any) -> None:
            if isinstance(commands[0].command, VoidCommand):
                with pytest.raises(Refusal) as refused:
                    core.exchange.balances(1)
                seen.append((refused.value.code, core.epoch))
            written(commands)

        monkeypatch.setattr(core.journal, "append", append)
        with pytest.raises(Refusal):
            await core.sequencer.submit(Deposit(1, "BTC", 1))
        assert seen == [(Code.UNAVAILABLE, epoch)]
        assert exchange.balance(1, "BTC") != (0, 0), "it was half done"


async def test_settings_that_are_refused_name_the_key_and_leave_the_folder_free(settings: Settings) -> None:
    async with running(settings):
        pass
    changes = {"SOL": 6}
    assets = tuple(
        msgspec.structs.replace(asset, decimals=changes.get(asset.symbol, asset.decimals)) for asset in settings.assets
    )
    with pytest.raises(StartRefused, match=r"assets\.SOL\.decimals"):
        async with running(msgspec.structs.replace(settings, assets=assets)):
            pass
    async with running(settings):
        pass


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("x.org", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
