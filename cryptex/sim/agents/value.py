"""Value traders: they take what is priced wrong.

Farmer and Joshi (2002), "The price dynamics of common trading strategies": value investors tie the price to a perceived
value, which each of them sees with an error of his own.
"""

from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.sim.agents.base import BUY, SELL, NotNegative, Place, Positive, SizeSettings, size_lots, take
from cryptex.sim.agents.recurring import RecurringFirst, RecurringSettings
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.units import BASIS_POINT
from cryptex.sim.world import World


class ValueSettings(RecurringSettings, frozen=True, kw_only=True, tag="value"):
    """One look at the value every `every_s` / attention."""

    every_s: Positive = 4.0
    error_bps: NotNegative = 6.0
    threshold_bps: NotNegative = 2.0
    withdraw_bps: NotNegative = 0.0
    """With more recent volatility than this they step back for `withdraw_s`, once; 0 means they never do."""
    withdraw_s: Positive = 600.0
    size: SizeSettings = SizeSettings()
    reach_bps: NotNegative = 0.0

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return ValueTrader(self, world)


class ValueTrader(RecurringFirst[ValueSettings]):
    """Reads the value with an error and takes the best price where that is wrong by more than the threshold."""

    def __init__(self, settings: ValueSettings, world: World) -> None:
        super().__init__(settings, world)
        self._back_ns: int | None = None

    def act(self, ctx: Context) -> None:
        """Look, unless it has stepped back."""
        settings = self.settings
        if settings.withdraw_bps and self.world.volatility_bps > settings.withdraw_bps and self._back_ns is None:
            self._back_ns = ctx.now + int(settings.withdraw_s * NANOSECONDS_PER_SECOND)
        if self._back_ns is None or ctx.now >= self._back_ns:
            self._look(ctx)

    def _look(self, ctx: Context) -> None:
        settings, rng, world = self.settings, ctx.rng, self.world
        seen = world.value_ticks * (1.0 + rng.gauss(0.0, settings.error_bps) * BASIS_POINT)
        lots = size_lots(ctx, settings.size, rng.random)
        margin = seen * settings.threshold_bps * BASIS_POINT
        ask, bid = ctx.book.best_ask, ctx.book.best_bid
        if ask is not None and ask < seen - margin:
            take(ctx, BUY, lots, settings.reach_bps)
        elif bid is not None and bid > seen + margin:
            take(ctx, SELL, lots, settings.reach_bps)
