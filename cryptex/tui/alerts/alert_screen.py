"""Asks for the rule of an alert, and says while it is typed what is wrong with it."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cryptex.client.alerts import RULE_LENGTH_MAX, RuleFlaw, parse_rule
from cryptex.tui.drawing.theme import Ink


class AlertScreen(ModalScreen[str]):
    """Gives a rule that is understood, or nothing when the user leaves."""

    BINDINGS = [Binding("escape", "leave", "leave", show=False)]  # noqa: RUF012 (Textual's shape)
    DEFAULT_CSS = """
    AlertScreen { align: center middle; background: $background 60%; }
    AlertScreen Vertical {
        width: 56; max-width: 100%; height: auto; padding: 0 2; background: $surface;
        border: round $focus; border-title-color: $bright; border-subtitle-color: $muted;
    }
    AlertScreen Input { height: 1; border: none; padding: 0 1; background: $field; color: $bright; }
    """

    def __init__(self, market: str, proposed: str, where: str) -> None:
        super().__init__()
        self._market = market
        self._proposed = proposed
        self._where = where

    def compose(self) -> ComposeResult:
        """A line to type into, what is wrong with it, and what is understood."""
        with Vertical() as box:
            box.border_title = Content(f"Alert on {self._market} when")
            box.border_subtitle = Content("⏎ sets it, esc leaves")
            yield Input(self._proposed, max_length=RULE_LENGTH_MAX, compact=True)
            yield Static("", id="flaw")
            muted = Ink.MUTED
            yield Static(Content.styled("price, bid, ask, spread, change_percent or volume,", muted))
            yield Static(Content.styled("then > >= < or <= and a number; or fill.", muted))
            yield Static(Content.styled(self._where, muted))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is wrong so far."""
        event.stop()
        self._tell(_flaw(event.value) if event.value.strip() else "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the rule, if it is one."""
        event.stop()
        flaw = _flaw(event.value)
        if flaw:
            self._tell(flaw)
        else:
            self.dismiss(event.value)

    def action_leave(self) -> None:
        """Close without a rule."""
        self.dismiss("")

    def _tell(self, flaw: str) -> None:
        self.query_one("#flaw", Static).update(Content.styled(flaw, Ink.ACCENT))


def _flaw(text: str) -> str:
    try:
        parse_rule(text)
    except RuleFlaw as flaw:
        return str(flaw)
    return ""
