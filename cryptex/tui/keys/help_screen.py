"""The help page: every key, made from the registry."""

from typing import Final

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cryptex.tui.drawing.theme import Ink
from cryptex.tui.keys.action import Place
from cryptex.tui.keys.registry import actions_of
from cryptex.tui.looks.look import Look
from cryptex.tui.looks.wearing import look_of

_LEFT: Final = (Place.ANYWHERE,)
_RIGHT: Final = (Place.TICKET, Place.FIELD, Place.LADDER, Place.ORDERS, Place.MARKETS)


class HelpScreen(ModalScreen[None]):
    """Scrolls when the screen is small; any of escape, ? and q closes it."""

    BINDINGS = [Binding("escape,question_mark,q", "dismiss", "close", show=False)]  # noqa: RUF012 (Textual's shape)
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen VerticalScroll {
        width: 78; max-width: 100%; height: auto; max-height: 100%; padding: 0 2; background: $surface;
        border: round $focus; border-title-color: $bright; border-subtitle-color: $muted; scrollbar-size-vertical: 1;
    }
    """

    def compose(self) -> ComposeResult:
        """Two columns of keys."""
        with VerticalScroll() as page:
            page.border_title = Content("Keys")
            page.border_subtitle = Content("esc closes")
            grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
            grid.add_column(ratio=1)
            grid.add_column(ratio=1)
            look = look_of(self)
            grid.add_row(_column(_LEFT, look), _column(_RIGHT, look))
            yield Static(grid)


def _column(places: tuple[Place, ...], look: Look) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(justify="right", min_width=9)
    grid.add_column()
    for place in places:
        if place is not places[0]:
            grid.add_row("", "")
        grid.add_row("", Text(place.upper(), style=look.style(Ink.MUTED, bold=True)))
        for key in actions_of(place):
            grid.add_row(Text(key.cap, style=look.style(Ink.ACCENT)), Text(key.help, style=look.style(Ink.TEXT)))
    return grid
