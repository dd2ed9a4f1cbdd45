"""Commands and batches for the journal's tests, and ways to spoil its file."""

from collections.abc import Sequence
from pathlib import Path

from cryptex.protocol.commands import Deposit, Stamped, VoidCommand
from cryptex.store.database import open_sqlite
from cryptex.store.journal import Batch, SqliteJournal

RULES_VERSION = 7


def deposits(count: int, time_ns: int, reference: str = "") -> list[Stamped]:
    """Return a batch of deposits, one nanosecond apart."""
    return [Stamped(time_ns + index, Deposit(1, "USDT", 100 + index, reference)) for index in range(count)]


def void(sequence: int, time_ns: int) -> Stamped:
    """Return a stamped VoidCommand."""
    return Stamped(time_ns, VoidCommand(sequence))


def open_journal(folder: Path, *, accept_journal: bool = False) -> SqliteJournal:
    """Open the journal in `folder` under the tests' rules version."""
    return SqliteJournal.open(folder, rules_version=RULES_VERSION, accept_journal=accept_journal)


def fill(folder: Path, sizes: Sequence[int] = (3, 1, 4)) -> list[Batch]:
    """Write batches of these sizes, close cleanly, and return what replay gives."""
    journal = open_journal(folder)
    for size in sizes:
        journal.append(deposits(size, journal.last_time_ns + 1))
    batches = list(journal.replay(0))
    journal.close()
    return batches


def spoil(folder: Path, statement: str, *parameters: bytes | int) -> None:
    """Change the journal's file behind its back."""
    connection = open_sqlite(folder / "journal.db")
    connection.execute(statement, parameters)
    connection.close()
