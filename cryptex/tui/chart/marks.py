"""What is marked among the candles: own fills and orders, the last price, the crosshair, and holes. Pure.

Each takes only cells that are empty, so that no candle is hidden; own fills alone come first.
"""

from typing import Final

from cryptex.protocol.terms import Side
from cryptex.tui.chart.axis import Axis, Label
from cryptex.tui.chart.canvas import Canvas
from cryptex.tui.chart.scale import Scale
from cryptex.tui.chart.stage import Stage
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.theme import Ground, Ink

_SIDES: Final = {Side.BUY: (Ink.BUY, "B", texts.UP), Side.SELL: (Ink.SELL, "S", texts.DOWN)}
_DOTS_APART: Final = 3
"""Columns from one dot of an order's line to the next."""


def fills(stage: Stage, canvas: Canvas, scale: Scale) -> None:
    """Mark one's buys under and one's sells over their candle."""
    length_s = stage.series.length_s * stage.view.scale.joined
    times = {slot.start_s: place for place, slot in enumerate(stage.slots)}
    first_s = stage.slots[0].start_s
    for fill in reversed(stage.look.fills):
        if fill.time_s < first_s:
            break
        place = times.get(fill.time_s - (fill.time_s - stage.series.shift_s) % length_s)
        bar = None if place is None else stage.bars[place]
        if place is None or bar is None:
            continue
        ink, _, arrow = _SIDES[fill.side]
        row = scale.row(bar.low) + 1 if fill.side is Side.BUY else scale.row(bar.high) - 1
        canvas.put(stage.column(place), min(max(row, 0), scale.rows - 1), arrow, ink)


def orders(stage: Stage, canvas: Canvas, axis: Axis, scale: Scale) -> None:
    """Mark one's open orders on the axis, and draw a line to it."""
    for order in stage.look.orders:
        row = scale.row(float(order.price))
        if not 0 <= row < scale.rows:
            continue
        ink, letter, _ = _SIDES[order.side]
        text = texts.number(order.price, stage.look.price_places)
        axis.put(row, Label(text, ink, "◇" if order.waits else "◆", ink, letter))
        canvas.rule(row, "┈", ink, range(canvas.width - 1, -1, -_DOTS_APART))


def last_price(stage: Stage, canvas: Canvas, axis: Axis, scale: Scale) -> None:
    """Tag the last price: at the edge where it is off the scale; a line leads to it where the chart is of now."""
    last, newest = stage.look.last, stage.series.bars[-1]
    price = newest.candle.close if last is None else last
    row = scale.row(float(price))
    rises = float(price) >= newest.open
    sign = texts.UP if rises else texts.DOWN
    if row < 0 or row >= scale.rows:
        sign = "↑" if row < 0 else "↓"
    elif not stage.view.is_past:
        canvas.rule(row, "╌", Ink.FAINT)
    ground = Ground.BUY if rises else Ground.SELL
    text = texts.number(price, stage.look.price_places)
    axis.put(min(max(row, 0), scale.rows - 1), Label(text, Ink.BADGE, sign=sign, ground=ground, bold=True))


def crosshair(stage: Stage, canvas: Canvas, axis: Axis, scale: Scale) -> None:
    """Draw the crosshair through the close of its candle."""
    cursor = stage.cursor
    bar = None if cursor is None else stage.bars[cursor]
    if bar is not None:
        row = scale.row(bar.close)
        canvas.rule(row, "╌", Ink.MUTED)
        text = f"{bar.close:,.{stage.look.price_places}f}"
        axis.put(row, Label(text, Ink.BRIGHT, ground=Ground.CURSOR))
    hair(stage, canvas)


def hair(stage: Stage, canvas: Canvas) -> None:
    """Draw the upright line of the crosshair."""
    cursor = stage.cursor
    if cursor is not None:
        for row in range(canvas.height):
            canvas.fill(stage.column(cursor), row, "┆", Ink.MUTED)


def holes(stage: Stage, canvas: Canvas, scale: Scale) -> None:
    """Dot the last price along where nobody traded; a long hole is cut short, and looks so."""
    close: float | None = None
    for place, (slot, bar) in enumerate(zip(stage.slots, stage.bars, strict=True)):
        if bar is not None:
            close = bar.close
        elif slot.cut:
            for row in range(scale.rows):
                canvas.fill(stage.column(place), row, "╎", Ink.FAINT)
        elif close is not None:
            canvas.fill(stage.column(place), scale.row(close), "·", Ink.FAINT)
