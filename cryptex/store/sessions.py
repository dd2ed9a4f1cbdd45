"""Sessions: what logins leave behind. Only the hashes of their tokens are kept, in users.db."""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, Role
from cryptex.store.audit import Details, record
from cryptex.store.driver import Connection
from cryptex.store.known_addresses import learn_address
from cryptex.store.second_factors import check_second_factor
from cryptex.store.tokens import new_token, token_hash
from cryptex.store.users_database import UsersDatabase

SESSION_IDLE_NS: Final = 7 * 86_400 * NANOSECONDS_PER_SECOND
"""A session that is not used for so long has ended."""

SESSION_LIFETIME_NS: Final = 30 * 86_400 * NANOSECONDS_PER_SECOND
"""A session ends so long after its login, used or not."""

SESSION_TOUCH_NS: Final = 60 * NANOSECONDS_PER_SECOND
"""The use of a session is noted at most once in this time, so that reading does not mean writing."""

FRESH_NS: Final = 600 * NANOSECONDS_PER_SECOND
"""So long after its user showed who they are, a session may do what needs that: passwords, keys, a second factor."""

SESSIONS_PER_USER_MAX: Final = 100
"""A login past this many ends the user's session that was unused the longest."""

WRONG: Final = "the username or the password is wrong"
SESSION_ID_BYTES: Final = 8
"""So much of the hash of its token names a session; it says nothing of the token."""
_NO_DETAILS: Final[Details] = {}


class Session(msgspec.Struct, frozen=True):
    """A login. `expires_ns` is when it ends at the latest; unused, it ends earlier.

    `authenticated_ns` is when its user last showed who they are: at the login, or again since.
    """

    user_id: int
    username: str
    created_ns: int
    expires_ns: int
    authenticated_ns: int
    role: Role = Role.TRADER


class OpenSession(msgspec.Struct, frozen=True):
    """A session as its user sees it among others. `expires_ns` is when it ends unless it is used before."""

    id: str
    created_ns: int
    used_ns: int
    expires_ns: int


class Login(NamedTuple):
    """A new session and its token, and the hashes of the tokens whose sessions it ended."""

    token: str
    session: Session
    ended: list[bytes]


