"""A row of words of which one is chosen: arrows or a click choose."""

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.looks.wearing import look_of


class Choice(Widget, can_focus=True):
    """Words in a row; `tints` gives the ground of a word when it is chosen."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; background: $surface; }
    Choice:disabled { opacity: 100%; }
    """
    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        Binding("left,h", "step(-1)", "previous", show=False),
        Binding("right,space", "step(1)", "next", show=False),
    ]

    class Changed(Message):
        """The user chose another word."""

        def __init__(self, choice: "Choice", value: str) -> None:
            super().__init__()
            self.choice = choice
            self.value = value

        @property
        def control(self) -> "Choice":
            """The sender, for `on` selectors."""
            return self.choice

    def __init__(
        self,
        choice_id: str,
        options: Sequence[tuple[str, str]],
        tints: dict[str, Ground] | None = None,
    ) -> None:
        super().__init__(id=choice_id)
        self.options = list(options)
        self.value = self.options[0][0]
        self.allowed = [value for value, _ in options]
        self._tints = tints or {}

    def choose(self, value: str) -> None:
        """Show a word as chosen, without a message."""
        if value != self.value:
            self.value = value
            self.refresh()

    def allow(self, values: Sequence[str]) -> None:
        """Say which words can be chosen now; the others fade."""
        if list(values) != self.allowed:
            self.allowed = list(values)
            self.refresh()

    def action_step(self, step: int) -> None:
        """Choose the word before or after."""
        values = [value for value, _ in self.options if value in self.allowed]
        if values:
            at = values.index(self.value) if self.value in values else 0
            self._pick(values[(at + step) % len(values)])

    def on_click(self, event: events.Click) -> None:
        """Choose the word under the pointer."""
        x = 0
        for value, label in self.options:
            x += len(label) + 2
            if event.x < x:
                if value in self.allowed:
                    self._pick(value)
                return

    def render_line(self, y: int) -> Strip:
        """Draw the words."""
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        style = look_of(self).style
        segments = []
        for value, label in self.options:
            chosen = value == self.value and value in self.allowed
            if chosen:
                tint = self._tints.get(value, Ground.CURSOR)
                ink = Ink.BADGE if tint in (Ground.BUY, Ground.SELL) else Ink.BRIGHT
                text = style(ink, Ground.ACCENT if self.has_focus and not self._tints else tint, bold=True)
                if self.has_focus and not self._tints:
                    text = style(Ink.BADGE, Ground.ACCENT, bold=True)
            else:
                text = style(Ink.MUTED if value in self.allowed else Ink.FAINT)
            mark = "»" if chosen and self.has_focus else " "
            segments += [Segment(f"{mark}{label} ", text)]
        return Strip(segments).adjust_cell_length(self.size.width).apply_style(self.rich_style)

    def _pick(self, value: str) -> None:
        if value != self.value:
            self.choose(value)
            self.post_message(self.Changed(self, value))
