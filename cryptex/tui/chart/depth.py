"""The depth chart: how much rests up to each price, bids to the left of the middle and asks to the right. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import Final, NamedTuple

from cryptex.client.models import Level
from cryptex.protocol.terms import Side
from cryptex.tui.chart.axis import Axis, Label, foot
from cryptex.tui.chart.canvas import Canvas
from cryptex.tui.chart.frame import HEIGHT_MIN, WIDTH_MIN
from cryptex.tui.chart.headline import Spot, nothing, tools
from cryptex.tui.chart.scale import Scale, nice_step, ticks
from cryptex.tui.chart.scene import Look
from cryptex.tui.chart.view import View
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.fitting import first_fitting
from cryptex.tui.drawing.panel import Line, Span, message
from cryptex.tui.drawing.sides import INKS
from cryptex.tui.drawing.theme import Ink

_EIGHTHS: Final = "▁▂▃▄▅▆▇█"
_AREA: Final = "░"
_AXIS_WIDTH: Final = 11
_LABEL_ROWS: Final = 3
_LABEL_CELLS: Final = 14
"""Cells between labels of the price axis, at least."""
_HEAD: Final = 2
_GRAINS: Final = 32
"""The reach is a multiple of about a thirtieth of it: a level that comes or goes at its end seldom moves everything."""
_TICKS_LEAST: Final = 4
"""Price steps that each side spans at least, however near one looks."""


class Sweep(NamedTuple):
    """What an order would trade that took a side of the book up to a price: how much, and at which average price."""

    side: Side
    price: Decimal
    size: Decimal
    average: Decimal | None


@dataclass(frozen=True, slots=True)
class DepthDrawing:
    """Lines, the choices on the first of them, and the column of the middle."""

    lines: list[Line]
    spots: list[Spot]
    middle: int = 0


@dataclass(frozen=True, slots=True)
class _Depth:
    """A book to be drawn: `reach` is how far from `mid` the prices go, over `half` columns a side."""

    bids: Sequence[Level]
    asks: Sequence[Level]
    mid: Decimal
    reach: Decimal
    half: int

    def price(self, offset: int) -> Decimal:
        """Return the price at a column counted from the middle."""
        return self.mid + self.reach * offset / self.half

    def swept(self, offset: int, tick: Decimal) -> Sweep:
        """Return what there is up to the price of a column, on its side."""
        price = (self.price(offset) / tick).to_integral_value(ROUND_HALF_UP) * tick
        return sweep(self.bids if offset < 0 else self.asks, price, Side.BUY if offset < 0 else Side.SELL)

    def totals(self) -> list[float]:
        """Return what rests up to the price of each column, from the left; the middle one has nothing."""
        mid, step = float(self.mid), float(self.reach) / self.half
        down = _totals([mid - float(level.price) for level in self.bids], self.bids, step, self.half)
        up = _totals([float(level.price) - mid for level in self.asks], self.asks, step, self.half)
        return [*reversed(down), 0.0, *up]


def _totals(distances: list[float], levels: Sequence[Level], step: float, columns: int) -> list[float]:
    running = [0.0, *accumulate(float(level.size) for level in levels)]
    return [running[bisect_right(distances, step * column + step / 1e6)] for column in range(1, columns + 1)]


def sweep(levels: Sequence[Level], price: Decimal, side: Side) -> Sweep:
    """Return what rests on a side, best first, from the best price to `price`. O(levels)."""
    size, cost = Decimal(0), Decimal(0)
    for level in levels:
        if level.price < price if side is Side.BUY else level.price > price:
            break
        size += level.size
        cost += level.price * level.size
    return Sweep(side, price, size, cost / size if size else None)


def render_depth(
    bids: Sequence[Level], asks: Sequence[Level], width: int, height: int, view: View, look: Look
) -> DepthDrawing:
    """Draw the book, best levels first, into `width` x `height` cells; both sides on one scale."""
    if width < WIDTH_MIN or height < HEIGHT_MIN + 1:
        return DepthDrawing([message("no room for a chart", width)], [])
    head, spots = tools(view, width)
    half = max(1, (width - _AXIS_WIDTH - 1) // 2)
    depth = _depth(bids, asks, half, view, look)
    if depth is None:
        return DepthDrawing([head, *nothing("empty book", look.advice, width, height)], spots)
    rows = height - _HEAD - 1
    totals = depth.totals()
    canvas, axis = Canvas(2 * half + 1, rows), Axis(_AXIS_WIDTH)
    _areas(canvas, totals, half)
    _sizes(axis, totals, rows, look)
    _own(canvas, depth, look)
    cursor = None if view.depth_cursor is None else min(max(view.depth_cursor, -half), half)
    for row in range(rows):
        canvas.fill(half, row, "┊", Ink.FAINT)
        if cursor:
            canvas.put(half + cursor, row, "┆", Ink.BRIGHT)
    body = [canvas.line(row) + axis.line(row) for row in range(rows)]
    told = _swept(depth, cursor, look) if cursor else _middle(depth, look)
    return DepthDrawing([head, first_fitting(told, width), *body, _prices(depth, cursor, look)], spots, half)


def _depth(bids: Sequence[Level], asks: Sequence[Level], half: int, view: View, look: Look) -> _Depth | None:
    """Return the book to draw: no farther than both sides are known, and by halves nearer."""
    if not bids and not asks:
        return None
    best = [levels[0].price for levels in (bids, asks) if levels]
    mid = sum(best, Decimal(0)) / len(best)
    ends = [abs(levels[-1].price - mid) for levels in (bids, asks) if levels]
    reach = max(min(ends) / 2**view.depth_zoom, look.tick * _TICKS_LEAST)
    grain = nice_step(float(reach) / _GRAINS)
    return _Depth(bids, asks, mid, (reach / grain).to_integral_value(ROUND_FLOOR) * grain, half)


def _areas(canvas: Canvas, totals: list[float], half: int) -> None:
    most = max(totals)
    for x, total in enumerate(totals):
        eighths = round(total / most * canvas.height * 8) if most else 0
        if not total:
            continue
        ink = INKS[Side.BUY if x < half else Side.SELL]
        whole, part = divmod(max(1, eighths) - 1, 8)
        top = canvas.height - 1 - whole
        canvas.put(x, top, _EIGHTHS[part], ink)
        for row in range(top + 1, canvas.height):
            canvas.put(x, row, _AREA, ink)


def _sizes(axis: Axis, totals: list[float], rows: int, look: Look) -> None:
    most = max(totals)
    if not most:
        return
    scale = Scale(0.0, most, rows)
    for size in ticks(scale, _LABEL_ROWS, Decimal(1).scaleb(-look.size_places)):
        axis.put(scale.row(float(size)), Label(texts.short(size) if size else look.base))


def _own(canvas: Canvas, depth: _Depth, look: Look) -> None:
    """Mark one's own resting orders at the foot."""
    for order in look.orders:
        offset = (order.price - depth.mid) / depth.reach * depth.half
        column = depth.half + int(offset.to_integral_value(ROUND_HALF_UP))
        if not order.waits:
            canvas.put(column, canvas.height - 1, "◆", Ink.ACCENT)


