"""Charts as SVG: panels of one width, one above the other. Nothing but text is written, so that bytes repeat."""

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from cryptex.sim.report.chart import Axis, Chart, Mark, Series, axes, drawn, tick_text

WIDTH: Final = 720
HEIGHT: Final = 300
LEFT, RIGHT, TOP, BOTTOM = 80, 20, 40, 50
COLOURS: Final = ("#1f5fa8", "#c2571a", "#2e7d4f", "#7a4fa3")
_INNER_WIDTH: Final = WIDTH - LEFT - RIGHT
_INNER_HEIGHT: Final = HEIGHT - TOP - BOTTOM
_RADIUS: Final = 3


def svg_of(charts: Sequence[Chart]) -> str:
    """Return an SVG document with a panel for each chart, from the top down."""
    height = HEIGHT * len(charts)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">'
    )
    lines = [head, f'<rect width="{WIDTH}" height="{height}" fill="white"/>']
    for index, chart in enumerate(charts):
        lines += [f'<g transform="translate(0 {index * HEIGHT})">', *_panel(chart), "</g>"]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _panel(chart: Chart) -> Iterator[str]:
    yield _text(LEFT, TOP - 20, chart.title, 'font-weight="bold"')
    both = axes(chart)
    if both is None:
        yield _text(LEFT, TOP, "nothing to draw")
        return
    yield f'<rect x="{LEFT}" y="{TOP}" width="{_INNER_WIDTH}" height="{_INNER_HEIGHT}" fill="none" stroke="#999"/>'
    for tick in both[0].ticks():
        yield _text(_x(both[0], tick), HEIGHT - BOTTOM + 16, tick_text(tick), 'text-anchor="middle"')
    for tick in both[1].ticks():
        yield _text(LEFT - 6, _y(both[1], tick) + 4, tick_text(tick), 'text-anchor="end"')
    yield _text(LEFT + _INNER_WIDTH / 2, HEIGHT - 14, chart.x_label, 'text-anchor="middle"')
    yield _text(LEFT + _INNER_WIDTH, TOP - 20, chart.y_label, 'text-anchor="end"')
    for index, (series, colour) in enumerate(zip(drawn(chart), COLOURS, strict=False)):
        yield from _series(series, both, colour)
        if len(chart.series) > 1:
            yield _text(
                LEFT + _INNER_WIDTH - 8, TOP + 16 * (index + 1), series.name, f'text-anchor="end" fill="{colour}"'
            )


def _series(series: Series, both: tuple[Axis, Axis], colour: str) -> Iterator[str]:
    points = [(_x(both[0], x), _y(both[1], y)) for x, y in zip(series.x, series.y, strict=True)]
    if series.mark is Mark.LINE:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}"/>'
    elif series.mark is Mark.BARS:
        path = " ".join(f"M{x:.1f} {_y(both[1], 0):.1f}V{y:.1f}" for x, y in points)
        yield f'<path d="{path}" stroke="{colour}"/>'
    else:
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS}" fill="{colour}"/>' for x, y in points)


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.place(value) * _INNER_WIDTH


def _y(axis: Axis, value: float) -> float:
    return TOP + (1 - axis.place(value)) * _INNER_HEIGHT


def _text(x: float, y: float, text: str, attributes: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"{" " if attributes else ""}{attributes}>{escape(text)}</text>'
