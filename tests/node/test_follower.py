"""The follower: lands each event once, never ahead of the node, and saves snapshots that a start can trust."""

import asyncio
import errno
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cryptex.engine.snapshot import RULES_VERSION, state_hash
from cryptex.node import projection as projection_module
from cryptex.node.clock import ManualClock
from cryptex.node.follower import Follower, Watermarks, follow
from cryptex.node.projection import FollowerProcess, FollowerThread
from cryptex.node.startup import recover
from cryptex.protocol.commands import Stamped
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, Interval, Side
from cryptex.store.history import History
from cryptex.store.journal import SqliteJournal
from cryptex.store.projector import Projector
from cryptex.store.snapshots import SnapshotStore
from tests.node.house import MARKET, limit
from tests.node.test_startup import Log

PATIENCE_S = 30.0
MINUTE_NS = 60 * NANOSECONDS_PER_SECOND


class Scene:
    """A real journal in a folder, and what history says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = SqliteJournal.open(folder, rules_version=RULES_VERSION)
        self.log = Log(folder, self.journal)
        self.cursors: list[int] = []

    @property
    def sequence(self) -> int:
        return self.log.state.exchange.sequence

    def follower(self, snapshot_every: int = 10**6) -> Follower:
        return Follower(self.folder, Projector(self.folder), snapshot_every=snapshot_every)

    def run(self, watermark: int, follower: Follower) -> list[int]:
        return list(follower.advance(watermark))

    def trades(self) -> list[int]:
        """Return the ids of the trades that history holds, newest first."""
        history = History(self.folder)
        try:
            return [trade.id for trade in history.trades(MARKET, limit=1000, before=None).trades]
        finally:
            history.close()

    def count(self, table: str) -> int:
        with sqlite3.connect(self.folder / "history.db") as connection:
            count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        connection.close()
        return count

    def snapshot_sequence(self) -> int | None:
        snapshot = SnapshotStore(self.folder).latest()
        return None if snapshot is None else snapshot.sequence


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path / "data")
    yield scene
    scene.journal.close()


def test_it_lands_what_happened_and_never_runs_ahead(scene: Scene) -> None:
    scene.log.trade(2)
    half = scene.sequence
    scene.log.trade(3)
    follower = scene.follower()
    assert follower.cursor == 0
    assert scene.run(half, follower)[-1] == half
    assert scene.trades() == [2, 1]
    assert scene.run(scene.sequence - 1, follower) == [scene.sequence - 2], "whole batches only"
    assert scene.trades() == [4, 3, 2, 1]
    assert scene.run(scene.sequence, follower) == [scene.sequence]
    assert scene.run(scene.sequence, follower) == []
    assert scene.trades() == [5, 4, 3, 2, 1]
    assert scene.count("fills") == 10
    assert scene.count("orders") == 10
    follower.close()
    history = History(scene.folder)
    [candle] = history.candles(MARKET, Interval.M1, limit=10, before_ns=None).candles
    assert (candle.close, candle.trades) == ("10.00", 5)
    assert [order.status for order in history.orders(1, status=None, market=None, limit=9, before=None).orders] == [
        "filled"
    ] * 5
    history.close()


def test_one_that_is_started_again_goes_on_where_history_is(scene: Scene) -> None:
    scene.log.trade(2)
    first = scene.follower()
    scene.run(scene.sequence, first)
    first.close()
    scene.log.trade(1)
    second = scene.follower()
    assert scene.run(scene.sequence, second) == [scene.sequence]
    second.save_snapshot()
    second.close()
    scene.log.trade(1)
    third = scene.follower()
    scene.run(scene.sequence, third)
    third.close()
    assert scene.trades() == [4, 3, 2, 1]
    assert scene.count("trades") == 4


def test_long_stretches_land_in_pieces_that_lose_no_candle(scene: Scene) -> None:
    orders = (limit(1, Side.SELL, 1000), limit(2, Side.BUY, 1000))
    for _ in range(11):
        first_ns = scene.journal.last_time_ns + MINUTE_NS
        scene.journal.append([Stamped(first_ns + minute * MINUTE_NS // 2, orders[minute % 2]) for minute in range(200)])
    follower = scene.follower()
    cursors = scene.run(scene.journal.last_sequence, follower)
    follower.close()
    assert len(cursors) > 2
    assert cursors == sorted(set(cursors))
    with sqlite3.connect(scene.folder / "history.db") as connection:
        rows = connection.execute("SELECT count(*), sum(trades) FROM candles WHERE interval = '1m'").fetchone()
    connection.close()
    assert rows == (1_100, 1_100)


def test_snapshots_are_saved_on_the_way_and_a_start_goes_on_from_them(scene: Scene) -> None:
    scene.log.trade(2)
    follower = scene.follower(snapshot_every=5)
    scene.run(scene.sequence, follower)
    saved = scene.snapshot_sequence()
    assert saved == scene.sequence
    scene.log.do(limit(1, Side.SELL, 1000))
    scene.run(scene.sequence, follower)
    assert scene.snapshot_sequence() == saved, "not due yet"
    follower.save_snapshot()
    follower.close()
    assert scene.snapshot_sequence() == scene.sequence
    recovered = recover(scene.journal, SnapshotStore(scene.folder), ManualClock())
    assert state_hash(recovered.exchange) == state_hash(scene.log.state.exchange)


def test_snapshots_of_a_large_state_are_rarer(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cryptex.node.follower.SNAPSHOT_BYTES_A_COMMAND", 10)
    follower = scene.follower(snapshot_every=2)
    scene.log.trade(1)
    scene.run(scene.sequence, follower)
    saved = scene.snapshot_sequence()
    assert saved == scene.sequence
    scene.log.trade(3)
    scene.run(scene.sequence, follower)
    assert scene.snapshot_sequence() == saved
    scene.log.trade(1_000)
    scene.run(scene.sequence, follower)
    assert (scene.snapshot_sequence() or 0) > saved
    follower.close()


def test_landings_go_on_where_no_snapshot_can_be_saved(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(store: SnapshotStore, snapshot: object) -> None:
        raise OSError(errno.ENOSPC, "the disk is full")

    follower = scene.follower(snapshot_every=2)
    with monkeypatch.context() as patch:
        patch.setattr(SnapshotStore, "save", full)
        for _ in range(3):
            scene.log.trade(1)
            scene.run(scene.sequence, follower)
        follower.save_snapshot()
        assert scene.trades() == [3, 2, 1]
        assert [record.message.partition(";")[0] for record in caplog.records] == ["no snapshot can be saved"]
    assert scene.snapshot_sequence() is None
    scene.log.trade(1)
    scene.run(scene.sequence, follower)
    assert scene.snapshot_sequence() == scene.sequence
    follower.close()


def lines(*said: bytes) -> Watermarks:
    """Return watermarks that were said before anybody listened."""
    watermarks = Watermarks(said)
    watermarks._read()
    return watermarks


def test_stop_lets_it_finish_and_save(scene: Scene) -> None:
    scene.log.trade(1)
    follower = scene.follower()
    assert list(follow(follower, lines(b"%d\n" % scene.sequence, b"stop\n"))) == [0, scene.sequence]
    assert scene.snapshot_sequence() == scene.sequence
    follower.close()


def test_it_leaves_at_once_when_the_node_is_dead(scene: Scene) -> None:
    scene.log.trade(1)
    follower = scene.follower()
    assert list(follow(follower, lines(b"%d\n" % scene.sequence))) == [0]
    assert scene.snapshot_sequence() is None
    follower.close()


def test_a_watermark_that_ends_no_batch_is_an_error(scene: Scene) -> None:
    scene.log.trade(1)
    follower = scene.follower()
    with pytest.raises(ValueError, match="ends at the node's sequence"):
        list(follow(follower, lines(b"2\n", b"stop\n")))
    follower.close()


@pytest.mark.parametrize("last", [b"stop\n", b""])
def test_nothing_rests_that_is_to_end(last: bytes) -> None:
    lines(b"1\n", last).rest(3600)


def test_watermarks_wake_who_waits_and_end_with_nonsense() -> None:
    read, write = os.pipe()
    with os.fdopen(read, "rb", buffering=0) as source, os.fdopen(write, "wb", buffering=0) as sink:
        watermarks = Watermarks(source)
        found: list[int | None] = []
        waiting = threading.Thread(target=lambda: found.append(watermarks.next(-1)))
        waiting.start()
        watermarks.start()
        sink.write(b"0\n")
        waiting.join()
        assert found == [0]
        assert not watermarks.abandoned
        sink.write(b"what?\n")
        assert watermarks.next(0) is None
        assert watermarks.abandoned


async def landed(projection: FollowerProcess | FollowerThread, sequence: int) -> None:
    assert await projection.wait(sequence, PATIENCE_S)


async def test_a_thread_follows_like_a_process(scene: Scene) -> None:
    projection = FollowerThread(scene.follower, scene.cursors.append)
    projection.start()
    projection.advance(scene.sequence)
    await landed(projection, scene.sequence)
    scene.log.trade(1)
    assert not await projection.wait(scene.sequence, 0)
    projection.advance(scene.sequence)
    await landed(projection, scene.sequence)
    await projection.stop(PATIENCE_S)
    assert scene.cursors[-1] == scene.sequence
    assert scene.snapshot_sequence() == scene.sequence


async def test_a_process_that_is_killed_is_started_again_and_each_event_lands_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(projection_module, "RESTART_DELAY_S_MIN", 0.0)
    scene.log.trade(1)
    projection = FollowerProcess(scene.folder, "", scene.cursors.append)
    projection.start()
    projection.advance(scene.sequence)
    await landed(projection, scene.sequence)
    pid = projection.pid
    assert pid is not None
    assert os.getpgid(pid) == pid, "Ctrl-C in the node's terminal must not reach it"
    os.kill(pid, signal.SIGKILL)
    for _ in range(20):
        scene.log.trade(1)
        projection.advance(scene.sequence)
        await asyncio.sleep(0)
    await landed(projection, scene.sequence)
    assert projection.pid not in (pid, None)
    assert "the follower ended with status -9" in caplog.text
    await projection.stop(PATIENCE_S)
    assert projection.cursor == scene.sequence
    assert scene.trades() == list(range(21, 0, -1))
    assert (scene.count("trades"), scene.count("fills")) == (21, 42)
    assert scene.snapshot_sequence() == scene.sequence


async def test_a_process_runs_no_code_of_the_folder_it_is_started_in(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cryptex", "sqlite3"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'was here')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    scene.log.trade(1)
    projection = FollowerProcess(scene.folder, "", scene.cursors.append)
    projection.start()
    projection.advance(scene.sequence)
    await landed(projection, scene.sequence)
    await projection.stop(PATIENCE_S)
    assert not (tmp_path / "was here").exists()


async def test_a_process_that_was_never_needed_stops_without_opening_anything(tmp_path: Path) -> None:
    projection = FollowerProcess(tmp_path / "none", "", lambda cursor: None)
    projection.start()
    await projection.stop(PATIENCE_S)
    await projection.stop(PATIENCE_S)
    assert not (tmp_path / "none").exists()
