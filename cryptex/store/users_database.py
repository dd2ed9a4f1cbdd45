"""users.db: its schema, and the one connection that all who use it share under a lock."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import Role
from cryptex.store.audit import SCHEMA as AUDIT_SCHEMA
from cryptex.store.database import (
    BUSY_TIMEOUT_MS,
    DAMAGE_AT_OPENING,
    DataFolder,
    StoreDamaged,
    check_schema_version,
    error_code,
    open_sqlite,
    refuse_damage,
    transaction,
)
from cryptex.store.driver import OPERATIONAL_ERRORS, Connection
from cryptex.store.room import lacked_room

_SCHEMA_NAME: Final = "users"
_SCHEMA_VERSION: Final = 8
_SCHEMA_STEPS: Final = {
    1: (
        # A reserved id (--repair) has a name that nobody can register, and no password.
        """CREATE TABLE users (
            id INTEGER PRIMARY KEY,
            username TEXT NOT NULL UNIQUE,
            email TEXT,
            password_hash TEXT,
            registration_key TEXT UNIQUE,
            created_ns INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE registrations (
            registration_key TEXT PRIMARY KEY,
            username TEXT NOT NULL UNIQUE,
            email TEXT,
            password_hash TEXT NOT NULL,
            created_ns INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE sessions (
            token_hash BLOB PRIMARY KEY,
            user_id INTEGER NOT NULL REFERENCES users (id),
            created_ns INTEGER NOT NULL,
            used_ns INTEGER NOT NULL
        ) STRICT""",
        "CREATE INDEX sessions_of_user ON sessions (user_id, used_ns)",
    ),
    2: (
        # AUTOINCREMENT: the id of a revoked key never names another one.
        """CREATE TABLE api_keys (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users (id),
            label TEXT NOT NULL,
            scopes TEXT NOT NULL,
            secret_hash BLOB NOT NULL UNIQUE,
            created_ns INTEGER NOT NULL,
            expires_ns INTEGER,
            used_ns INTEGER
        ) STRICT""",
        "CREATE INDEX api_keys_of_user ON api_keys (user_id)",
    ),
    3: ("ALTER TABLE sessions ADD COLUMN authenticated_ns INTEGER NOT NULL DEFAULT 0",),
    4: AUDIT_SCHEMA,
    5: (
        f"ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT '{Role.TRADER}'",
        "ALTER TABLE users ADD COLUMN disabled_ns INTEGER",
    ),
    6: (
        # Without `enabled_ns` a secret was shown and is not confirmed yet. Codes up to `last_step` count no more.
        """CREATE TABLE second_factors (
            user_id INTEGER PRIMARY KEY REFERENCES users (id),
            secret TEXT NOT NULL,
            created_ns INTEGER NOT NULL,
            enabled_ns INTEGER,
            last_step INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE recovery_codes (
            user_id INTEGER NOT NULL REFERENCES users (id),
            code_hash BLOB NOT NULL,
            PRIMARY KEY (user_id, code_hash)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE known_addresses (
            user_id INTEGER NOT NULL REFERENCES users (id),
            address TEXT NOT NULL,
            used_ns INTEGER NOT NULL,
            PRIMARY KEY (user_id, address)
        ) STRICT, WITHOUT ROWID""",
    ),
    7: (
        # `material` is what signatures are checked by: the secret of an HMAC key, the public half of an Ed25519 pair.
        "ALTER TABLE api_keys ADD COLUMN kind TEXT NOT NULL DEFAULT 'bearer'",
        "ALTER TABLE api_keys ADD COLUMN material BLOB",
        "ALTER TABLE api_keys ADD COLUMN networks TEXT NOT NULL DEFAULT ''",
    ),
    8: (
        # A row says that the user's list is on: for good, or until `ends_ns`.
        """CREATE TABLE allow_lists (
            user_id INTEGER PRIMARY KEY REFERENCES users (id),
            ends_ns INTEGER
        ) STRICT""",
        """CREATE TABLE allowed_addresses (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users (id),
            asset TEXT NOT NULL,
            address TEXT NOT NULL,
            label TEXT NOT NULL,
            created_ns INTEGER NOT NULL,
            usable_ns INTEGER NOT NULL,
            UNIQUE (user_id, asset, address)
        ) STRICT""",
    ),
}
_WAY_BACK: Final = (
    "restore it from a backup, or move it (and its -wal) away and start with --repair, which reserves the ids of the "
    "accounts without a login"
)
CHECKPOINT_BUSY_MS: Final = 50
"""How long a checkpoint, and all who wait for this store with it, may wait for a reader to leave."""

_log: Final = logging.getLogger(__name__)
_PASSING_ERRORS: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class UsersDatabase:
    """The file. Any thread may use it; nothing slow belongs under its lock."""

    def __init__(self, data_dir: Path | str, connection: Connection | None = None) -> None:
        """Open, or begin, the file of a data folder. Raises SchemaTooNew and StoreDamaged.

        A connection takes the place of the file: for simulations, which have no disk.
        """
        folder = DataFolder(data_dir)
        self._path: Final = folder.users
        with refuse_damage(self._path, _WAY_BACK):
            self.connection: Final = connection or open_sqlite(folder.prepare().users)
        self.lock: Final = threading.Lock()
        self._notes_fail = False
        self._folded = -1
        """How much had been written when the WAL was emptied last."""
        try:
            with refuse_damage(self._path, _WAY_BACK, DAMAGE_AT_OPENING):
                self._check()
        except BaseException:
            self.connection.close()
            raise

    def _check(self) -> None:
        """Bring the schema up to date, and read every page: better no start than a login that fails some day."""
        check_schema_version(self.connection, _SCHEMA_NAME, _SCHEMA_VERSION, _SCHEMA_STEPS)
        [(found,)] = self.connection.execute("PRAGMA quick_check(1)")
        if found != "ok":
            raise StoreDamaged(f"{self._path} is damaged ({found}): {_WAY_BACK}")
        self.checkpoint()

    def checkpoint(self) -> None:
        """Fold what was written into the main file, and empty the WAL; where somebody reads it, the next time does.

        Of a damaged WAL SQLite forgets the end without a word: logins that were ended, passwords that were changed.
        """
        with self.lock:
            if self.connection.total_changes == self._folded:
                return
            self._folded = self.connection.total_changes
            self.connection.execute(f"PRAGMA busy_timeout = {CHECKPOINT_BUSY_MS}")
            try:
                [(busy, *_)] = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except OPERATIONAL_ERRORS as error:
                _log.warning("the users store can not be folded: %s; the next time tries again", error)
                busy = True
            finally:
                self.connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            if busy:
                self._folded = -1

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self.connection.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give the connection out to read. Raises Refusal(unavailable) for what passes with time, and StoreDamaged."""
        with self.lock, self._refusals():
            yield self.connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the connection out in one write transaction. Raises Refusal(unavailable); then nothing was written."""
        with self.lock, self._refusals(), transaction(self.connection) as connection:
            yield connection

    def note(self, statement: str, values: tuple[int | bytes, ...]) -> None:
        """Write what nobody misses much, such as when a token was used. Where that fails, the log says so, once."""
        try:
            with self.writing() as connection:
                connection.execute(statement, values)
            self._notes_fail = False
        except (Refusal, *OPERATIONAL_ERRORS) as error:  # whoever reads must not wait for a disk to have room
            if not self._notes_fail:
                _log.warning("the use of tokens can not be noted: %s", error.__cause__ or error)
            self._notes_fail = True

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turn errors that pass with time, and that leave nothing behind, into a refusal. Others end the node."""
        try:
            with refuse_damage(self._path, _WAY_BACK):
                yield
        except OPERATIONAL_ERRORS as error:
            if error_code(error) not in _PASSING_ERRORS and not lacked_room(error, self._path):
                raise
            raise Refusal(Code.UNAVAILABLE, "the users store cannot be written now") from error
