"""The demo as a whole: node, bots and account over real sockets, and nothing left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cryptex.cli.demo import DEMO_MARKET
from cryptex.cli.demo_bots import LEVELS
from cryptex.cli.folders import is_alive, read_node_file, wait_until
from cryptex.client.exchange import Exchange

WAIT_S = 30.0


class Connect(msgspec.Struct):
    """What `demo --no-tui -o json` says."""

    url: str
    username: str
    token: str


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo without a terminal, whose temporary folder lies in tmp_path."""
    environment = {**os.environ, "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "cryptex", "demo", "--no-tui", "-o", "json", "--seed", "3"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


async def _until_the_book_lives(exchange: Exchange) -> None:
    """Return when the maker quotes all its levels and somebody has traded."""
    book, trades = exchange.watch_book(DEMO_MARKET), exchange.watch_trades(DEMO_MARKET)
    while len(book.replica.bids) < LEVELS or len(book.replica.asks) < LEVELS:
        await book.changed()
    while not trades.replica.trades:
        await trades.changed()


def _left_behind(folder: Path) -> list[Path]:
    return list(folder.glob("cryptex-demo-*"))


async def test_a_demo_trades_by_itself_and_leaves_nothing(demo: subprocess.Popen[str], tmp_path: Path) -> None:
    assert demo.stdout is not None
    said = msgspec.json.decode(await asyncio.to_thread(demo.stdout.readline), type=Connect)
    async with Exchange(said.url, said.token) as exchange:
        await asyncio.wait_for(_until_the_book_lives(exchange), WAIT_S)
        me = await exchange.me()
        assert (me.id, me.username) == (1, said.username)
        funds = {each.asset: str(each.available) for each in await exchange.balances()}
        assert (funds["BTC"], funds["USDT"]) == ("1.00000000", "100000.00000000")
        order = await exchange.place_order(DEMO_MARKET, "buy", "0.01")
        assert str(order.filled) == "0.01000"
    demo.send_signal(signal.SIGTERM)
    _, err = await asyncio.to_thread(demo.communicate, timeout=WAIT_S)
    assert demo.returncode == 0
    assert "you had 1.0" in err
    assert _left_behind(tmp_path) == []


async def test_a_killed_demo_takes_its_node_with_it(demo: subprocess.Popen[str], tmp_path: Path) -> None:
    assert demo.stdout is not None
    said = msgspec.json.decode(await asyncio.to_thread(demo.stdout.readline), type=Connect)
    (folder,) = _left_behind(tmp_path)
    found = read_node_file(folder)
    assert found is not None
    assert found.url == said.url
    async with Exchange(said.url) as exchange:
        ended = asyncio.Event()
        exchange.on_state(lambda state: ended.set() if state != "live" else None)
        demo.kill()
        await asyncio.wait_for(ended.wait(), WAIT_S)
    assert await asyncio.to_thread(wait_until, lambda: not is_alive(found.pid), WAIT_S)
    assert read_node_file(folder) is None, "it ended in order"
