"""A framed card in the middle of the screen: the shape of login, node choice, deposits and questions."""

from typing import Final, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.geometry import Size
from textual.widgets import Input

from cryptex.tui.drawing.panel import Drawn, Line, Span
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.drawing.words import Words

LABEL_WIDTH: Final = 11
_HINT_SPACES: Final = 4
"""After a key and after its word."""


class Card(VerticalScroll, can_focus=False):
    """The frame; scrolls where the screen is lower than it is."""

    DEFAULT_CSS = """
    Card {
        width: 62; max-width: 100%; height: auto; max-height: 100%; padding: 1 3; background: $background;
        border: round $line; border-title-color: $bright; border-subtitle-color: $faint; scrollbar-size-vertical: 1;
    }
    """


class Field(Horizontal):
    """A label and an input, in one line."""

    DEFAULT_CSS = """
    Field { height: 1; margin-bottom: 1; }
    Field Words { width: 11; }
    Field Input { height: 1; border: none; padding: 0 1; background: $field; color: $bright; width: 1fr; }
    Field Input:focus { border: none; background: $field-focus; background-tint: transparent 0%; }
    """

    def __init__(
        self, label: str, name: str, value: str = "", *, length_max: int, password: bool = False, hint: str = ""
    ) -> None:
        super().__init__()
        self._label = label
        self.input = Input(value, id=name, placeholder=hint, password=password, compact=True, max_length=length_max)
        self.input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """Label, then input."""
        yield Words(self._label)
        yield self.input


class Brand(Drawn):
    """The name on top of a card."""

    DEFAULT_CSS = "Brand { width: 1fr; height: 1; margin-bottom: 1; }"

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw it in the middle."""
        name, kind = " cryptex ", "  terminal"
        free = Span(" " * max(0, (width - len(name) - len(kind)) // 2))
        return [(free, Span(name, Ink.BADGE, Ground.ACCENT, bold=True), Span(kind, Ink.MUTED))]


class Hint(NamedTuple):
    """A key, its word, and the screen's action that it runs."""

    cap: str
    word: str
    action: str


class Hints(Drawn):
    """A card's keys; a click runs one."""

    DEFAULT_CSS = "Hints { width: 1fr; height: 1; }"

    def __init__(self, *hints: Hint) -> None:
        super().__init__()
        self.hints = hints

    def turn(self, *hints: Hint) -> None:
        """Show other keys."""
        self.hints = hints
        self.show(stale=False)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return what keys and words need."""
        return sum(len(cap) + len(word) + _HINT_SPACES for cap, word, _ in self.hints)

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw keys and words."""
        pieces = ((Span(f"{cap} ", Ink.ACCENT), Span(f"{word}   ", Ink.MUTED)) for cap, word, _ in self.hints)
        return [tuple(span for piece in pieces for span in piece)]

    async def on_click(self, event: events.Click) -> None:
        """Run the key under the pointer."""
        end = 0
        for cap, word, action in self.hints:
            end += len(cap) + len(word) + _HINT_SPACES
            if event.x < end:
                await self.app.run_action(action, default_namespace=self.screen)
                return
