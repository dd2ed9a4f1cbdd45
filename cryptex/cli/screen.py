"""A piece of text that is drawn over itself again and again, on a terminal."""

import re
import shutil
from typing import Final

from cryptex.cli.streams import write_data

_UP: Final = "\x1b[{}A\r"
_ERASE_BELOW: Final = "\x1b[J"
_ERASE_REST: Final = "\x1b[K"
_STYLE: Final = re.compile(r"\x1b\[[0-9;]*m")


class Screen:
    """Draws on stdout, in place: what was there before the first drawing stays above, the last drawing stays too."""

    def __init__(self) -> None:
        self._drawn = 0

    def show(self, text: str) -> None:
        """Draw these lines over the last ones; what does not fit on the terminal is left out, last line excepted.

        A line that is wider than the terminal goes on in the next row: nothing of it is cut.
        """
        size = shutil.get_terminal_size()
        *lines, last = text.splitlines()
        shown, rows = "", _rows(last, size.columns)
        for line in lines:
            if rows + _rows(line, size.columns) > max(size.lines - 1, 1):
                break
            shown += _over(line, size.columns)
            rows += _rows(line, size.columns)
        up = _UP.format(self._drawn) if self._drawn else ""
        write_data(f"{up}{shown}{_over(last, size.columns)}{_ERASE_BELOW}")
        self._drawn = rows


def _over(line: str, width: int) -> str:
    """Return what draws a line over another one."""
    # Behind a full row the cursor still stands on its last character, and would erase that.
    full = line and _length(line) % width == 0
    return f"{line}\n" if full else f"{line}{_ERASE_REST}\n"


def _rows(line: str, width: int) -> int:
    """Return how many rows of a terminal a line takes."""
    return max(-(-_length(line) // width), 1)


def _length(line: str) -> int:
    return len(_STYLE.sub("", line))
