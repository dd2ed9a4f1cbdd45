"""ZIP traders: zero intelligence plus a margin that learns.

Cliff (1997), "Minimal-intelligence agents for bargaining behaviors in market-based environments": a trader raises or
lowers its margin by what it hears others shout and trade at, with the Widrow-Hoff rule and momentum.
"""

from cryptex.protocol.terms import Side
from cryptex.sim.agents.auction_trader import AuctionSettings, AuctionTrader
from cryptex.sim.agents.base import BUY, SELL, Place, Share
from cryptex.sim.bot import Bot, TapeTrade
from cryptex.sim.context import Context
from cryptex.sim.world import World


class ZipSettings(AuctionSettings, frozen=True, kw_only=True, tag="zip"):
    """Ranges that each trader draws its learning rate, momentum and first margin from; `surprise` scales targets."""

    rate_least: Share = 0.1
    rate_most: Share = 0.5
    momentum_most: Share = 0.1
    margin_least: Share = 0.05
    margin_most: Share = 0.35
    surprise: Share = 0.05

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return ZipTrader(self, world, place)


class ZipTrader(AuctionTrader):
    """Shouts its limit with its margin on it."""

    def __init__(self, settings: ZipSettings, world: World, place: Place) -> None:
        super().__init__(settings, world, place)
        self._zip = settings
        self._change = 0.0
        self._best: dict[Side, int | None] = {BUY: None, SELL: None}

    def on_start(self, ctx: Context) -> None:
        """Draw what it is like."""
        settings, rng = self._zip, ctx.stream("character")
        self._learning = ctx.stream("learning")
        self._rate = rng.uniform(settings.rate_least, settings.rate_most)
        self._momentum = rng.uniform(0.0, settings.momentum_most)
        margin = rng.uniform(settings.margin_least, settings.margin_most)
        self._margin = -margin if self.side is BUY else margin
        super().on_start(ctx)

    def price(self, ctx: Context, limit: int) -> int:
        """Return the limit with the margin on it, to the tick that does not lose.

        A shout of its own side that still stands is heard again by whoever does not better it.
        """
        standing = ctx.book.best_bid if self.side is BUY else ctx.book.best_ask
        if standing is not None:
            self._hear_rival(standing)
        exact = limit * (1 + self._margin)
        return int(exact) if self.side is BUY else -int(-exact // 1)

    def on_trade(self, ctx: Context, trade: TapeTrade) -> None:
        """Learn from a shout that was taken up."""
        price, ours = self._asked(), trade.price_ticks
        if self.side is SELL:
            if price <= ours:
                self._learn(ours, up=True)
            elif trade.side is BUY and self.limit is not None:
                self._learn(ours, up=False)
        elif price >= ours:
            self._learn(ours, up=False)
        elif trade.side is SELL and self.limit is not None:
            self._learn(ours, up=True)
        super().on_trade(ctx, trade)

    def on_book(self, ctx: Context) -> None:
        """Learn from a shout that was not: a best price of its own side that is better than before."""
        for side, best in ((BUY, ctx.book.best_bid), (SELL, ctx.book.best_ask)):
            before = self._best[side]
            self._best[side] = best
            if best is None or side is not self.side or self.limit is None:
                continue
            better = before is None or (best > before if side is BUY else best < before)
            if better:
                self._hear_rival(best)

    def _hear_rival(self, price: int) -> None:
        """Learn from a shout of its own side that nobody took up."""
        if self.side is SELL and self._asked() >= price:
            self._learn(price, up=False)
        elif self.side is BUY and self._asked() <= price:
            self._learn(price, up=True)

    def _asked(self) -> float:
        limit = self.limit
        return (self.units[-1] if limit is None else limit) * (1 + self._margin)

    def _learn(self, heard: int, *, up: bool) -> None:
        """Move the price towards a little above what was heard, or a little below."""
        rng, surprise = self._learning, self._zip.surprise
        relative, absolute = rng.uniform(0.0, surprise), rng.uniform(0.0, surprise)
        target = heard * (1 + relative) + absolute if up else heard * (1 - relative) - absolute
        limit = self.units[-1] if self.limit is None else self.limit
        price = limit * (1 + self._margin)
        self._change = self._momentum * self._change + (1 - self._momentum) * self._rate * (target - price)
        margin = (price + self._change) / limit - 1
        self._margin = min(max(margin, -1.0), 0.0) if self.side is BUY else max(margin, 0.0)
