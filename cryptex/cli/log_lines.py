"""What libraries log while a command runs: on stderr, and as harmless as everything else that is printed."""

import logging

from cryptex.protocol.printable import printable


class _Harmless(logging.Formatter):
    """Writes out what a terminal would obey or hide, in a traceback too: a node's words may be in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or the lines of a traceback."""
        return "\n".join(map(printable, super().format(record).split("\n")))


def log_harmlessly() -> None:
    """Let warnings and worse come to stderr, unless somebody listens to them already."""
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(_Harmless())
        root.addHandler(handler)
