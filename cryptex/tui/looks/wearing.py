"""An application that wears a look, and can change it while it runs."""

import os
from typing import Final

from textual.app import App
from textual.widget import Widget

from cryptex.tui.looks.catalogue import DEFAULT, LOOK_NAMES, look_named
from cryptex.tui.looks.look import Look
from cryptex.tui.looks.mono import MONO_NAME
from cryptex.tui.looks.up_down import OWN

_NO_COLOR: Final = "NO_COLOR"


class LookApp(App[None]):
    """Knows its look, by which line-drawing widgets draw and from which Textual's theme is made.

    Where NO_COLOR is set there is one look: mono.
    """

    CSS = """
    .-theme-mono Panel:focus { border: heavy $focus; }
    .-theme-mono Ticket:focus-within { border: heavy $focus; }
    .-theme-mono Input { text-style: underline; }
    """

    def __init__(self) -> None:
        self.look = DEFAULT
        """What is drawn."""
        self._worn = (DEFAULT.name, OWN)
        self._drawn_look: tuple[str, str] | None = None
        super().__init__(ansi_color=True if _NO_COLOR in os.environ else None)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Make the looks' own variables known before one is chosen."""
        return self.look.theme().variables

    @property
    def look_names(self) -> tuple[str, ...]:
        """The looks that can be chosen."""
        return (MONO_NAME,) if self.no_color else LOOK_NAMES

    @property
    def chosen(self) -> str:
        """The name of the chosen look."""
        return self._worn[0]

    @property
    def scheme(self) -> str:
        """The chosen scheme of up and down."""
        return self._worn[1]

    def wear(self, name: str, scheme: str) -> None:
        """Choose a look. Raises KeyError or ValueError where name or scheme are not known."""
        self.preview(name, scheme)
        self._worn = (self.look.name, scheme)

    def wear_next(self) -> None:
        """Choose the next look."""
        names = self.look_names
        self.wear(names[(names.index(self.chosen) + 1) % len(names)], self.scheme)

    def preview(self, name: str, scheme: str) -> None:
        """Draw everything in a look that is not chosen yet."""
        if (name, scheme) == self._drawn_look:
            return
        self.look = look_named(MONO_NAME if self.no_color else name, scheme)
        self._drawn_look = (name, scheme)
        theme = self.look.theme()
        self.register_theme(theme)
        self.theme = theme.name

    def end_preview(self) -> None:
        """Draw everything in the chosen look again."""
        self.preview(*self._worn)

    def watch_theme(self) -> None:
        """Draw again what draws its own lines: its lines are the same, their colours are not."""
        for screen in self.screen_stack if self.is_running else ():
            for widget in screen.query():
                widget.refresh()


def look_of(widget: Widget) -> Look:
    """Return the look that a widget is to be drawn in."""
    app = widget.app
    return app.look if isinstance(app, LookApp) else DEFAULT
