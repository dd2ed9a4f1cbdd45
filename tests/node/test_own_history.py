"""History that is not the journal's, or no history at all, is never served: a start makes it anew."""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from cryptex.node.core import Core
from cryptex.node.projection import FollowerThread
from cryptex.node.settings import Settings, load_settings
from cryptex.protocol.terms import Side
from cryptex.store.database import DataFolder
from tests.node.house import limit
from tests.node.test_core import running, trade
from tests.node.test_follower import Scene

GARBLED = b"this is not a database " * 400


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path / "data")
    yield scene
    scene.journal.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data")


async def shown(settings: Settings, do: Callable[..., Awaitable[None]] | None = None) -> tuple[list[int], list[str]]:
    """Start a node, do something, and return the trades and the statuses of the orders that its history shows."""
    async with running(settings) as core:
        if do is not None:
            await do(core)
        await core.history_ready(1)
        trades = await asyncio.to_thread(core.history.trades, "BTC-USDT", limit=100)
        orders = await asyncio.to_thread(core.history.orders, 1, limit=100)
    return [each.id for each in trades.trades], [each.status for each in orders.orders]


def copy_history(source: Path, target: Path) -> None:
    """Copy history.db, and what is in its write-ahead log yet."""
    for suffix in ("", "-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    origin, copy = sqlite3.connect(source), sqlite3.connect(target)
    origin.backup(copy)
    origin.close()
    copy.close()


def restore(backup: Path, settings: Settings, history: Path) -> None:
    """Put everything back as it was but history, as an operator may who thinks it is remade anyway."""
    shutil.rmtree(settings.data_dir)
    shutil.copytree(backup, settings.data_dir)
    copy_history(history, DataFolder(settings.data_dir).history)


async def test_history_of_an_older_timeline_is_made_anew_after_a_restore(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    backup, foreign = tmp_path / "backup", tmp_path / "foreign.db"
    assert await shown(settings, trade) == ([1], ["filled"])
    shutil.copytree(settings.data_dir, backup)

    async def trade_more(core: Core) -> None:
        await trade(core, 3)

    async def only_offer(core: Core) -> None:
        for price in range(2000, 2006):
            await core.sequencer.submit(limit(1, Side.SELL, price))

    assert (await shown(settings, trade_more))[0] == [4, 3, 2, 1]
    copy_history(settings.data_dir / "history.db", foreign)
    restore(backup, settings, foreign)
    assert caplog.records == []
    assert await shown(settings) == ([1], ["filled"]), "the journal ends before the foreign cursor"
    assert [record.message.partition("(")[0] for record in caplog.records] == ["history is another journal's "]

    assert await shown(settings, only_offer) == ([1], ["open"] * 6 + ["filled"])
    copy_history(foreign, settings.data_dir / "history.db")
    assert await shown(settings) == ([1], ["open"] * 6 + ["filled"]), "the journal has another batch at its cursor"


@pytest.mark.parametrize("change", ["cursor = 1000000", "cursor = 2", f"chain_hash = x'{'ab' * 32}'"])
def test_history_of_another_journal_is_emptied_and_landed_anew(
    scene: Scene, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    scene.log.trade(2)
    follower = scene.follower()
    scene.run(scene.sequence, follower)
    follower.save_snapshot()
    follower.close()
    with sqlite3.connect(scene.folder / "history.db") as connection:
        connection.execute(f"UPDATE meta SET {change}")
        connection.execute("UPDATE trades SET price_ticks = 1")
    connection.close()
    again = scene.follower()
    assert again.cursor == 0
    [warning] = [record.message for record in caplog.records]
    assert "history is another journal's" in warning
    assert scene.trades() == []
    scene.run(scene.sequence, again)
    again.close()
    assert scene.trades() == [2, 1]
    once_more = scene.follower()
    assert once_more.cursor == scene.sequence, "the landing says whose it is"
    once_more.close()


async def test_the_last_closed_orders_outlive_a_foreign_cursor(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shown(settings, trade)
    folder = DataFolder(settings.data_dir)
    shutil.rmtree(folder.snapshots)
    with sqlite3.connect(folder.history) as connection:
        connection.execute("UPDATE meta SET cursor = 1000000")
    connection.close()
    monkeypatch.setattr("cryptex.node.core.HISTORY_START_WAIT_S", 0.0)
    monkeypatch.setattr(FollowerThread, "advance", lambda projection, watermark: None)
    async with running(settings) as core:
        assert core.projection.cursor == 0
        assert len(core.recent._closed_by_id) == 2


async def test_a_garbled_history_is_kept_aside_and_made_anew(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    before = await shown(settings, trade)
    folder = DataFolder(settings.data_dir)
    folder.history.write_bytes(GARBLED)
    folder.history.with_name("history.db-wal").write_bytes(b"and its log")
    assert await shown(settings) == before
    [warning] = [record.message for record in caplog.records]
    assert "history.db is damaged (file is not a database): it is kept as history.db.damaged" in warning
    assert (folder.root / "history.db.damaged").read_bytes() == GARBLED
    caplog.clear()
    with folder.history.open("r+b") as file:  # a database still, by its header
        file.seek(100)
        file.write(b"\xff" * 8000)
    assert await shown(settings) == before
    assert "is damaged (database disk image is malformed)" in caplog.records[0].message
