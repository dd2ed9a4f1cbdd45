"""Reading the journal: in the node, and in other processes while the node appends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cryptex.protocol.commands import Stamped, VoidCommand
from cryptex.store.batches import (
    EMPTY_HASH,
    RESTORE_HINT,
    Batch,
    JournalDamaged,
    Row,
    check_link,
    damaged,
    voided_by,
)
from cryptex.store.database import (
    DAMAGE_AT_OPENING,
    DataFolder,
    UnsafeDatabase,
    error_code,
    open_sqlite,
    refuse_newer,
    schema_version,
)
from cryptex.store.driver import DATABASE_ERRORS, Connection

JOURNAL_SCHEMA: Final = "journal"
JOURNAL_SCHEMA_VERSION: Final = 1
ROWS_PER_READ: Final = 64
"""Rows are fetched in pages, so that a long replay never holds a read transaction that would pin the WAL."""

_COLUMNS: Final = "first_sequence, command_count, rules_version, commands, hash"
_TYPES: Final = (int, int, int, bytes, bytes)
"""SQLite checks the types of a STRICT table when a row is written, not when it is read."""

_PAGE: Final = f"SELECT {_COLUMNS} FROM batches WHERE first_sequence >= ? ORDER BY first_sequence LIMIT {ROWS_PER_READ}"  # noqa: S608
_AT: Final = f"SELECT {_COLUMNS} FROM batches WHERE first_sequence <= ? ORDER BY first_sequence DESC LIMIT 1"  # noqa: S608
_LAST: Final = f"SELECT {_COLUMNS} FROM batches ORDER BY first_sequence DESC LIMIT 1"  # noqa: S608


class JournalReader:
    """A read-only view of a journal; each call sees what is committed by then."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()  # not every build of SQLite lets threads share a connection

    @classmethod
    def open(cls, data_dir: Path | str) -> "JournalReader":
        """Open the journal of a data folder. Raises FileNotFoundError, SchemaTooNew and JournalDamaged."""
        path = DataFolder(data_dir).journal
        try:
            with journal_reads():
                reader = cls(open_sqlite(path, read_only=True))
        except UnsafeDatabase as error:
            raise JournalDamaged(f"{path} holds no journal: {RESTORE_HINT}") from error
        try:
            reader.check_schema()
        except BaseException:
            reader.close()
            raise
        return reader

    def check_schema(self) -> None:
        """Raise SchemaTooNew, or JournalDamaged when there is no journal in the file."""
        with journal_reads():
            found = schema_version(self._connection, JOURNAL_SCHEMA)
        refuse_newer(JOURNAL_SCHEMA, found, JOURNAL_SCHEMA_VERSION)
        if found == 0:
            raise JournalDamaged(f"this is the file of another store than the journal: {RESTORE_HINT}")

    def replay(self, after: int) -> Iterator[Batch]:
        """Yield the batches after the one that ends at `after` (0: all), each verified against the chain.

        Raises ValueError when no batch ends at `after`, and JournalDamaged.
        """
        for row in self.rows(after):
            batch = row.decode()
            for voided, by in voided_by(batch.first_sequence, batch.commands):
                if not self._is_void(voided):
                    raise damaged(by, f"voids {voided}, which the table of voids does not know")
            yield batch

    def rows(self, after: int) -> Iterator[Row]:
        """Yield the rows after the batch that ends at `after`, each verified against the chain, not decoded."""
        previous_hash = self.hash_at(after)
        if previous_hash is None:
            raise ValueError(f"no batch of the journal ends at sequence {after}")
        expected = after + 1
        while page := self._fetch(_PAGE, expected):
            for row in page:
                check_link(row, previous_hash, expected)
                previous_hash, expected = row.hash, row.last_sequence + 1
                yield row

    def hash_at(self, sequence: int) -> bytes | None:
        """Return the hash of the batch that ends at `sequence` (0: EMPTY_HASH), or None when none ends there."""
        if sequence == 0:
            return EMPTY_HASH
        row = self.row_at(sequence)
        return row.hash if row is not None and row.last_sequence == sequence else None

    def row_at(self, sequence: int) -> Row | None:
        """Return the last row that begins at or before `sequence`; not verified."""
        rows = self._fetch(_AT, sequence)
        return rows[0] if rows else None

    def last_row(self) -> Row | None:
        """Return the last row; not verified."""
        rows = self._fetch(_LAST)
        return rows[0] if rows else None

    def voids(self) -> frozenset[int]:
        """Return every sequence that a VoidCommand names. Raises JournalDamaged for one that no command stands for."""
        rows: list[tuple[int, int]] = self._query("SELECT sequence, void_sequence FROM voids")
        for sequence, by in rows:
            if type(by) is not int:
                raise _file_damaged("the table of voids is not of its types")
            stamped = self._command_at(by)
            if stamped is None or stamped.command != VoidCommand(sequence):
                raise damaged(by, f"does not void {sequence}, though the table of voids says so")
        return frozenset(sequence for sequence, _ in rows)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _command_at(self, sequence: int) -> Stamped | None:
        row = self.row_at(sequence)
        if row is None or row.last_sequence < sequence:
            return None
        return row.decode().commands[sequence - row.first_sequence]

    def _is_void(self, sequence: int) -> bool:
        return bool(self._query("SELECT 1 FROM voids WHERE sequence = ?", sequence))

    def _fetch(self, query: str, *parameters: int) -> list[Row]:
        rows = self._query(query, *parameters)
        for row in rows:
            if tuple(map(type, row)) != _TYPES:
                raise _file_damaged("a batch's columns are not of their types")
        return [Row(*row) for row in rows]

    def _query(self, query: str, *parameters: int) -> list[Any]:
        with self._lock, journal_reads():
            return self._connection.execute(query, parameters).fetchall()


@contextmanager
def journal_reads() -> Iterator[None]:
    """Turn what SQLite says about a damaged file into JournalDamaged."""
    try:
        yield
    except DATABASE_ERRORS as error:
        if error_code(error) not in DAMAGE_AT_OPENING:  # the statements are ours: they make sense in a whole file
            raise
        raise _file_damaged(str(error)) from error


def _file_damaged(what: str) -> JournalDamaged:
    return JournalDamaged(f"the journal's file is damaged ({what}): {RESTORE_HINT}")
