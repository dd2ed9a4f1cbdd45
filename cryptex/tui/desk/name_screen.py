"""Asks under which name a layout is kept."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cryptex.tui.desk.shelf import NAME_CHARACTERS_MAX, fit_name
from cryptex.tui.drawing.theme import Ink


class NameScreen(ModalScreen[str]):
    """Gives the name, or nothing when the user leaves."""

    BINDINGS = [Binding("escape", "leave", "leave", show=False)]  # noqa: RUF012 (Textual's shape)
    DEFAULT_CSS = """
    NameScreen { align: center middle; background: $background 60%; }
    NameScreen Vertical {
        width: 44; max-width: 100%; height: auto; padding: 0 2; background: $surface;
        border: round $focus; border-title-color: $bright; border-subtitle-color: $muted;
    }
    NameScreen Input { height: 1; border: none; padding: 0 1; background: $field; color: $bright; }
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._given = name

    def compose(self) -> ComposeResult:
        """A line to type into."""
        with Vertical() as box:
            box.border_title = Content("Save this layout as")
            box.border_subtitle = Content("⏎ saves, esc leaves")
            yield Input(self._given, max_length=NAME_CHARACTERS_MAX, compact=True)
            yield Static(Content.styled("Panels that are on, and the tabs in front, are kept.", Ink.MUTED))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the name, if there is one."""
        event.stop()
        name = fit_name(event.value)
        if name:
            self.dismiss(name)

    def action_leave(self) -> None:
        """Close without a name."""
        self.dismiss("")
