"""`cryptex watch --alert`: on a scripted node what fires and in which words, on a real one that it does."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cryptex.cli.output import Output
from cryptex.protocol.channels import FillsMessage, TickerMessage, TradesMessage
from cryptex.protocol.terms import Side
from cryptex.protocol.views import TradeView
from tests.cli.canned import FILLS, TICKER, TIME
from tests.cli.conftest import Cli, Ended
from tests.cli.golden import expect
from tests.cli.live import LiveNode, interrupt, lines
from tests.client.fake_node import FakeNode

MARKET = "BTC-USDT"
PATIENCE_S = 60


def _trades(sequence: int, *prices: str, prev: int | None = None, first: int = 1) -> TradesMessage:
    views = [TradeView(first + at, price, "0.10000", Side.BUY, TIME) for at, price in enumerate(prices)]
    kind = "snapshot" if prev is None else "update"
    return TradesMessage(market=MARKET, type=kind, epoch=1, sequence=sequence, prev=prev, time=TIME, trades=views)


def _ticker(sequence: int = 1) -> TickerMessage:
    return TickerMessage(market=MARKET, type="snapshot", epoch=1, sequence=sequence, time=TIME, ticker=TICKER)


class Scripted:
    """A scripted node, and the command on it in a process of its own."""

    def __init__(self, node: FakeNode, process: asyncio.subprocess.Process) -> None:
        self.send = node.send
        self.drop = node.drop
        self._node = node
        self._process = process
        self._said = ""

    async def subscribed(self, channels: int) -> None:
        """Wait until the command follows so many channels."""
        async with asyncio.timeout(PATIENCE_S):  # longer than the node's own: a process takes its time to begin
            while channels:
                channels -= (await self._node.asked.get()).method == "subscribe"

    async def said(self, words: str) -> None:
        """Wait until the command said something on stderr: then it has looked at what there is."""
        assert self._process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            while words not in self._said:
                self._said += (await self._process.stderr.readline()).decode()

    async def ended(self) -> Ended:
        """Return how the command ended."""
        async with asyncio.timeout(PATIENCE_S):
            out, said = await self._process.communicate()
        return Ended(self._process.returncode or 0, out.decode(), self._said + said.decode())


@asynccontextmanager
async def scripted(live: LiveNode, *arguments: str) -> AsyncIterator[Scripted]:
    """Run the command on a scripted node."""
    async with FakeNode() as node:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "cryptex", "watch", MARKET, "--node", node.url, *arguments),
            env=live.environment("token-1"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield Scripted(node, process)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


@pytest.mark.parametrize("form", ["table", "ndjson", "csv"])
async def test_a_price_that_comes_true_is_said_once_and_ends_it(form: str, live: LiveNode) -> None:
    async with scripted(live, "--alert", "price>61000", "--once", "-o", form) as run:
        await run.subscribed(2)
        await run.send(_ticker())
        await run.send(_trades(1, "60000.10"))
        await run.said("Watching")
        await run.send(_trades(2, "61000.00", "61000.50", "60999.00", prev=1, first=2))
        ended = await run.ended()
    assert ended.code == 0
    assert ended.err == "Watching BTC-USDT (last 60000.10) for: price > 61000\n"
    expect("watch", form, ended.out)


@pytest.mark.parametrize("form", ["table", "ndjson", "csv"])
async def test_an_own_fill_is_said_and_older_ones_are_not(form: str, live: LiveNode) -> None:
    async with scripted(live, "--alert", "fill", "--once", "-o", form) as run:
        await run.subscribed(2)
        await run.send(_ticker())
        await run.send(FillsMessage(type="snapshot", epoch=1, sequence=1, time=TIME, fills=[]))
        await run.said("Watching")
        await run.send(FillsMessage(type="update", epoch=1, sequence=2, prev=1, time=TIME, fills=FILLS.fills))
        ended = await run.ended()
    assert ended.code == 0
    expect("watch_fill", form, ended.out)


async def test_trades_of_the_time_out_of_touch_do_not_fire_and_the_newest_does(live: LiveNode) -> None:
    async with scripted(live, "--alert", "price>61000", "--once") as run:
        await run.subscribed(2)
        await run.send(_ticker())
        await run.send(_trades(1, "60000.00"))
        await run.said("Watching")
        run.drop()
        await run.subscribed(2)
        await run.send(_trades(5, "60000.00", "62000.00", "60500.00"))
        await run.send(_ticker(2))
        await run.said("Live again")
        await run.send(_trades(6, "61500.00", prev=5, first=4))
        ended = await run.ended()
    assert ended.out == f"{TIME}  BTC-USDT  price > 61000: 61500.00\n"
    assert "No alert fires until the data is live again." in ended.err
    assert "Live again." in ended.err


def test_alerts_on_a_real_node_fire_again_after_they_were_false(live: LiveNode) -> None:
    live.maker.cancel_all()  # the node is that of other tests too
    live.taker.cancel_all()
    live.trade("60000")
    rules = ("--alert", "price > 60500", "--alert", "fill", "--alert", "bid>=49000")
    with live.start("watch", MARKET, *rules, "-o", "ndjson", token=live.taker.token) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith(
            "Watching BTC-USDT (last 60000.00) for: price > 60500; fill; bid >="
        )
        live.trade("60600")
        live.trade("60700")
        live.trade("60000")
        live.trade("60800")
        live.maker.place_order(MARKET, "buy", "0.001", price="49000")
        fired = [json.loads(line) for line in lines(process, 7)]
        assert interrupt(process) == (130, "")
    live.maker.cancel_all()
    assert [each["value"] for each in fired if each["alert"] == "price > 60500"] == ["60600.00", "60800.00"]
    fills = [each for each in fired if each["alert"] == "fill"]
    assert [each["value"] for each in fills] == ["60600.00", "60700.00", "60000.00", "60800.00"]
    assert {(each["side"], each["size"]) for each in fills} == {("buy", "0.10000")}
    assert [each["value"] for each in fired if each["alert"].startswith("bid")] == ["49000.00"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--alert", "prise>5"], "the alert 'prise>5' is not understood: 'prise' is not a value of a market"),
        (["--alert", "price>5", "--alert", ""], "the alert '' is not understood: it is empty"),
        (["--once"], "--once ends at the first alert, and there is none"),
        ([word for n in range(101) for word in ("--alert", f"price>{n}")], "101 alerts, and 100 are watched at most"),
    ],
)
def test_what_is_no_alert_is_a_mistake_of_usage(arguments: list[str], said: str, cli: Cli) -> None:
    ended = cli("watch", MARKET, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_an_unknown_rule_is_told_what_is_understood(cli: Cli) -> None:
    ended = cli("watch", MARKET, "--alert", "price=5")
    assert "Understood: price, bid, ask, spread, change_percent, volume with >, >=, < or <= and a number" in ended.err


def test_a_fill_alert_needs_a_login(live: LiveNode) -> None:
    with live.start("watch", MARKET, "--alert", "fill") as process:
        out, said = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (4, "")
    assert "not logged in" in said


def test_the_bell_rings_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Output().bell()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    Output().bell()
    assert capsys.readouterr() == ("", "\a")
