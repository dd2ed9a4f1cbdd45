"""The price band: how far from the market an order may reach."""

from collections import deque
from typing import Final

from cryptex.engine.money import band_ceiling_ticks, band_floor_ticks
from cryptex.protocol.market import Market
from cryptex.protocol.terms import AMOUNT_LIMIT, NANOSECONDS_PER_SECOND, Side

REFERENCE_WINDOW_NS: Final = 5 * 60 * NANOSECONDS_PER_SECOND
"""Trades of this much log time make the reference price."""

NO_LIMIT: Final = {Side.BUY: AMOUNT_LIMIT, Side.SELL: 0}
"""The price limit of an order that has none."""


class PriceBand:
    """The volume-weighted price of the last five minutes, and the prices that the band allows around it."""

    __slots__ = ("size_lots", "trades", "weighted_ticks")

    def __init__(self) -> None:
        self.trades: deque[tuple[int, int, int]] = deque()
        self.weighted_ticks = 0
        self.size_lots = 0

    def note(self, time_ns: int, price_ticks: int, size_lots: int) -> None:
        """Count a trade; trades of one command are kept as one."""
        weight = price_ticks * size_lots
        self.weighted_ticks += weight
        self.size_lots += size_lots
        trades = self.trades
        if trades and trades[-1][0] == time_ns:
            _, earlier_weight, earlier_lots = trades.pop()
            weight, size_lots = weight + earlier_weight, size_lots + earlier_lots
        trades.append((time_ns, weight, size_lots))
        self._forget(time_ns)

    def limit_ticks(self, market: Market, side: Side, now_ns: int) -> int:
        """Return the worst price an order of `side` may reach now."""
        band_e8, reference_ticks = market.price_band_e8, market.reference_price_ticks
        if band_e8 is None or reference_ticks is None:
            return NO_LIMIT[side]
        self._forget(now_ns)
        weighted, lots = (self.weighted_ticks, self.size_lots) if self.trades else (reference_ticks, 1)
        if side is Side.BUY:
            return band_ceiling_ticks(weighted, lots, band_e8)
        return band_floor_ticks(weighted, lots, band_e8)

    def clear(self) -> None:
        """Forget all trades."""
        self.trades.clear()
        self.weighted_ticks = self.size_lots = 0

    def _forget(self, now_ns: int) -> None:
        trades = self.trades
        while trades and trades[0][0] <= now_ns - REFERENCE_WINDOW_NS:
            _, weight, lots = trades.popleft()
            self.weighted_ticks -= weight
            self.size_lots -= lots
