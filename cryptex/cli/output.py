"""Everything the commands print, and the codes they exit with: data on stdout, all else on stderr."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

import msgspec
import typer

from cryptex.cli import sheets
from cryptex.cli import table as tables
from cryptex.cli.faults import INTERRUPTED_CODE, OUTPUT_CODE, Fault
from cryptex.cli.streams import StdoutLost, write_data, write_note
from cryptex.protocol.printable import printable
from cryptex.protocol.problems import ExitCode

_JSON_INDENT: Final = 2
_BAR_WIDTH: Final = 30

T = TypeVar("T")


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
        self.done = ""
        """What the command has changed by now: said where the data that would tell it cannot be printed."""
        self.left_out: tuple[str, ...] = ()
        """The columns of the last table for which this terminal has no room."""

    @property
    def is_json(self) -> bool:
        """Whether data, and problems on stderr, are JSON objects."""
        return self.form in (Format.JSON, Format.NDJSON)

    @property
    def colour(self) -> bool:
        """Whether stdout shows colours: a terminal that is not dumb, and NO_COLOR is not set."""
        return _is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int | None:
        """How many columns the terminal on stdout has; None where stdout is none."""
        return shutil.get_terminal_size().columns if _is_terminal() else None

    def answer(self, data: bytes, sheet: sheets.Sheet, draw: Callable[[], str]) -> None:
        """Print a node's answer: JSON as it came (on a terminal laid out), the rows of its sheet, or what is drawn."""
        if self.form is Format.JSON and _is_terminal():
            data = msgspec.json.format(data, indent=_JSON_INDENT)
        self.answers([data], sheet, draw)

    def answers(self, documents: Sequence[bytes], sheet: sheets.Sheet, draw: Callable[[], str]) -> None:
        """Print several answers: a JSON document each, the rows of them all, or what `draw` makes of them."""
        if self.form is Format.JSON:
            write_data("".join(map(sheets.json_line, documents)))
        elif self.form is Format.NDJSON:
            write_data("".join(sheets.ndjson(data, sheet) for data in documents))
        elif self.form is Format.CSV:
            write_data(sheets.csv_head(sheet) + sheets.csv_rows(documents, sheet))
        else:
            write_data(draw())
            self._tell_left_out()

    def listing(
        self,
        data: bytes,
        sheet: sheets.Sheet,
        rows: Callable[[], Sequence[T]],
        draw: Callable[[Sequence[T]], str],
        nothing: str,
    ) -> None:
        """Print a node's list. Where a table would have no rows, `nothing` is said to the person instead."""
        if self.form is Format.TABLE and not rows():
            self.note(nothing)
        else:
            self.answer(data, sheet, lambda: draw(rows()))

    def fields(self, fields: Sequence[tuple[str, tables.Value]]) -> None:
        """Print facts that do not come from a node: an object in JSON, a card else."""
        plain = {
            name.replace(" ", "_"): value.text if isinstance(value, tables.Cell) else value for name, value in fields
        }
        self.answer(msgspec.json.encode(plain), sheets.Sheet(tuple(plain)), lambda: self.card(fields))

    def raw(self, text: str) -> None:
        """Print a piece of data that is written as it shall be."""
        write_data(text)

    def text(self, text: str) -> None:
        """Print text as data."""
        write_data("\n".join(map(printable, text.split("\n"))) + "\n")

    def table(self, columns: Sequence[tables.Column], rows: Sequence[tables.Row]) -> str:
        """Return a table in the colours of stdout; on a terminal without those columns that do not fit."""
        columns, rows, self.left_out = tables.fitted(columns, rows, self.width)
        return tables.table(columns, rows, colour=self.colour)

    def card(self, fields: Sequence[tuple[str, tables.Value]]) -> str:
        """Return a card in the colours of stdout."""
        return tables.card(fields, colour=self.colour)

    def note(self, text: str) -> None:
        """Say something to the person, beside the data."""
        write_note("\n".join(map(printable, text.split("\n"))) + "\n")

    def bell(self) -> None:
        """Ring the terminal's bell, where there is one: on stderr, since it is no data."""
        if sys.stderr.isatty():
            write_note("\a")

    def end_line(self) -> None:
        """Leave the line in which Ctrl-C was echoed, perhaps behind a question: what comes next begins a line."""
        if sys.stderr.isatty():
            write_note("\n")

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
                write_note(f"\r{what} [{'#' * full}{'.' * (_BAR_WIDTH - full)}] {percent:3} %")

        try:
            yield tell
        finally:
            write_note("\r\x1b[K")

    def confirm(self, question: str, *, yes: bool) -> None:
        """Return only if this may be done: --yes was given, or a person on a terminal agreed. Raises Fault."""
        if yes:
            return
        if not _is_person():
            raise Fault(f"this asks on a terminal: {question}", suggestion="Give --yes to do it without being asked.")
        if not self.agrees(question):
            raise Fault("nothing was done", code=INTERRUPTED_CODE, exit_code=ExitCode.INTERRUPTED)

    def agrees(self, question: str) -> bool:
        """Ask a person on a terminal; return whether they agree."""
        return typer.confirm(printable(question), err=True)

    def require_terminal(self, suggestion: str) -> None:
        """Return only if a screen can be drawn and keys can be read. Raises Fault."""
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise Fault("the terminal needs a terminal", suggestion=suggestion)

    def report(self, fault: Fault) -> None:
        """Say on stderr what went wrong: one line and what to do, or the problem object."""
        if self.is_json:
            write_note(sheets.json_line(msgspec.json.encode(fault.fields())))
            return
        write_note(f"error: {printable(fault.message)} ({printable(fault.code)})\n")
        if fault.suggestion:
            write_note(printable(fault.suggestion) + "\n")

    def report_lost(self, lost: StdoutLost) -> ExitCode:
        """Say on stderr that stdout was lost, and what was done nevertheless; return the exit code.

        Whose data is lost must not take what was done for refused: that outcome is unknown, until stderr is read.
        """
        if lost.reader_left:
            if self.done:
                self.note(self.done)
            return ExitCode.DONE
        code = ExitCode.OUTCOME_UNKNOWN if self.done else ExitCode.REFUSED
        self.report(Fault(f"stdout cannot be written: {lost}", code=OUTPUT_CODE, suggestion=self.done, exit_code=code))
        return code

    def leave(self, code: int) -> NoReturn:
        """End the command with this exit code."""
        raise typer.Exit(int(code))

    def _tell_left_out(self) -> None:
        if self.left_out:
            self.note(f"Too narrow for {', '.join(self.left_out)}: widen the terminal, or use -o csv.")


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _is_person() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
