"""A panel with a cursor over its rows: markets and open orders are listings."""

from textual import events
from textual.message import Message

from cryptex.tui.drawing.panel import Line, Panel, spread_over
from cryptex.tui.drawing.rolling import WHEEL_ROWS
from cryptex.tui.drawing.theme import Ground


class Listing(Panel):
    """Rows under headings, each with a key. The cursor stays with its key when rows come and go."""

    class Chosen(Message):
        """Enter or a click chose a row."""

        def __init__(self, listing: "Listing", key: str) -> None:
            super().__init__()
            self.listing = listing
            self.key = key

    HEADINGS = 1

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self._cursor = 0
        self._keys: list[str] = []
        self._first = 0
        """Row at the top of the panel."""
        self._room = 1

    @property
    def selected(self) -> str | None:
        """Key of the row under the cursor."""
        return self._keys[self._cursor] if self._cursor < len(self._keys) else None

    def keep(self, keys: list[str], height: int) -> range:
        """Take the keys of all rows; returns which of them fit, the one under the cursor among them.

        A cursor that nobody sees and nobody moved stays on top: rows that come there must be seen.
        """
        selected = self.selected
        self._keys = keys
        if selected in keys and (self._cursor or self.has_focus):
            self._cursor = keys.index(selected)
        self._cursor = min(self._cursor, max(0, len(keys) - 1))
        room = self._room = max(1, height - self.HEADINGS)
        self._first = min(max(self._first, self._cursor - room + 1), self._cursor)
        return range(self._first, min(self._first + room, len(keys)))

    def marked(self, row: int, line: Line, width: int) -> Line:
        """Return the line with the cursor's ground when the cursor is on it."""
        if self.has_focus and row == self._cursor:
            return spread_over(line, width, (0, width), Ground.CURSOR)
        return line

    def rewind(self) -> None:
        """Put the cursor on the first row."""
        self._cursor = 0
        self._first = 0
        self._keys = []

    def select(self, key: str) -> None:
        """Put the cursor on a row."""
        if key in self._keys:
            self._cursor = self._keys.index(key)

    def action_move(self, step: int) -> None:
        """Move the cursor by rows."""
        self._cursor = min(max(0, self._cursor + step), max(0, len(self._keys) - 1))
        self.show(stale=self.stale)

    def action_roll(self, rows: int) -> None:
        """Move what is shown by rows; the cursor goes along where it would be out of sight."""
        self._first = min(max(0, self._first + rows), max(0, len(self._keys) - self._room))
        self._cursor = min(max(self._cursor, self._first), self._first + self._room - 1, max(0, len(self._keys) - 1))
        self.show(stale=self.stale)

    def action_pick(self) -> None:
        """Choose the row under the cursor."""
        if self.selected is not None:
            self.post_message(self.Chosen(self, self.selected))

    def on_click(self, event: events.Click) -> None:
        """Choose the row under the pointer."""
        offset = event.get_content_offset(self)
        row = self._first + offset.y - self.HEADINGS if offset else -1
        if self._first <= row < len(self._keys):
            self._cursor = row
            self.show(stale=self.stale)
            self.action_pick()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Show what is above."""
        event.stop()
        self.action_roll(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Show what is below."""
        event.stop()
        self.action_roll(WHEEL_ROWS)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.show(stale=self.stale)

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.show(stale=self.stale)