def _middle(depth: _Depth, look: Look) -> list[Line]:
    """Say where the middle is, and how much rests on both sides as far as they are drawn."""
    parts: list[Line] = [(Span("mid ", Ink.MUTED), Span(texts.number(depth.mid, look.price_places), Ink.BRIGHT))]
    if depth.bids and depth.asks:
        spread = depth.asks[0].price - depth.bids[0].price
        parts.append((Span("  spread ", Ink.MUTED), Span(texts.number(spread, look.price_places))))
    for name, offset, ink in (("bids", -depth.half, Ink.BUY), ("asks", depth.half, Ink.SELL)):
        size = depth.swept(offset, look.tick).size
        text = f"{texts.short(size)} {look.base}" if size else "none"
        parts.append((Span(f"  {name} ", Ink.MUTED), Span(text, ink)))
    return parts


def _swept(depth: _Depth, cursor: int, look: Look) -> list[Line]:
    """Say what an order up to the price under the crosshair would trade."""
    found = depth.swept(cursor, look.tick)
    away = (found.price - depth.mid) / depth.mid * 100 if depth.mid else None
    verb, ink = ("sell down to", Ink.BUY) if found.side is Side.BUY else ("buy up to", Ink.SELL)
    size = texts.split_zeros(texts.number(found.size, look.size_places))[0]
    return [
        (Span(f"{verb} ", Ink.MUTED), Span(texts.number(found.price, look.price_places), Ink.BRIGHT)),
        (Span(f" {texts.signed_percent(away)}", Ink.MUTED),),
        (Span("  size ", Ink.MUTED), Span(f"{size} {look.base}", ink)),
        (Span("  average ", Ink.MUTED), Span(texts.number(found.average, look.price_places))),
    ]


def _prices(depth: _Depth, cursor: int | None, look: Look) -> Line:
    """Draw round prices under their columns, and that under the crosshair."""
    half, width = depth.half, 2 * depth.half + 1
    step = max(nice_step(float(depth.reach) * 2 * _LABEL_CELLS / width), look.tick)
    first = (depth.price(-half) / step).to_integral_value(ROUND_CEILING)
    last = (depth.price(half) / step).to_integral_value(ROUND_FLOOR)
    labels: list[tuple[int, str]] = []
    for count in range(int(first), int(last) + 1):
        text = texts.number(count * step, look.price_places)
        column = half + int((count * step - depth.mid) / depth.reach * half)
        labels.append((column - len(text) // 2, text))
    told = (half + cursor, texts.number(depth.price(cursor), look.price_places)) if cursor else None
    return foot(labels, width, told)
