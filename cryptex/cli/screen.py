"""A piece of text that is drawn over itself again and again, on a terminal."""

import shutil
import sys
from typing import Final

_UP: Final = "\x1b[{}A\r"
_ERASE_LINE: Final = "\x1b[2K"
_ERASE_BELOW: Final = "\x1b[J"
_WRAP_OFF: Final = "\x1b[?7l"
_WRAP_ON: Final = "\x1b[?7h"


class Screen:
    """Draws on stdout, in place: what was there before the first drawing stays above, the last drawing stays too."""

    def __init__(self) -> None:
        self._drawn = 0

    def show(self, text: str) -> None:
        """Draw these lines over the last ones; what does not fit on the terminal is left out, last line excepted."""
        height = max(shutil.get_terminal_size().lines - 1, 1)
        lines = text.splitlines()
        if len(lines) > height:
            lines = [*lines[: height - 1], lines[-1]]
        up = _UP.format(self._drawn) if self._drawn else ""
        body = "".join(f"{_ERASE_LINE}{line}\n" for line in lines)
        # Without wrapping, a line is a line, however wide: else the way up would be longer than it seems.
        sys.stdout.write(f"{up}{_WRAP_OFF}{body}{_WRAP_ON}{_ERASE_BELOW}")
        sys.stdout.flush()
        self._drawn = len(lines)
