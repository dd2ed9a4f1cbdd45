"""The chooser: which layout, and which panels are on. What is chosen is seen behind it at once."""

from collections.abc import Callable
from typing import Final, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size

from cryptex.tui.desk.part import Part
from cryptex.tui.desk.shelf import Shelf
from cryptex.tui.desk.titles import NAMES
from cryptex.tui.desk.view import DeskView
from cryptex.tui.drawing.card import Hint, Hints
from cryptex.tui.drawing.modal import Modal
from cryptex.tui.drawing.panel import Drawn, Line, Span, spread_over
from cryptex.tui.drawing.prompt_screen import Box
from cryptex.tui.drawing.theme import Ground, Ink

_AROUND: Final = 5
"""Rows of the market bar, the frame and the keys."""


class _Row(NamedTuple):
    """A layout, or a panel, or a heading that is neither."""

    text: str
    layout: str = ""
    part: Part | None = None


class PaneList(Drawn, can_focus=True):
    """Layouts, then panels, with a cursor over them."""

    DEFAULT_CSS = """
    PaneList { width: 1fr; height: auto; background: $surface; }
    """

    def __init__(self, desk: DeskView, say: Callable[[str], None]) -> None:
        super().__init__()
        self._desk = desk
        self._say = say
        self._cursor = 1
        self._first = 0

    @property
    def _shelf(self) -> Shelf:
        return self._desk.shelf

    def rows(self) -> list[_Row]:
        """Return what can be chosen."""
        layouts = [_Row(name, layout=name) for name in self._shelf.names]
        panels = [_Row(NAMES[part], part=part) for part in Part if part in self._desk.present]
        return [_Row("LAYOUT"), *layouts, _Row("PANELS"), *panels]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return a line a row, as far as the screen has room beside the frame and the keys."""
        return min(len(self.rows()), max(1, viewport.height - _AROUND))

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw as many rows as there is room for, the one under the cursor among them."""
        rows = self.rows()
        self._cursor = min(self._cursor, len(rows) - 1)
        self._first = min(max(self._first, self._cursor - height + 1), max(0, self._cursor - 1))
        return [self._line(i, rows[i], width) for i in range(self._first, min(len(rows), self._first + height))]

    def _line(self, index: int, row: _Row, width: int) -> Line:
        if row.layout:
            on = row.layout == self._desk.layout_name
            mark, note = "●" if on else "○", "yours" if self._shelf.is_users(row.layout) else ""
        elif row.part is not None:
            on = row.part not in self._desk.choice.off
            mark, note = "[x]" if on else "[ ]", self._desk.cap(row.part)
        else:
            return (Span(row.text, Ink.MUTED, bold=True),)
        line: Line = (
            Span(f"{mark} ".rjust(4), Ink.ACCENT if on else Ink.MUTED),
            Span(row.text.ljust(max(0, width - 4 - len(note))), Ink.BRIGHT if on else Ink.TEXT),
            Span(note, Ink.FAINT),
        )
        return spread_over(line, width, (0, width), Ground.CURSOR) if index == self._cursor else line

    def move(self, step: int) -> None:
        """Move the cursor over what can be chosen."""
        rows = self.rows()
        at = self._cursor + step
        while 0 <= at < len(rows) and not (rows[at].layout or rows[at].part):
            at += step
        if 0 <= at < len(rows):
            self._cursor = at
        self.show(stale=False)

    def turn(self) -> None:
        """Take the layout under the cursor, or turn the panel on or off."""
        row = self.rows()[self._cursor]
        if row.layout:
            self._say(self._desk.take_layout(row.layout))
        elif row.part is not None:
            self._desk.turn_off(row.part)
        self.show(stale=False)

    def forget(self) -> None:
        """Forget the layout under the cursor, where it is the user's."""
        row = self.rows()[self._cursor]
        if self._shelf.is_users(row.layout):
            self._say(self._shelf.remove(row.layout))
            if self._desk.layout_name == row.layout:
                self._say(self._desk.take_layout(self._shelf.chosen))
            self.refresh(layout=True)
            self.show(stale=False)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor."""
        self.move(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor."""
        self.move(1)

    def on_click(self, event: events.Click) -> None:
        """Turn what is under the pointer."""
        offset = event.get_content_offset(self)
        rows = self.rows()
        at = self._first + offset.y if offset else -1
        if 0 <= at < len(rows) and (rows[at].layout or rows[at].part):
            self._cursor = at
            self.turn()


class PanesScreen(Modal[None]):
    """Any of escape, v and q closes it."""

    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("enter,space", "turn", "turn", show=False),
        Binding("d,delete", "remove", "remove", show=False),
        Binding("escape,v,q", "leave", "close", show=False),
    ]
    DEFAULT_CSS = """
    PanesScreen { align: right middle; background: transparent; }
    PanesScreen Box { width: 36; padding: 0 1; }
    """

    def __init__(self, desk: DeskView, say: Callable[[str], None]) -> None:
        super().__init__()
        self._list = PaneList(desk, say)

    def compose(self) -> ComposeResult:
        """The list and its keys."""
        with Box() as box:
            box.border_title = Content("Layouts and panels")
            yield self._list
            yield Hints(Hint("⏎", "turn", "turn"), Hint("d", "remove", "remove"), Hint("esc", "close", "leave"))

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._list.move(step)

    def action_turn(self) -> None:
        """Turn what is under the cursor."""
        self._list.turn()

    def action_remove(self) -> None:
        """Forget the layout under the cursor."""
        self._list.forget()

    def action_leave(self) -> None:
        """Close it."""
        self.dismiss(None)
