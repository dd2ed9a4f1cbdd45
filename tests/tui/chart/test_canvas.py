"""Cells that become lines, and dots that become braille."""

from cryptex.tui.chart.canvas import Canvas
from cryptex.tui.drawing.panel import Span
from cryptex.tui.drawing.theme import Ink


def test_a_row_has_as_few_spans_as_it_has_inks() -> None:
    canvas = Canvas(6, 1)
    canvas.put(1, 0, "a", Ink.BUY)
    canvas.put(3, 0, "b", Ink.BUY)
    canvas.put(4, 0, "c", Ink.SELL)
    assert canvas.line(0) == (Span(" a b", Ink.BUY), Span("c ", Ink.SELL))
    assert Canvas(3, 1).line(0) == (Span("   ", Ink.TEXT),)


def test_filling_leaves_what_is_there() -> None:
    canvas = Canvas(3, 1)
    canvas.put(1, 0, "a", Ink.BUY)
    canvas.rule(0, "-", Ink.FAINT)
    assert canvas.line(0) == (Span("-", Ink.FAINT), Span("a", Ink.BUY), Span("-", Ink.FAINT))


def test_beyond_the_canvas_is_nothing() -> None:
    canvas = Canvas(2, 1)
    for x, y in ((-1, 0), (2, 0), (0, -1), (0, 1)):
        canvas.put(x, y, "a", Ink.BUY)
        canvas.fill(x, y, "a", Ink.BUY)
    assert canvas.line(0) == (Span("  ", Ink.TEXT),)


def drawn(canvas: Canvas) -> list[str]:
    return ["".join(span.text for span in canvas.line(y)) for y in range(canvas.height)]


def test_dots_are_joined_without_holes() -> None:
    canvas = Canvas(4, 2)
    canvas.curve([(0, 7), (3, 0), (7, 0)], Ink.INFO)
    assert drawn(canvas) == ["⢀⠎⠉⠉", "⡎   "]


def test_dashes_tell_lines_apart() -> None:
    for dashes, text in ((0, "⣀⣀⣀⣀"), (1, "⡀⡀⡀⡀"), (3, "⣀⡀ ⣀")):
        canvas = Canvas(4, 1)
        canvas.curve([(0, 3), (7, 3)], Ink.INFO, dashes)
        assert drawn(canvas) == [text]


def test_a_line_goes_behind_what_is_there_and_beyond_the_edge() -> None:
    canvas = Canvas(3, 1)
    canvas.put(1, 0, "█", Ink.SELL)
    canvas.curve([(0, 3), (3, 3), (5, 40)], Ink.INFO)
    assert drawn(canvas) == ["⣀█ "]
