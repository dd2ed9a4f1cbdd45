"""Penny: stands one tick before everybody else on both sides, as long as the spread pays the fees."""

from math import ceil

from cryptex.protocol.terms import Side
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context

PROFIT_BPS = 0.5  # what a purchase and its sale shall leave, after fees
SIZES_MOST = 3  # it stops buying when it holds so many typical sizes


class Penny(Bot):
    """Buys a tick above the best bid; sells what it has a tick below the best ask, but never at a loss."""

    def on_start(self, ctx: Context) -> None:
        ctx.every(1)

    def on_timer(self, ctx: Context, name: str) -> None:
        bid, ask = ctx.book.best_bid, ctx.book.best_ask
        if bid is None or ask is None:
            return
        size, holding = ctx.lots(1), ctx.holding
        pays = ask - bid > ctx.bps(2 * ctx.maker_fee_bps + PROFIT_BPS)
        self.lead(ctx, Side.BUY, size if pays and holding < SIZES_MOST * size else 0, bid, bid + 1)
        sold = holding if holding >= size // 10 else 0  # less than that is too little to sell
        self.lead(ctx, Side.SELL, sold, ask, max(ask - 1, self.break_even(ctx)))

    def break_even(self, ctx: Context) -> int:
        """Return the price in ticks that pays back all it has spent so far, fees included."""
        if ctx.holding <= 0:
            return 0
        spent = -ctx.cash / (ctx.holding * ctx.market.notional_units)
        return ceil(spent * (1 + ctx.maker_fee_bps / 10_000))

    def lead(self, ctx: Context, side: Side, lots: int, best: int, price: int) -> None:
        """Have one order on a side. It stays while it is the best one; else it is taken back, and sent anew."""
        own = next((order for order in ctx.orders.values() if order.side is side), None)
        if own is not None:
            if not lots or own.price_ticks not in (best, price):
                ctx.cancel(own.number)
        elif lots:
            send = ctx.buy if side is Side.BUY else ctx.sell
            send(lots, max(price, 1), post_only=True)  # post-only: it never pays a taker's fee
