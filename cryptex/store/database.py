"""Where the stores lie in the data folder, how their SQLite files are opened, and which schema they carry."""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from cryptex.store import driver
from cryptex.store.driver import Connection
from cryptex.store.files import FILE_MODE, create_private
from cryptex.store.rekey_swap import finish_rekey
from cryptex.store.vault import HEADER_NAME, VaultLocked, key_of

FOLDER_MODE: Final = 0o700
BUSY_TIMEOUT_MS: Final = 5_000

Synchronous = Literal["NORMAL", "FULL"]

DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""SQLite's codes for a file that is no database, or no whole one."""

DAMAGE_AT_OPENING: Final = DAMAGE | {sqlite3.SQLITE_ERROR, 0}
"""While a file is opened a statement that makes no sense is damage, too: its schema is not what was written. 0 is the
driver's own word for text that is none."""

_SYNCHRONOUS_LEVELS: Final[dict[Synchronous, int]] = {"NORMAL": 1, "FULL": 2}
_VERSION_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT"
)
_NO_STEPS: Final[Mapping[int, Sequence[str]]] = {}


class SchemaTooNew(Exception):
    """The file was written by a newer cryptex, which this build must not touch."""


class SchemaTooOld(Exception):
    """The file was written by an older cryptex, and this build has no way to bring it up to date."""


class UnsafeDatabase(Exception):
    """SQLite did not take a setting that durability rests on."""


class StoreDamaged(Exception):
    """A file other than the journal is no database, or no whole one; the message names it and the way back."""


class FolderInUse(Exception):
    """Another node has the data folder."""


class DataFolder:
    """The paths in a node's data folder."""

    def __init__(self, root: Path | str) -> None:
        self.root: Final = Path(root).expanduser()
        self.journal: Final = self.root / "journal.db"
        self.witness: Final = self.root / "witness"
        self.recovery_marker: Final = self.root / "journal.recover"
        self.snapshots: Final = self.root / "snapshots"
        self.users: Final = self.root / "users.db"
        self.history: Final = self.root / "history.db"
        self.lock: Final = self.root / "lock.db"

    def prepare(self) -> "DataFolder":
        """Make the folder, for its owner's eyes only, where it does not exist yet; return self."""
        self.root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        self.snapshots.mkdir(mode=FOLDER_MODE, exist_ok=True)
        return self

    def tighten(self) -> None:
        """Take from everybody but the owner what a copy or an unpacking by hand has let them do to the node's files."""
        if os.name == "nt":
            return
        files = [*self.snapshots.glob("*.snapshot"), self.witness, self.root / HEADER_NAME]
        for database in (self.journal, self.users, self.history, self.lock):
            files += [database.with_name(database.name + suffix) for suffix in ("", "-wal", "-shm")]
        modes = [(self.root, FOLDER_MODE), (self.snapshots, FOLDER_MODE), *((file, FILE_MODE) for file in files)]
        for path, mode in modes:
            if path.exists() and path.stat().st_mode & 0o777 & ~mode:
                path.chmod(mode)


