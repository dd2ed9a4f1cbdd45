"""A spoofer: large orders that are not meant to trade.

Lee, Eom and Park (2013), "Microstructure-based manipulation: strategic behavior and performance of spoofing traders": a
small order on the side that is wanted, large ones away from the price on the other; when the small one has traded, the
large ones are canceled, and the same begins the other way round. Markets forbid it; here one can see what it does.
"""

from typing import Final

from cryptex.protocol.terms import Side
from cryptex.sim.agents.base import BUY, SELL, GroupSettings, Place, Positive, take
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.units import BASIS_POINT
from cryptex.sim.world import World

BAIT: Final = "bait"
STRIKE: Final = "strike"


class SpooferSettings(GroupSettings, frozen=True, kw_only=True, tag="spoofer"):
    """Every `every_s` bait of `bait` typical sizes, `distance_bps` away, for `bait_s`; then it takes `size`."""

    every_s: Positive = 60.0
    bait_s: Positive = 20.0
    bait: Positive = 300.0
    distance_bps: Positive = 6.0
    size: Positive = 10.0

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return Spoofer(self)


class Spoofer(Bot):
    """Baits above the price until it has fallen and buys; then baits below until it has risen and sells."""

    def __init__(self, settings: SpooferSettings) -> None:
        self._settings = settings
        self._wanted: Side = BUY

    def on_start(self, ctx: Context) -> None:
        """Begin."""
        ctx.after(self._settings.every_s, BAIT)

    def on_timer(self, ctx: Context, name: str) -> None:
        """Lay the bait, or take it away and trade."""
        settings = self._settings
        if name == BAIT:
            mid, lots = ctx.book.mid, ctx.lots(settings.bait)
            away = mid * settings.distance_bps * BASIS_POINT
            if self._wanted is BUY:
                ctx.sell(lots, int(mid + away), post_only=True)
            else:
                ctx.buy(lots, max(int(mid - away), 1), post_only=True)
            ctx.after(settings.bait_s, STRIKE)
            return
        ctx.cancel_all()
        take(ctx, self._wanted, ctx.lots(settings.size))
        self._wanted = SELL if self._wanted is BUY else BUY
        ctx.after(settings.every_s, BAIT)
