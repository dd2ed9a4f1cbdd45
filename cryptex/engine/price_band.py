"""The price band: how far from the market an order may reach."""

from collections import deque
from typing import Final, NamedTuple

from cryptex.engine.money import band_ceiling_ticks, band_floor_ticks
from cryptex.protocol.market import Market
from cryptex.protocol.terms import AMOUNT_LIMIT, NANOSECONDS_PER_SECOND, Side

REFERENCE_WINDOW_SECONDS: Final = 300
"""Trades of this much log time make the reference price. They are summed by second, which bounds what is kept."""

NO_LIMIT: Final = {Side.BUY: AMOUNT_LIMIT, Side.SELL: 0}
"""The price limit of an order that has none."""


class Reference(NamedTuple):
    """A price that need not be a whole number of ticks: weighted_ticks / size_lots."""

    weighted_ticks: int
    size_lots: int


class PriceBand:
    """The volume-weighted price of the last five minutes, and the prices that the band allows around it."""

    __slots__ = ("auction_price_ticks", "seconds", "size_lots", "weighted_ticks")

    def __init__(self) -> None:
        self.seconds: deque[tuple[int, int, int]] = deque()
        """(second since 1970, sum of price x size, sum of sizes) of each second with trades, oldest first."""
        self.weighted_ticks = 0
        self.size_lots = 0
        self.auction_price_ticks: int | None = None
        """The price of the last auction."""

    def note(self, time_ns: int, price_ticks: int, size_lots: int) -> None:
        """Count a trade."""
        weight, second = price_ticks * size_lots, time_ns // NANOSECONDS_PER_SECOND
        self.weighted_ticks += weight
        self.size_lots += size_lots
        seconds = self.seconds
        if seconds:
            last_second, earlier_weight, earlier_lots = seconds[-1]
            if last_second == second:
                seconds[-1] = (second, weight + earlier_weight, size_lots + earlier_lots)
                return
        seconds.append((second, weight, size_lots))
        self._forget(second)

    def begin(self, time_ns: int, price_ticks: int, size_lots: int) -> None:
        """Forget all trades but those of an auction; its price counts even when they are too old."""
        self.clear()
        self.auction_price_ticks = price_ticks
        self.note(time_ns, price_ticks, size_lots)

    def reference(self, market: Market, now_ns: int) -> Reference | None:
        """Return the price of the last five minutes, else of the last auction, else of the definition. Changes nothing.

        O(seconds with trades that are too old).
        """
        first = now_ns // NANOSECONDS_PER_SECOND - REFERENCE_WINDOW_SECONDS
        weighted, lots = self.weighted_ticks, self.size_lots
        for second, old_weight, old_lots in self.seconds:
            if second > first:
                return Reference(weighted, lots)
            weighted -= old_weight
            lots -= old_lots
        price_ticks = self.auction_price_ticks or market.reference_price_ticks
        return None if price_ticks is None else Reference(price_ticks, 1)

    def limit_ticks(self, market: Market, side: Side, now_ns: int) -> int:
        """Return the worst price an order of `side` may reach now."""
        band_e8, reference_ticks = market.price_band_e8, market.reference_price_ticks
        if band_e8 is None or reference_ticks is None:
            return NO_LIMIT[side]
        self._forget(now_ns // NANOSECONDS_PER_SECOND)
        weighted, lots = self.weighted_ticks, self.size_lots
        if not self.seconds:
            weighted, lots = self.auction_price_ticks or reference_ticks, 1
        if side is Side.BUY:
            return band_ceiling_ticks(weighted, lots, band_e8)
        return band_floor_ticks(weighted, lots, band_e8)

    def clear(self) -> None:
        """Forget all trades and auctions."""
        self.seconds.clear()
        self.auction_price_ticks = None
        self.weighted_ticks = self.size_lots = 0

    def _forget(self, now_second: int) -> None:
        seconds = self.seconds
        while seconds and seconds[0][0] <= now_second - REFERENCE_WINDOW_SECONDS:
            _, weight, lots = seconds.popleft()
            self.weighted_ticks -= weight
            self.size_lots -= lots
