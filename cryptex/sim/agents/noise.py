"""Noise traders: they trade for reasons of their own.

Black (1986), "Noise": trading on noise as if it were information is what makes markets liquid. Daniels, Farmer,
Gillemot, Iori and Smith (2003) build a whole market of orders that come at random.
"""

from cryptex.sim.agents.base import NotNegative, Place, Positive, SizeSettings, size_lots, take
from cryptex.sim.agents.recurring import Recurring, RecurringSettings, coin
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.world import World


class NoiseSettings(RecurringSettings, frozen=True, kw_only=True, tag="noise"):
    """One order at the touch every `every_s` / attention."""

    every_s: Positive = 20.0
    size: SizeSettings = SizeSettings()
    reach_bps: NotNegative = 0.0

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return NoiseTrader(self, world)


class NoiseTrader(Recurring[NoiseSettings]):
    """Takes the best price, on a side by coin."""

    def act(self, ctx: Context) -> None:
        """Take."""
        side = coin(ctx.rng)
        take(ctx, side, size_lots(ctx, self.settings.size, ctx.rng.random), self.settings.reach_bps)
