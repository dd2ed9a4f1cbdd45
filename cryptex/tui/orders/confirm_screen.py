"""Asks yes or no before something that cannot be taken back."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cryptex.tui.drawing.theme import Ink


class ConfirmScreen(ModalScreen[bool]):
    """Gives True for y, False for n or escape. Enter alone does nothing: it is pressed too easily."""

    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        Binding("y", "answer(True)", "yes", show=False),
        Binding("n,escape,q", "answer(False)", "no", show=False),
    ]
    DEFAULT_CSS = """
    ConfirmScreen { align: center middle; background: $background 60%; }
    ConfirmScreen Vertical {
        width: 52; max-width: 100%; height: auto; padding: 1 3; background: $surface; border: round $error;
    }
    ConfirmScreen Static { width: 1fr; text-align: center; }
    """

    def __init__(self, question: str, details: Sequence[str] = ()) -> None:
        super().__init__()
        self._question = question
        self._details = details

    def compose(self) -> ComposeResult:
        """The question and its keys."""
        with Vertical():
            yield Static(Content.styled(self._question, f"bold {Ink.BRIGHT}"))
            for detail in self._details:
                yield Static(Content.styled(f"! {detail}", Ink.ACCENT))
            yield Static("")
            accent, muted = Ink.ACCENT, Ink.MUTED
            yield Static(Content.assemble(("y ", accent), ("yes     ", muted), ("n ", accent), ("no", muted)))

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)
