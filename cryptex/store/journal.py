"""The journal on disk: one SQLite row a batch, hash-chained, durable before anybody hears of it.

Opening does not hash the whole journal again. It proves that the witness's batch is there with the hash the witness
remembers, and verifies that batch and everything after it; older batches are verified when `replay` reads them. So
start-up from a snapshot costs what is new since then, and a replay from the start verifies everything.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn, Protocol, TypeVar

from cryptex.protocol.codec import encode_batch
from cryptex.protocol.commands import Stamped
from cryptex.store.batches import (
    ACCEPT_HINT,
    EMPTY_HASH,
    Batch,
    CommitUnknown,
    Journal,
    JournalDamaged,
    JournalUnavailable,
    Row,
    damaged,
    seal,
    voided_by,
)
from cryptex.store.database import DataFolder, check_schema_version, error_code, open_sqlite
from cryptex.store.driver import ERRORS, Connection
from cryptex.store.journal_reader import (
    JOURNAL_SCHEMA,
    JOURNAL_SCHEMA_VERSION,
    JournalReader,
    journal_reads,
)
from cryptex.store.memory_journal import MemoryJournal
from cryptex.store.recovery import recover, request_recovery
from cryptex.store.room import lacked_room
from cryptex.store.witness import Mark, Witness

__all__ = [
    "Batch",
    "CommitUnknown",
    "Journal",
    "JournalDamaged",
    "JournalReader",
    "JournalUnavailable",
    "MemoryJournal",
    "SqliteJournal",
]

WAL_BYTES_MAX: Final = 64 * 1024 * 1024
"""Past this size a checkpoint stops the writer for a moment, so that the WAL can begin anew."""

CHECKPOINT_BUSY_MS: Final = 50
"""How long such a checkpoint may wait, and the writer with it, for readers to leave."""

_SCHEMA_STEPS: Final = {
    1: (
        """CREATE TABLE batches (
            first_sequence INTEGER PRIMARY KEY,
            command_count INTEGER NOT NULL CHECK (command_count > 0),
            rules_version INTEGER NOT NULL,
            commands BLOB NOT NULL,
            hash BLOB NOT NULL
        ) STRICT""",
        "CREATE TABLE voids (sequence INTEGER PRIMARY KEY, void_sequence INTEGER NOT NULL) STRICT",
    )
}
INSERT_BATCH: Final = "INSERT INTO batches VALUES (?, ?, ?, ?, ?)"
INSERT_VOID: Final = "INSERT OR IGNORE INTO voids VALUES (?, ?)"
_LASTING_ERRORS: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT})


class _Closable(Protocol):
    def close(self) -> None: ...


_File = TypeVar("_File", bound=_Closable)


class SqliteJournal(Journal):
    """The journal of a node. One thread appends; checkpoint, replay and the rest may be called from others."""

    def __init__(self, folder: DataFolder, *, rules_version: int, accept_journal: bool) -> None:
        self._folder = folder
        self._rules_version = rules_version
        self._distrusted = False
        self._checkpoint_lock = threading.Lock()
        self._files: list[_Closable] = []  # in the order of opening
        recover(folder)
        try:
            with journal_reads():
                self._writer = self._keep(_open_writer(folder.journal))
            self._side = self._keep(open_sqlite(folder.journal))
            self._side.execute(f"PRAGMA busy_timeout = {CHECKPOINT_BUSY_MS}")
            self._reader = self._keep(JournalReader.open(folder.root))
            last = self._reader.last_row()
            self._end = _end_of(last)
            self._witness = self._open_witness(accept_journal)
            self._last_time_ns = last.decode().commands[-1].time_ns if last else 0
        except BaseException:
            self._close_files()
            raise

    @classmethod
    def open(cls, data_dir: Path | str, *, rules_version: int, accept_journal: bool = False) -> "SqliteJournal":
        """Open, or begin, the journal of a data folder whose FolderLock the caller holds; recovers it first if need be.

        `accept_journal` is the operator's word that the journal is to be taken as it is, though the witness is missing
        or says otherwise; its chain must be whole all the same. Raises JournalDamaged and SchemaTooNew.
        """
        return cls(DataFolder(data_dir).prepare(), rules_version=rules_version, accept_journal=accept_journal)

    @property
    def last_sequence(self) -> int:
        """Sequence of the last durable command; 0 when there is none."""
        return self._end.sequence

    @property
    def last_time_ns(self) -> int:
        """Log time of the last durable command; 0 when there is none."""
        return self._last_time_ns

    @property
    def last_hash(self) -> bytes:
        """Hash of the last durable batch; EMPTY_HASH when there is none."""
        return self._end.hash

    def append(self, commands: Sequence[Stamped]) -> None:
        """Commit a batch, fsynced on return, in the sequences after `last_sequence`; then write the witness.

        Raises JournalUnavailable (proven: nothing was written), CommitUnknown (and from then on always), and
        JournalDamaged when SQLite finds the file damaged or somebody else wrote to it.
        """
        if self._distrusted:
            raise CommitUnknown("an earlier commit failed: the node must restart and recover the journal")
        if not commands:
            raise ValueError("a batch holds at least one command")
        first = self._end.sequence + 1
        row = seal(self._end.hash, first, len(commands), self._rules_version, encode_batch(commands))
        self._insert(row, voided_by(first, commands))
        try:
            self._commit()
        except BaseException as error:
            if lacked_room(error, self._folder.journal) and self._rolled_back():
                raise JournalUnavailable("the disk is full: the batch was not written") from error
            self._distrust(error)
        mark = Mark(row.last_sequence, row.hash)
        try:
            self._witness.write(mark)
        except OSError as error:
            self._distrust(error)
        self._end = mark
        self._last_time_ns = commands[-1].time_ns

    def replay(self, after: int) -> Iterator[Batch]:
        """Yield the batches after the one that ends at `after` (0: all), each verified against the chain.

        Raises ValueError when no batch ends at `after`, and JournalDamaged.
        """
        return self._reader.replay(after)

    def hash_at(self, sequence: int) -> bytes | None:
        """Return the hash of the batch that ends at `sequence` (0: EMPTY_HASH), or None when none ends there."""
        return self._reader.hash_at(sequence)

    def voids(self) -> frozenset[int]:
        """Return every sequence that a VoidCommand names. Raises JournalDamaged."""
        return self._reader.voids()

    def checkpoint(self) -> None:
        """Fold the WAL into the main file beside the appending thread, and fsync the witness.

        Raises JournalUnavailable when that fails: the WAL still holds everything, and the next checkpoint tries again.
        """
        with self._checkpoint_lock:
            try:
                self._side.execute("PRAGMA wal_checkpoint(PASSIVE)")
                if self._wal_bytes() > WAL_BYTES_MAX:
                    self._side.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._witness.sync()
            except (*ERRORS, OSError) as error:
                raise JournalUnavailable(f"the checkpoint failed: {error}") from error

    def flag_recovery(self) -> None:
        """Refuse further appends and make the next open recover; for a commit that does not come back in time."""
        self._distrusted = True
        request_recovery(self._folder)

    def close(self) -> None:
        """Fold the WAL, fsync the witness and close; after a commit of unknown outcome, leave the files as they are."""
        try:
            if not self._distrusted:
                self.checkpoint()
        finally:
            self._close_files()

    def _insert(self, row: Row, voids: Sequence[tuple[int, int]]) -> None:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            self._writer.execute(INSERT_BATCH, row)
            if voids:
                self._writer.executemany(INSERT_VOID, voids)
        except (*ERRORS, MemoryError) as error:
            if not self._rolled_back():
                self._distrust(error)
            if error_code(error) in _LASTING_ERRORS:
                raise JournalDamaged(f"the journal does not take sequence {row.first_sequence}: {error}") from error
            raise JournalUnavailable(f"the batch was not written: {error}") from error

    def _commit(self) -> None:
        self._writer.execute("COMMIT")

    def _rolled_back(self) -> bool:
        """Whether the transaction is gone without a trace, as seen by the writer and by another connection."""
        try:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            stored = _end_of(self._reader.last_row())
        except (*ERRORS, JournalDamaged, MemoryError):
            return False
        return stored == self._end and not self._writer.in_transaction

    def _distrust(self, error: BaseException) -> NoReturn:
        self.flag_recovery()
        raise CommitUnknown(f"the outcome of a commit is not known: {error}") from error

    def _open_witness(self, accept_journal: bool) -> Witness:
        """Return the witness, abreast of the journal. Raises JournalDamaged when the journal can not be trusted."""
        try:
            witness = self._keep(Witness(self._folder.witness))
            complaint = self._contradiction(witness.mark)
        except (FileNotFoundError, ValueError) as error:
            witness = None
            complaint = f"the journal has no witness ({error})" if self._end.sequence else None
        if complaint is not None and not accept_journal:
            raise JournalDamaged(f"{complaint}: {ACCEPT_HINT}")
        if witness is None or complaint is not None:
            self._verify(after=0)
            return self._keep(Witness.create(self._folder.witness, self._end))
        row = self._reader.row_at(witness.mark.sequence)
        self._verify(after=row.first_sequence - 1 if row else 0)
        if witness.mark != self._end:
            witness.write(self._end)
        witness.sync()
        return witness

    def _contradiction(self, mark: Mark) -> str | None:
        """Return what the journal has otherwise than the witness remembers it, if anything."""
        if self._reader.hash_at(mark.sequence) == mark.hash:
            return None
        if self._end.sequence < mark.sequence:
            return f"the journal ends at sequence {self._end.sequence}, but {mark.sequence} was acknowledged"
        return f"the journal has another batch at sequence {mark.sequence} than the one that was acknowledged"

    def _verify(self, after: int) -> None:
        if self._reader.hash_at(after) is None:
            raise damaged(after, "is missing")
        for _ in self._reader.rows(after):
            pass

    def _wal_bytes(self) -> int:
        wal = self._folder.journal.with_name(self._folder.journal.name + "-wal")
        return wal.stat().st_size if wal.exists() else 0

    def _close_files(self) -> None:
        # Closing the last connection folds the WAL, if that connection may write. So the writer goes last, but not
        # when the disk is not trusted: then the reader does, and the WAL stays as it is for the recovery.
        for file in self._files if self._distrusted else reversed(self._files):
            file.close()
        self._files = []

    def _keep(self, file: _File) -> _File:
        self._files.append(file)
        return file


def _end_of(last: Row | None) -> Mark:
    return Mark(last.last_sequence, last.hash) if last else Mark(0, EMPTY_HASH)


def _open_writer(path: Path) -> Connection:
    connection = open_sqlite(path, synchronous="FULL")
    try:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        check_schema_version(connection, JOURNAL_SCHEMA, JOURNAL_SCHEMA_VERSION, _SCHEMA_STEPS)
        # What an unclean end left in the WAL is written and fsynced once more before anything rests on it.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except BaseException:
        connection.close()
        raise
    return connection
