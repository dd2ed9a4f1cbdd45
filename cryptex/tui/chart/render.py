"""The chart as a pure function of its candles, the room, the view and the look."""

from dataclasses import dataclass, field

from cryptex.tui.chart.headline import Spot, nothing, readout, tools
from cryptex.tui.chart.panes import price_pane, rsi_pane, time_axis, volume_pane
from cryptex.tui.chart.scene import Look
from cryptex.tui.chart.series import Series
from cryptex.tui.chart.sheet import Sheet, sheet_of
from cryptex.tui.chart.view import View
from cryptex.tui.drawing.panel import Line, message


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines, and what stands where on them: choices on the first one, candles in the columns of `sheet`."""

    lines: list[Line]
    spots: list[Spot] = field(default_factory=list)
    sheet: Sheet | None = None


def render(series: Series, width: int, height: int, view: View, look: Look) -> Drawing:
    """Draw a chart into `width` x `height` cells. Without candles it says so, and so does one without room."""
    if not series.bars:
        line, spots = tools(view, width)
        return Drawing([line, *nothing(look.note or "no trades yet", look.advice, width, height)], spots)
    sheet = sheet_of(series, width, height, view, look)
    if sheet is None:
        return Drawing([message("no room for a chart", width)])
    line, spots = tools(view, width)
    told = readout(sheet, width)
    head = [line, told]
    if sheet.frame.head == 1 and (sheet.cursor is not None or view.is_past or look.note):
        head, spots = [told], []
    panes = [*price_pane(sheet), *volume_pane(sheet), *rsi_pane(sheet)]
    return Drawing([*head[: sheet.frame.head], *panes, time_axis(sheet)], spots, sheet)
