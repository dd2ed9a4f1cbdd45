"""The demo as a whole: node, simulated traders and account over real sockets, and nothing left behind."""

import asyncio
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from cryptex.cli.demo_account import DEMO_MARKET
from cryptex.cli.folders import is_alive, read_node_file, wait_until
from cryptex.client.exchange import Exchange
from tests.cli.pseudo_terminal import PseudoTerminal

WAIT_S = 30.0
LEVELS = 10


class Connect(msgspec.Struct):
    """What `demo --no-tui -o json` says."""

    url: str
    username: str
    token_file: str
    password_file: str


def _environment(folder: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    return {**inherited, "TMPDIR": str(folder), "HOME": str(folder), "TERM": "xterm-256color"}


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a demo without a terminal, whose temporary folder lies in `folder`."""
    command = [sys.executable, "-m", "cryptex", "demo", "--no-tui", *arguments]
    with subprocess.Popen(
        command, env=_environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


async def _until_the_book_lives(exchange: Exchange) -> None:
    """Return when there is depth on both sides and somebody has traded since this was called."""
    book, trades = exchange.watch_book(DEMO_MARKET), exchange.watch_trades(DEMO_MARKET)
    while len(book.replica.bids) < LEVELS or len(book.replica.asks) < LEVELS:
        await book.changed()
    before = (await trades.ready()).sequence
    while trades.replica.sequence <= before:
        await trades.changed()


def _left_behind(folder: Path) -> list[Path]:
    return list(folder.glob("cryptex-demo-*"))


async def test_a_demo_trades_by_itself_and_leaves_nothing(tmp_path: Path) -> None:
    with started(tmp_path, "-o", "json", "--seed", "3") as demo:
        await _trade(demo)
    assert _left_behind(tmp_path) == []


async def _trade(demo: subprocess.Popen[str]) -> None:
    assert demo.stdout is not None
    said = msgspec.json.decode(await asyncio.to_thread(demo.stdout.readline), type=Connect)
    files = [Path(said.token_file), Path(said.password_file)]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
    secrets = [file.read_text().strip() for file in files]
    async with Exchange(said.url, secrets[0]) as exchange:
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
    told = r"You saw [0-9,]+ trades and made [1-9][0-9]* fills?\. You had 1\.00999 BTC and 99,[34][0-9,.]+ USDT"
    assert re.search(told, err)
    assert not any(secret in err for secret in secrets)


def test_the_terminal_opens_on_it_and_leaving_ends_all(tmp_path: Path) -> None:
    command = ["demo", "--scenario", "volatile"]
    with PseudoTerminal(command, _environment(tmp_path)) as terminal:
        terminal.until("SIM volatile, seed 7")
        terminal.until("spread")
        terminal.press("q")
        seen = terminal.until("is gone")
        assert terminal.wait() == 0
    plain = " ".join(seen.split())
    assert "made 0 fills. You had 1 BTC and 100,000 USDT: worth 1" in plain
    assert "The demo's node has stopped." in plain
    assert _left_behind(tmp_path) == []


async def test_a_killed_demo_takes_its_node_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with started(tmp_path, "--data-dir", str(folder)) as demo:
        assert demo.stdout is not None
        said = "".join([await asyncio.to_thread(demo.stdout.readline) for _ in CONNECT.splitlines()])
        found = read_node_file(folder)
        assert found is not None
        assert said.replace(found.url, "URL").replace(str(folder), "FOLDER") == CONNECT
        async with Exchange(found.url) as exchange:
            ended = asyncio.Event()
            exchange.on_state(lambda state: ended.set() if state != "live" else None)
            demo.kill()
            await asyncio.wait_for(ended.wait(), WAIT_S)
    assert await asyncio.to_thread(wait_until, lambda: not is_alive(found.pid), WAIT_S)
    assert read_node_file(folder) is None, "it ended in order"


CONNECT = """\
A node with simulated traders runs at URL; you are demo, with 100,000 USDT and 1 BTC.
In another terminal:

  export CRYPTEX_NODE=URL
  export CRYPTEX_TOKEN="$(cat FOLDER/demo.token)"
  cryptex book BTC-USDT
  cryptex buy BTC-USDT 0.01
  cryptex tui

The password, where a login is asked for, is in FOLDER/demo.password.
Ctrl-C ends it.
"""
