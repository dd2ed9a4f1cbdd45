"""A text of a few lines, wrapped to its width."""

import textwrap

from textual.geometry import Size

from cryptex.tui.drawing.panel import BLANK, Drawn, Line, Span
from cryptex.tui.drawing.theme import Ink


class Words(Drawn):
    """As high as its text, and at least `least_lines`; an empty line of the text stays one."""

    DEFAULT_CSS = "Words { width: 1fr; height: auto; }"

    def __init__(
        self,
        text: str = "",
        ink: Ink = Ink.MUTED,
        *,
        bold: bool = False,
        least_lines: int = 0,
        id: str | None = None,  # noqa: A002 (Textual's word)
    ) -> None:
        super().__init__(id=id)
        self.text = text
        self.ink = ink
        self._bold = bold
        self._least_lines = least_lines

    def say(self, text: str, ink: Ink) -> None:
        """Show another text."""
        if (text, ink) != (self.text, self.ink):
            self.text, self.ink = text, ink
            self.refresh(layout=True)
            self.show(stale=False)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines the text needs."""
        return max(self._least_lines, len(self.lines(width, 0)))

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw the text."""
        wrapped = [
            piece for paragraph in self.text.split("\n") for piece in textwrap.wrap(paragraph, max(1, width)) or [""]
        ]
        if not self.text:
            return []
        return [(Span(piece, self.ink, bold=self._bold),) if piece else BLANK for piece in wrapped]
