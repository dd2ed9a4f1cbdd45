"""API keys: tokens for programs, of which only hashes are kept. They lie in users.db beside the sessions."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, Role, Scope
from cryptex.store.audit import record
from cryptex.store.driver import Connection
from cryptex.store.tokens import TOKEN_LENGTH, new_token, token_hash
from cryptex.store.users_database import UsersDatabase

PREFIX: Final = "cxk_"
"""What every key begins with, so that people and secret scanners know one when they see it."""

KEYS_PER_USER_MAX: Final = 50
"""Keys of one user; where they are all taken, a new one takes the room of those that have expired."""

KEY_TOUCH_NS: Final = 60 * NANOSECONDS_PER_SECOND
"""The use of a key is noted at most once in this time, so that reading does not mean writing."""

_COLUMNS: Final = "api_keys.id, user_id, username, role, label, scopes, api_keys.created_ns, expires_ns, used_ns"
_FROM: Final = "FROM api_keys JOIN users ON users.id = user_id"
_KEY_LENGTH: Final = len(PREFIX) + TOKEN_LENGTH


class ApiKey(msgspec.Struct, frozen=True):
    """A key. `expires_ns` is None for one that lasts until it is revoked, `used_ns` for one that was never used."""

    id: int
    user_id: int
    username: str
    label: str
    scopes: tuple[Scope, ...]
    created_ns: int
    expires_ns: int | None
    used_ns: int | None
    role: Role = Role.TRADER


class ApiKeys:
    """The keys of all users. Its methods block on the disk."""

    def __init__(self, database: UsersDatabase, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self, user_id: int, label: str, scopes: Iterable[Scope], expires_ns: int | None, address: str = ""
    ) -> tuple[str, ApiKey]:
        """Return a new secret (only its hash is kept) and its key. Raises Refusal(too_many_api_keys)."""
        secret = PREFIX + new_token()
        now = self._clock()
        chosen = frozenset(scopes)
        given = tuple(scope for scope in Scope if scope in chosen)
        with self._database.writing() as connection:
            _make_room(connection, user_id, now)
            cursor = connection.execute(
                "INSERT INTO api_keys (user_id, label, scopes, secret_hash, created_ns, expires_ns)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (user_id, label, ",".join(given), token_hash(secret), now, expires_ns),
            )
            [key] = _select(connection, "api_keys.id = ?", cursor.lastrowid or 0)
            details = {"label": label, "scopes": ",".join(given)}
            act, subject = AuditAct.API_KEY_CREATED, str(key.id)
            record(connection, now, act, actor=user_id, subject=subject, address=address, details=details)
        return secret, key

    def of_user(self, user_id: int) -> list[ApiKey]:
        """Return the keys of a user, newest first, expired ones included."""
        with self._database.reading() as connection:
            return _select(connection, "user_id = ?", user_id)

    def find(self, secret: str, *, used: bool = True) -> ApiKey | None:
        """Return the key of a secret and note its use, if it is one; None when there is none or it has expired."""
        hashed = token_hash(secret)
        now = self._clock()
        with self._database.reading() as connection:
            found = _select(connection, "secret_hash = ? AND disabled_ns IS NULL", hashed)
        if not found or (found[0].expires_ns is not None and now >= found[0].expires_ns):
            return None
        key = found[0]
        if used and (key.used_ns is None or now >= key.used_ns + KEY_TOUCH_NS):
            self._database.note("UPDATE api_keys SET used_ns = ? WHERE id = ?", (now, key.id))
        return key

    def revoke(self, user_id: int, key_id: int, address: str = "") -> bytes:
        """End a key of a user. Return the hash of its secret. Raises Refusal(unknown_api_key)."""
        with self._database.writing() as connection:
            query = "DELETE FROM api_keys WHERE id = ? AND user_id = ? RETURNING secret_hash"
            row: tuple[bytes] | None = connection.execute(query, (key_id, user_id)).fetchone()
            if row is not None:
                act, now = AuditAct.API_KEY_REVOKED, self._clock()
                record(connection, now, act, actor=user_id, subject=str(key_id), address=address)
        if row is None:
            raise Refusal(Code.UNKNOWN_API_KEY, f"no API key of yours has the id {key_id}")
        return row[0]


def is_api_key(token: str) -> bool:
    """Return whether a token has the form of an API key, which no token of a login has."""
    return len(token) == _KEY_LENGTH and token.startswith(PREFIX)


def _select(connection: Connection, condition: str, value: int | bytes) -> list[ApiKey]:
    query = f"SELECT {_COLUMNS} {_FROM} WHERE {condition} ORDER BY api_keys.id DESC"
    keys: list[ApiKey] = []
    for key_id, user_id, username, role, label, scopes, *times in connection.execute(query, (value,)).fetchall():
        created_ns, expires_ns, used_ns = times
        given = tuple(map(Scope, scopes.split(",")))
        keys.append(ApiKey(key_id, user_id, username, label, given, created_ns, expires_ns, used_ns, Role(role)))
    return keys


def _make_room(connection: Connection, user_id: int, now: int) -> None:
    query = "SELECT count(*) FROM api_keys WHERE user_id = ?"
    if connection.execute(query, (user_id,)).fetchone()[0] < KEYS_PER_USER_MAX:
        return
    connection.execute("DELETE FROM api_keys WHERE user_id = ? AND expires_ns <= ?", (user_id, now))
    if connection.execute(query, (user_id,)).fetchone()[0] >= KEYS_PER_USER_MAX:
        raise Refusal(Code.TOO_MANY_API_KEYS, f"a user has at most {KEYS_PER_USER_MAX} API keys")
