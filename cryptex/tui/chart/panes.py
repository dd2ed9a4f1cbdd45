"""The panes of the chart: prices, volume, RSI, and the axis of time under them. Pure."""

from decimal import Decimal
from typing import Final

from cryptex.tui.chart import marks
from cryptex.tui.chart.axis import Axis, Label
from cryptex.tui.chart.candle import Shape, thin, wide
from cryptex.tui.chart.canvas import DOT_COLUMNS, DOT_ROWS, Canvas
from cryptex.tui.chart.indicators import OVERLAYS, RSI_HIGH, RSI_LOW, Study
from cryptex.tui.chart.scale import Scale, price_scale, ticks
from cryptex.tui.chart.series import Bar
from cryptex.tui.chart.stage import Stage
from cryptex.tui.chart.timeaxis import labels, moment
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import Line, Span
from cryptex.tui.drawing.theme import Ground, Ink

STUDY_INKS: Final = {Study.SMA: Ink.ACCENT, Study.EMA: Ink.INFO, Study.VWAP: Ink.BRIGHT, Study.RSI: Ink.INFO}
DASHES: Final = {Study.SMA: 0, Study.EMA: 3, Study.VWAP: 1, Study.RSI: 0}
"""How the lines of indicators are told apart without colour: columns of dots drawn and left out in turn."""
TICK_ROWS: Final = 3
"""Rows between labels of the price axis, at least."""
_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_OFF_SCALE: Final = 2
"""Rows beyond the scale to which what lies further off is brought."""


def price_pane(stage: Stage) -> list[Line]:
    """Draw candles, overlays, own orders and fills, and the last price; none of them hides a candle."""
    frame, look = stage.frame, stage.look
    seen = [bar for bar in stage.bars if bar is not None]
    if not seen:
        return [()] * frame.price
    scale = price_scale(min(b.low for b in seen), max(b.high for b in seen), frame.price, look.tick)
    canvas, axis = Canvas(frame.plot, frame.price), Axis(frame.axis)
    for tick in ticks(scale, TICK_ROWS, look.tick):
        axis.put(scale.row(float(tick)), Label(texts.number(tick, look.price_places)))
    _candles(stage, canvas, scale)
    marks.fills(stage, canvas, scale)
    for study in OVERLAYS:
        if study in stage.view.studies:
            _curve(stage, canvas, scale, study)
    marks.orders(stage, canvas, axis, scale)
    marks.last_price(stage, canvas, axis, scale)
    marks.crosshair(stage, canvas, axis, scale)
    marks.holes(stage, canvas, scale)
    return [canvas.line(row) + axis.line(row) for row in range(frame.price)]


def volume_pane(stage: Stage) -> list[Line]:
    """Draw a bar of volume under each candle, in eighths of a row."""
    frame, side = stage.frame, stage.view.scale.body // 2
    canvas, axis = Canvas(frame.plot, frame.volume), Axis(frame.axis)
    most = max((bar.volume for bar in stage.bars if bar is not None), default=0.0)
    for x, bar in stage.drawn():
        eighths = max(1, round(bar.volume / most * 8 * frame.volume)) if bar.volume else 0
        ink = Ink.MUTED if _rises(bar) else Ink.FAINT
        for row in range(frame.volume):
            part = _EIGHTHS[min(max(eighths - 8 * (frame.volume - 1 - row), 0), 8)]
            for column in range(x - side, x + side + 1) if part != " " else ():
                canvas.put(column, row, part, ink)
    marks.hair(stage, canvas)
    if frame.volume and most:
        axis.put(0, Label(texts.short(Decimal(most)), Ink.FAINT))
    return [canvas.line(row) + axis.line(row) for row in range(frame.volume)]


def rsi_pane(stage: Stage) -> list[Line]:
    """Draw the relative strength from 0 to 100, and where it counts as high and as low."""
    frame = stage.frame
    if not frame.rsi:
        return []
    canvas, axis, scale = Canvas(frame.plot, frame.rsi), Axis(frame.axis), Scale(0.0, 100.0, frame.rsi)
    _curve(stage, canvas, scale, Study.RSI)
    marks.hair(stage, canvas)
    for value in (RSI_HIGH, RSI_LOW):
        row = scale.row(value)
        canvas.rule(row, "┈", Ink.FAINT)
        axis.put(row, Label(f"{value:.0f}", Ink.FAINT))
    return [canvas.line(row) + axis.line(row) for row in range(frame.rsi)]


def time_axis(stage: Stage) -> Line:
    """Draw round times, and that under the crosshair."""
    plot, length_s = stage.frame.plot, stage.series.length_s
    cells = [" "] * plot
    scale = stage.view.scale
    for place, text in labels(stage.slots, length_s * scale.joined, scale.pitch):
        start = min(stage.column(place), plot - len(text))
        if start >= 0:
            cells[start : start + len(text)] = text
    axis = "".join(cells)
    cursor = stage.cursor
    if cursor is None:
        return (Span(axis, Ink.MUTED),)
    text = f" {moment(stage.slots[cursor].start_s, length_s)} "
    start = max(0, min(stage.column(cursor) - len(text) // 2, plot - len(text)))
    return (
        Span(axis[:start], Ink.MUTED),
        Span(text, Ink.BRIGHT, Ground.CURSOR),
        Span(axis[start + len(text) :], Ink.MUTED),
    )


def _rises(bar: Bar) -> bool:
    return bar.close >= bar.open


def _candles(stage: Stage, canvas: Canvas, scale: Scale) -> None:
    body = stage.view.scale.body
    for x, bar in stage.drawn():
        rises = _rises(bar)
        ends = (bar.close, bar.open) if rises else (bar.open, bar.close)
        shape = Shape(*(scale.part(price, 2) for price in (bar.high, *ends, bar.low)))
        ink = Ink.BUY if rises else Ink.SELL
        cells = thin(shape, rises=rises) if body == 1 else wide(shape, body, rises=rises)
        for row, text in cells:
            for column, char in enumerate(text, x - len(text) // 2):
                canvas.put(column, row, char, ink)


def _curve(stage: Stage, canvas: Canvas, scale: Scale, study: Study) -> None:
    points: list[tuple[int, int]] = []
    beyond = _OFF_SCALE * DOT_ROWS
    for place in range(len(stage.slots)):
        value = stage.value(study, place)
        if value is not None:
            dot = min(max(scale.part(value, DOT_ROWS), -beyond), scale.rows * DOT_ROWS + beyond)
            points.append((stage.column(place) * DOT_COLUMNS, dot))
    canvas.curve(points, STUDY_INKS[study], DASHES[study])
