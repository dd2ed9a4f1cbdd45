"""The page of keys as a screen."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size

from cryptex.tui.drawing.modal import Modal
from cryptex.tui.drawing.panel import Drawn, Line
from cryptex.tui.keys.keymap import Keymap
from cryptex.tui.keys.page import groups, page


class KeyPage(Drawn):
    """All keys in force."""

    DEFAULT_CSS = "KeyPage { height: auto; width: 1fr; background: $surface; }"

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._groups = groups(keymap)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return a line a line."""
        return len(page(self._groups, width))

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw the page."""
        return page(self._groups, width)


class HelpScreen(Modal[None]):
    """Scrolls when the screen is small; any of escape, ?, F1 and q closes it, and so does a click beside it."""

    BINDINGS = [Binding("escape,question_mark,f1,q", "dismiss", "close", show=False)]  # noqa: RUF012 (Textual's shape)
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen VerticalScroll {
        width: 84; max-width: 100%; height: auto; max-height: 100%; padding: 0 2; background: $surface;
        border: round $focus; border-title-color: $bright; border-subtitle-color: $muted; scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """The page, and how to leave it."""
        with VerticalScroll() as frame:
            frame.border_title = Content("Keys")
            frame.border_subtitle = Content("↑ ↓ scroll, esc closes")
            yield KeyPage(self._keymap)

    def on_click(self) -> None:
        """Close."""
        self.dismiss()
