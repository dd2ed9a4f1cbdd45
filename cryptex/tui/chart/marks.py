"""What is marked among the candles: own fills and orders, the last price, the crosshair, and holes. Pure.

Each takes only cells that are empty, so that no candle is hidden; own fills alone come first.
"""

from typing import Final

from cryptex.protocol.terms import Side
from cryptex.tui.chart.axis import Axis, Label
from cryptex.tui.chart.canvas import Canvas
from cryptex.tui.chart.scale import Scale
from cryptex.tui.chart.sheet import Sheet
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.sides import ARROWS, INKS
from cryptex.tui.drawing.theme import Ground, Ink

_LETTERS: Final = {Side.BUY: "B", Side.SELL: "S"}
_DOTS_APART: Final = 3
"""Columns from one dot of an order's line to the next."""


def fills(sheet: Sheet, canvas: Canvas, scale: Scale) -> None:
    """Mark one's buys under and one's sells over their candle."""
    length_s = sheet.series.length_s * sheet.view.scale.joined
    times = {slot.start_s: place for place, slot in enumerate(sheet.slots)}
    first_s = sheet.slots[0].start_s
    for fill in reversed(sheet.look.fills):
        if fill.time_s < first_s:
            break
        place = times.get(fill.time_s - (fill.time_s - sheet.series.shift_s) % length_s)
        bar = None if place is None else sheet.bars[place]
        if place is None or bar is None:
            continue
        row = scale.row(bar.low) + 1 if fill.side is Side.BUY else scale.row(bar.high) - 1
        canvas.put(sheet.columns[place], min(max(row, 0), scale.rows - 1), ARROWS[fill.side], INKS[fill.side])


def orders(sheet: Sheet, canvas: Canvas, axis: Axis, scale: Scale) -> None:
    """Mark one's open orders on the axis, and draw a line to it."""
    for order in sheet.look.orders:
        row = scale.row(float(order.price))
        if not 0 <= row < scale.rows:
            continue
        ink, letter = INKS[order.side], _LETTERS[order.side]
        text = texts.number(order.price, sheet.look.price_places)
        axis.put(row, Label(text, ink, "◇" if order.waits else "◆", ink, letter))
        canvas.rule(row, "┈", ink, range(canvas.width - 1, -1, -_DOTS_APART))


def last_price(sheet: Sheet, canvas: Canvas, axis: Axis, scale: Scale) -> None:
    """Tag the last price: at the edge where it is off the scale; a line leads to it where the chart is of now."""
    newest = sheet.series.bars[-1]
    row, rises = scale.row(newest.close), newest.close >= newest.open
    sign = texts.UP if rises else texts.DOWN
    if row < 0 or row >= scale.rows:
        sign = "↑" if row < 0 else "↓"
    elif not sheet.view.is_past:
        canvas.rule(row, "╌", Ink.FAINT)
    ground = Ground.BUY if rises else Ground.SELL
    text = texts.number(newest.candle.close, sheet.look.price_places)
    axis.put(min(max(row, 0), scale.rows - 1), Label(text, Ink.BADGE, sign=sign, ground=ground, bold=True))


def crosshair(sheet: Sheet, canvas: Canvas, axis: Axis, scale: Scale) -> None:
    """Draw the crosshair through the close of its candle."""
    cursor = sheet.cursor
    bar = None if cursor is None else sheet.bars[cursor]
    if bar is not None:
        row = scale.row(bar.close)
        canvas.rule(row, "╌", Ink.MUTED)
        text = f"{bar.close:,.{sheet.look.price_places}f}"
        axis.put(row, Label(text, Ink.BRIGHT, ground=Ground.CURSOR))
    hair(sheet, canvas)


def hair(sheet: Sheet, canvas: Canvas) -> None:
    """Draw the upright line of the crosshair."""
    cursor = sheet.cursor
    if cursor is not None:
        for row in range(canvas.height):
            canvas.fill(sheet.columns[cursor], row, "┆", Ink.MUTED)


def holes(sheet: Sheet, canvas: Canvas, scale: Scale) -> None:
    """Dot the last price along where nobody traded; a long hole is cut short, and looks so."""
    close: float | None = None
    for place, (slot, bar) in enumerate(zip(sheet.slots, sheet.bars, strict=True)):
        if bar is not None:
            close = bar.close
        elif slot.cut:
            for row in range(scale.rows):
                canvas.fill(sheet.columns[place], row, "╎", Ink.FAINT)
        elif close is not None:
            canvas.fill(sheet.columns[place], scale.row(close), "·", Ink.FAINT)
