"""The lines over the chart: what can be chosen, and what the candle under the crosshair was. Pure."""

from typing import Final, NamedTuple

from cryptex.protocol.terms import Interval
from cryptex.tui.chart.indicators import NEEDS, OVERLAYS, TITLES, Study
from cryptex.tui.chart.panes import STUDY_INKS
from cryptex.tui.chart.series import joined
from cryptex.tui.chart.sheet import Sheet
from cryptex.tui.chart.timeaxis import moment
from cryptex.tui.chart.view import View
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.fitting import Group, fitted_line, group
from cryptex.tui.drawing.panel import BLANK, Line, Span, message
from cryptex.tui.drawing.theme import Ground, Ink

DEPTH: Final = "depth"
_IMPORTANCE: Final = ("C", "change", "H", "L", "O", "V", "difference")
"""What is read out of a candle where there is not room for all; then come the indicators."""
_WHEN: Final = -1
Choice = Interval | Study | str


class Spot(NamedTuple):
    """Cells of the first line that choose something when clicked."""

    start: int
    past: int
    choice: Choice


def tools(view: View, width: int) -> tuple[Line, list[Spot]]:
    """Draw intervals, the depth chart and indicators, as many as there is room for; the chosen ones are lit."""
    choices: list[tuple[Choice, bool, Ink]] = [
        *((interval, interval is view.interval and not view.depth, Ink.BRIGHT) for interval in Interval),
        (DEPTH, view.depth, Ink.BRIGHT),
        *((study, study in view.studies and not view.depth, STUDY_INKS[study]) for study in Study),
    ]
    line: list[Span] = []
    spots: list[Spot] = []
    x = 0
    for choice, lit, ink in choices:
        text = f" {choice} "
        if x + len(text) > width:
            break
        line.append(Span(text, ink if lit else Ink.MUTED, Ground.RAISED if lit else None, bold=lit))
        spots.append(Spot(x, x + len(text), choice))
        x += len(text)
    return tuple(line), spots


def nothing(told: str, advice: str, width: int, height: int) -> list[Line]:
    """Return the lines under the first one of a chart without anything to draw: why, and what to do."""
    below = [message(advice, width, Ink.FAINT)] if advice else []
    return [*[BLANK] * (height // 2 - 1), message(told, width), *below]


def readout(sheet: Sheet, width: int) -> Line:
    """Draw what the candle under the crosshair, or the newest on the screen, was."""
    cursor = sheet.cursor
    place = sheet.newest if cursor is None else cursor
    slot = sheet.slots[place]
    groups: list[Group] = []
    if sheet.view.is_past:
        groups.append(group(_WHEN, (Span("◂ past, home: now ", Ink.ACCENT, bold=True),)))
    if sheet.look.note:
        groups.append(group(_WHEN, (Span(f"{sheet.look.note} ", Ink.ACCENT),)))
    groups.append(group(_WHEN, (Span(moment(slot.start_s, sheet.series.length_s), Ink.MUTED),)))
    if slot.is_empty:
        groups.append(group(_WHEN, (Span("  nobody traded", Ink.MUTED),)))
    else:
        groups += _prices(sheet, place)
        groups += [group(len(_IMPORTANCE), study) for study in _studies(sheet, place)]
    return fitted_line(groups, width)


def _prices(sheet: Sheet, place: int) -> list[Group]:
    """Return the candle's prices, volume and change; where there is no room for all, the close comes first."""
    slot, look = sheet.slots[place], sheet.look
    candle = joined(sheet.series.bars[slot.first : slot.past])
    change = candle.close - candle.open
    ink = Ink.BUY if change >= 0 else Ink.SELL
    percent = change / candle.open * 100 if candle.open else None
    named = (("O", candle.open), ("H", candle.high), ("L", candle.low), ("C", candle.close))
    parts = {name: _named(name, texts.number(value, look.price_places), ink) for name, value in named}
    parts["V"] = _named("V", texts.split_zeros(texts.number(candle.volume, look.size_places))[0], Ink.TEXT)
    parts["change"] = (Span(f"  {texts.arrow(change)} {texts.signed_percent(percent)}", ink),)
    parts["difference"] = (Span(f" {change:+,.{look.price_places}f}", ink),)
    return [group(_IMPORTANCE.index(name), part) for name, part in parts.items()]


def _studies(sheet: Sheet, place: int) -> list[Line]:
    """Return the values of the indicators that are shown."""
    out: list[Line] = []
    for study in (*OVERLAYS, Study.RSI):
        if study not in sheet.view.studies:
            continue
        value = sheet.value(study, place)
        places = 1 if study is Study.RSI else sheet.look.price_places
        text = f"needs {NEEDS[study]} candles" if value is None else f"{value:,.{places}f}"
        out.append((Span(f"  {TITLES[study]} {text}", STUDY_INKS[study]),))
    return out


def _named(name: str, value: str, ink: Ink) -> Line:
    return (Span(f"  {name} ", Ink.FAINT), Span(value, ink))
