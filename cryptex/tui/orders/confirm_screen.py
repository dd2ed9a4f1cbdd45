"""Asks yes or no before something that cannot be taken back."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from cryptex.tui.drawing.card import Hint, Hints
from cryptex.tui.drawing.modal import Modal
from cryptex.tui.drawing.prompt_screen import Box
from cryptex.tui.drawing.theme import Ink


class ConfirmScreen(Modal[bool]):
    """Gives True for y, False for n or escape. Enter alone does nothing: it is pressed too easily."""

    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        Binding("y", "answer(True)", "yes", show=False),
        Binding("n,escape,q", "answer(False)", "no", show=False),
    ]
    DEFAULT_CSS = """
    ConfirmScreen { align: center middle; background: $background 60%; }
    ConfirmScreen Box { width: 52; padding: 1 3; border: round $error; align-horizontal: center; }
    ConfirmScreen Static { width: 1fr; text-align: center; }
    ConfirmScreen Hints { width: auto; margin-top: 1; }
    """

    def __init__(self, question: str, details: Sequence[str] = ()) -> None:
        super().__init__()
        self._question = question
        self._details = details

    def compose(self) -> ComposeResult:
        """The question and its keys."""
        with Box():
            yield Static(Content.styled(self._question, f"bold {Ink.BRIGHT}"))
            for detail in self._details:
                yield Static(Content.styled(f"! {detail}", Ink.ACCENT))
            yield Hints(Hint("y", "yes", "answer(True)"), Hint("n", "no", "answer(False)"))

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)
