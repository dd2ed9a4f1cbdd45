"""The axes: a rule with labels at the right, and a line of labels at the foot. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from cryptex.tui.drawing.panel import Line, Span
from cryptex.tui.drawing.theme import Ground, Ink


class Label(NamedTuple):
    """What stands on a row of the axis: a mark on the rule, a text, and a character that says what it is."""

    text: str
    ink: Ink = Ink.MUTED
    mark: str = "┤"
    mark_ink: Ink = Ink.FAINT
    sign: str = " "
    ground: Ground | None = None
    bold: bool = False


class Axis:
    """Labels by row; a later one takes the place of an earlier."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._labels: dict[int, Label] = {}

    def put(self, row: int, label: Label) -> None:
        """Label a row."""
        self._labels[row] = label

    def line(self, row: int) -> Line:
        """Return the axis of a row, `width` cells of it."""
        label = self._labels.get(row)
        if label is None:
            return (Span("│", Ink.FAINT),)
        text = f"{label.text.rjust(self._width - 3)} {label.sign}"[-(self._width - 1) :]
        return (Span(label.mark, label.mark_ink), Span(text, label.ink, label.ground, bold=label.bold))


def foot(labels: Iterable[tuple[int, str]], width: int, cursor: tuple[int, str] | None) -> Line:
    """Return a line of labels, each given by its first cell and its text.

    `cursor` has the middle cell and the text of the one under the crosshair; others give way to it, and to the edges.
    """
    cells = [" "] * width
    if cursor and len(cursor[1]) + 2 > width:
        cursor = None
    text = f" {cursor[1]} " if cursor else ""
    start = min(max(cursor[0] - len(text) // 2, 0), width - len(text)) if cursor else width
    for first, label in labels:
        if first >= 0 and first + len(label) <= width and (first + len(label) <= start or first >= start + len(text)):
            cells[first : first + len(label)] = label
    line = "".join(cells)
    if not cursor:
        return (Span(line, Ink.MUTED),)
    after = line[start + len(text) :]
    return (Span(line[:start], Ink.MUTED), Span(text, Ink.BRIGHT, Ground.CURSOR), Span(after, Ink.MUTED))
