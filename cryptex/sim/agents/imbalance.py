"""Imbalance traders: they read the book, and follow its heavier side.

Cont, Kukanov and Stoikov (2014), "The price impact of order book events": the imbalance of what stands near the best
prices tells where the price goes next. They are whom a spoofer wants to deceive.
"""

from typing import Final

from cryptex.sim.agents.base import BUY, SELL, Place, Positive, Share, SizeSettings, size_lots, take
from cryptex.sim.agents.recurring import Recurring, RecurringSettings
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.units import BASIS_POINT
from cryptex.sim.world import World

LEVELS_MAX: Final = 50


class ImbalanceSettings(RecurringSettings, frozen=True, kw_only=True, tag="imbalance"):
    """One look at what stands within `within_bps` of the mid every `every_s` / attention."""

    every_s: Positive = 5.0
    within_bps: Positive = 10.0
    threshold: Share = 0.5
    size: SizeSettings = SizeSettings()

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return ImbalanceTrader(self, world)


class ImbalanceTrader(Recurring[ImbalanceSettings]):
    """Buys where (bids - asks) / (bids + asks) is above the threshold, sells where it is below minus that."""

    def act(self, ctx: Context) -> None:
        """Look at the book."""
        settings, mid = self.settings, ctx.book.mid
        reach = mid * settings.within_bps * BASIS_POINT
        bids = sum(lots for price, lots in ctx.book.bids(LEVELS_MAX) if price >= mid - reach)
        asks = sum(lots for price, lots in ctx.book.asks(LEVELS_MAX) if price <= mid + reach)
        lots = size_lots(ctx, settings.size, ctx.rng.random)
        if bids + asks and abs(bids - asks) > settings.threshold * (bids + asks):
            take(ctx, BUY if bids > asks else SELL, lots)
