"""Noise traders: they trade for reasons of their own.

Black (1986), "Noise": trading on noise as if it were information is what makes markets liquid. Daniels, Farmer,
Gillemot, Iori and Smith (2003) build a whole market of orders that come at random.
"""

from cryptex.sim.agents.base import (
    BUY,
    SELL,
    GroupSettings,
    NotNegative,
    Place,
    Positive,
    SizeSettings,
    size_lots,
    take,
    wait_s,
)
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.world import World


class NoiseSettings(GroupSettings, frozen=True, kw_only=True, tag="noise"):
    """One order at the touch every `every_s` / attention."""

    every_s: Positive = 20.0
    size: SizeSettings = SizeSettings()
    reach_bps: NotNegative = 0.0

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return NoiseTrader(self, world)


class NoiseTrader(Bot):
    """Takes the best price, on a side by coin."""

    def __init__(self, settings: NoiseSettings, world: World) -> None:
        self._settings = settings
        self._world = world

    def on_start(self, ctx: Context) -> None:
        """Begin at a time of its own."""
        ctx.after(wait_s(ctx.rng, self._settings.every_s, self._world.attention))

    def on_timer(self, ctx: Context, name: str) -> None:
        """Take."""
        rng = ctx.rng
        side = BUY if rng.random() < 0.5 else SELL
        take(ctx, side, size_lots(ctx, self._settings.size, rng.random), self._settings.reach_bps)
        ctx.after(wait_s(rng, self._settings.every_s, self._world.attention))
