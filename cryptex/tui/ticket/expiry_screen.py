"""Asks until when an order lives, and says what was understood."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cryptex.tui.ticket.expiry import HOW, expiry_at, until_text

_LENGTH_MAX = 32


class ExpiryScreen(ModalScreen[str]):
    """Gives the text that was typed once it is a time to come; None when left by escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave", show=False)]
    DEFAULT_CSS = """
    ExpiryScreen { align: center middle; background: $background 60%; }
    ExpiryScreen Vertical {
        width: 64; max-width: 100%; height: auto; padding: 1 3; background: $surface; border: round $focus;
        border-title-color: $bright;
    }
    ExpiryScreen Input { height: 1; border: none; padding: 0 1; background: $field; color: $bright; width: 1fr; }
    ExpiryScreen Input:focus { border: none; }
    ExpiryScreen Static { height: 1; color: $muted; }
    """

    def __init__(self, typed: str, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._typed = typed
        self._now = now

    def compose(self) -> ComposeResult:
        """The field, what it means, and how it may be written."""
        with Vertical() as box:
            box.border_title = Content("Good until")
            yield Input(self._typed, compact=True, max_length=_LENGTH_MAX)
            yield Static(id="meaning", markup=False)
            yield Static(Content(HOW))

    def on_mount(self) -> None:
        """Say what the text means."""
        self._show(self._typed)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if isinstance(expiry_at(event.value, self._now()), datetime):
            self.dismiss(event.value.strip())

    def _show(self, typed: str) -> None:
        found = expiry_at(typed, self._now())
        text = found if isinstance(found, str) else f"until {until_text(found, self._now())}"
        self.query_one("#meaning", Static).update(Content(text))
