"""The last 24 hours of one market, for its ticker: a fold over trades in log time, kept in minutes."""

from collections import deque
from typing import Final

from cryptex.engine.market_states import Phase
from cryptex.node.candles import SUM_MAX
from cryptex.node.fold_states import DayState, Minute
from cryptex.protocol.amounts import decimal_text
from cryptex.protocol.market import Market
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.protocol.times import time_text
from cryptex.protocol.views import TickerView

MINUTE_NS: Final = 60 * NANOSECONDS_PER_SECOND
DAY_MINUTES: Final = 24 * 60
PERCENT_DECIMALS: Final = 2


class DayWindow:
    """24 hours that slide by the minute.

    The change counts from the last price before the window; a market that is younger counts from its first price.
    """

    def __init__(self) -> None:
        self._minutes: deque[Minute] = deque()
        self._last_ticks: int | None = None
        self._before_ticks: int | None = None
        self._high_ticks = 0
        self._low_ticks = 0
        self._volume_lots = 0
        self._quote_units = 0

    def add(self, time_ns: int, price_ticks: int, size_lots: int, quote_units: int) -> None:
        """Fold a trade in. O(1), once a minute O(minutes)."""
        minute = time_ns // MINUTE_NS
        minutes = self._minutes
        if minutes and minutes[-1].minute == minute:
            current = minutes[-1]
        else:
            self._slide(minute)
            current = Minute(minute, price_ticks, price_ticks, price_ticks, price_ticks, 0, 0)
            minutes.append(current)
            if len(minutes) == 1:
                self._high_ticks = self._low_ticks = price_ticks
        if price_ticks > current.high_ticks:
            current.high_ticks = price_ticks
        elif price_ticks < current.low_ticks:
            current.low_ticks = price_ticks
        if price_ticks > self._high_ticks:
            self._high_ticks = price_ticks
        elif price_ticks < self._low_ticks:
            self._low_ticks = price_ticks
        self._last_ticks = current.last_ticks = price_ticks
        size_lots = min(size_lots, SUM_MAX - current.volume_lots)
        quote_units = min(quote_units, SUM_MAX - current.quote_units)
        current.volume_lots += size_lots
        current.quote_units += quote_units
        self._volume_lots += size_lots
        self._quote_units += quote_units

    def ticker(
        self, market: Market, bid_ticks: int | None, ask_ticks: int | None, time_ns: int, phase: Phase
    ) -> TickerView:
        """Return the ticker at `time_ns`. What is older than the window is dropped for good."""
        self._slide(time_ns // MINUTE_NS)
        text, traded = market.price_text, bool(self._minutes)
        change, percent = self._change(market)
        state, ends_ns, found = phase
        return TickerView(
            market=market.symbol,
            last=None if self._last_ticks is None else text(self._last_ticks),
            change=change,
            change_percent=percent,
            high=text(self._high_ticks) if traded else None,
            low=text(self._low_ticks) if traded else None,
            volume=market.size_text(self._volume_lots),
            quote_volume=market.quote.text(self._quote_units),
            best_bid=None if bid_ticks is None else text(bid_ticks),
            best_ask=None if ask_ticks is None else text(ask_ticks),
            time=time_text(time_ns),
            state=state,
            state_ends_at=time_text(ends_ns) if ends_ns else None,
            indicative_price=None if found is None else text(found.price_ticks),
            indicative_volume=None if found is None else market.size_text(found.size_lots),
        )

    def dump(self) -> DayState:
        """Return what `load` needs."""
        return DayState(list(self._minutes), self._last_ticks, self._before_ticks)

    def load(self, state: DayState) -> None:
        """Take over a dumped window."""
        self._minutes = deque(state.minutes)
        self._last_ticks, self._before_ticks = state.last_ticks, state.before_ticks
        self._volume_lots = sum(minute.volume_lots for minute in self._minutes)
        self._quote_units = sum(minute.quote_units for minute in self._minutes)
        self._find_extremes()

    def _slide(self, minute: int) -> None:
        """Drop the minutes that the window which ends with `minute` no longer holds."""
        minutes, oldest = self._minutes, minute - DAY_MINUTES
        if not minutes or minutes[0].minute > oldest:
            return
        while minutes and minutes[0].minute <= oldest:
            gone = minutes.popleft()
            self._before_ticks = gone.last_ticks
            self._volume_lots -= gone.volume_lots
            self._quote_units -= gone.quote_units
        self._find_extremes()

    def _find_extremes(self) -> None:
        self._high_ticks = max((minute.high_ticks for minute in self._minutes), default=0)
        self._low_ticks = min((minute.low_ticks for minute in self._minutes), default=0)

    def _change(self, market: Market) -> tuple[str | None, str | None]:
        """Return the change as a price and in percent, rounded half away from zero."""
        if self._last_ticks is None:
            return None, None
        base = self._before_ticks if self._before_ticks is not None else self._minutes[0].first_ticks
        change = self._last_ticks - base
        hundredths = (2 * abs(change) * 10_000 + base) // (2 * base)
        return market.price_text(change), decimal_text(-hundredths if change < 0 else hundredths, PERCENT_DECIMALS)
