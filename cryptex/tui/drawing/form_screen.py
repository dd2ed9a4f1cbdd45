"""A screen with fields, one after the other, that is sent as a whole."""

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding
from textual.screen import Screen, ScreenResultType
from textual.widgets import Input

from cryptex.tui.drawing.theme import Ink
from cryptex.tui.drawing.words import Words


class FormScreen(Screen[ScreenResultType]):
    """Enter goes to the next field and, in the last one, sends. What becomes of it is said by the words `#told`."""

    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        # Taken before the field sees them, so that a name and a password that come in one burst go where they belong.
        Binding("enter", "next", "next field", show=False, priority=True),
        Binding("tab", "app.focus_next", "next field", show=False, priority=True),
    ]

    def fields(self) -> list[Input]:
        """Return the fields in their order. Every form implements this."""
        raise NotImplementedError

    def action_submit(self) -> None:
        """Send the form, unless something is missing. Every form implements this."""
        raise NotImplementedError

    def action_next(self) -> None:
        """Go to the next field; in the last one Enter is the field's own, which sends the form."""
        fields = self.fields()
        at = fields.index(self.focused) if isinstance(self.focused, Input) else len(fields)
        if at + 1 >= len(fields):
            raise SkipAction
        self.set_focus(fields[at + 1])

    def field(self, name: str) -> Input:
        """Return a field by its name."""
        return self.query_one(f"#{name}", Input)

    def tell(self, text: str, ink: Ink) -> None:
        """Say something."""
        self.query_one("#told", Words).say(text, ink)

    def refuse(self, field: Input, why: str, ink: Ink = Ink.BAD) -> None:
        """Say what is wrong, and go where it is corrected."""
        self.set_focus(field)
        self.tell(f"✗ {why}", ink)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_submit()
