"""The panes of the chart: prices, volume, RSI, and the axis of time under them. Pure."""

from decimal import Decimal
from functools import partial
from typing import Final

from cryptex.tui.chart import marks
from cryptex.tui.chart.axis import Axis, Label, foot
from cryptex.tui.chart.candle import Shape, thin, wide
from cryptex.tui.chart.canvas import DOT_COLUMNS, DOT_ROWS, Canvas
from cryptex.tui.chart.indicators import OVERLAYS, RSI_HIGH, RSI_LOW, Study
from cryptex.tui.chart.scale import Scale, price_scale, ticks
from cryptex.tui.chart.series import Bar
from cryptex.tui.chart.sheet import Sheet
from cryptex.tui.chart.timeaxis import labels, moment
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import Line
from cryptex.tui.drawing.theme import Ink

STUDY_INKS: Final = {Study.SMA: Ink.ACCENT, Study.EMA: Ink.INFO, Study.VWAP: Ink.BRIGHT, Study.RSI: Ink.INFO}
DASHES: Final = {Study.SMA: 0, Study.EMA: 3, Study.VWAP: 1, Study.RSI: 0}
"""How the lines of indicators are told apart without colour: columns of dots drawn and left out in turn."""
TICK_ROWS: Final = 3
"""Rows between labels of the price axis, at least."""
_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_OFF_SCALE: Final = 2
"""Rows beyond the scale to which what lies further off is brought."""


def price_pane(sheet: Sheet) -> list[Line]:
    """Draw candles, overlays, own orders and fills, and the last price; none of them hides a candle."""
    frame, look = sheet.frame, sheet.look
    seen = [bar for bar in sheet.bars if bar is not None]
    if not seen:
        return [()] * frame.price
    scale = price_scale(min(b.low for b in seen), max(b.high for b in seen), frame.price, look.tick)
    canvas, axis = Canvas(frame.plot, frame.price), Axis(frame.axis)
    for tick in ticks(scale, TICK_ROWS, look.tick):
        axis.put(scale.row(float(tick)), Label(texts.number(tick, look.price_places)))
    _candles(sheet, canvas, scale)
    marks.fills(sheet, canvas, scale)
    for study in OVERLAYS:
        if study in sheet.view.studies:
            _curve(sheet, canvas, scale, study)
    marks.orders(sheet, canvas, axis, scale)
    marks.last_price(sheet, canvas, axis, scale)
    marks.crosshair(sheet, canvas, axis, scale)
    marks.holes(sheet, canvas, scale)
    return [canvas.line(row) + axis.line(row) for row in range(frame.price)]


def volume_pane(sheet: Sheet) -> list[Line]:
    """Draw a bar of volume under each candle, in eighths of a row."""
    frame, side = sheet.frame, sheet.view.scale.body // 2
    canvas, axis = Canvas(frame.plot, frame.volume), Axis(frame.axis)
    most = max((bar.volume for bar in sheet.bars if bar is not None), default=0.0)
    for x, bar in sheet.drawn():
        eighths = max(1, round(bar.volume / most * 8 * frame.volume)) if bar.volume else 0
        ink = Ink.MUTED if _rises(bar) else Ink.FAINT
        whole, part = divmod(eighths, 8)
        cells = [*["█"] * whole, *_EIGHTHS[part : part + 1]]
        for row, char in zip(range(frame.volume - 1, -1, -1), cells, strict=False):
            for column in range(x - side, x + side + 1) if char != " " else ():
                canvas.put(column, row, char, ink)
    marks.hair(sheet, canvas)
    if frame.volume and most:
        axis.put(0, Label(texts.short(Decimal(most)), Ink.FAINT))
    return [canvas.line(row) + axis.line(row) for row in range(frame.volume)]


def rsi_pane(sheet: Sheet) -> list[Line]:
    """Draw the relative strength from 0 to 100, and where it counts as high and as low."""
    frame = sheet.frame
    if not frame.rsi:
        return []
    canvas, axis, scale = Canvas(frame.plot, frame.rsi), Axis(frame.axis), Scale(0.0, 100.0, frame.rsi)
    _curve(sheet, canvas, scale, Study.RSI)
    marks.hair(sheet, canvas)
    for value in (RSI_HIGH, RSI_LOW):
        row = scale.row(value)
        canvas.rule(row, "┈", Ink.FAINT)
        axis.put(row, Label(f"{value:.0f}", Ink.FAINT))
    return [canvas.line(row) + axis.line(row) for row in range(frame.rsi)]


def time_axis(sheet: Sheet) -> Line:
    """Draw round times, and that under the crosshair."""
    plot, length_s, scale = sheet.frame.plot, sheet.series.length_s, sheet.view.scale
    shown = labels(sheet.slots, length_s * scale.joined, scale.pitch)
    at = [(min(sheet.columns[place], plot - len(text)), text) for place, text in shown]
    place = sheet.cursor
    cursor = None if place is None else (sheet.columns[place], moment(sheet.slots[place].start_s, length_s))
    return foot(at, plot, cursor)


def _rises(bar: Bar) -> bool:
    return bar.close >= bar.open


def _candles(sheet: Sheet, canvas: Canvas, scale: Scale) -> None:
    body, half = sheet.view.scale.body, partial(scale.part, parts=2)
    for x, bar in sheet.drawn():
        rises = _rises(bar)
        top, bottom = (bar.close, bar.open) if rises else (bar.open, bar.close)
        shape = Shape(half(bar.high), half(top), half(bottom), half(bar.low))
        ink = Ink.BUY if rises else Ink.SELL
        cells = thin(shape, rises=rises) if body == 1 else wide(shape, body, rises=rises)
        for row, text in cells:
            for column, char in enumerate(text, x - len(text) // 2):
                canvas.put(column, row, char, ink)


def _curve(sheet: Sheet, canvas: Canvas, scale: Scale, study: Study) -> None:
    points: list[tuple[int, int]] = []
    beyond = _OFF_SCALE * DOT_ROWS
    for place in range(len(sheet.slots)):
        value = sheet.value(study, place)
        if value is not None:
            dot = min(max(scale.part(value, DOT_ROWS), -beyond), scale.rows * DOT_ROWS + beyond)
            points.append((sheet.columns[place] * DOT_COLUMNS, dot))
    canvas.curve(points, STUDY_INKS[study], DASHES[study])
