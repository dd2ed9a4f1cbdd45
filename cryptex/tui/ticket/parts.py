"""Small parts of the ticket: a labeled row, a word beside a field, the button."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from cryptex.protocol.terms import Side
from cryptex.tui.ticket.text import LABELS


class Row(Horizontal):
    """A label and its controls, in one line."""

    DEFAULT_CSS = """
    Row { height: 1; }
    Row .label { width: 6; height: 1; color: $muted; }
    """

    def __init__(self, field: str, *controls: Widget) -> None:
        super().__init__()
        self.field = field
        self._controls = controls

    def compose(self) -> ComposeResult:
        """The label, then the controls."""
        yield Static(LABELS[self.field], classes="label", markup=False)
        yield from self._controls


class _Word(Static):
    """A line of text that is drawn anew only when it changes."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name, markup=False)
        self._told = ""

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self.update(Content(text))


class Tag(_Word):
    """A word beside a field, such as its unit. A click may change it."""

    DEFAULT_CSS = """
    Tag { width: auto; min-width: 6; height: 1; color: $muted; padding: 0 0 0 1; }
    Tag#until { width: 1fr; color: $foreground; }
    """

    class Pressed(Message):
        """A click."""

        def __init__(self, tag: str) -> None:
            super().__init__()
            self.tag = tag

    def tell(self, text: str) -> None:
        """Say this from now on."""
        self._tell(text)

    def on_click(self) -> None:
        """Let the ticket change what it says."""
        self.post_message(self.Pressed(self.id or ""))


class SendButton(_Word, can_focus=True):
    """Says what Enter will send, all of it: a stop-limit has two prices and may need a second line."""

    DEFAULT_CSS = """
    SendButton { height: auto; max-height: 2; width: 1fr; text-align: center; text-style: $badge-style; color: $badge; }
    SendButton.buy { background: $buy-ground; }
    SendButton.sell { background: $sell-ground; }
    SendButton.flawed { background: $raised; color: $muted; text-style: none; }
    SendButton:focus { text-style: bold underline; }
    """

    class Pressed(Message):
        """A click."""

    def __init__(self) -> None:
        super().__init__("send")
        self._dress = ""

    def tell(self, text: str, side: Side, *, flawed: bool) -> None:
        """Say this from now on."""
        self._tell(text)
        classes = f"{side.value}{' flawed' if flawed else ''}"
        if classes != self._dress:  # setting them looks for styles anew
            self._dress = classes
            self.set_classes(classes)

    def on_click(self) -> None:
        """Send."""
        self.post_message(self.Pressed())
