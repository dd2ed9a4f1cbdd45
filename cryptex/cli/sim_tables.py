"""What `cryptex sim` prints of scenarios, runs and reports, as tables and cards."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from cryptex.cli.output import Output
from cryptex.cli.sheets import Record, Sheet
from cryptex.cli.table import Cell, Column, Row, Style, number

if TYPE_CHECKING:
    from cryptex.sim.report.model import Report
    from cryptex.sim.summary import Summary

LIST_COLUMNS: Final = (Column("NAME"), Column("DURATION"), Column("TITLE", spare=1))
_REPORT_COLUMNS: Final = (
    Column("TIER"),
    Column("METRIC"),
    number("VALUE"),
    Column("ACCEPTED"),
    Column("VERDICT"),
    Column("SOURCE", spare=1),
)
_SESSION_COLUMNS: Final = (
    Column("GROUP"),
    Column("AGENT"),
    number("PERIODS"),
    number("LEAST SHOUTS"),
    number("EFFICIENCY"),
    number("PAPER"),
    number("FIRST ALPHA"),
    number("LAST ALPHA"),
)
_BOT_COLUMNS: Final = (
    Column("BOT"),
    number("FILLS"),
    number("REJECTED"),
    number("OPEN ORDERS"),
    number("POSITION"),
    number("FEES"),
    number("PROFIT"),
)
_LISTS: Final = ("sessions", "bots")
"""Fields of a summary that are tables of their own."""


def run_text(out: Output, summary: "Summary") -> str:
    """Return a run's summary as a card, then its experiments beside what the paper has, then one's own bots."""
    fields = [(name, value) for name, value in msgspec.to_builtins(summary).items() if name not in _LISTS]
    parts = [out.card([(name.replace("_", " "), value) for name, value in fields])]
    parts += _tables(out, _SESSION_COLUMNS, summary.sessions)
    parts += _tables(out, _BOT_COLUMNS, summary.bots)
    return "\n".join(parts)


def run_sheet(summary: "Summary") -> Sheet:
    """Return the sheet of a run's summary; its experiments and bots are in JSON."""
    return Sheet(tuple(name for name in summary.__struct_fields__ if name not in _LISTS))


def report_text(out: Output, folder: Path, report: "Report") -> str:
    """Return a report as a table of metrics, its experiments beside what the paper has, and on a terminal figures."""
    from cryptex.sim.report.plots import terminal_plots
    from cryptex.sim.report.rows import report_rows

    rows: list[Row] = [
        (row.tier, row.title, row.value, row.accepted, _verdict(row.verdict), row.source) for row in report_rows(report)
    ]
    experiments = _tables(out, _SESSION_COLUMNS, report.run.sessions)
    parts = [out.table(_REPORT_COLUMNS, rows), *experiments]
    if out.width is not None:
        parts.append(terminal_plots(folder, out.width))
    return "\n".join(parts)


def flat(record: Record, prefix: str = "") -> Iterator[Record]:
    """Yield a row for each value, under its key with those above it."""
    for key, value in record.items():
        if isinstance(value, list):
            value = {str(place): each for place, each in enumerate(value)}  # noqa: PLW2901
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield {"key": f"{prefix}{key}", "value": value}


def _tables(out: Output, columns: Sequence[Column], records: Sequence[msgspec.Struct]) -> list[str]:
    """Return the table of some records, or none where there are no records."""
    rows: list[Row] = [tuple(map(_figure, msgspec.structs.astuple(each))) for each in records]
    return [out.table(columns, rows)] if rows else []


def _verdict(text: str) -> Cell:
    return Cell(text, {"pass": Style.BUY, "fail": Style.SELL}.get(text, Style.DIM))


def _figure(value: object) -> str | None:
    return f"{value:.2f}" if isinstance(value, float) else None if value is None else str(value)
