"""stdout and stderr as they really are: a pipe whose reader leaves, a full disk, a descriptor that nobody opened."""

import os
import sys
from typing import Final, TextIO

_NAMES: Final = ("stdin", "stdout", "stderr")


class StdoutLost(Exception):
    """Raised where data cannot be printed. `reader_left`: by the reader's wish, such as `| head`; that is no error."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.reader_left = isinstance(error, BrokenPipeError)


def write_data(text: str) -> None:
    """Write to stdout. Raises StdoutLost."""
    try:
        _write(sys.stdout, text)
    except OSError as error:
        _silence(sys.stdout)
        raise StdoutLost(error) from None


def write_note(text: str) -> None:
    """Write to stderr; where that cannot be written, nobody can be told so."""
    try:
        _write(sys.stderr, text)
    except OSError:
        _silence(sys.stderr)


def settle() -> None:
    """Write what is left for stdout; where that fails, throw it away: it has been told."""
    try:
        sys.stdout.flush()
    except OSError:
        _silence(sys.stdout)


def open_missing() -> None:
    """Open the standard streams that whoever started this process had closed.

    A file or a socket would get their numbers, and somebody's data be written to it. Data for a stdout that is not
    there is an error, as on a full disk; what is said on a stderr that is not there is lost.
    """
    for number, name in enumerate(_NAMES):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", closefd=descriptor != number))


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _silence(stream: TextIO) -> None:
    """Send what is left for a stream nowhere: else the end of the process would try once more."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # it is not a file here
        return
