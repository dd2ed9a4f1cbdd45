"""Candles computed a second time, from trades alone, to be held against those that history has."""

from collections.abc import Callable
from typing import Final

from cryptex.node.verify_rows import Stored
from cryptex.protocol.events import Trade
from cryptex.protocol.market import Market
from cryptex.protocol.terms import AMOUNT_LIMIT, INTERVAL_SECONDS, NANOSECONDS_PER_SECOND, Interval

_THURSDAYS_NS: Final = 4 * INTERVAL_SECONDS[Interval.D1] * NANOSECONDS_PER_SECOND
"""1970 began on a Thursday, weeks begin on Monday."""

_Read = Callable[[str, str, int], Stored | None]
_Tell = Callable[[str, int], None]


class _Candle:
    __slots__ = ("lot_steps", "lots", "market_id", "prices", "replaced", "sequence", "start_ns", "trades", "turnover")

    def __init__(self, start_ns: int, replaced: "_Candle | None" = None) -> None:
        self.start_ns = start_ns
        self.replaced = replaced
        """One under an older definition, which stays in history until this one has a trade."""
        self.market_id = self.lot_steps = 0
        self.prices: list[int] = []
        self.lots = self.turnover = self.trades = self.sequence = 0

    def add(self, sequence: int, price_ticks: int, lots: int, turnover: int) -> None:
        """Fold a trade in: the prices are open, high, low and close."""
        before = self.prices or [price_ticks] * 4
        self.prices = [before[0], max(before[1], price_ticks), min(before[2], price_ticks), price_ticks]
        self.lots, self.turnover, self.trades = self.lots + lots, self.turnover + turnover, self.trades + 1
        self.sequence = sequence

    def row(self, market: str, interval: Interval) -> Stored:
        """Return it as it is stored."""
        lots, turnover = min(self.lots, AMOUNT_LIMIT - 1), min(self.turnover, AMOUNT_LIMIT - 1)
        sums = (str(lots * self.lot_steps), str(turnover), self.trades)
        return (market, interval.value, self.start_ns, self.market_id, *self.prices, *sums)


class CandleCheck:
    """Follows the trades with one candle of each interval and market, and compares each as it ends."""

    def __init__(self, read: _Read, tell: _Tell) -> None:
        """`read` returns a stored candle by market, interval and time; `tell` hears what is wrong, and where."""
        self.count = 0
        """How many there should be."""
        self._read = read
        self._tell = tell
        self._candles: dict[tuple[str, Interval], _Candle] = {}

    def add(self, sequence: int, time_ns: int, trade: Trade, market: Market, market_id: int) -> None:
        """Fold a trade in; `market` is the definition that it counts in."""
        turnover = trade.price_ticks * trade.size_lots * market.notional_units
        for interval in Interval:
            key, start_ns = (trade.market, interval), _start_ns(interval, time_ns)
            candle = self._candles.get(key)
            if candle is None or candle.start_ns != start_ns:
                self._compare(key)
                candle = self._candles[key] = _Candle(start_ns)
                self.count += 1
            candle.market_id, candle.lot_steps = market_id, market.lot_steps
            candle.add(sequence, trade.price_ticks, trade.size_lots, turnover)

    def redefine(self, market: str) -> None:
        """With other steps, the candles of a market begin anew, in the place of those that are not over yet."""
        for interval in Interval:
            candle = self._candles.get((market, interval))
            if candle is not None and candle.trades:
                self._candles[market, interval] = _Candle(candle.start_ns, replaced=candle)

    def finish(self) -> None:
        """Compare those that are not over."""
        for key in self._candles:
            self._compare(key)

    def _compare(self, key: tuple[str, Interval]) -> None:
        candle = self._candles.get(key)
        if candle is not None and not candle.trades:
            candle = candle.replaced
        if candle is None:
            return
        market, interval = key
        stored, mine = self._read(market, interval.value, candle.start_ns), candle.row(market, interval)
        if stored != mine:
            name = f"the {interval.value} candle of {market} at {candle.start_ns}"
            self._tell(f"{name}: {stored} is stored, the journal gives {mine}", candle.sequence)


def _start_ns(interval: Interval, time_ns: int) -> int:
    shift_ns = _THURSDAYS_NS if interval is Interval.W1 else 0
    return time_ns - (time_ns - shift_ns) % (INTERVAL_SECONDS[interval] * NANOSECONDS_PER_SECOND)
