"""A panel without a cursor whose rows may be more than there is room for: keys and the wheel roll them."""

from typing import ClassVar, Final

from textual import events

from cryptex.tui.drawing.panel import Panel
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place

WHEEL_ROWS: Final = 3
"""Rows by which a notch of the wheel moves a list."""


class Rolling(Panel):
    """Its `lines` say by `rolled` how many rows there are and get those that fit."""

    PLACE: ClassVar = Place.ROLL
    BINDINGS = [*keys.bindings(Place.ROLL)]  # noqa: RUF012 (Textual's shape)

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self.first = 0
        """Row at the top."""
        self._room = 1

    def rolled(self, count: int, room: int) -> range:
        """Return which of `count` rows are shown in `room`; no further than the last one."""
        self._room = max(1, room)
        self.first = max(0, min(self.first, count - self._room))
        return range(self.first, min(count, self.first + max(0, room)))

    def action_roll(self, rows: int) -> None:
        """Roll by rows."""
        self.first = max(0, self.first + rows)
        self.show(stale=self.stale)

    def action_roll_page(self, pages: int) -> None:
        """Roll by what is shown at a time."""
        self.action_roll(pages * self._room)

    def action_roll_top(self) -> None:
        """Go back to the top."""
        self.action_roll(-self.first)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Roll up."""
        event.stop()
        self.action_roll(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Roll down."""
        event.stop()
        self.action_roll(WHEEL_ROWS)
