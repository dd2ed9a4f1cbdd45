"""API keys, for programs. They lie in users.db beside the sessions.

Of a bearer key only the hash of its secret is kept, of an Ed25519 key only the public half. The secret of an HMAC key
must be readable to check by.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from cryptex.protocol.api_keys import KeyKind
from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.signing import HMAC_PREFIX
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, Role, Scope
from cryptex.store.audit import record
from cryptex.store.driver import Connection
from cryptex.store.session_checks import check_session
from cryptex.store.tokens import TOKEN_LENGTH, new_token, token_hash
from cryptex.store.users_database import UsersDatabase

PREFIX: Final = "cxk_"
"""What every key begins with, so that people and secret scanners know one when they see it."""

KEYS_PER_USER_MAX: Final = 50
"""Keys of one user; where they are all taken, a new one takes the room of those that have expired."""

KEY_TOUCH_NS: Final = 60 * NANOSECONDS_PER_SECOND
"""The use of a key is noted at most once in this time, so that reading does not mean writing."""

_COLUMNS: Final = (
    "api_keys.id, user_id, username, role, label, scopes, api_keys.created_ns, expires_ns, used_ns, kind, material,"
    " networks"
)
_FROM: Final = "FROM api_keys JOIN users ON users.id = user_id"
HASH_BYTES: Final = 32
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
    kind: KeyKind = KeyKind.BEARER
    public_key: bytes | None = None
    networks: tuple[str, ...] = ()
    """Where it may be used from, in CIDR form; empty: from everywhere."""


class SigningKey(msgspec.Struct, frozen=True):
    """What the signatures of a key are checked by. `secret_hash` stands for the key elsewhere."""

    user_id: int
    secret_hash: bytes
    kind: KeyKind
    material: bytes
    created_ns: int


class ApiKeys:
    """The keys of all users. Its methods block on the disk."""

    def __init__(self, database: UsersDatabase, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self,
        user_id: int,
        label: str,
        scopes: Iterable[Scope],
        expires_ns: int | None,
        address: str = "",
        *,
        session: bytes | None = None,
        kind: KeyKind = KeyKind.BEARER,
        public_key: bytes | None = None,
        networks: Sequence[str] = (),
    ) -> tuple[str, ApiKey]:
        """Return a new key's secret and the key. Where the pair is the user's own (ed25519), the secret is empty.

        `session` is the hash of the token of the login that makes it, which must not have ended by now: a key that is
        asked for while all logins are ended would outlive them. Raises Refusal: too_many_api_keys, unauthenticated.
        """
        now = self._clock()
        chosen = frozenset(scopes)
        given = tuple(scope for scope in Scope if scope in chosen)
        secret = PREFIX + new_token() if kind is KeyKind.BEARER else ""
        hashed = token_hash(secret) if secret else secrets.token_bytes(HASH_BYTES)
        with self._database.writing() as connection:
            if session is not None:
                check_session(connection, user_id, session)
            _make_room(connection, user_id, now)
            values = (user_id, label, ",".join(given), hashed, now, expires_ns)
            more = (kind, public_key, ",".join(networks))
            cursor = connection.execute(
                "INSERT INTO api_keys"
                " (user_id, label, scopes, secret_hash, created_ns, expires_ns, kind, material, networks)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, *more),
            )
            key_id = cursor.lastrowid or 0
            if kind is KeyKind.HMAC:
                secret = f"{HMAC_PREFIX}{key_id}_{new_token()}"
                connection.execute("UPDATE api_keys SET material = ? WHERE id = ?", (secret.encode("ascii"), key_id))
            [key] = _select(connection, "api_keys.id = ?", key_id)
            details = {"label": label, "scopes": ",".join(given), "kind": kind.value}
            act, subject = AuditAct.API_KEY_CREATED, str(key.id)
            record(connection, now, act, actor=user_id, subject=subject, address=address, details=details)
        return secret, key

    def of_user(self, user_id: int) -> list[ApiKey]:
        """Return the keys of a user, newest first, expired ones included."""
        with self._database.reading() as connection:
            return _select(connection, "user_id = ?", user_id)

    def find(self, secret: str, *, used: bool = True) -> ApiKey | None:
        """Return the bearer key of a secret, and note its use; None when there is none or it has expired."""
        return self.find_hashed(token_hash(secret), used=used)

    def find_hashed(self, hashed: bytes, *, used: bool = True) -> ApiKey | None:
        """Return the key that a hash stands for, and note its use; None when there is none or it has expired."""
        now = self._clock()
        with self._database.reading() as connection:
            found = _select(connection, "secret_hash = ? AND disabled_ns IS NULL", hashed)
        if not found or (found[0].expires_ns is not None and now >= found[0].expires_ns):
            return None
        key = found[0]
        if used and (key.used_ns is None or now >= key.used_ns + KEY_TOUCH_NS):
            self._database.note("UPDATE api_keys SET used_ns = ? WHERE id = ?", (now, key.id))
        return key

    def signing_key(self, key_id: int) -> SigningKey | None:
        """Return what the signatures of a key are checked by, None where it is no key that signs."""
        columns = "user_id, secret_hash, kind, material, created_ns"
        query = f"SELECT {columns} FROM api_keys WHERE id = ? AND material IS NOT NULL"  # noqa: S608 (our own words)
        with self._database.reading() as connection:
            row = connection.execute(query, (key_id,)).fetchone()
        return None if row is None else SigningKey(row[0], row[1], KeyKind(row[2]), row[3], row[4])

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
    return [_key_of(row) for row in connection.execute(query, (value,)).fetchall()]


def _key_of(row: tuple[Any, ...]) -> ApiKey:
    key_id, user_id, username, role, label, scopes, created_ns, expires_ns, used_ns, kind, material, networks = row
    is_pair = kind == KeyKind.ED25519
    return ApiKey(
        key_id,
        user_id,
        username,
        label,
        tuple(map(Scope, scopes.split(","))),
        created_ns,
        expires_ns,
        used_ns,
        Role(role),
        KeyKind(kind),
        material if is_pair else None,
        tuple(networks.split(",")) if networks else (),
    )


def _make_room(connection: Connection, user_id: int, now: int) -> None:
    query = "SELECT count(*) FROM api_keys WHERE user_id = ?"
    if connection.execute(query, (user_id,)).fetchone()[0] < KEYS_PER_USER_MAX:
        return
    connection.execute("DELETE FROM api_keys WHERE user_id = ? AND expires_ns <= ?", (user_id, now))
    if connection.execute(query, (user_id,)).fetchone()[0] >= KEYS_PER_USER_MAX:
        raise Refusal(Code.TOO_MANY_API_KEYS, f"a user has at most {KEYS_PER_USER_MAX} API keys")
