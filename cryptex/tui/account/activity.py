"""The activity log: what became of one's orders, cancels and fills, and of the connection."""

from typing import Final

from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import BLANK, Line, Span, message, messages
from cryptex.tui.drawing.rolling import Rolling
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TONE_INKS, Note, TerminalModel, Tone

_MARKS: Final = {Tone.PLAIN: "·", Tone.GOOD: "✓", Tone.BAD: "✗", Tone.WARN: "!"}
_INDENT: Final = 11


class Activity(Rolling):
    """Newest first; long lines are wrapped, so that a reason can always be read whole.

    Where it is rolled it stands still, and says how many notes are above.
    """

    TITLE = "Activity"

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.ACTIVITY)
        self._model = model
        self._top: Note | None = None
        """The newest note when it was drawn last."""

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw as many notes as there is room for."""
        notes = self._model.activity
        if not notes:
            begin = "what becomes of your orders is told here"
            return [BLANK, *messages("nothing yet", width), *messages(begin, width, Ink.FAINT)]
        self._stand_still(width)
        starts, out = list[int](), list[Line]()
        for note in notes:
            if len(out) > self.first + height + 1:
                break
            starts.append(len(out))
            out += _note(note, width)
        shown = self.rolled(len(out), height)
        drawn = [out[at] for at in shown]
        above = sum(1 for start in starts if start <= shown.start) if shown.start else 0
        return [message(f"{above} newer above", width, Ink.ACCENT), *drawn[1:]] if above else drawn

    def _stand_still(self, width: int) -> None:
        """Keep what is shown where notes came above it."""
        before, self._top = self._top, self._model.activity[0]
        if not self.first or before is None:
            return
        for note in self._model.activity:
            if note is before:
                break
            self.first += len(_note(note, width))


def _note(note: Note, width: int) -> list[Line]:
    rows = texts.wrapped(note.text, max(8, width - _INDENT))
    first = (Span(note.time, Ink.FAINT), Span(f" {_MARKS[note.tone]} ", TONE_INKS[note.tone]), Span(rows[0]))
    return [first, *((Span(" " * _INDENT), Span(row)) for row in rows[1:])]
