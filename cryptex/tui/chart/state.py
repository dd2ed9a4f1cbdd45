"""The chart's part of the model: what was chosen, and what came from the exchange."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptex.client.models import Candle, Fill, Level
from cryptex.protocol.terms import Interval
from cryptex.tui.chart.scene import FillMark
from cryptex.tui.chart.series import Series
from cryptex.tui.chart.view import View


class Older(StrEnum):
    """Where the candles before the first one on hand are."""

    THERE = "there"
    """Perhaps at the exchange; nobody needs them yet."""
    WANTED = "wanted"
    LOADING = "loading"
    FAILED = "failed"
    ENDED = "ended"
    """There are none, or there is no room for them."""


_NOTES: Final = {Older.LOADING: "loading older candles", Older.FAILED: "older candles can not be had now"}


class ChartState:
    """Candles, the book and one's fills as the chart shows them; `changed` is told of every change.

    `series` is None until the first candles came; `levels` has the bids and asks of the depth chart, best first.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.view = View()
        self.chosen: Callable[[View, View], None] = lambda before, after: None
        """Told of the view before and after each change that was asked for."""
        self.series: Series | None = None
        self.levels: tuple[Sequence[Level], Sequence[Level]] | None = None
        self.fills: tuple[FillMark, ...] = ()
        self.now_s = 0
        """When the exchange last said something of the market, in seconds since 1970."""
        self.older = Older.THERE
        self.refusal = ""
        """Why the exchange gives no candles."""
        self.is_live = False
        """Whether the candles are what the exchange has now."""
        self.is_wanted = False
        """Whether the chart was on the screen: nothing is asked of the exchange before that."""

    @property
    def note(self) -> str:
        """What there is to say of the candles."""
        if self.series is not None and not self.is_live:
            return "candles may be old"
        if self.older is Older.LOADING and not self.view.is_past:
            return ""  # nobody waits for them
        return _NOTES.get(self.older, "")

    def look_at(self, view: View) -> None:
        """See the chart differently."""
        if view != self.view:
            before, self.view = self.view, view
            self.chosen(before, view)
            self._changed()

    def forget(self) -> None:
        """Turn to another market or interval: what belonged to the old one goes."""
        self.series = None
        self.levels = None
        self.older = Older.THERE
        self.is_live = False
        self.view = self.view.now()
        self._changed()

    def hear(self, time: datetime | None) -> None:
        """Take the time of a message about the market: where nobody trades, it alone tells how late it is."""
        now_s = int(time.timestamp()) if time is not None else 0
        if now_s > self.now_s:
            before_s, self.now_s = self.now_s, now_s
            if self.series is not None and now_s // self.series.length_s != before_s // self.series.length_s:
                self._changed()

    def set_live(self, live: bool) -> None:
        """Say whether the candles are what the exchange has now."""
        if live != self.is_live:
            self.is_live = live
            self._changed()

    def set_refusal(self, refusal: str) -> None:
        """Say why there will be no candles, or nothing."""
        if refusal != self.refusal:
            self.refusal = refusal
            self._changed()

    def set_candles(self, interval: Interval, candles: Sequence[Candle]) -> None:
        """Take the newest candles, oldest first. Where they do not reach back to those on hand, these go."""
        series = self.series
        newest_s = series.starts[-1] if series and series.starts else None
        if series is None or (newest_s is not None and candles and candles[0].time.timestamp() > newest_s):
            series = Series(interval)
            self.older = Older.THERE
        if series.fold(candles) or series is not self.series:
            self.series = series
            self._changed()

    def set_fills(self, fills: Iterable[Fill]) -> None:
        """Take one's own fills of the market, oldest first."""
        marks = tuple(FillMark(int(fill.time.timestamp()), fill.side) for fill in fills)
        if marks != self.fills:
            self.fills = marks
            self._changed()

    def set_levels(self, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        """Take the book for the depth chart."""
        self.levels = (bids, asks)
        self._changed()

    def set_older(self, older: Older) -> None:
        """Say where the older candles are."""
        if older is not self.older:
            self.older = older
            self._changed()

    def want_older(self) -> None:
        """Ask for older candles, if there may be some."""
        if self.older is Older.THERE:
            self.older = Older.ENDED if self.series is None or self.series.is_full else Older.WANTED
