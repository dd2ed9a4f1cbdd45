"""The truth of people: users, pending registrations and sessions. In every backup, never rebuilt.

All methods block on the disk, and `reserve` and `login` hash for tens of milliseconds: call them through a thread
pool. Any thread may call; a lock guards the one connection, and no hashing happens while it is held.
"""

import hashlib
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.store.database import DataFolder, check_schema_version, error_code, open_sqlite, transaction
from cryptex.store.passwords import check_password, hash_password, prepare, verify_password
from cryptex.store.usernames import check_email, fold_username

SESSION_IDLE_NS: Final = 7 * 86_400 * NANOSECONDS_PER_SECOND
"""A session that is not used for so long has ended."""

SESSION_LIFETIME_NS: Final = 30 * 86_400 * NANOSECONDS_PER_SECOND
"""A session ends so long after its login, used or not."""

SESSION_TOUCH_NS: Final = 60 * NANOSECONDS_PER_SECOND
"""The use of a session is noted at most once in this time, so that reading does not mean writing."""

SESSIONS_PER_USER_MAX: Final = 100
"""A login past this many ends the user's session that was unused the longest."""

TOKEN_BYTES: Final = 32
REGISTRATION_KEY_BYTES: Final = 16

_SCHEMA_NAME: Final = "users"
_SCHEMA_VERSION: Final = 1
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
    )
}
_PASSING_ERRORS: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class User(msgspec.Struct, frozen=True):
    """A registered user. The id is that of the account in the engine."""

    id: int
    username: str
    email: str | None
    created_ns: int


class Session(msgspec.Struct, frozen=True):
    """A login. `expires_ns` is when it ends at the latest; unused, it ends earlier."""

    user_id: int
    username: str
    created_ns: int
    expires_ns: int


