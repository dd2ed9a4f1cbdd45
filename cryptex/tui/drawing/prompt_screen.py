"""Boxes over the screen: a question with its keys, which can be clicked, and one that is answered by a line of text."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from cryptex.tui.drawing.card import Hint, Hints
from cryptex.tui.drawing.modal import Modal
from cryptex.tui.drawing.theme import Ink


class Box(Vertical):
    """The frame of a question."""

    DEFAULT_CSS = """
    Box {
        width: 56; max-width: 100%; height: auto; padding: 0 2; background: $surface;
        border: round $focus; border-title-color: $bright;
    }
    Box Input { height: 1; border: none; padding: 0 1; background: $field; color: $bright; width: 1fr; }
    Box Input:focus { border: none; }
    Box Hints { background: $surface; }
    """


class PromptScreen(Modal[str]):
    """Gives a line of text that was understood; empty when the user left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave", show=False)]
    DEFAULT_CSS = "PromptScreen { align: center middle; background: $background 60%; }"
    VERB: ClassVar[str] = "takes it"
    """What Enter does."""

    def __init__(self, title: str, typed: str, *, length_max: int, notes: Sequence[str] = ()) -> None:
        super().__init__()
        self._title = title
        self._typed = typed
        self._length_max = length_max
        self._notes = notes

    def understood(self, typed: str) -> str:
        """Return what a text gives; nothing while it is not one that can be taken. Every prompt implements this."""
        raise NotImplementedError

    def about(self, typed: str, *, sent: bool) -> tuple[str, Ink]:
        """Return what there is to say about a text, while it is typed or once it is sent: what it means, or what is
        wrong with it.
        """
        return "", Ink.MUTED

    def compose(self) -> ComposeResult:
        """A line to type into, what it means, notes, and the keys."""
        with Box() as box:
            box.border_title = Content(self._title)
            yield Input(self._typed, max_length=self._length_max, compact=True)
            yield Static(id="about", markup=False)
            for note in self._notes:
                yield Static(Content.styled(note, Ink.MUTED))
            yield Hints(Hint("⏎", self.VERB, "submit"), Hint("esc", "leaves", "leave"))

    def on_mount(self) -> None:
        """Say what the text means."""
        self._tell(self._typed, sent=False)

    def action_submit(self) -> None:
        """Give the text, if it is understood."""
        typed = self.query_one(Input).value
        given = self.understood(typed)
        if given:
            self.dismiss(given)
        else:
            self._tell(typed, sent=True)

    def action_leave(self) -> None:
        """Close without a text."""
        self.dismiss("")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._tell(event.value, sent=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()

    def _tell(self, typed: str, *, sent: bool) -> None:
        self.query_one("#about", Static).update(Content.styled(*self.about(typed, sent=sent)))
