"""What every pane of the chart is drawn from: the room divided, and which candle stands where."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cryptex.tui.chart.frame import Frame, frame_of
from cryptex.tui.chart.indicators import Study
from cryptex.tui.chart.scene import Look
from cryptex.tui.chart.series import Bar, Series
from cryptex.tui.chart.slots import Slot, Timeline
from cryptex.tui.chart.view import View
from cryptex.tui.drawing import texts

ROOM_RIGHT: Final = 2
"""Empty columns between the newest candle and the axis."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A chart about to be drawn; its view has a zoom.

    `bars` has the candles of `slots` joined to one each, None where nobody traded.
    """

    series: Series
    frame: Frame
    view: View
    look: Look
    slots: list[Slot]
    bars: list[Bar | None]
    columns: list[int]
    """The column of the middle of each slot."""

    @property
    def places(self) -> int:
        """How many slots fit, whether or not there are as many."""
        return columns_of(self.frame, self.view)

    def place_at(self, x: int) -> int | None:
        """Return which slot a column belongs to."""
        place = len(self.slots) - 1 - round((self.columns[-1] - x) / self.view.scale.pitch)
        return place if 0 <= place < len(self.slots) else None

    @property
    def cursor(self) -> int | None:
        """Place of the slot under the crosshair."""
        at_s = self.view.cursor_s
        if at_s is None:
            return None
        start_s = timeline(self.series, self.view, self.look.now_s).floor(at_s)
        return next((place for place, slot in enumerate(self.slots) if slot.start_s == start_s), None)

    @property
    def newest(self) -> int:
        """Place of the newest slot with trades; the last one where there are none."""
        last = len(self.slots) - 1
        return next((place for place in range(last, -1, -1) if not self.slots[place].is_empty), last)

    def drawn(self) -> Iterator[tuple[int, Bar]]:
        """Yield the column and the bar of each slot with trades."""
        for column, bar in zip(self.columns, self.bars, strict=True):
            if bar is not None:
                yield column, bar

    def value(self, study: Study, place: int) -> float | None:
        """Return an indicator's value at the last candle of a slot."""
        slot = self.slots[place]
        return None if slot.is_empty else self.series.values(study)[slot.past - 1]


def timeline(series: Series, view: View, now_s: int) -> Timeline:
    """Return the columns of time of a view."""
    return Timeline(series.starts, series.length_s * view.scale.joined, series.shift_s, now_s)


def columns_of(frame: Frame, view: View) -> int:
    """Return how many slots fit."""
    return max(1, (frame.plot - ROOM_RIGHT) // view.scale.pitch)


def sheet_of(series: Series, width: int, height: int, view: View, look: Look) -> Sheet | None:
    """Divide the room and find what is seen in it; None where there is too little room. `series` is not empty."""
    label = len(texts.number(series.bars[-1].candle.high, look.price_places))
    frame = frame_of(width, height, label, rsi=Study.RSI in view.studies)
    if frame is None:
        return None
    if view.zoom is None:
        fit = columns_of(frame, view)
        many = len(series.bars) >= fit  # holes only make it more
        known = fit if many else len(timeline(series, view, look.now_s).slots(None, fit))
        view = view.fitted(known, frame.plot - ROOM_RIGHT)
    slots = timeline(series, view, look.now_s).slots(view.end_s, columns_of(frame, view))
    bars = [_joined(series.bars[slot.first : slot.past]) for slot in slots]
    right = frame.plot - ROOM_RIGHT - 1 - view.scale.body // 2
    columns = [right - back * view.scale.pitch for back in range(len(slots) - 1, -1, -1)]
    return Sheet(series, frame, view, look, slots, bars, columns)


def _joined(bars: list[Bar]) -> Bar | None:
    """Return neighbours as one, to be drawn; its `candle` is only the first one's."""
    if len(bars) <= 1:
        return bars[0] if bars else None
    high, low = max(bar.high for bar in bars), min(bar.low for bar in bars)
    volume = sum(bar.volume for bar in bars)
    return Bar(bars[0].start_s, bars[0].open, high, low, bars[-1].close, volume, bars[0].candle)
