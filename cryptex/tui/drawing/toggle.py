"""A word that is on or off: space or a click turns it."""

from rich.segment import Segment
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.looks.wearing import look_of


class Toggle(Widget, can_focus=True):
    """A check box in one line."""

    DEFAULT_CSS = "Toggle { height: 1; width: 1fr; background: $surface; }"
    BINDINGS = [Binding("space,left,right", "turn", "on or off", show=False)]  # noqa: RUF012 (Textual's shape)

    class Turned(Message):
        """The user turned it."""

        def __init__(self, on: bool) -> None:
            super().__init__()
            self.on = on

    def __init__(self, label: str, toggle_id: str) -> None:
        super().__init__(id=toggle_id)
        self.on = False
        self.allowed = True
        self._label = label

    def show(self, on: bool, allowed: bool) -> None:
        """Set the state, without a message."""
        if (on, allowed) != (self.on, self.allowed):
            self.on, self.allowed = on, allowed
            self.refresh()

    def action_turn(self) -> None:
        """Turn it, where that makes sense."""
        if self.allowed:
            self.post_message(self.Turned(not self.on))

    def on_click(self) -> None:
        """Turn it."""
        self.action_turn()

    def on_focus(self) -> None:
        """Show the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the focus."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw box and word."""
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        checked = self.on and self.allowed
        ink = Ink.FAINT if not self.allowed else Ink.ACCENT if checked else Ink.MUTED
        text = look_of(self).style(ink, Ground.CURSOR if self.has_focus else None, bold=checked)
        segment = Segment(f" [{'x' if checked else ' '}] {self._label} ", text)
        return Strip([segment]).adjust_cell_length(self.size.width).apply_style(self.rich_style)