class Users:
    """The users store of a node."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], int], *, refuse_common: bool) -> None:
        self._connection = connection
        self._clock = clock
        self._refuse_common = refuse_common
        self._lock = threading.Lock()
        prepare()

    @classmethod
    def open(cls, data_dir: Path | str, clock: Callable[[], int], *, refuse_common: bool = False) -> "Users":
        """Open, or begin, the store of a data folder. `clock` gives nanoseconds since 1970. Raises SchemaTooNew.

        `refuse_common` is for nodes that listen beyond loopback: well-known passwords are then refused.
        """
        connection = open_sqlite(DataFolder(data_dir).prepare().users)
        try:
            check_schema_version(connection, _SCHEMA_NAME, _SCHEMA_VERSION, _SCHEMA_STEPS)
        except BaseException:
            connection.close()
            raise
        return cls(connection, clock, refuse_common=refuse_common)

    def close(self) -> None:
        """Close the store."""
        with self._lock:
            self._connection.close()

    # Registration: the name is reserved here, the account is opened in the log, then the user is completed here.

    def reserve(self, username: str, password: str, email: str | None) -> str:
        """Reserve a username and return its registration key.

        Raises Refusal: invalid_request with its field, weak_password, duplicate_user, unavailable.
        """
        name = fold_username(username)
        check_email(email)
        check_password(password, name, refuse_common=self._refuse_common)
        with self._reading() as connection:
            _refuse_taken(
                connection, name
            )  # spares the hash; the second look, in the transaction, is the one that counts
        password_hash = hash_password(password)
        key = secrets.token_hex(REGISTRATION_KEY_BYTES)
        with self._writing() as connection:
            _refuse_taken(connection, name)
            row = (key, name, email, password_hash, self._clock())
            connection.execute("INSERT INTO registrations VALUES (?, ?, ?, ?, ?)", row)
        return key

    def complete(self, registration_key: str, account_id: int) -> User:
        """Make the reserved user, with the id of the account that the log opened; repeating it changes nothing.

        Raises KeyError for an unknown key, ValueError when another user has the id.
        """
        with self._writing() as connection:
            done = _find_user(connection, "registration_key = ?", registration_key)
            if done is not None:
                return done
            query = "SELECT username, email, password_hash, created_ns FROM registrations WHERE registration_key = ?"
            row = connection.execute(query, (registration_key,)).fetchone()
            if row is None:
                raise KeyError(registration_key)
            username, email, password_hash, created_ns = row
            placeholder = (account_id, _reserved_name(account_id))
            connection.execute("DELETE FROM users WHERE id = ? AND username = ?", placeholder)
            if _find_user(connection, "id = ?", account_id) is not None:
                raise ValueError(f"account {account_id} belongs to another user")
            user = (account_id, username, email, password_hash, registration_key, created_ns)
            connection.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)", user)
            connection.execute("DELETE FROM registrations WHERE registration_key = ?", (registration_key,))
        return User(account_id, username, email, created_ns)

    def release(self, registration_key: str) -> None:
        """Give a reserved username back: no account was opened for it."""
        with self._writing() as connection:
            connection.execute("DELETE FROM registrations WHERE registration_key = ?", (registration_key,))

    def pending(self) -> list[str]:
        """Return the keys of registrations that are neither completed nor released, oldest first."""
        with self._reading() as connection:
            query = "SELECT registration_key FROM registrations ORDER BY created_ns, rowid"
            return [key for (key,) in connection.execute(query).fetchall()]

    def by_id(self, user_id: int) -> User | None:
        """Return the user of an account."""
        with self._reading() as connection:
            return _find_user(connection, "id = ?", user_id)

    def known_ids(self) -> set[int]:
        """Return all ids that are taken, reserved ones included."""
        with self._reading() as connection:
            return {user_id for (user_id,) in connection.execute("SELECT id FROM users").fetchall()}

    def reserve_ids(self, ids: Iterable[int]) -> None:
        """Take ids that the log knows and this store lost (--repair): nobody can log in to them or get them again."""
        now = self._clock()
        rows = [(user_id, _reserved_name(user_id), now) for user_id in ids]
        with self._writing() as connection:
            connection.executemany("INSERT OR IGNORE INTO users (id, username, created_ns) VALUES (?, ?, ?)", rows)

    # Sessions

    def login(self, username: str, password: str) -> tuple[str, Session]:
        """Return a new token (only its hash is kept) and its session. Raises Refusal(bad_credentials)."""
        with self._reading() as connection:
            query = "SELECT id, username, password_hash FROM users WHERE username = ?"
            row = connection.execute(query, (username.lower() if username.isascii() else "",)).fetchone()
        user_id, name, stored_hash = row or (0, "", None)
        if not verify_password(stored_hash, password):
            raise Refusal(Code.BAD_CREDENTIALS, "the username or the password is wrong")
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock()
        with self._writing() as connection:
            _end_old_sessions(connection, user_id, now)
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (_token_hash(token), user_id, now, now))
        return token, Session(user_id, name, now, now + SESSION_LIFETIME_NS)

    def session(self, token: str) -> Session | None:
        """Return the session of a token and note its use; None when there is none or it has expired."""
        hashed = _token_hash(token)
        now = self._clock()
        query = (
            "SELECT user_id, username, sessions.created_ns, used_ns FROM sessions"
            " JOIN users ON users.id = user_id WHERE token_hash = ?"
        )
        with self._reading() as connection:
            row = connection.execute(query, (hashed,)).fetchone()
        if row is None:
            return None
        user_id, username, created_ns, used_ns = row
        if now >= created_ns + SESSION_LIFETIME_NS or now >= used_ns + SESSION_IDLE_NS:
            return None
        if now >= used_ns + SESSION_TOUCH_NS:
            with self._writing() as connection:
                connection.execute("UPDATE sessions SET used_ns = ? WHERE token_hash = ?", (now, hashed))
        return Session(user_id, username, created_ns, created_ns + SESSION_LIFETIME_NS)

    def logout(self, token: str) -> None:
        """End the session of a token, if there is one."""
        with self._writing() as connection:
            connection.execute("DELETE FROM sessions WHERE token_hash = ?", (_token_hash(token),))

    def revoke_all(self, user_id: int) -> None:
        """End all sessions of a user."""
        with self._writing() as connection:
            connection.execute("DELETE FROM sessions WHERE user_id = ?", (user_id,))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _refusals():
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _refusals(), transaction(self._connection) as connection:
            yield connection


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn errors that pass with time, and that leave nothing behind, into a refusal. Others end the node."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error_code(error) not in _PASSING_ERRORS:
            raise
        raise Refusal(Code.UNAVAILABLE, "the users store cannot be written now") from error


def _refuse_taken(connection: sqlite3.Connection, name: str) -> None:
    query = "SELECT 1 FROM users WHERE username = :name UNION ALL SELECT 1 FROM registrations WHERE username = :name"
    if connection.execute(query, {"name": name}).fetchone() is not None:
        raise Refusal(Code.DUPLICATE_USER, f"the username {name} is taken")


def _find_user(connection: sqlite3.Connection, condition: str, value: int | str) -> User | None:
    query = f"SELECT id, username, email, created_ns FROM users WHERE {condition}"  # noqa: S608 (our own conditions)
    row = connection.execute(query, (value,)).fetchone()
    return None if row is None else User(*row)


def _end_old_sessions(connection: sqlite3.Connection, user_id: int, now: int) -> None:
    connection.execute(
        "DELETE FROM sessions WHERE created_ns <= ? OR used_ns <= ?", (now - SESSION_LIFETIME_NS, now - SESSION_IDLE_NS)
    )
    connection.execute(
        "DELETE FROM sessions WHERE token_hash IN"
        " (SELECT token_hash FROM sessions WHERE user_id = ? ORDER BY used_ns DESC, rowid DESC LIMIT -1 OFFSET ?)",
        (user_id, SESSIONS_PER_USER_MAX - 1),
    )


def _reserved_name(user_id: int) -> str:
    return f"#{user_id}"


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
