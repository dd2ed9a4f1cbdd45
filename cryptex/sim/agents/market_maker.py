"""A market maker that leans against its inventory.

Avellaneda and Stoikov (2008), "High-frequency trading in a limit order book": quotes stand around a reservation price,
which is the mid less inventory x risk aversion x variance, at a distance that grows with variance. Here both are linear
in the recent volatility, in basis points, and the horizon is endless: with the paper's exponential fill rate k, the
spread's constant part is (2 / gamma) ln(1 + gamma / k), given as `half_spread_bps`.
"""

from cryptex.sim.agents.base import GroupSettings, NotNegative, Place, Positive
from cryptex.sim.bot import Bot, News
from cryptex.sim.context import Context
from cryptex.sim.grid import Grid
from cryptex.sim.units import BASIS_POINT
from cryptex.sim.world import World


class MarketMakerSettings(GroupSettings, frozen=True, kw_only=True, tag="market-maker"):
    """Quotes on both sides, renewed after `every_least_s` to `every_most_s`."""

    count: int = 2
    every_least_s: Positive = 0.5
    every_most_s: Positive = 1.5
    size: Positive = 8.0
    half_spread_bps: NotNegative = 1.0
    volatility_weight: NotNegative = 2.0
    inventory_bps: NotNegative = 0.3
    """How far the reservation price moves for each typical size in the inventory."""
    inventory_most: Positive = 400.0
    """Beyond so many typical sizes it quotes only the side that brings it back."""
    withdraw_bps: NotNegative = 0.0
    """With more recent volatility than this it quotes nothing; 0 means it always does."""
    step_bps: NotNegative = 0.0

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return MarketMaker(self, world)


class MarketMaker(Bot):
    """Cancels and quotes at mid - skew x inventory -/+ (half spread + weight x recent volatility)."""

    def __init__(self, settings: MarketMakerSettings, world: World) -> None:
        self._settings = settings
        self._world = world
        self._told_mid = 0.0

    def on_start(self, ctx: Context) -> None:
        """Begin at a time of its own."""
        self._grid = Grid(ctx, self._settings.step_bps)
        self._wait(ctx)

    def on_news(self, ctx: Context, news: News) -> None:
        """Quote next around what the news makes of the price."""
        ctx.cancel_all()
        self._told_mid = ctx.book.mid * (1 + news.move_bps * BASIS_POINT)

    def on_timer(self, ctx: Context, name: str) -> None:
        """Renew both quotes."""
        settings, volatility = self._settings, self._world.volatility_bps
        ctx.cancel_all()
        self._wait(ctx)
        if settings.withdraw_bps and volatility > settings.withdraw_bps:
            return
        inventory = ctx.position / ctx.typical_lots
        mid, self._told_mid = self._told_mid or ctx.book.mid, 0.0
        reservation = mid * (1 - settings.inventory_bps * inventory * BASIS_POINT)
        away = mid * (settings.half_spread_bps + settings.volatility_weight * volatility) * BASIS_POINT
        lots = ctx.lots(settings.size)
        bid, ask = self._grid.below(reservation - away), self._grid.above(reservation + away)
        best_bid, best_ask = ctx.book.best_bid, ctx.book.best_ask
        if inventory < settings.inventory_most and bid > 0 and (best_ask is None or bid < best_ask):
            ctx.buy(lots, bid)
        if inventory > -settings.inventory_most and (best_bid is None or ask > best_bid):
            ctx.sell(lots, ask)

    def _wait(self, ctx: Context) -> None:
        ctx.after(ctx.rng.uniform(self._settings.every_least_s, self._settings.every_most_s))
