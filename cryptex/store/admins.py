"""What admins and the operator do with users: give roles, disable, end logins. All of it is audited."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from cryptex.protocol.audit import AuditAct, AuditList
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import Role
from cryptex.store.audit import OPERATOR, AuditEntry, Details, entry_view, latest, record
from cryptex.store.driver import Connection
from cryptex.store.session_checks import check_session
from cryptex.store.users_database import UsersDatabase

_COLUMNS: Final = (
    "id, username, role, created_ns, disabled_ns,"
    " (SELECT count(*) FROM sessions WHERE user_id = users.id),"
    " (SELECT count(*) FROM api_keys WHERE user_id = users.id)"
)
_NO_DETAILS: Final[Details] = {}


class KnownUser(msgspec.Struct, frozen=True):
    """A user as admins see them. `disabled_ns` is None for one who may come in."""

    id: int
    username: str
    role: Role
    created_ns: int
    disabled_ns: int | None
    sessions: int
    api_keys: int


class Admins:
    """Acts on users by name. Its methods block on the disk, and raise Refusal(unknown_user).

    What an admin does takes the `session` that does it, by the hash of its token: where that has ended by now, it
    raises Refusal(unauthenticated), where the admin is none any more, Refusal(forbidden), and nothing is done.
    """

    def __init__(self, database: UsersDatabase, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    # The operator

    def give(self, username: str) -> KnownUser:
        """Make a user an admin."""
        return self._set_role(username, Role.ADMIN, AuditAct.ROLE_GIVEN)

    def take(self, username: str) -> KnownUser:
        """Make an admin a trader again."""
        return self._set_role(username, Role.TRADER, AuditAct.ROLE_TAKEN)

    def all(self) -> list[KnownUser]:
        """Return the admins, in the order of their ids."""
        with self._database.reading() as connection:
            return _select(connection, "role = ? ORDER BY id", Role.ADMIN.value)

    # Admins

    def users(self, limit: int, before: int | None = None) -> list[KnownUser]:
        """Return users, newest first, those with an id below `before`."""
        with self._database.reading() as connection:
            last = (1 << 62) if before is None else before
            return _select(connection, "id > 0 AND id < ? ORDER BY id DESC LIMIT ?", last, limit)

    def disabled_ids(self) -> list[int]:
        """Return the ids of the users who are disabled."""
        with self._database.reading() as connection:
            return [each.id for each in _select(connection, "disabled_ns IS NOT NULL AND id > 0 ORDER BY id")]

    def disable(
        self, actor: int, username: str, address: str = "", *, session: bytes, reason: str = ""
    ) -> tuple[KnownUser, list[bytes]]:
        """Let a user in no more: logins end, API keys rest. Return the hashes of the tokens that are over.

        Repeating it changes nothing. Raises Refusal(forbidden) for the admin's own name.
        """
        with self._database.writing() as connection:
            user = self._other(connection, actor, session, username)
            if user.disabled_ns is None:
                connection.execute("UPDATE users SET disabled_ns = ? WHERE id = ?", (self._clock(), user.id))
                details: Details = {"reason": reason} if reason else {}
                self._record(connection, AuditAct.USER_DISABLED, actor, user, address, details)
            ended = _end_sessions(connection, user.id)
            keys = connection.execute("SELECT secret_hash FROM api_keys WHERE user_id = ?", (user.id,)).fetchall()
            return _one(connection, username), ended + [key for (key,) in keys]

    def enable(self, actor: int, username: str, address: str = "", *, session: bytes) -> KnownUser:
        """Let a user in again; their API keys hold again."""
        with self._database.writing() as connection:
            user = self._other(connection, actor, session, username)
            if user.disabled_ns is not None:
                connection.execute("UPDATE users SET disabled_ns = NULL WHERE id = ?", (user.id,))
                self._record(connection, AuditAct.USER_ENABLED, actor, user, address)
            return _one(connection, username)

    def end_sessions(
        self, actor: int, username: str, address: str = "", *, session: bytes, keys: bool = False
    ) -> tuple[KnownUser, list[bytes]]:
        """End all logins of a user, and (`keys`) revoke their API keys. Return the hashes of the tokens that end."""
        with self._database.writing() as connection:
            _check_admin(connection, actor, session)
            user = _one(connection, username)
            ended = _end_sessions(connection, user.id)
            revoked: list[bytes] = []
            if keys:
                query = "DELETE FROM api_keys WHERE user_id = ? RETURNING secret_hash"
                revoked = [key for (key,) in connection.execute(query, (user.id,)).fetchall()]
            details: Details = {"sessions": len(ended), "api_keys": len(revoked)}
            self._record(connection, AuditAct.USER_SESSIONS_ENDED, actor, user, address, details)
            return _one(connection, username), ended + revoked

    def record(
        self,
        actor: int,
        act: AuditAct,
        subject: str,
        address: str,
        details: Details = _NO_DETAILS,
        *,
        session: bytes,
    ) -> None:
        """Audit an act of an admin that lies outside this store, before it is done: none is without its entry."""
        with self._database.writing() as connection:
            _check_admin(connection, actor, session)
            record(connection, self._clock(), act, actor=actor, subject=subject, address=address, details=details)

    def audited(self, limit: int, before: int | None, username: str | None, acts: Sequence[AuditAct]) -> AuditList:
        """Return a page of the audit log, newest first, and its head. The chain is not checked: `node audit` does."""
        with self._database.reading() as connection:
            user = None if username is None else _one(connection, username)
            names: dict[int, str] = {}

            def wanted(entry: AuditEntry) -> bool:
                if user is not None and entry.actor != user.id and entry.subject != user.username:
                    return False
                return not acts or entry.act in acts

            found, following, head = latest(connection, limit, before, wanted)
            for entry in found:
                if entry.actor is not None and entry.actor not in names:
                    query = "SELECT username FROM users WHERE id = ?"
                    names.update((entry.actor, name) for (name,) in connection.execute(query, (entry.actor,)))
            return AuditList([entry_view(entry, names) for entry in found], head, following)

    def _set_role(self, username: str, role: Role, act: AuditAct) -> KnownUser:
        with self._database.writing() as connection:
            user = _one(connection, username)
            if user.role is not role:
                connection.execute("UPDATE users SET role = ? WHERE id = ?", (role.value, user.id))
                self._record(connection, act, OPERATOR, user, "", {"role": Role.ADMIN.value})
            return _one(connection, username)

    def _other(self, connection: Connection, actor: int, session: bytes, username: str) -> KnownUser:
        _check_admin(connection, actor, session)
        user = _one(connection, username)
        if user.id == actor:  # so one admin is always left
            raise Refusal(Code.FORBIDDEN, "an admin can not do this to themself")
        return user

    def _record(
        self,
        connection: Connection,
        act: AuditAct,
        actor: int,
        user: KnownUser,
        address: str,
        details: Details = _NO_DETAILS,
    ) -> None:
        now = self._clock()
        record(connection, now, act, actor=actor, subject=user.username, address=address, details=details)


def _check_admin(connection: Connection, actor: int, session: bytes) -> None:
    """Raise Refusal unless the actor's session is one, and they are an admin, at this very moment."""
    check_session(connection, actor, session)
    query = "SELECT 1 FROM users WHERE id = ? AND role = ? AND disabled_ns IS NULL"
    if connection.execute(query, (actor, Role.ADMIN.value)).fetchone() is None:
        raise Refusal(Code.FORBIDDEN, "this is for admins")


def _one(connection: Connection, username: str) -> KnownUser:
    name = username.lower() if username.isascii() else ""
    found = _select(connection, "username = ? AND id > 0", name)
    if not found:
        raise Refusal(Code.UNKNOWN_USER, f"there is no user {username[:40]!r}")
    return found[0]


def _select(connection: Connection, condition: str, *values: int | str) -> list[KnownUser]:
    query = f"SELECT {_COLUMNS} FROM users WHERE {condition}"  # noqa: S608 (our own conditions)
    rows = connection.execute(query, values).fetchall()
    return [KnownUser(user_id, name, Role(role), *rest) for user_id, name, role, *rest in rows]


def _end_sessions(connection: Connection, user_id: int) -> list[bytes]:
    ended = connection.execute("DELETE FROM sessions WHERE user_id = ? RETURNING token_hash", (user_id,))
    return [token for (token,) in ended.fetchall()]
