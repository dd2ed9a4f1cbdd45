"""Steps that the terminal's tests share. Nothing sleeps: the app is let run until what is waited for is true."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import NamedTuple

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from cryptex.client.models import Candle
from cryptex.tui.app import CryptexTerminal
from cryptex.tui.drawing.panel import Drawn
from cryptex.tui.trading_screen import TradingScreen
from tests.tui.chart.candles import walk
from tests.tui.fake_exchange import FakeExchange
from tests.tui.scenes import BOOK, CANDLES, candles, populate, terminal

TURNS_MAX = 400
HIDDEN_SIZE = (60, 20)
SCENE_CANDLES = tuple(walk(60, last=Decimal("61234.50")))


class Desk(NamedTuple):
    """A terminal that shows the scene."""

    app: CryptexTerminal
    pilot: Pilot[None]
    exchange: FakeExchange
    screen: TradingScreen

    async def frame(self) -> None:
        """Draw a frame now."""
        self.screen.frame()
        await self.pilot.pause()

    def text(self, part: str) -> str:
        """Return what a panel shows, line by line; one behind others, what it would show in a room of its own."""
        panel = self.screen.query_one(f"#{part}", Drawn)
        if not panel.display:
            return "\n".join("".join(span.text for span in line) for line in panel.lines(*HIDDEN_SIZE))
        return "\n".join(panel.render_line(y).text for y in range(panel.size.height))

    def status(self) -> str:
        """Return the status bar."""
        return self.screen.status_bar.render_line(0).text

    def outcome(self) -> str:
        """Return what stands under the ticket's button, in one line."""
        return " ".join(self.text("foot").split())

    def field(self, name: str) -> str:
        """Return what stands in a number field."""
        return self.screen.query_one(f"#{name}", Input).value


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    """Let the app run until something is true."""
    for _ in range(TURNS_MAX):
        if true():
            return
        await pilot.pause()
    raise AssertionError("waited in vain")


async def type_text(pilot: Pilot[None], text: str) -> None:
    """Press the keys of a text."""
    await pilot.press(*("full_stop" if c == "." else c for c in text))


def burst(app: CryptexTerminal, *keys: str) -> None:
    """Type keys faster than the terminal takes them."""
    for key in keys:
        app.post_message(Key(_character_to_key(key), key) if len(key) == 1 else Key(key, None))


async def arrive(
    pilot: Pilot[None], app: CryptexTerminal, exchange: FakeExchange, past: Sequence[Candle] = SCENE_CANDLES
) -> TradingScreen:
    """Wait for the trading screen, let every channel speak, and draw a frame."""
    await until(pilot, lambda: isinstance(app.screen, TradingScreen) and BOOK in exchange.feeds)
    screen = app.screen
    assert isinstance(screen, TradingScreen)
    populate(exchange)
    await until(pilot, lambda: screen.model.latency_ms is not None)
    screen.frame()
    await pilot.pause()
    if past and screen.desk.chart.display:
        await until(pilot, lambda: CANDLES in exchange.feeds)
        exchange.say(CANDLES, candles(past))
        await until(pilot, lambda: screen.model.chart.series is not None)
    screen.frame()
    await pilot.pause()
    return screen


@asynccontextmanager
async def desk(
    size: tuple[int, int] = (120, 40),
    exchange: FakeExchange | None = None,
    past: Sequence[Candle] = SCENE_CANDLES,
    **fields: object,
) -> AsyncIterator[Desk]:
    """Run a terminal that shows the scene, with a past of these candles; `fields` are the terminal's."""
    exchange = exchange or FakeExchange()
    app = terminal(exchange, **fields)
    async with app.run_test(size=size) as pilot:
        yield Desk(app, pilot, exchange, await arrive(pilot, app, exchange, past))
