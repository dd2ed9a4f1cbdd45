"""Traders with induced values in a continuous double auction, by the rules of Gode and Sunder (1993).

One unit at a time, the best first. A shout stands only if it improves on the best of its side; it trades where it meets
the other side, at the price of whoever shouted first; and a trade clears the book. Periods begin anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from cryptex.sim.agents.base import BUY, GroupSettings, Place, Positive
from cryptex.sim.bot import Bot, OwnFill, TapeTrade

if TYPE_CHECKING:
    from cryptex.sim.context import Context
    from cryptex.sim.world import World

PERIOD: Final = "period"
SHOUT: Final = "shout"

Percent = Annotated[float, msgspec.Meta(ge=-1000, le=100)]


class AuctionSettings(GroupSettings, frozen=True, kw_only=True):
    """`schedule`: its name. `shouts` is how many turns all traders together get in a period of `period_s`.

    A trader whose units are all traded lets its turns pass, so a period may hold fewer shouts than turns.
    """

    schedule: str = ""
    periods: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 5
    period_s: Positive = 30.0
    shouts: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 3000
    price_most_ticks: Annotated[int, msgspec.Meta(ge=1, le=10**9)] = 200
    paper_efficiency: Percent | None = None
    """What the paper reports, in percent."""

    def agents(self, world: World) -> int:
        """Return how many there are: as the schedule says."""
        return 2 * world.schedules[self.schedule].traders


class AuctionTrader(Bot):
    """Shouts at times of its own while it has units left. `price` says what."""

    def __init__(self, settings: AuctionSettings, world: World, place: Place) -> None:
        self.settings = settings
        self.session = world.session(place.group, settings.schedule, settings.paper_efficiency)
        self.side, self.units = self.session.schedule.units(place.number)
        self._index = place.number
        self._period = 0
        self._prices: list[int] = []
        self._wait_s = settings.period_s * 2 * self.session.schedule.traders / settings.shouts

    @property
    def limit(self) -> int | None:
        """What the unit at hand is worth or costs, in ticks; None with none left."""
        done = len(self._prices)
        return self.units[done] if done < len(self.units) else None

    def price(self, ctx: Context, limit: int) -> int:
        """Return what to shout for a unit of this worth or cost."""
        raise NotImplementedError

    def on_start(self, ctx: Context) -> None:
        """Begin the first period, and shout at a time of its own."""
        self._begin(ctx)
        ctx.after(ctx.rng.expovariate(1.0) * self._wait_s, SHOUT)

    def on_timer(self, ctx: Context, name: str) -> None:
        """Begin the next period, or shout."""
        if name == PERIOD:
            self._begin(ctx)
        elif self._period <= self.settings.periods:
            ctx.after(ctx.rng.expovariate(1.0) * self._wait_s, SHOUT)
            limit = self.limit
            if limit is not None:
                self.session.shout(self._period)
                self._shout(ctx, min(max(self.price(ctx, limit), 1), self.settings.price_most_ticks))

    def on_fill(self, ctx: Context, fill: OwnFill) -> None:
        """Go on to the next unit."""
        self._prices.append(fill.price_ticks)

    def on_trade(self, ctx: Context, trade: TapeTrade) -> None:
        """A trade clears the book."""
        ctx.cancel_all()

    def _begin(self, ctx: Context) -> None:
        if self._period:
            self.session.close(self._period, self._index, self.side, self.units, self._prices)
        ctx.cancel_all()
        self._period += 1
        self._prices = []
        if self._period <= self.settings.periods:
            ctx.after(self.settings.period_s, PERIOD)

    def _shout(self, ctx: Context, price: int) -> None:
        if self.side is BUY:
            best = ctx.book.best_bid
            if best is None or price > best:
                ctx.cancel_all()
                ctx.buy(1, price)
        else:
            best = ctx.book.best_ask
            if best is None or price < best:
                ctx.cancel_all()
                ctx.sell(1, price)
