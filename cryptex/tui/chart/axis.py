"""The axis at the right: a rule with labels. Pure."""

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
