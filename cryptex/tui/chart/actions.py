"""What can be done on the chart."""

from typing import Final

from cryptex.tui.keys.action import Action, Place

_HERE: Final = Place.CHART

CHART: Final = (
    Action("chart.shorter", "comma", "shorter candles", "interval", _HERE, "interval(-1)", ","),
    Action("chart.longer", "full_stop", "longer candles", "", _HERE, "interval(1)", "."),
    Action("chart.nearer", "plus,equals_sign", "zoom in", "zoom", _HERE, "zoom(1)", "+"),
    Action("chart.farther", "minus", "zoom out", "", _HERE, "zoom(-1)", "-"),
    Action("chart.left", "left", "crosshair", "crosshair", _HERE, "cursor(-1)", "← →"),
    Action("chart.right", "right", "", "", _HERE, "cursor(1)", "→"),
    Action("chart.back", "shift+left", "back in time", "back", _HERE, "pan(-0.25)", "⇧←"),
    Action("chart.forward", "shift+right", "forward in time", "", _HERE, "pan(0.25)", "⇧→"),
    Action("chart.page_back", "pageup", "a screen back or forward", "", _HERE, "pan(-1)", "pgup pgdn"),
    Action("chart.page_forward", "pagedown", "", "", _HERE, "pan(1)", "pgdn"),
    Action("chart.now", "home", "back to now", "now", _HERE, "now"),
    Action("chart.studies", "n", "next set of indicators", "indicators", _HERE, "studies"),
    Action("chart.sma", "A", "SMA on or off", "", _HERE, "study('SMA')"),
    Action("chart.ema", "E", "EMA on or off", "", _HERE, "study('EMA')"),
    Action("chart.vwap", "V", "VWAP on or off", "", _HERE, "study('VWAP')"),
    Action("chart.rsi", "R", "RSI on or off", "", _HERE, "study('RSI')"),
    Action("chart.depth", "d", "depth or candles", "depth", _HERE, "depth"),
)
