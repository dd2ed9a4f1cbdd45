"""What the screens look like. After a wanted change: pytest tests/tui --snapshot-update, and look at the pictures."""

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from cryptex.client.errors import unreachable
from cryptex.client.models import Simulation
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import MarketState
from cryptex.tui.app import CryptexTerminal
from cryptex.tui.entry.entrance import Entrance, KnownNode
from cryptex.tui.entry.node_screen import NodeScreen
from cryptex.tui.looks.up_down import OWN
from cryptex.tui.model import Tone
from cryptex.tui.trading_screen import TradingScreen
from tests.tui.entry.fakes import FakeNode
from tests.tui.fake_exchange import FakeExchange, refusal
from tests.tui.pilots import arrive, until
from tests.tui.scenes import BOOK, TICKER, book, terminal, ticker_in

Compare = Callable[..., bool]
Step = Callable[[Pilot[None]], Awaitable[None]]


def trading(app: CryptexTerminal, exchange: FakeExchange, *keys: str, silent_s: float = 0) -> Step:
    """Return the steps to the trading scene: keys, then silence."""

    async def run(pilot: Pilot[None]) -> None:
        screen = await arrive(pilot, app, exchange)
        screen.model.note("15:39:58", Tone.GOOD, "bought 0.1 BTC at 61,227.00 (maker, #1041)")
        screen.model.note("15:40:01", Tone.BAD, "rejected: needs 91840.50 USDT, 90781.33 available. Lower the size.")
        await pilot.press(*keys)
        if silent_s:  # else a ping that falls due on a slow machine is answered as the one before it was
            exchange.answers["ping"] = [unreachable("no pong")] * 100
        exchange.now_s += silent_s
        for _ in range(2):
            if isinstance(app.screen, TradingScreen):
                screen.frame()
            await pilot.pause()

    return run


@pytest.mark.parametrize("size", [(60, 30), (80, 24), (120, 40), (200, 55)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_trading(snap_compare: Compare, size: tuple[int, int]) -> None:
    exchange = FakeExchange(simulation=Simulation("calm", 7))
    app = terminal(exchange)
    assert snap_compare(app, terminal_size=size, run_before=trading(app, exchange, "l", "down", "enter", "f2"))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_stale(snap_compare: Compare, size: tuple[int, int]) -> None:
    exchange = FakeExchange()
    app = terminal(exchange)
    assert snap_compare(app, terminal_size=size, run_before=trading(app, exchange, silent_s=12))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_auction(snap_compare: Compare, size: tuple[int, int]) -> None:
    """A crossed book, what would trade, and a ticket that says why not."""
    exchange = FakeExchange()
    app = terminal(exchange)

    async def run(pilot: Pilot[None]) -> None:
        await trading(app, exchange, "b", "o")(pilot)
        exchange.say(BOOK, book([("61240.00", "2.00000")], [("61230.00", "1.00000")], sequence=2, prev=1))
        crossed = {"indicative_price": "61235.00", "indicative_volume": "1.00000"}
        exchange.say(TICKER, ticker_in(MarketState.AUCTION, state_ends_at="2026-11-22T15:45:03.000000Z", **crossed))
        if isinstance(app.screen, TradingScreen):
            app.screen.frame()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("name", ["day", "mono"])
def test_themes(snap_compare: Compare, name: str) -> None:
    """The default theme is in all the others."""
    exchange = FakeExchange(simulation=Simulation("calm", 7))
    app = terminal(exchange)

    async def run(pilot: Pilot[None]) -> None:
        await trading(app, exchange, "l", "down", "enter", "f2")(pilot)
        app.wear(name, OWN)
        await pilot.pause()

    assert snap_compare(app, terminal_size=(120, 40), run_before=run)


def test_help(snap_compare: Compare) -> None:
    exchange = FakeExchange()
    app = terminal(exchange)
    assert snap_compare(app, terminal_size=(80, 24), run_before=trading(app, exchange, "question_mark"))


def test_login(snap_compare: Compare) -> None:
    app = terminal(FakeExchange(), token=None, username="alice")
    assert snap_compare(app, terminal_size=(80, 24), press=["ctrl+r"])


@pytest.mark.parametrize("size", [(80, 24), (44, 16)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_no_node(snap_compare: Compare, size: tuple[int, int]) -> None:
    exchange = FakeExchange()
    exchange.answers["connect"] = [unreachable("cannot reach the node at 127.0.0.1:7070: Connection refused")]
    nodes = (KnownNode("http://127.0.0.1:7070"), KnownNode("https://exchange.example", "work"))
    app = terminal(exchange, entrance=Entrance(nodes=nodes, local_node=FakeNode()))

    async def run(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: isinstance(app.screen, NodeScreen))
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)


def test_deposit(snap_compare: Compare) -> None:
    exchange = FakeExchange()
    exchange.answers["deposit"] = [refusal(Code.FAUCET_DISABLED, "this node's faucet is off")]
    app = terminal(exchange)
    keys = ("D", "1", "0", "0", "0", "enter")
    assert snap_compare(app, terminal_size=(80, 24), run_before=trading(app, exchange, *keys))


def test_withdraw(snap_compare: Compare) -> None:
    exchange = FakeExchange()
    app = terminal(exchange)
    keys = ("W", *"1000", "enter", *"somewhere", "enter")
    assert snap_compare(app, terminal_size=(80, 24), run_before=trading(app, exchange, *keys))
