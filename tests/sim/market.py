"""A market with a bot or two, for tests."""

from collections.abc import Callable
from functools import partial

from cryptex.protocol.commands import DefineAsset, DefineMarket, Grant, OpenAccount
from cryptex.sim.bot import Bot
from cryptex.sim.clock import VirtualClock
from cryptex.sim.context import Context
from cryptex.sim.engine_venue import EngineVenue
from cryptex.sim.randomness import stream

SECOND = 1_000_000_000
LOTS = 10_000_000
START_TICKS = 6_000_000
TYPICAL_LOTS = 1_000


class Lab:
    """A venue on a virtual clock, at 60,000 USDT, and the bots that joined it."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        setup = [
            DefineAsset("BTC", "Bitcoin", 8),
            DefineAsset("USDT", "Tether", 8),
            DefineMarket("BTC", "USDT", "0.01", "0.00001", "5", "0.001", "0.001"),
        ]
        self.venue = EngineVenue(self.clock, setup, "BTC-USDT", START_TICKS)
        self._joined = 0

    def join(self, bot: Bot, latency_ns: int = 0) -> Context:
        """Let a bot begin."""
        name = f"bot-{self._joined}"
        self._joined += 1
        market = self.venue.market
        grants = (
            Grant("BTC", LOTS * market.lot_units),
            Grant("USDT", LOTS * START_TICKS * market.notional_units),
        )
        account_id = self.venue.open_account(OpenAccount(name, grants, bot=True))
        port = self.venue.port(account_id, latency_ns)
        context = Context(bot, port, partial(stream, 1, "lab", name, 0), TYPICAL_LOTS)
        self.venue.attach(port, context, bot)
        context.start()
        return context

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.run_until(self.clock.time_ns + int(seconds * SECOND))


class Scripted(Bot):
    """Does what it was given when it starts, and keeps all that it hears."""

    def __init__(self, *steps: Callable[[Context], object]) -> None:
        self.steps = steps
        self.heard: list[object] = []

    def on_start(self, ctx: Context) -> None:
        for step in self.steps:
            step(ctx)

    def on_fill(self, ctx: Context, fill: object) -> None:
        self.heard.append(fill)
