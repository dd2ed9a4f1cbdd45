"""A scripter's evening: register, fund, quote both sides, survive the end of the node, export what was filled.

Here with the SDK; with the command line alone it stands on the page for scripters, which tests/docs runs.
"""

import asyncio
import csv
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from cryptex.client import Exchange, Order, OutcomeUnknownError, SyncExchange, UnavailableError
from tests.docs.pages import example
from tests.end_to_end.node_process import NodeProcess

MARKET = "BTC-USDT"
QUOTES = (("buy", "59900"), ("sell", "60100"))
PAGE_URL = "http://127.0.0.1:7070"


def kill_and_start(node: NodeProcess) -> None:
    """End the node without a goodbye and start it again where it was."""
    node.flags = ("--port", str(urlsplit(node.url).port))
    node.kill()
    node.start()


@contextmanager
def program(text: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a program in a folder; it must not outlive the test."""
    process = subprocess.Popen([sys.executable, "-c", text], cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_program_of_the_page_outlives_the_node(tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "node") as node:
        taker = node.user("taker")
        taker.deposit("BTC", "1")
        text = example("scripters.md", "A scripter's evening").text.replace(PAGE_URL, node.url)
        with program(text, tmp_path) as nora, SyncExchange(node.url) as exchange:
            book = exchange.watch_book(MARKET)
            assert any(seen.best_bid for seen in book)
            kill_and_start(node)
            assert any(seen.best_bid and seen.best_ask for seen in book)
            for side in ("sell", "buy"):
                taker.place_order(MARKET, side, "0.01")
            _, said = nora.communicate(timeout=30)
            assert nora.returncode == 0, said
        with (tmp_path / "evening.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [(row["side"], row["price"], row["liquidity"]) for row in rows] == [
            ("sell", "60100.00", "maker"),
            ("buy", "59900.00", "maker"),
        ]
        assert node.stop() == 0


async def quote(exchange: Exchange) -> list[Order]:
    """Place both quotes once, whatever happens to the connection meanwhile."""
    placed: list[Order] = []
    while len(placed) < len(QUOTES):
        side, price = QUOTES[len(placed)]
        try:
            placed.append(await exchange.place_order(MARKET, side, "0.1", price=price, client_order_id=f"quote-{side}"))
        except (UnavailableError, OutcomeUnknownError):
            await exchange.wait_live()
    return placed


async def test_what_was_watched_is_whole_after_the_node_was_killed(tmp_path: Path) -> None:
    with NodeProcess(tmp_path) as node:
        taker = node.user("taker")
        taker.deposit("BTC", "1")
        async with Exchange(node.url) as exchange, asyncio.timeout(60):
            await exchange.register("maker", "a long password")
            await exchange.login("maker", "a long password")
            await exchange.deposit("BTC", "1")
            async with exchange.watch_fills() as fills, exchange.watch_wallet() as wallet:
                await fills.ready()
                first = await quote(exchange)
                taker.place_order(MARKET, "sell", "0.04")
                await asyncio.to_thread(kill_and_start, node)
                again = await quote(exchange)
                assert [order.id for order in again] == [order.id for order in first]
                assert all(order.duplicate for order in again)
                taker.place_order(MARKET, "buy", "0.03")
                async for replica in fills:
                    if len(replica.fills) == 2:
                        break
                assert [fill.size for fill in fills.replica.fills] == [Decimal("0.04"), Decimal("0.03")]
                btc = Decimal("1.01") - Decimal("0.00004")
                while (await wallet.ready()).balances["BTC"].balance != btc:
                    await wallet.changed()
        assert node.stop() == 0
