"""The audit log: who did what to accounts, keys and markets, in users.db. Rows are only ever added.

Each row carries the SHA-256 of itself and of the row before it, so that a changed, removed or inserted row shows. What
was cut off at the end shows only to who has noted a later hash elsewhere.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from cryptex.protocol.audit import AuditAct, AuditEntryView, AuditHead
from cryptex.protocol.times import time_text
from cryptex.store.database import DataFolder, open_sqlite, transaction
from cryptex.store.driver import Connection

OPERATOR: Final = 0
"""The actor of what was done on the node's machine, without a login."""

SUBJECT_LENGTH_MAX: Final = 128
ADDRESS_LENGTH_MAX: Final = 64
DETAIL_LENGTH_MAX: Final = 200
DETAILS_MAX: Final = 8
"""What is longer is cut; an act never fails for the length of its entry."""

SCANNED_MAX: Final = 20_000
"""Rows that a read of the newest looks at."""

EMPTY_HASH: Final = bytes(32)
SCHEMA: Final = (
    """CREATE TABLE audit (
        sequence INTEGER PRIMARY KEY,
        time_ns INTEGER NOT NULL,
        actor INTEGER,
        act TEXT NOT NULL,
        subject TEXT NOT NULL,
        address TEXT NOT NULL,
        details TEXT NOT NULL,
        previous_hash BLOB NOT NULL,
        hash BLOB NOT NULL
    ) STRICT""",
    "CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END",
    "CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END",
)
_LAST: Final = "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1"
_COLUMNS: Final = "SELECT sequence, time_ns, actor, act, subject, address, details, previous_hash, hash FROM audit"
_ALL: Final = f"{_COLUMNS} ORDER BY sequence"

Details = Mapping[str, str | int]
"""What else there is to say of an act: a few short values, and never a secret."""
_NO_DETAILS: Final[Details] = {}
_details_decoder: Final = msgspec.json.Decoder(dict[str, str | int])


class AuditEntry(msgspec.Struct, frozen=True):
    """An entry. `actor` is a user's id, OPERATOR, or None for somebody who is not logged in."""

    sequence: int
    time_ns: int
    actor: int | None
    act: str
    subject: str
    address: str
    details: dict[str, str | int]
    hash: bytes


class AuditBroken(Exception):
    """The log is not what was written: `sequence` is the first entry that is wrong."""

    def __init__(self, sequence: int, why: str) -> None:
        super().__init__(why)
        self.sequence = sequence


def record(
    connection: Connection,
    time_ns: int,
    act: AuditAct,
    *,
    actor: int | None,
    subject: str = "",
    address: str = "",
    details: Details = _NO_DETAILS,
) -> None:
    """Add an entry, in the write transaction that is open: it is there if, and only if, the act is.

    `subject` is what it was done to: a username, the id of a key or a session, a market.
    """
    sequence, previous_hash = connection.execute(_LAST).fetchone() or (0, EMPTY_HASH)
    shown = {
        name: _cut(value, DETAIL_LENGTH_MAX) if isinstance(value, str) else value
        for name, value in list(details.items())[:DETAILS_MAX]
    }
    row = (
        sequence + 1,
        time_ns,
        actor,
        act.value,
        _cut(subject, SUBJECT_LENGTH_MAX),
        _cut(address, ADDRESS_LENGTH_MAX),
        msgspec.json.encode(shown).decode("utf-8"),
    )
    values = (*row, previous_hash, _hash(row, previous_hash))
    connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def entries(connection: Connection) -> Iterator[AuditEntry]:
    """Give all entries, oldest first, each checked against its hash and the one before it. Raises AuditBroken."""
    expected, before = 1, EMPTY_HASH
    for *row, previous_hash, found in connection.execute(_ALL):
        sequence, time_ns, actor, act, subject, address, details = row
        if sequence != expected:
            raise AuditBroken(expected, f"entry {expected} is missing")
        if previous_hash != before:
            raise AuditBroken(sequence, f"entry {sequence} does not follow from the one before it")
        if _hash(tuple(row), previous_hash) != found:
            raise AuditBroken(sequence, f"entry {sequence} was changed")
        yield AuditEntry(sequence, time_ns, actor, act, subject, address, _details_decoder.decode(details), found)
        expected, before = sequence + 1, found


def latest(
    connection: Connection, limit: int, before: int | None, wanted: Callable[[AuditEntry], bool]
) -> tuple[list[AuditEntry], int | None, AuditHead]:
    """Return the newest entries that are wanted below a sequence, where to go on, and the head. Nothing is checked.

    At most SCANNED_MAX rows are looked at, so that nobody waits long for the store.
    """
    last, head_hash = connection.execute(_LAST).fetchone() or (0, b"")
    top = last + 1 if before is None else min(before, last + 1)
    found: list[AuditEntry] = []
    following: int | None = None
    rows = connection.execute(f"{_COLUMNS} WHERE sequence < ? ORDER BY sequence DESC LIMIT ?", (top, SCANNED_MAX))
    for sequence, time_ns, actor, act, subject, address, details, _, hashed in rows:
        following = sequence
        entry = AuditEntry(sequence, time_ns, actor, act, subject, address, _details_decoder.decode(details), hashed)
        if wanted(entry):
            found.append(entry)
            if len(found) == limit:
                break
    rows.close()
    return found, following if following is not None and following > 1 else None, AuditHead(last, head_hash.hex())


def record_on_machine(
    data_dir: Path, time_ns: int, act: AuditAct, subject: str = "", details: Details = _NO_DETAILS
) -> None:
    """Add what the operator did with a data folder, whose node may run. Raises FileNotFoundError and `driver.ERRORS`.

    A store of an older cryptex, which has no log, is left as it is.
    """
    path = DataFolder(data_dir).users
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    with closing(open_sqlite(path)) as connection, transaction(connection):
        if _has_log(connection):
            record(connection, time_ns, act, actor=OPERATOR, subject=subject, details=details)


def open_audit(data_dir: Path) -> Connection:
    """Open the log of a data folder to read, beside its node. Raises FileNotFoundError where there is none yet."""
    path = DataFolder(data_dir).users
    connection = open_sqlite(path, read_only=True)
    if not _has_log(connection):
        connection.close()
        raise FileNotFoundError(f"{path} has no audit log yet")
    return connection


def _has_log(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'audit'").fetchone() is not None


def entry_view(entry: AuditEntry, names: Mapping[int, str]) -> AuditEntryView:
    """Return an entry as it is shown. `names` has the users' names by id."""
    username = None if entry.actor is None else names.get(entry.actor)
    return AuditEntryView(
        entry.sequence,
        time_text(entry.time_ns),
        entry.actor,
        username,
        entry.act,
        entry.subject,
        entry.address,
        entry.details,
        entry.hash.hex(),
    )


def _cut(text: str, length_max: int) -> str:
    return text[:length_max].encode("utf-8", "replace").decode("utf-8")


def _hash(row: tuple[object, ...], previous_hash: bytes) -> bytes:
    return hashlib.sha256(previous_hash + msgspec.json.encode(row)).digest()
