"""What the user wants of the chart, kept between two runs of the terminal."""

from typing import Final

import msgspec

from cryptex.protocol.terms import Interval
from cryptex.tui.chart.indicators import Study
from cryptex.tui.chart.view import View

_FIRST: Final = View()


class ChartSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section [chart]: candles of which interval, and which indicators, to begin with."""

    interval: Interval = _FIRST.interval
    indicators: tuple[Study, ...] = ()

    def view(self) -> View:
        """Return what the chart shows first."""
        return View(interval=self.interval, studies=frozenset(self.indicators))


def kept(before: View, after: View) -> dict[str, str | list[str]]:
    """Return the keys of the section that a change of view changes, with their values."""
    out: dict[str, str | list[str]] = {}
    if after.interval is not before.interval:
        out["interval"] = after.interval.value
    if after.studies != before.studies:
        out["indicators"] = [study.value for study in Study if study in after.studies]
    return out
