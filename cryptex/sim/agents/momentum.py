"""Momentum traders: they follow the price.

Chiarella and Iori (2002), "A simulation analysis of the microstructure of double auction markets": chartists, who
expect that a move goes on, beside those who look at value.
"""

from math import exp
from typing import Final

from cryptex.sim.agents.base import BUY, SELL, NotNegative, Place, Positive, SizeSettings, size_lots, take
from cryptex.sim.agents.recurring import Recurring, RecurringSettings
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.units import BASIS_POINT
from cryptex.sim.world import World

LOOK: Final = "look"


class MomentumSettings(RecurringSettings, frozen=True, kw_only=True, tag="momentum"):
    """Takes every `every_s` / attention while a fast average of the mid is away from a slow one."""

    every_s: Positive = 30.0
    fast_s: Positive = 30.0
    slow_s: Positive = 180.0
    threshold_bps: NotNegative = 1.5
    look_every_s: Positive = 1.0
    size: SizeSettings = SizeSettings()
    reach_bps: NotNegative = 0.0

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return MomentumTrader(self, world)


class MomentumTrader(Recurring[MomentumSettings]):
    """Buys where the fast average is above the slow one by threshold x (1 + recent volatility), sells below."""

    def __init__(self, settings: MomentumSettings, world: World) -> None:
        super().__init__(settings, world)
        self._fast = self._slow = 0.0
        self._fast_weight = 1 - exp(-settings.look_every_s / settings.fast_s)
        self._slow_weight = 1 - exp(-settings.look_every_s / settings.slow_s)

    def on_start(self, ctx: Context) -> None:
        """Begin to look, and to trade at a time of its own."""
        self._fast = self._slow = ctx.book.mid
        ctx.every(self.settings.look_every_s, LOOK)
        super().on_start(ctx)

    def on_timer(self, ctx: Context, name: str) -> None:
        """Look at the mid, or trade on what was seen."""
        if name == LOOK:
            mid = ctx.book.mid
            self._fast += self._fast_weight * (mid - self._fast)
            self._slow += self._slow_weight * (mid - self._slow)
        else:
            super().on_timer(ctx, name)

    def act(self, ctx: Context) -> None:
        """Take, where the averages are far enough apart."""
        settings = self.settings
        lots = size_lots(ctx, settings.size, ctx.rng.random)
        lead_bps = (self._fast / self._slow - 1) / BASIS_POINT
        threshold_bps = settings.threshold_bps * (1 + self.world.volatility_bps)
        if abs(lead_bps) > threshold_bps:
            take(ctx, BUY if lead_bps > 0 else SELL, lots, settings.reach_bps)
