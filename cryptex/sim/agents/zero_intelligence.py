"""Zero-intelligence traders: they shout at random, with a budget or without.

Gode and Sunder (1993), "Allocative efficiency of markets with zero-intelligence traders: market as a partial substitute
for individual rationality": traders that draw a price at random, but none that loses (ZI-C), make nearly all of the
surplus; without that constraint (ZI-U) they do not.
"""

from cryptex.sim.agents.auction_trader import AuctionSettings, AuctionTrader
from cryptex.sim.agents.base import BUY, Place
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.world import World


class ConstrainedSettings(AuctionSettings, frozen=True, kw_only=True, tag="zi-c"):
    """Zero-intelligence traders with a budget."""

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return ConstrainedTrader(self, world, place)


class UnconstrainedSettings(AuctionSettings, frozen=True, kw_only=True, tag="zi-u"):
    """Zero-intelligence traders without a budget."""

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return UnconstrainedTrader(self, world, place)


class ConstrainedTrader(AuctionTrader):
    """ZI-C: a buyer draws from what is not above its value, a seller from what is not below its cost."""

    def price(self, ctx: Context, limit: int) -> int:
        """Return a price without loss."""
        if self.side is BUY:
            return ctx.rng.randint(1, limit)
        return ctx.rng.randint(limit, self.settings.price_most_ticks)


class UnconstrainedTrader(AuctionTrader):
    """ZI-U: draws from all prices."""

    def price(self, ctx: Context, limit: int) -> int:
        """Return any price."""
        return ctx.rng.randint(1, self.settings.price_most_ticks)
