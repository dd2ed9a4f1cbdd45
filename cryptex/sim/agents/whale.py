"""A whale: rare orders that are much larger than the book at hand.

Gabaix, Gopikrishnan, Plerou and Stanley (2003), "A theory of power-law distributions in financial market fluctuations":
large moves come from the trades of the largest participants.
"""

from cryptex.sim.agents.base import NotNegative, Place, Positive, SizeSettings, size_lots, take
from cryptex.sim.agents.recurring import Recurring, RecurringSettings, coin
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.world import World


class WhaleSettings(RecurringSettings, frozen=True, kw_only=True, tag="whale"):
    """One sweep of the book every `every_s` / attention, up to `reach_bps` beyond the best price."""

    every_s: Positive = 3600.0
    reach_bps: NotNegative = 50.0
    size: SizeSettings = SizeSettings(least=200.0, most=5000.0)

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return Whale(self, world)


class Whale(Recurring[WhaleSettings]):
    """Sweeps the book now and then, on a side by coin."""

    def act(self, ctx: Context) -> None:
        """Sweep."""
        side = coin(ctx.rng)
        take(ctx, side, size_lots(ctx, self.settings.size, ctx.rng.random), self.settings.reach_bps)
