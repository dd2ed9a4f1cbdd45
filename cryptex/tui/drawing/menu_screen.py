"""A menu over what is on the screen."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from cryptex.tui.drawing.card import Card, Hint, Hints
from cryptex.tui.drawing.menu import Menu, Offer
from cryptex.tui.drawing.modal import Modal
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.drawing.words import Words


class MenuScreen(Modal[str | None]):
    """Gives the name of what was chosen, or None."""

    BINDINGS = [Binding("escape", "back", "back", show=False)]  # noqa: RUF012 (Textual's shape)
    AUTO_FOCUS = "Menu"
    DEFAULT_CSS = """
    MenuScreen { align: center middle; background: $background 60%; }
    MenuScreen Words { margin-bottom: 1; }
    MenuScreen Menu { margin-bottom: 1; }
    """

    def __init__(self, title: str, words: str, offers: Sequence[Offer]) -> None:
        super().__init__()
        self._title = title
        self._words = words
        self._offers = offers

    def compose(self) -> ComposeResult:
        """What it is about, and what can be done."""
        with Card() as card:
            card.border_title = self._title
            yield Words(self._words, Ink.TEXT, id="told")
            yield Menu(self._offers)
            yield Hints(Hint("⏎", "go", "go"), Hint("esc", "back", "back"))

    def action_back(self) -> None:
        """Close it without a choice."""
        self.dismiss(None)

    def action_go(self) -> None:
        """Do what is under the cursor."""
        self.query_one(Menu).action_pick()

    @on(Menu.Picked)
    def _picked(self, event: Menu.Picked) -> None:
        self.dismiss(event.name)
