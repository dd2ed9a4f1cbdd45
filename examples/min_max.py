"""Min-max: buys at the lowest price of the last hour, sells at the highest. One order at a time."""

from collections import deque
from math import ceil

from cryptex.sim.bot import Bot
from cryptex.sim.context import Context

LOOK_S = 10  # it looks so often ...
LOOKS = 360  # ... and remembers so many looks: an hour
PROFIT_BPS = 20  # what a purchase and its sale shall leave, after fees
RANGE_BPS = 15  # how much further the extremes must be apart before it buys


class MinMax(Bot):
    """Holds nothing, or one typical size that it has bought low and wants to sell high."""

    def on_start(self, ctx: Context) -> None:
        self.mids: deque[float] = deque(maxlen=LOOKS)
        self.paid = 0  # ticks
        ctx.every(LOOK_S)

    def on_timer(self, ctx: Context, name: str) -> None:
        self.mids.append(ctx.book.mid)
        if ctx.orders:  # take it back; at the next look it quotes anew
            ctx.cancel_all()
            return
        low, high, size = min(self.mids), max(self.mids), ctx.lots(1)
        costs_bps = 2 * ctx.maker_fee_bps + PROFIT_BPS  # a fee for the purchase, another for the sale
        if ctx.holding >= size // 2:
            least = self.paid * (1 + costs_bps / 10_000)  # it would rather wait than sell at a loss
            ctx.sell(ctx.holding, ceil(max(high, least)), post_only=True)
        elif len(self.mids) == LOOKS and high / low > 1 + (costs_bps + RANGE_BPS) / 10_000:
            self.paid = int(low)
            ctx.buy(size, self.paid, post_only=True)