def open_sqlite(path: Path, *, synchronous: Synchronous = "FULL", read_only: bool = False) -> Connection:
    """Open an SQLite file in WAL mode with the house's settings, in autocommit; any thread may use the connection.

    It is encrypted if its folder is. A new file belongs to its owner alone. Raises UnsafeDatabase when a setting is
    not taken, FileNotFoundError when a file to be read is missing, KeyRefused where the folder's key can not be had,
    and `driver.ERRORS`: among them, with a code of DAMAGE, a page that was not written with the folder's key.
    """
    if read_only and not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    key = key_of(path.parent)
    if key is not None and not driver.HAS_CIPHER:
        raise VaultLocked(f"{path.parent} is encrypted, and SQLCipher is not installed here: `pip install sqlcipher3`")
    if not read_only:
        create_private(path)
    # psow: a torn write never spoils its neighbours, so that a full disk can not leave half a commit behind.
    uri = f"{path.absolute().as_uri()}?psow=1&mode={'ro' if read_only else 'rw'}"
    connection = driver.connect(uri, None if key is None else key.hex())
    try:
        set_pragmas(connection, synchronous=synchronous, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def set_pragmas(connection: Connection, *, synchronous: Synchronous, read_only: bool = False) -> None:
    """Apply the house's settings to a connection outside any transaction. Raises UnsafeDatabase."""
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    mode = connection.execute(f"PRAGMA journal_mode {'' if read_only else '= WAL'}").fetchone()[0]
    if mode != "wal":
        raise UnsafeDatabase(f"SQLite keeps journal mode {mode} here; cryptex needs WAL (is this a network disk?)")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    taken = connection.execute("PRAGMA synchronous").fetchone()[0]
    if taken != _SYNCHRONOUS_LEVELS[synchronous]:
        raise UnsafeDatabase(f"SQLite did not take synchronous = {synchronous}")
    # On macOS a plain fsync stops at the drive's cache.
    for pragma in ("fullfsync", "checkpoint_fullfsync", "foreign_keys", "cell_size_check"):
        connection.execute(f"PRAGMA {pragma} = ON")
    connection.execute("PRAGMA trusted_schema = OFF")


@contextmanager
def transaction(connection: Connection) -> Iterator[Connection]:
    """Run the block in one write transaction: all of it is committed, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def check_schema_version(
    connection: Connection, name: str, version: int, steps: Mapping[int, Sequence[str]] = _NO_STEPS
) -> int:
    """Bring the schema called `name` to `version` in one transaction; return the version found (0: a new file).

    `steps[n]` are the statements that lift version n - 1 to n. A new file without steps is only stamped: its caller
    makes the tables. Raises SchemaTooNew, and SchemaTooOld when a step is missing.
    """
    with transaction(connection):
        connection.execute(_VERSION_TABLE)
        found = schema_version(connection, name)
        refuse_newer(name, found, version)
        for number in range(found + 1, version + 1):
            if number not in steps and (found or steps):
                raise SchemaTooOld(f"the {name} store has schema {found}; no step leads to {number}")
            for statement in steps.get(number, ()):
                connection.execute(statement)
        if found != version:
            connection.execute("INSERT OR REPLACE INTO schema_version VALUES (?, ?)", (name, version))
    return found


def schema_version(connection: Connection, name: str) -> int:
    """Return the version of the schema called `name` as stored; 0 when there is none."""
    known = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'").fetchone()
    if known is None:
        return 0
    query = "SELECT version FROM schema_version WHERE name = ? AND typeof(version) = 'integer' AND version > 0"
    row = connection.execute(query, (name,)).fetchone()
    return 0 if row is None else int(row[0])


def refuse_newer(name: str, found: int, version: int) -> None:
    """Raise SchemaTooNew when a store's schema is newer than this build's."""
    if found > version:
        raise SchemaTooNew(
            f"the {name} store has schema {found} and this cryptex knows {version}: "
            "start a newer cryptex, or restore a backup"
        )


class FolderLock:
    """Holds a data folder for one node.

    It is an exclusive transaction on lock.db, so it ends with the process, however that ends.
    """

    def __init__(self, data_dir: Path | str) -> None:
        """Take the lock, and finish a rekey that was cut short.

        Raises FolderInUse at once when another node has it, and StoreDamaged.
        """
        path = DataFolder(data_dir).prepare().lock
        create_private(path)
        self._connection = sqlite3.connect(  # noqa: TID251 (a plain file: nothing is kept in it)
            path, timeout=0, isolation_level=None, check_same_thread=False
        )
        try:
            with refuse_damage(path, "nothing is kept in it, so remove it while no node is running"):
                self._connection.execute("BEGIN EXCLUSIVE")
        except (*driver.ERRORS, StoreDamaged) as error:
            self._connection.close()
            if error_code(error) != sqlite3.SQLITE_BUSY:
                raise
            raise FolderInUse(
                f"another node is running on {path.parent}: stop it first, or use another folder"
            ) from None
        try:
            finish_rekey(path.parent)
        except BaseException:
            self._connection.close()
            raise

    def release(self) -> None:
        """Give the folder back."""
        self._connection.close()

    def __enter__(self) -> "FolderLock":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def folder_in_use(data_dir: Path | str) -> bool:
    """Return whether a node holds a data folder. It only looks, and for a moment."""
    path = DataFolder(data_dir).lock
    if not path.exists():
        return False
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, timeout=0, isolation_level=None, uri=True)  # noqa: TID251 (never encrypted)
    try:
        connection.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
    except driver.DATABASE_ERRORS as error:
        return error_code(error) == sqlite3.SQLITE_BUSY
    finally:
        connection.close()
    return False


@contextmanager
def refuse_damage(path: Path, way_back: str, codes: Set[int] = DAMAGE) -> Iterator[None]:
    """Raise StoreDamaged, with the way back, where SQLite finds in the block that the file is damaged."""
    try:
        yield
    except driver.DATABASE_ERRORS as error:
        if error_code(error) not in codes:
            raise
        raise StoreDamaged(f"{path} is damaged ({error}): {way_back}") from error


def error_code(error: BaseException | None) -> int:
    """Return SQLite's primary result code of an error; 0 when it did not come from SQLite."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
