"""Value traders: they take what is priced wrong.

Farmer and Joshi (2002), "The price dynamics of common trading strategies": value investors tie the price to a perceived
value, which each of them sees with an error of his own.
"""

from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
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
from cryptex.sim.units import BASIS_POINT
from cryptex.sim.world import World


class ValueSettings(GroupSettings, frozen=True, kw_only=True, tag="value"):
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


class ValueTrader(Bot):
    """Reads the value with an error and takes the best price where that is wrong by more than the threshold."""

    def __init__(self, settings: ValueSettings, world: World) -> None:
        self._settings = settings
        self._world = world
        self._back_ns: int | None = None

    def on_start(self, ctx: Context) -> None:
        """Begin at a time of its own."""
        ctx.after(wait_s(ctx.rng, self._settings.every_s, self._world.attention))

    def on_timer(self, ctx: Context, name: str) -> None:
        """Look, and take if it is worth it."""
        settings, world = self._settings, self._world
        ctx.after(wait_s(ctx.rng, settings.every_s, world.attention))
        if settings.withdraw_bps and world.volatility_bps > settings.withdraw_bps and self._back_ns is None:
            self._back_ns = ctx.now + int(settings.withdraw_s * NANOSECONDS_PER_SECOND)
        if self._back_ns is None or ctx.now >= self._back_ns:
            self._look(ctx)

    def _look(self, ctx: Context) -> None:
        settings, rng, world = self._settings, ctx.rng, self._world
        seen = world.value_ticks * (1.0 + rng.gauss(0.0, settings.error_bps) * BASIS_POINT)
        lots = size_lots(ctx, settings.size, rng.random)
        margin = seen * settings.threshold_bps * BASIS_POINT
        ask, bid = ctx.book.best_ask, ctx.book.best_bid
        if ask is not None and ask < seen - margin:
            take(ctx, BUY, lots, settings.reach_bps)
        elif bid is not None and bid > seen + margin:
            take(ctx, SELL, lots, settings.reach_bps)
