"""What a trader chose to see of a chart: interval, zoom, place in time, crosshair, indicators. Pure."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from cryptex.protocol.terms import Interval
from cryptex.tui.chart.indicators import Study


class Zoom(NamedTuple):
    """Cells from one candle to the next, cells of its body, and how many candles are drawn as one."""

    pitch: int
    body: int
    joined: int = 1


ZOOMS: Final = (Zoom(1, 1, 10), Zoom(1, 1, 5), Zoom(1, 1, 2), Zoom(1, 1), Zoom(2, 1), Zoom(4, 3), Zoom(6, 5))
"""From far to near."""
ZOOM_START: Final = 4
STUDY_SETS: Final[tuple[frozenset[Study], ...]] = (
    frozenset(),
    frozenset({Study.SMA}),
    frozenset({Study.SMA, Study.EMA}),
    frozenset({Study.VWAP}),
    frozenset({Study.RSI}),
    frozenset(Study),
)
"""What one key goes through."""
_INTERVALS: Final = tuple(Interval)


@dataclass(frozen=True, slots=True)
class View:
    """A place in a chart.

    `end_s` is the beginning of the newest candle shown, in seconds since 1970, when the chart was moved back in time;
    None follows the market. `cursor_s` is the beginning of the candle under the crosshair.
    """

    interval: Interval = Interval.M1
    zoom: int | None = None
    """Place in ZOOMS; None fits few candles to the room."""
    end_s: int | None = None
    cursor_s: int | None = None
    studies: frozenset[Study] = frozenset()
    depth: bool = False
    depth_zoom: int = 0
    """How often the prices of the depth chart were halved."""
    depth_cursor: int | None = None
    """Column of the crosshair in the depth chart, counted from the middle."""

    @property
    def scale(self) -> Zoom:
        """How wide candles are."""
        return ZOOMS[ZOOM_START if self.zoom is None else self.zoom]

    @property
    def is_past(self) -> bool:
        """Whether the newest candle may be out of sight."""
        return self.end_s is not None

    def now(self) -> "View":
        """Follow the market, without a crosshair."""
        return replace(self, end_s=None, cursor_s=None, depth_cursor=None)

    def zoomed(self, step: int) -> "View":
        """Go nearer (1) or farther (-1), as far as that goes."""
        if self.depth:
            return replace(self, depth_zoom=min(max(self.depth_zoom + step, 0), DEPTH_ZOOM_MAX))
        zoom = ZOOM_START if self.zoom is None else self.zoom
        return replace(self, zoom=min(max(zoom + step, 0), len(ZOOMS) - 1))

    def fitted(self, intervals: int, cells: int) -> "View":
        """Return the view with a zoom: the nearest in which all of so many intervals have room, unless it has one."""
        if self.zoom is not None:
            return self
        near = range(len(ZOOMS) - 1, ZOOM_START, -1)
        zoom = next((zoom for zoom in near if intervals * ZOOMS[zoom].pitch <= cells), ZOOM_START)
        return replace(self, zoom=zoom)

    def with_interval(self, interval: Interval) -> "View":
        """Show candles of another length, of now."""
        return replace(self.now(), interval=interval, depth=False)

    def next_interval(self, step: int) -> "View":
        """Show longer (1) or shorter (-1) candles, as far as that goes."""
        at = _INTERVALS.index(self.interval) + step
        return self.with_interval(_INTERVALS[min(max(at, 0), len(_INTERVALS) - 1)])

    def next_studies(self) -> "View":
        """Choose the next set of indicators; they are for candles."""
        at = STUDY_SETS.index(self.studies) + 1 if self.studies in STUDY_SETS else 0
        return replace(self, studies=STUDY_SETS[at % len(STUDY_SETS)], depth=False)

    def toggled(self, study: Study) -> "View":
        """Show an indicator, or no longer; they are for candles."""
        return replace(self, studies=self.studies ^ {study}, depth=False)


DEPTH_ZOOM_MAX: Final = 4
