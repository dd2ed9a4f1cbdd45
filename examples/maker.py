"""Maker: quotes both sides around the middle of the market, and leans against what it holds."""

from math import ceil, floor

from cryptex.sim.bot import Bot
from cryptex.sim.context import Context

PROFIT_BPS = 2  # what each quote shall earn when it trades, after its fee
SIZES_MOST = 5  # it stops buying when it holds so many typical sizes


class Maker(Bot):
    """Renews its quotes each second. It sells only what it has bought, so any account can run it."""

    def on_start(self, ctx: Context) -> None:
        ctx.every(1)

    def on_timer(self, ctx: Context, name: str) -> None:
        ctx.cancel_all()  # arrives before the new quotes
        bid, ask = ctx.book.best_bid, ctx.book.best_ask
        if bid is None or ask is None:  # no market to quote around
            return
        size, holding = ctx.lots(1), ctx.holding
        away = ctx.bps(ctx.maker_fee_bps + PROFIT_BPS)
        full = holding / (SIZES_MOST * size)  # 0: it holds nothing, 1: all it may
        middle = ctx.book.mid - away * full  # the more it holds, the lower both quotes
        if full < 1:
            ctx.buy(size, min(floor(middle - away), ask - 1), post_only=True)
        if holding >= size // 10:  # less than that is too little to sell
            ctx.sell(min(size, holding), max(ceil(middle + away), bid + 1), post_only=True)
