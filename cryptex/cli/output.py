"""Everything the commands print, and the codes they exit with: data on stdout, all else on stderr."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Final, NoReturn, TextIO

import msgspec
import typer

from cryptex.cli import sheets
from cryptex.cli import table as tables
from cryptex.cli.faults import INTERRUPTED_CODE, Fault
from cryptex.protocol.problems import ExitCode

_JSON_INDENT: Final = 2
_BAR_WIDTH: Final = 30


class Format(StrEnum):
    """How data is printed."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class Output:
    """Where a command's data and words go."""

    def __init__(self, form: Format = Format.TABLE) -> None:
        self.form = form

    @property
    def is_json(self) -> bool:
        """Whether data, and problems on stderr, are JSON objects."""
        return self.form in (Format.JSON, Format.NDJSON)

    @property
    def colour(self) -> bool:
        """Whether stdout shows colours: a terminal that is not dumb, and NO_COLOR is not set."""
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def answer(self, data: bytes, sheet: sheets.Sheet, draw: Callable[[], str]) -> None:
        """Print a node's answer: JSON as it came (on a terminal laid out), the rows of its sheet, or what is drawn."""
        if self.form is Format.JSON and sys.stdout.isatty():
            data = msgspec.json.format(data, indent=_JSON_INDENT)
        self.answers([data], sheet, draw)

    def answers(self, documents: Sequence[bytes], sheet: sheets.Sheet, draw: Callable[[], str]) -> None:
        """Print several answers: a JSON document each, the rows of them all, or what `draw` makes of them."""
        if self.form is Format.JSON:
            _write(sys.stdout, "".join(data.decode("utf-8") + "\n" for data in documents))
        elif self.form is Format.NDJSON:
            _write(sys.stdout, "".join(sheets.ndjson(data, sheet) for data in documents))
        elif self.form is Format.CSV:
            _write(sys.stdout, sheets.csv_head(sheet) + sheets.csv_rows(documents, sheet))
        else:
            _write(sys.stdout, draw())

    def fields(self, fields: Sequence[tuple[str, tables.Value]]) -> None:
        """Print facts that do not come from a node: an object in JSON, a card else."""
        plain = {
            name.replace(" ", "_"): value.text if isinstance(value, tables.Cell) else value for name, value in fields
        }
        self.answer(msgspec.json.encode(plain), sheets.Sheet(tuple(plain)), lambda: self.card(fields))

    def raw(self, text: str) -> None:
        """Print a piece of data that is written as it shall be."""
        _write(sys.stdout, text)

    def text(self, text: str) -> None:
        """Print text as data."""
        _write(sys.stdout, text + "\n")

    def table(self, columns: Sequence[tables.Column], rows: Sequence[tables.Row]) -> str:
        """Return a table in the colours of stdout."""
        return tables.table(columns, rows, colour=self.colour)

    def card(self, fields: Sequence[tuple[str, tables.Value]]) -> str:
        """Return a card in the colours of stdout."""
        return tables.card(fields, colour=self.colour)

    def note(self, text: str) -> None:
        """Say something to the person, beside the data."""
        _write(sys.stderr, "\n".join(map(tables.printable, text.split("\n"))) + "\n")

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """Give what takes (done, all) and shows a bar on stderr, where that is a terminal; else nothing."""
        if not sys.stderr.isatty():
            yield lambda _done, _all: None
            return
        shown = -1

        def tell(done: int, total: int) -> None:
            nonlocal shown
            percent = min(100 * done // max(total, 1), 100)
            if percent != shown:
                shown = percent
                full = percent * _BAR_WIDTH // 100
                _write(sys.stderr, f"\r{what} [{'#' * full}{'.' * (_BAR_WIDTH - full)}] {percent:3} %")

        try:
            yield tell
        finally:
            _write(sys.stderr, "\r\x1b[K")

    def confirm(self, question: str, *, yes: bool) -> None:
        """Return only if this may be done: --yes was given, or a person on a terminal agreed. Raises Fault."""
        if yes:
            return
        if not _is_person():
            raise Fault(f"this asks on a terminal: {question}", suggestion="Give --yes to do it without being asked.")
        if not typer.confirm(tables.printable(question), err=True):
            raise Fault("nothing was done", code=INTERRUPTED_CODE, exit_code=ExitCode.INTERRUPTED)

    def require_terminal(self, suggestion: str) -> None:
        """Return only if a screen can be drawn and keys can be read. Raises Fault."""
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise Fault("the terminal needs a terminal", suggestion=suggestion)

    def report(self, fault: Fault) -> None:
        """Say on stderr what went wrong: one line and what to do, or the problem object."""
        if self.is_json:
            _write(sys.stderr, msgspec.json.encode(fault.fields()).decode("utf-8") + "\n")
            return
        _write(sys.stderr, f"error: {tables.printable(fault.message)} ({tables.printable(fault.code)})\n")
        if fault.suggestion:
            _write(sys.stderr, tables.printable(fault.suggestion) + "\n")

    def leave(self, code: int) -> NoReturn:
        """End the command with this exit code."""
        raise typer.Exit(int(code))


def silence_stdout() -> None:
    """Send what is left for stdout nowhere: its reader has gone, and that is no error."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # stdout is not a file here
        return


def _is_person() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
