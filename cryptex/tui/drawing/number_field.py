"""A field for a number that leaves every other key to the terminal, so that shortcuts work while one types."""

from typing import Final, Protocol, runtime_checkable

from rich.cells import cell_len
from textual.events import Blur, Key
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place

_LENGTH_MAX: Final = 27
_CHARACTERS: Final = frozenset("0123456789.,")


@runtime_checkable
class Submits(Protocol):
    """Around a field: what Enter in it does."""

    def action_submit(self) -> None:
        """Do it."""


class NumberField(Input):
    """An input of digits, a point and commas; arrows move it by steps. Enter submits the ticket."""

    BINDINGS = [*keys.bindings(Place.FIELD)]  # noqa: RUF012 (Textual's shape)
    DEFAULT_CSS = """
    NumberField {
        height: 1; border: none; padding: 0 1; background: $field; color: $bright; width: 1fr;
    }
    NumberField:focus { border: none; background: $field-focus; background-tint: transparent 0%; }
    NumberField.flawed { color: $error; }
    """

    class Nudged(Message):
        """An arrow asked for whole steps up or down."""

        def __init__(self, field: "NumberField", steps: int) -> None:
            super().__init__()
            self.field = field
            self.steps = steps

    def __init__(self, field_id: str) -> None:
        super().__init__(id=field_id, compact=True, max_length=_LENGTH_MAX, restrict=r"[0-9.,]*")
        self.cursor_blink = False

    def begin(self, typed: str) -> None:
        """Hold what was typed elsewhere, to be gone on with when the focus comes."""
        self.select_on_focus = False
        self.value = typed
        self.cursor_position = len(typed)

    def _on_blur(self, event: Blur) -> None:
        self.select_on_focus = True

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Only what belongs to a number is typed; other keys are shortcuts."""
        return character in _CHARACTERS

    async def _on_key(self, event: Key) -> None:
        if event.character not in _CHARACTERS:
            event.prevent_default()  # Input would take and stop it; so it goes on to the bindings

    def render_line(self, y: int) -> Strip:
        """Draw the number at the right, where its unit follows."""
        strip = super().render_line(y)
        free = self.size.width - cell_len(self.value) - 1
        if y or free <= 0 or not self.value:
            return strip
        return Strip.join([Strip.blank(free, self.rich_style), strip.crop(0, self.size.width - free)])

    def action_nudge(self, steps: int) -> None:
        """Ask for steps."""
        self.post_message(self.Nudged(self, steps))

    async def action_submit(self) -> None:
        """Let what is around the field do it at once: a message would take the way of all messages."""
        for around in self.ancestors:
            if isinstance(around, Submits):
                around.action_submit()
                return
