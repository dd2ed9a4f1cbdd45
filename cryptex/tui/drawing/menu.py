"""A list of things to do, one a line: arrows and Enter, a letter, or a click do one of them."""

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message

from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import Drawn, Line, Span, spread_over
from cryptex.tui.drawing.theme import Ground, Ink

_CAP_WIDTH = 3


class Offer(NamedTuple):
    """A thing to do: its name for the program, its letter, its words, and what else there is to say of it."""

    name: str
    letter: str
    label: str
    note: str = ""


class Menu(Drawn, can_focus=True):
    """Offers, the cursor on one of them."""

    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("enter", "pick", "do it", show=False),
    ]
    DEFAULT_CSS = "Menu { width: 1fr; height: auto; }"

    class Picked(Message):
        """One was chosen."""

        def __init__(self, menu: "Menu", name: str) -> None:
            super().__init__()
            self.menu = menu
            self.name = name

    def __init__(self, offers: Sequence[Offer], *, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self.offers = tuple(offers)
        self._cursor = 0

    def offer(self, offers: Sequence[Offer]) -> None:
        """Offer other things, the cursor on the first of them."""
        self.offers, self._cursor = tuple(offers), 0
        self.refresh(layout=True)
        self.show(stale=False)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return a line for each offer."""
        return len(self.offers)

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw the offers."""
        return [self._line(index, offer, width) for index, offer in enumerate(self.offers)]

    def _line(self, index: int, offer: Offer, width: int) -> Line:
        chosen = self.has_focus and index == self._cursor
        mark = "»" if chosen else " "
        label = texts.fitted(offer.label, max(0, width - _CAP_WIDTH - 2))
        room = width - _CAP_WIDTH - 2 - len(label)
        line: Line = (
            Span(f"{mark}{offer.letter:^{_CAP_WIDTH}} ", Ink.ACCENT, bold=True),
            Span(label, Ink.BRIGHT if chosen else Ink.TEXT),
            Span(texts.fitted(f"  {offer.note}", room) if offer.note else "", Ink.MUTED),
        )
        return spread_over(line, width, (0, width), Ground.CURSOR) if chosen else line

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        if self.offers:
            self._turn((self._cursor + step) % len(self.offers))

    def action_pick(self) -> None:
        """Do what is under the cursor."""
        if self.offers:
            self.post_message(self.Picked(self, self.offers[self._cursor].name))

    def on_key(self, event: events.Key) -> None:
        """Do what has this letter."""
        for index, offer in enumerate(self.offers):
            if event.character == offer.letter:
                event.stop()
                self._turn(index)
                self.action_pick()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Put the cursor under the pointer."""
        if event.y < len(self.offers):
            self._turn(event.y)

    def on_click(self, event: events.Click) -> None:
        """Do what is under the pointer."""
        if event.y < len(self.offers):
            self._turn(event.y)
            self.action_pick()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.show(stale=False)

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.show(stale=False)

    def _turn(self, index: int) -> None:
        self._cursor = index
        self.show(stale=False)
