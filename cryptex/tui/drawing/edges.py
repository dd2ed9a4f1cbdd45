"""What makes a strip of a drawn line: the frame's edges beside it, and each span's style over the widget's own.

Textual works all of that out for every line of every frame. Here it is done once, and again when a style changes.
"""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import ANSIToTruecolor, LineFilter
from textual.strip import Strip

from cryptex.tui.drawing.texts import harmless
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.looks.look import Look

Piece = tuple[str, Ink, Ground | None, bool]
"""Text, ink, ground, bold: a Span."""


class Edges:
    """Makes strips of one width for one widget, in one look. `sample` is a whole line as Textual renders it.

    `gutter` is how many cells of it are frame and padding, left and right; `own` is the widget's style.
    """

    def __init__(
        self,
        look: Look,
        own: Style,
        sample: Strip,
        gutter: tuple[int, int],
        filters: Iterable[LineFilter],
        under: Color,
    ) -> None:
        left, right = gutter
        self.width = sample.cell_length
        self._look = look
        self._own = own
        self._left = list(sample.crop(0, left))
        self._right = list(sample.crop(self.width - right, self.width))
        self._room = self.width - left - right
        # Looks with colours name each of them as true colours: there is nothing to convert.
        self._filters = [each for each in filters if not (look.has_colour and isinstance(each, ANSIToTruecolor))]
        self._under = under
        self._styles: dict[tuple[Ink, Ground | None, bool, bool], Style] = {}

    def strip(self, line: Sequence[Piece], *, stale: bool) -> Strip:
        """Return the line with the edges beside it, cut or filled to the width."""
        segments, used = self._left.copy(), 0
        for text, ink, ground, bold in line:
            segments.append(Segment(harmless(text), self._style((ink, ground, bold, stale))))
            used += len(text) if text.isascii() else cell_len(text)
        if used < self._room:
            segments.append(Segment(" " * (self._room - used), self._own))
        elif used > self._room:
            segments = [*self._left, *Strip(segments[len(self._left) :], used).crop(0, self._room)]
        strip = Strip([*segments, *self._right], self.width)
        for each in self._filters:
            strip = strip.apply_filter(each, self._under)
        return strip

    def _style(self, key: tuple[Ink, Ground | None, bool, bool]) -> Style:
        found = self._styles.get(key)
        if found is None:
            found = self._styles[key] = self._own + self._look.style(*key)
        return found


def rows_of(strips: Sequence[Strip], columns: tuple[int, int], width: int) -> list[Strip]:
    """Return the cells from, to of strips that are `width` wide."""
    return list(strips) if columns == (0, width) else [strip.crop(*columns) for strip in strips]
