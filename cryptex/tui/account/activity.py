"""The activity log: what became of one's orders, cancels and fills, and of the connection."""

from typing import Final

from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import BLANK, Line, Panel, Span, messages
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TONE_INKS, Note, TerminalModel, Tone

_MARKS: Final = {Tone.PLAIN: "·", Tone.GOOD: "✓", Tone.BAD: "✗", Tone.WARN: "!"}
_INDENT: Final = 11


class Activity(Panel):
    """Newest first; long lines are wrapped, so that a reason can always be read whole."""

    TITLE = "Activity"

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.ACTIVITY)
        self._model = model

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw as many notes as there is room for."""
        out: list[Line] = []
        for note in self._model.activity:
            if len(out) >= height:
                break
            out += _note(note, width)
        return out or [
            BLANK,
            *messages("nothing yet", width),
            *messages("what becomes of your orders is told here", width, Ink.FAINT),
        ]


def _note(note: Note, width: int) -> list[Line]:
    rows = texts.wrapped(note.text, max(8, width - _INDENT))
    first = (Span(note.time, Ink.FAINT), Span(f" {_MARKS[note.tone]} ", TONE_INKS[note.tone]), Span(rows[0]))
    return [first, *((Span(" " * _INDENT), Span(row)) for row in rows[1:])]
