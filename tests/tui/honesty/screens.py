"""The whole terminal in front of the scripted server, and what it draws, read back from the screen."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Final, NamedTuple

from textual.pilot import Pilot

from cryptex.tui.app import CryptexTerminal
from cryptex.tui.drawing.panel import Drawn
from cryptex.tui.trading_screen import TradingScreen
from tests.client.fake_node import FakeTime
from tests.tui.honesty.mischief import Mischief, ScriptedExchange, harmful, settled
from tests.tui.honesty.truth import Book
from tests.tui.pilots import until

_HALF_CELL: Final = "▐"
"""The end of a bar, where no text stands."""
_RUNG: Final = re.compile(r"(\d[\d,]*\.\d\d)\s+(\d+(?:\.\d+)?)")


class Sight(NamedTuple):
    """A terminal, and the server behind it."""

    pilot: Pilot[None]
    screen: TradingScreen
    exchange: ScriptedExchange
    server: Mischief
    time: FakeTime

    async def settle(self, rounds: int = 1) -> None:
        """Let what the server sent be taken and drawn, and what it leads to as well."""
        for _ in range(rounds):
            await settled(self.exchange)
        await self.frame()

    async def frame(self) -> None:
        """Draw a frame now."""
        self.screen.frame()
        await self.pilot.pause()

    @property
    def status(self) -> str:
        """What the status bar says."""
        return self.screen.status_bar.render_line(0).text

    @property
    def is_live(self) -> bool:
        """Whether the status bar says that all is live."""
        return "● live" in self.status

    @property
    def outcome(self) -> str:
        """What stands under the ticket's button, in one line."""
        return " ".join(self.text("foot").split())

    def panel(self, part: str) -> Drawn:
        """Return a panel."""
        return self.screen.query_one(f"#{part}", Drawn)

    def text(self, part: str) -> str:
        """Return what a panel shows."""
        panel = self.panel(part)
        return "\n".join(panel.render_line(y).text for y in range(panel.size.height))

    def ladder(self) -> Book:
        """Return the levels on the ladder, best first."""
        above, _, below = self.text("ladder").replace(_HALF_CELL, " ").partition("spread")
        *asks, _ = above.splitlines()
        return _levels(below.splitlines()[1:]), _levels(asks)[::-1]

    def shows(self, truth: Book) -> bool:
        """Return whether the ladder shows the best levels of a book, as many as there is room for."""
        return all(
            shown == true[: len(shown)] and (shown or not true)
            for shown, true in zip(self.ladder(), truth, strict=True)
        )


def _levels(rows: list[str]) -> list[tuple[Decimal, Decimal]]:
    found = [match for row in rows if (match := _RUNG.search(row)) is not None]
    return [(Decimal(match[1].replace(",", "")), Decimal(match[2])) for match in found]


@asynccontextmanager
async def sight(seed: int = 0) -> AsyncIterator[Sight]:
    """Run a terminal until it shows the book of the scripted server."""
    async with harmful(seed) as (server, exchange, time):
        app = CryptexTerminal(
            exchange, token="token", clock=lambda: time.now_s, now_text=lambda: "15:40:03", lookup_pause_s=0.0
        )
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, TradingScreen))
            screen = app.screen
            assert isinstance(screen, TradingScreen)
            seen = Sight(pilot, screen, exchange, server, time)
            await until(pilot, lambda: screen.model.depth is not None)
            await seen.settle(3)
            yield seen
