"""The audit log as tables and CSV."""

from collections.abc import Mapping
from typing import Final

from cryptex.cli.sheets import Record, sheet_of
from cryptex.cli.table import Column, Row, number
from cryptex.protocol.audit import AuditEntryView

AUDIT_COLUMNS: Final = (
    number("SEQUENCE"),
    Column("TIME"),
    Column("WHO"),
    Column("ACT"),
    Column("SUBJECT"),
    Column("ADDRESS", spare=1),
    Column("DETAILS", spare=2),
)
_OPERATOR: Final = "(this machine)"


def audit_row(entry: AuditEntryView) -> Row:
    """Return an entry as a row of a table."""
    who = _OPERATOR if entry.actor == 0 else entry.username or entry.actor
    details = _details_text(entry.details)
    return (entry.sequence, entry.time, who, entry.act, entry.subject or None, entry.address or None, details or None)


def _flat(record: Record) -> Record:
    details = record["details"]
    return {**record, "details": _details_text(details) if isinstance(details, dict) else details}


def _details_text(details: Mapping[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in details.items())


AUDIT_SHEET: Final = sheet_of(AuditEntryView, "entries")._replace(flatten=lambda record: iter((_flat(record),)))
"""CSV's rows."""
