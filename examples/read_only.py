"""Read-only: watches the market and says each minute what it saw. It never trades. Begin here."""

from cryptex.sim.bot import Bot, TapeTrade
from cryptex.sim.context import Context


class ReadOnly(Bot):
    """Counts the trades of all, and prints a line each minute."""

    def on_start(self, ctx: Context) -> None:
        """Called once, when the market is there. A bot never waits: it asks to be called."""
        self.trades = self.lots = 0
        ctx.every(60)

    def on_trade(self, ctx: Context, trade: TapeTrade) -> None:
        """Called when anybody has traded. Sizes are whole lots, prices whole ticks."""
        self.trades += 1
        self.lots += trade.size_lots

    def on_timer(self, ctx: Context, name: str) -> None:
        """Called each minute, as `on_start` asked."""
        bid, ask, market = ctx.book.best_bid, ctx.book.best_ask, ctx.market
        minute = ctx.now // 60_000_000_000  # `now` is nanoseconds since the start
        if bid is None or ask is None:  # a side of the book may be empty
            print(f"minute {minute}: nobody quotes both sides")
            return
        best = f"{market.price_text(bid)} / {market.price_text(ask)}"
        spread_bps = (ask - bid) / ctx.bps(1)  # a basis point is a hundredth of a percent
        print(f"minute {minute}: {best}, spread {spread_bps:.1f} bps, {self.trades} trades of {self.lots} lots")
        self.trades = self.lots = 0
