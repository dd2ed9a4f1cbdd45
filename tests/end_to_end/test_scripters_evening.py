"""A scripter's evening: register, fund, quote both sides, survive a restart of the node, export what was filled."""

import asyncio
import csv
import io
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from msgspec.structs import astuple

from cryptex.client import Exchange, Fill, Order, UnavailableError
from tests.end_to_end.node_process import NodeProcess

MARKET = "BTC-USDT"
QUOTES = (("buy", "59900"), ("sell", "60100"))


def restart(node: NodeProcess) -> None:
    """End the node cleanly and start it again where it was."""
    node.flags = ("--port", str(urlsplit(node.url).port))
    assert node.stop() == 0
    node.start()


async def quote(exchange: Exchange, number: int) -> list[Order]:
    """Place both quotes once, whatever happens to the connection meanwhile."""
    placed: list[Order] = []
    for side, price in QUOTES:
        while True:
            key = f"quote-{number}-{side}"
            try:
                placed.append(
                    await exchange.place_order(MARKET, side, "0.1", price=price, post_only=True, client_order_id=key)
                )
                break
            except UnavailableError:
                await connected(exchange)
    return placed


async def connected(exchange: Exchange) -> None:
    """Wait until the exchange is live."""
    live = asyncio.Event()
    exchange.on_state(lambda state: live.set() if state == "live" else None)
    if exchange.state != "live":
        await live.wait()


async def test_with_the_sdk(tmp_path: Path) -> None:
    with NodeProcess(tmp_path) as node:
        taker = node.user("taker")
        taker.deposit("BTC", "1")
        async with Exchange(node.url) as exchange, asyncio.timeout(60):
            await exchange.register("maker", "a long password")
            await exchange.login("maker", "a long password")
            await exchange.deposit("BTC", "1")
            async with exchange.watch_fills() as fills, exchange.watch_wallet() as wallet:
                await fills.ready()
                first = await quote(exchange, 1)
                taker.place_order(MARKET, "sell", "0.04")
                await asyncio.to_thread(restart, node)
                again = await quote(exchange, 1)
                assert [order.id for order in again] == [order.id for order in first]
                assert all(order.duplicate for order in again)
                node.again("taker").place_order(MARKET, "buy", "0.03")
                async for replica in fills:
                    if len(replica.fills) == 2:
                        break
                assert [fill.size for fill in fills.replica.fills] == [Decimal("0.04"), Decimal("0.03")]
                btc = (await wallet.ready()).get("BTC")
                assert btc is not None
                assert btc.balance == Decimal("1.01") - Decimal("0.00004")
            out = io.StringIO()
            rows = csv.writer(out)
            rows.writerow(Fill.__struct_fields__)
            async for fill in exchange.all_fills():
                rows.writerow(astuple(fill))
            exported = list(csv.DictReader(io.StringIO(out.getvalue())))
            assert [row["side"] for row in exported] == ["sell", "buy"]
        assert node.stop() == 0


class Shell:
    """The CLI as a scripter uses it: commands, their output, their exit codes."""

    def __init__(self, home: Path) -> None:
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("CRYPTEX_", "XDG_"))},
            "HOME": str(home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        self.code = 0

    def __call__(self, url: str, *words: str, stdin: str = "") -> str:
        """Run a command and return what it said on stdout; `code` is how it ended."""
        ended = subprocess.run(
            [sys.executable, "-m", "cryptex", *words],
            env={**self._environment, "CRYPTEX_NODE": url},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.code = ended.returncode
        return ended.stdout


def test_with_the_command_line_alone(tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "node") as node:
        taker = node.user("taker")
        taker.deposit("BTC", "1")
        run = Shell(tmp_path)
        for words in (["register", "maker"], ["login", "maker"]):
            run(node.url, *words, "--password-stdin", stdin="a long password\n")
            assert run.code == 0
        run(node.url, "wallet", "deposit", "BTC", "1")
        for side, price in QUOTES:
            run(node.url, side, MARKET, "0.1", "--price", price, "--post-only", "--client-order-id", f"quote-{side}")
            assert run.code == 0
        taker.place_order(MARKET, "sell", "0.04")
        node.flags = ("--port", str(urlsplit(node.url).port))
        assert node.stop() == 0
        run(node.url, "orders")
        assert run.code == 3
        node.start()
        side, price = QUOTES[0]
        run(node.url, side, MARKET, "0.1", "--price", price, "--post-only", "--client-order-id", f"quote-{side}")
        assert run.code == 0
        exported = list(csv.DictReader(io.StringIO(run(node.url, "fills", "-o", "csv"))))
        assert [(row["side"], row["size"], row["liquidity"]) for row in exported] == [("buy", "0.04000", "maker")]
        run(node.url, "cancel-all", "--yes")
        assert run.code == 0
        assert node.stop() == 0