class Sessions:
    """The sessions of all users. Its methods block on the disk."""

    def __init__(self, database: UsersDatabase, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def begin(
        self, user_id: int, username: str, password_hash: str, address: str = "", code: str | None = None
    ) -> Login:
        """Begin a session of a user whose password was checked against this hash, with a code of the second factor.

        Raises Refusal: bad_credentials where the password was changed since (who knows the old one must not come in),
        second_factor_required, bad_code.
        """
        token = new_token()
        now = self._clock()
        with self._database.writing() as connection:
            check_password_hash(connection, user_id, password_hash)
            check_second_factor(connection, user_id, code, now, address)
            refuse_disabled(connection, user_id)
            learn_address(connection, user_id, address, now)
            ended = _end_old(connection, user_id, now)
            hashed = token_hash(token)
            connection.execute(
                "INSERT INTO sessions (token_hash, user_id, created_ns, used_ns, authenticated_ns)"
                " VALUES (?, ?, ?, ?, ?)",
                (hashed, user_id, now, now, now),
            )
            login = {"session": session_id(hashed)}
            record(connection, now, AuditAct.LOGIN, actor=user_id, subject=username, address=address, details=login)
        return Login(token, Session(user_id, username, now, now + SESSION_LIFETIME_NS, now), ended)

    def renew(self, user_id: int, token: str, password_hash: str, address: str = "", code: str | None = None) -> int:
        """Note that the user of a session has shown the password of this hash, and a code; return until when it counts.

        Raises Refusal: bad_credentials where the password was changed since, unauthenticated where the session ended,
        second_factor_required, bad_code.
        """
        now = self._clock()
        with self._database.writing() as connection:
            check_password_hash(connection, user_id, password_hash)
            check_second_factor(connection, user_id, code, now, address)
            query = "UPDATE sessions SET authenticated_ns = ? WHERE token_hash = ? AND user_id = ?"
            if connection.execute(query, (now, token_hash(token), user_id)).rowcount != 1:
                raise Refusal(Code.UNAUTHENTICATED, "the session has ended")
            self._record(connection, AuditAct.REAUTHENTICATED, user_id, session_id(token_hash(token)), address)
        return now + FRESH_NS

    def find(self, token: str, *, used: bool = True) -> Session | None:
        """Return the session of a token and note its use, if it is one; None when there is none or it has expired."""
        return self.find_hashed(token_hash(token), used=used)

    def find_hashed(self, hashed: bytes, *, used: bool = True) -> Session | None:
        """Return the session that the hash of a token stands for, as `find` does."""
        now = self._clock()
        query = (
            "SELECT user_id, username, sessions.created_ns, used_ns, authenticated_ns, role FROM sessions"
            " JOIN users ON users.id = user_id WHERE token_hash = ? AND disabled_ns IS NULL"
        )
        with self._database.reading() as connection:
            row = connection.execute(query, (hashed,)).fetchone()
        if row is None:
            return None
        user_id, username, created_ns, used_ns, authenticated_ns, role = row
        if now >= _ends_ns(created_ns, used_ns):
            return None
        if used and now >= used_ns + SESSION_TOUCH_NS:
            self._database.note("UPDATE sessions SET used_ns = ? WHERE token_hash = ?", (now, hashed))
        expires_ns = created_ns + SESSION_LIFETIME_NS
        return Session(user_id, username, created_ns, expires_ns, authenticated_ns, Role(role))

    def of_user(self, user_id: int) -> list[OpenSession]:
        """Return the sessions of a user that have not expired, the one used last first."""
        now = self._clock()
        columns, order = "token_hash, created_ns, used_ns", "used_ns DESC, rowid DESC"
        query = f"SELECT {columns} FROM sessions WHERE user_id = ? ORDER BY {order}"  # noqa: S608 (our own words)
        with self._database.reading() as connection:
            rows = connection.execute(query, (user_id,)).fetchall()
        found = [OpenSession(session_id(key), made, used, _ends_ns(made, used)) for key, made, used in rows]
        return [session for session in found if now < session.expires_ns]

    def end(self, token: str, address: str = "") -> None:
        """End the session of a token, if there is one."""
        hashed = token_hash(token)
        with self._database.writing() as connection:
            query = "DELETE FROM sessions WHERE token_hash = ? RETURNING user_id"
            for (user_id,) in connection.execute(query, (hashed,)).fetchall():
                self._record(connection, AuditAct.LOGOUT, user_id, session_id(hashed), address)

    def revoke(self, user_id: int, named: str, address: str = "") -> bytes:
        """End a session of a user by its id. Return the hash of its token. Raises Refusal(unknown_session)."""
        with self._database.writing() as connection:
            query = "SELECT token_hash FROM sessions WHERE user_id = ?"
            found = [hashed for (hashed,) in connection.execute(query, (user_id,)) if session_id(hashed) == named]
            connection.executemany("DELETE FROM sessions WHERE token_hash = ?", [(hashed,) for hashed in found])
            if found:
                self._record(connection, AuditAct.SESSION_REVOKED, user_id, named, address)
        if not found:
            raise Refusal(Code.UNKNOWN_SESSION, f"no session of yours has the id {named[: 2 * SESSION_ID_BYTES]!r}")
        return bytes(found[0])

    def end_others(self, user_id: int, kept: str, address: str = "") -> list[bytes]:
        """End all sessions of a user but that of a token. Return the hashes of their tokens."""
        hashed = token_hash(kept)
        with self._database.writing() as connection:
            ended = end_sessions_but(connection, user_id, hashed)
            if ended:  # else anybody could write entries as fast as they can ask
                details: Details = {"kept": session_id(hashed), "ended": len(ended)}
                self._record(connection, AuditAct.SESSIONS_ENDED, user_id, "", address, details)
            return ended

    def _record(
        self,
        connection: Connection,
        act: AuditAct,
        user_id: int,
        subject: str,
        address: str,
        details: Details = _NO_DETAILS,
    ) -> None:
        now = self._clock()
        record(connection, now, act, actor=user_id, subject=subject, address=address, details=details)


def check_password_hash(connection: Connection, user_id: int, password_hash: str) -> None:
    """Raise Refusal(bad_credentials) unless this is the hash of a user's password still."""
    query = "SELECT 1 FROM users WHERE id = ? AND password_hash = ?"
    if connection.execute(query, (user_id, password_hash)).fetchone() is None:
        raise Refusal(Code.BAD_CREDENTIALS, WRONG)


def refuse_disabled(connection: Connection, user_id: int) -> None:
    """Raise Refusal(user_disabled) for a user whom an admin lets in no more."""
    query = "SELECT 1 FROM users WHERE id = ? AND disabled_ns IS NOT NULL"
    if connection.execute(query, (user_id,)).fetchone() is not None:
        raise Refusal(Code.USER_DISABLED, "this user is disabled: logins and API keys open nothing")


def session_id(hashed: bytes) -> str:
    """Return what names a session, from the hash of its token."""
    return hashed[:SESSION_ID_BYTES].hex()


def end_sessions_but(connection: Connection, user_id: int, kept: bytes) -> list[bytes]:
    """End all sessions of a user but one, in a transaction that is open. Return the hashes of their tokens."""
    query = "DELETE FROM sessions WHERE user_id = ? AND token_hash != ? RETURNING token_hash"
    return [hashed for (hashed,) in connection.execute(query, (user_id, kept)).fetchall()]


def _ends_ns(created_ns: int, used_ns: int) -> int:
    return min(created_ns + SESSION_LIFETIME_NS, used_ns + SESSION_IDLE_NS)


def _end_old(connection: Connection, user_id: int, now: int) -> list[bytes]:
    """End what has expired, and what leaves no room for another session. Return the hashes of their tokens."""
    expired = connection.execute(
        "DELETE FROM sessions WHERE created_ns <= ? OR used_ns <= ? RETURNING token_hash",
        (now - SESSION_LIFETIME_NS, now - SESSION_IDLE_NS),
    ).fetchall()
    evicted = connection.execute(
        "DELETE FROM sessions WHERE token_hash IN"
        " (SELECT token_hash FROM sessions WHERE user_id = ? ORDER BY used_ns DESC, rowid DESC LIMIT -1 OFFSET ?)"
        " RETURNING token_hash",
        (user_id, SESSIONS_PER_USER_MAX - 1),
    ).fetchall()
    return [token for (token,) in expired + evicted]
