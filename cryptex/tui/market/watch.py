"""What the market room watches beside prices: when the market last spoke, and the last minutes of each market.

Plain state without clock or output.
"""

from collections.abc import Iterable, Set
from typing import Final

from cryptex.client.models import Candle, Fill, Ticker
from cryptex.tui.market.spark import Spark, Sparkline, minute_of

OWN_TRADES_MAX: Final = 1_000
"""Trades of a market in which one took part that are remembered, at most."""


class MarketWatch:
    """Times without a zone are seconds of a monotonic clock; minutes are those of the node's tickers."""

    def __init__(self) -> None:
        self.last_tick_s: float | None = None
        self.markets_told = False
        """Whether the node has said which markets it has: it may have none."""
        self._sparks: dict[str, Spark] = {}
        self._minute = 0
        self._own: dict[str, dict[int, None]] = {}
        """The trades of each market, oldest first."""

    def turn(self) -> None:
        """Forget the market that was chosen before."""
        self.last_tick_s = None

    def ticked(self, now_s: float) -> None:
        """Remember that the book or the trades of the market changed at `now_s`."""
        if self.last_tick_s is None or now_s > self.last_tick_s:
            self.last_tick_s = now_s

    def tick_age_s(self, now_s: float) -> int | None:
        """Return for how long the market has said nothing, in whole seconds; None before its first word."""
        return None if self.last_tick_s is None else int(max(0.0, now_s - self.last_tick_s))

    def add_own(self, fills: Iterable[Fill]) -> None:
        """Take fills of one's own that are new, oldest first: their trades are marked on the tape."""
        for fill in fills:
            own = self._own.setdefault(fill.market, {})
            own[fill.trade_id] = None
            if len(own) > OWN_TRADES_MAX:
                del own[next(iter(own))]

    def own_trades(self, market: str) -> Set[int]:
        """Return the trades of a market in which one took part, as far as they are remembered."""
        return self._own.get(market, {}).keys()

    def take(self, ticker: Ticker) -> None:
        """Take a market's last price."""
        self._minute = max(self._minute, minute_of(ticker.time))
        if ticker.last is not None:
            self._spark(ticker.market).take(ticker.time, ticker.last)

    def recall(self, market: str, candles: Iterable[Candle]) -> None:
        """Take a market's minutes of the past."""
        self._spark(market).recall((candle.time, candle.close) for candle in candles)

    def sparkline(self, market: str, width: int) -> Sparkline:
        """Return a market's last `width` minutes."""
        spark = self._spark(market)
        return spark.line(max(self._minute, spark.newest or 0), width)

    def _spark(self, market: str) -> Spark:
        return self._sparks.setdefault(market, Spark())
