"""What can be done on the chart."""

from typing import Final

from cryptex.tui.keys.action import Action, Place

_HERE: Final = Place.CHART

CHART: Final = (
    Action("chart.shorter", "comma", "shorter or longer candles", "interval", _HERE, "interval(-1)", ", ."),
    Action("chart.longer", "full_stop", "", "", _HERE, "interval(1)", "."),
    Action("chart.nearer", "plus,equals_sign", "zoom in or out", "zoom", _HERE, "zoom(1)", "+ -"),
    Action("chart.farther", "minus", "", "", _HERE, "zoom(-1)", "-"),
    Action("chart.left", "left", "crosshair", "crosshair", _HERE, "cursor(-1)", "← →"),
    Action("chart.right", "right", "", "", _HERE, "cursor(1)", "→"),
    Action("chart.back", "shift+left", "back or forward in time", "back", _HERE, "pan(-0.25)", "⇧ ← →"),
    Action("chart.forward", "shift+right", "", "", _HERE, "pan(0.25)", "⇧→"),
    Action("chart.page_back", "pageup", "a screen back or forward", "", _HERE, "pan(-1)", "pgup pgdn"),
    Action("chart.page_forward", "pagedown", "", "", _HERE, "pan(1)", "pgdn"),
    Action("chart.now", "home", "back to now", "now", _HERE, "now"),
    Action("chart.studies", "n", "next set of indicators", "indicators", _HERE, "studies"),
    Action("chart.sma", "A", "SMA, EMA", "", _HERE, "study('SMA')", "A E"),
    Action("chart.ema", "E", "", "", _HERE, "study('EMA')"),
    Action("chart.vwap", "V", "VWAP, RSI", "", _HERE, "study('VWAP')", "V R"),
    Action("chart.rsi", "R", "", "", _HERE, "study('RSI')"),
    Action("chart.depth", "d", "depth or candles", "depth", _HERE, "depth"),
)
