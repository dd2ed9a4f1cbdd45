"""Scenes of the actions on the chart."""

from cryptex.tui.chart.headline import tools
from tests.tui.action_scene import Scene, text
from tests.tui.pilots import Desk

_PICTURE = text("chart")


def _tools(on: Desk) -> object:
    """Return what is lit over the chart, on a chart so wide that all of it is there."""
    return tools(on.screen.model.chart.view, 120)


SCENES = {
    "chart.shorter": Scene(_PICTURE, ("c", "full_stop")),
    "chart.longer": Scene(_PICTURE, ("c",)),
    "chart.nearer": Scene(_PICTURE, ("c",)),
    "chart.farther": Scene(_PICTURE, ("c", "plus")),
    "chart.left": Scene(_PICTURE, ("c", "left", "left")),
    "chart.right": Scene(_PICTURE, ("c", "left", "left", "left")),
    "chart.back": Scene(_PICTURE, ("c", "plus", "plus")),
    "chart.forward": Scene(_PICTURE, ("c", "plus", "plus", "shift+left", "shift+left")),
    "chart.page_back": Scene(_PICTURE, ("c", "plus", "plus")),
    "chart.page_forward": Scene(_PICTURE, ("c", "plus", "plus", "pageup")),
    "chart.now": Scene(_PICTURE, ("c", "plus", "plus", "pageup")),
    "chart.studies": Scene(_PICTURE, ("c",)),
    **{f"chart.{study}": Scene(_tools, ("c",)) for study in ("sma", "ema", "vwap", "rsi")},
    "chart.depth": Scene(_PICTURE, ("c",)),
}
