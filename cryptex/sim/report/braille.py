"""Charts as text: a first line or bars in braille, eight dots a cell; points and further series in letters on top."""

from collections.abc import Iterator, Sequence
from typing import Final

from cryptex.sim.report.chart import Axis, Chart, Mark, Series, axes, drawn, tick_text

ROWS: Final = 12
WIDTH_MIN: Final = 40
LETTERS: Final = "ox+*"
"""What the others are drawn with, in turn."""

_BRAILLE: Final = "dots"
_BLANK: Final = 0x2800
_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a cell, by row and column."""

_DOTS_WIDE: Final = len(_DOTS[0])
_DOTS_HIGH: Final = len(_DOTS)
_GUTTER: Final = 11


def text_of(chart: Chart, width: int) -> str:
    """Return a chart as lines of at most `width` characters (at least WIDTH_MIN), each ended by a newline."""
    both = axes(chart)
    if both is None:
        return f"{chart.title}: nothing to draw\n"
    columns = max(width, WIDTH_MIN) - _GUTTER
    series = drawn(chart)
    cells = [[" "] * columns for _ in range(ROWS)]
    for mark, each in zip(_marks(chart), series, strict=False):
        if mark == _BRAILLE:
            cells = _braille(each, both, columns)
            continue
        for column, row in _places(each, both, columns, ROWS):
            cells[ROWS - 1 - row][column] = mark
    labels = _labels(both[1])
    lines = [f"{labels.get(row, ''):>{_GUTTER - 2}} |{''.join(cells[row])}".rstrip() for row in range(ROWS)]
    return (
        "\n".join([*_head(chart), *lines, " " * (_GUTTER - 1) + "+" + "-" * columns, *_foot(chart, both[0], columns)])
        + "\n"
    )


def _head(chart: Chart) -> Iterator[str]:
    yield f"{chart.title}: {chart.y_label}"
    if len(chart.series) > 1:
        named = zip(_marks(chart), chart.series, strict=False)
        yield " " * _GUTTER + ", ".join(f"{mark} {each.name}" for mark, each in named)


def _marks(chart: Chart) -> Sequence[str]:
    return LETTERS if chart.series[0].mark is Mark.POINTS else (_BRAILLE, *LETTERS)


def _foot(chart: Chart, axis: Axis, columns: int) -> Iterator[str]:
    line = [" "] * columns
    free = 0
    for tick in axis.ticks():
        label = tick_text(tick)
        start = min(max(round(axis.place(tick) * (columns - 1)) - len(label) // 2, 0), columns - len(label))
        if start >= free:
            line[start : start + len(label)] = label
            free = start + len(label) + 1
    yield (" " * _GUTTER + "".join(line)).rstrip()
    yield " " * _GUTTER + chart.x_label


def _labels(axis: Axis) -> dict[int, str]:
    return {ROWS - 1 - round(axis.place(tick) * (ROWS - 1)): tick_text(tick) for tick in axis.ticks()}


def _braille(series: Series, both: tuple[Axis, Axis], columns: int) -> list[list[str]]:
    cells = [[_BLANK] * columns for _ in range(ROWS)]
    height = ROWS * _DOTS_HIGH
    for x, y in _dots(series, both, columns * _DOTS_WIDE, height):
        row, dot = divmod(height - 1 - y, _DOTS_HIGH)
        cells[row][x // _DOTS_WIDE] |= _DOTS[dot][x % _DOTS_WIDE]
    return [[" " if cell == _BLANK else chr(cell) for cell in row] for row in cells]


def _dots(series: Series, both: tuple[Axis, Axis], width: int, height: int) -> Iterator[tuple[int, int]]:
    """Yield the dots of a series: its points, what lies between them on a line, or all below them."""
    before: tuple[int, int] | None = None
    for x, y in _places(series, both, width, height):
        yield x, y
        if series.mark is Mark.BARS:
            yield from ((x, below) for below in range(y))
        elif series.mark is Mark.LINE and before is not None:
            yield from _between(before, (x, y))
        before = (x, y)


def _between(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    for step in range(1, steps):
        share = step / steps
        yield round(start[0] + (end[0] - start[0]) * share), round(start[1] + (end[1] - start[1]) * share)


def _places(series: Series, both: tuple[Axis, Axis], width: int, height: int) -> Iterator[tuple[int, int]]:
    """Yield where the points are on a grid of this size, from its lower left corner."""
    for x, y in zip(series.x, series.y, strict=True):
        yield round(both[0].place(x) * (width - 1)), round(both[1].place(y) * (height - 1))
