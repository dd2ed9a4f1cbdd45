"""How a terminal in a browser is drawn: Textual's way, and it ends with the server that started it."""

from contextlib import suppress

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp


class BrowserDriver(WebDriver):
    """Ends the application when its input ends: the server is gone then, however it went."""

    def run_input_thread(self) -> None:
        """Read input until there is no more."""
        try:
            super().run_input_thread()
        finally:
            with suppress(RuntimeError):  # the loop has ended before
                self._app.post_message(ExitApp())
