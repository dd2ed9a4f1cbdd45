"""Liquidity providers: patient orders at power-law distances.

Zovko and Farmer (2002), "The power of patience: a behavioural regularity in limit-order placement": how far behind
the best price orders are placed has a power-law tail. Bouchaud, Mezard and Potters (2002) find the same. The tail is
capped: without a cap one draw in a long run sends prices to absurd places.
"""

from math import sqrt
from typing import Final

from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.sim.agents.base import BUY, NotNegative, Place, Positive, SizeSettings, Tail, size_lots
from cryptex.sim.agents.recurring import RecurringFirst, RecurringSettings, coin
from cryptex.sim.bot import Bot, News
from cryptex.sim.context import Context
from cryptex.sim.grid import Grid
from cryptex.sim.units import BASIS_POINT
from cryptex.sim.world import World

LIFETIME_LEAST_S: Final = 0.1


class LiquiditySettings(RecurringSettings, frozen=True, kw_only=True, tag="liquidity"):
    """One passive order every `every_s` / sqrt(attention), `lifetime_s` on average in the book."""

    every_s: Positive = 5.0
    lifetime_s: Positive = 60.0
    distance_bps: Positive = 1.5
    distance_tail: Tail = 1.5
    distance_most_bps: Positive = 1500.0
    step_bps: NotNegative = 0.0
    """Prices people think in: orders stand at multiples of so many basis points of the first price."""
    volatility_weight: NotNegative = 1.0
    withdraw_bps: NotNegative = 0.0
    """With more recent volatility than this they stay away; 0 means they never do."""
    news_pause_s: NotNegative = 5.0
    """How long they stay away after news, when they have canceled what stood."""
    size: SizeSettings = SizeSettings()

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return Liquidity(self, world)


class Liquidity(RecurringFirst[LiquiditySettings]):
    """A passive order at mid -/+ distance x (1 + recent volatility) x (Pareto - 1), never crossing."""

    def __init__(self, settings: LiquiditySettings, world: World) -> None:
        super().__init__(settings, world)
        self._back_ns = 0
        self._rate = -1.0 / settings.distance_tail

    def pace(self) -> float:
        """Patience is less moved by attention than haste is."""
        return sqrt(self.world.attention)

    def on_start(self, ctx: Context) -> None:
        """Begin at a time of its own."""
        self._grid = Grid(ctx, self.settings.step_bps)
        super().on_start(ctx)

    def on_news(self, ctx: Context, news: News) -> None:
        """Take back what was meant for another value, and let others find the new price."""
        ctx.cancel_all()
        self._back_ns = ctx.now + int(self.settings.news_pause_s * NANOSECONDS_PER_SECOND)

    def act(self, ctx: Context) -> None:
        """Place an order, unless it stays away."""
        settings = self.settings
        if settings.withdraw_bps and self.world.volatility_bps > settings.withdraw_bps:
            ctx.cancel_all()
        elif ctx.now >= self._back_ns:
            self._place(ctx)

    def _place(self, ctx: Context) -> None:
        settings, rng, world = self.settings, ctx.rng, self.world
        random = rng.random
        side = coin(rng)
        behind = (1.0 - random()) ** self._rate - 1.0
        distance_bps = settings.distance_bps * (1.0 + settings.volatility_weight * world.volatility_bps) * behind
        distance_bps = min(distance_bps, settings.distance_most_bps)
        lots = size_lots(ctx, settings.size, random)
        lifetime_s = LIFETIME_LEAST_S + rng.expovariate(1.0) * settings.lifetime_s
        book = ctx.book
        mid = book.mid
        away = mid * distance_bps * BASIS_POINT
        if side is BUY:
            price = self._grid.below(mid - away)
            ask = book.best_ask
            if ask is not None and price >= ask:
                price = self._grid.below(ask - 1)
            if price > 0:
                ctx.buy(lots, price, lifetime_s=lifetime_s)
        else:
            price = self._grid.above(mid + away)
            bid = book.best_bid
            if bid is not None and price <= bid:
                price = self._grid.above(bid + 1)
            ctx.sell(lots, price, lifetime_s=lifetime_s)
