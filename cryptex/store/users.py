"""The truth of people: users, pending registrations, sessions and API keys. In every backup, never rebuilt.

All methods block on the disk, and `reserve` and `login` hash for tens of milliseconds: call them through a thread
pool. Any thread may call; a lock guards the one connection, and no hashing happens while it is held.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import Role
from cryptex.store.admins import Admins
from cryptex.store.allow_lists import AllowLists, forget_allow_list
from cryptex.store.api_keys import ApiKeys
from cryptex.store.audit import OPERATOR, record
from cryptex.store.driver import Connection
from cryptex.store.known_addresses import KnownAddresses, forget_addresses
from cryptex.store.passwords import check_password, hash_password, prepare, verify_password
from cryptex.store.repeats import UNKNOWN_NAME, Repeats
from cryptex.store.second_factors import SecondFactors, forget_second_factor
from cryptex.store.session_checks import check_session
from cryptex.store.sessions import WRONG, Login, Sessions, end_sessions_but
from cryptex.store.tokens import token_hash
from cryptex.store.usernames import check_email, fold_username
from cryptex.store.users_database import UsersDatabase

REGISTRATION_KEY_BYTES: Final = 16
_CODE_FAILURES: Final = {
    Code.BAD_CODE: AuditAct.SECOND_FACTOR_FAILED,
    Code.SECOND_FACTOR_REQUIRED: AuditAct.SECOND_FACTOR_MISSING,
}
"""What is audited where the password was right. Who is asked for the code only when it is missing leaves the second."""


class User(msgspec.Struct, frozen=True):
    """A registered user. The id is that of the account in the engine."""

    id: int
    username: str
    email: str | None
    created_ns: int
    role: Role = Role.TRADER


class Claim(NamedTuple):
    """Whom somebody claims to be: a user with a password hash, or nobody."""

    user_id: int
    username: str
    password_hash: str | None


class Users:
    """The users store of a node. `sessions` are what logins leave, `api_keys` the tokens of users' programs."""

    def __init__(self, database: UsersDatabase, clock: Callable[[], int], *, refuse_common: bool) -> None:
        self.sessions: Final = Sessions(database, clock)
        self.api_keys: Final = ApiKeys(database, clock)
        self.admins: Final = Admins(database, clock)
        self.allow_lists: Final = AllowLists(database, clock)
        self.second_factors: Final = SecondFactors(database, clock)
        self.addresses: Final = KnownAddresses(database, clock)
        self.failures: Final = Repeats(database, clock)
        self._database = database
        self._clock = clock
        self._refuse_common = refuse_common
        prepare()

    @classmethod
    def open(cls, data_dir: Path | str, clock: Callable[[], int], *, refuse_common: bool = False) -> "Users":
        """Open, or begin, the store of a data folder. `clock` gives nanoseconds since 1970. Raises SchemaTooNew.

        `refuse_common` is for nodes that listen beyond loopback: well-known passwords are then refused.
        """
        return cls(UsersDatabase(data_dir), clock, refuse_common=refuse_common)

    def checkpoint(self) -> None:
        """Take care that a damaged WAL can lose little: for a side thread, now and then."""
        self._database.checkpoint()

    def close(self) -> None:
        """Close the store, once what failed before is in the audit log."""
        self.failures.settle(closing=True)
        self._database.close()

    # Registration: the name is reserved here, the account is opened in the log, then the user is completed here.

    def reserve(self, username: str, password: str, email: str | None) -> str:
        """Reserve a username and return its registration key.

        Raises Refusal: invalid_request with its field, weak_password, duplicate_user, unavailable.
        """
        name = fold_username(username)
        check_email(email)
        check_password(password, name, refuse_common=self._refuse_common)
        with self._database.reading() as connection:
            _refuse_taken(
                connection, name
            )  # spares the hash; the second look, in the transaction, is the one that counts
        password_hash = hash_password(password)
        key = secrets.token_hex(REGISTRATION_KEY_BYTES)
        with self._database.writing() as connection:
            _refuse_taken(connection, name)
            row = (key, name, email, password_hash, self._clock())
            connection.execute("INSERT INTO registrations VALUES (?, ?, ?, ?, ?)", row)
        return key

    def complete(self, registration_key: str, account_id: int, address: str = "") -> User:
        """Make the reserved user, with the id of the account that the log opened; repeating it changes nothing.

        Raises KeyError for an unknown key, ValueError when another user has the id.
        """
        with self._database.writing() as connection:
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
            connection.execute(
                "INSERT INTO users (id, username, email, password_hash, registration_key, created_ns)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                user,
            )
            connection.execute("DELETE FROM registrations WHERE registration_key = ?", (registration_key,))
            act, now = AuditAct.USER_REGISTERED, self._clock()
            record(connection, now, act, actor=account_id, subject=username, address=address)
        return User(account_id, username, email, created_ns)

    def release(self, registration_key: str) -> None:
        """Give a reserved username back: no account was opened for it."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM registrations WHERE registration_key = ?", (registration_key,))

    def pending(self) -> list[str]:
        """Return the keys of registrations that are neither completed nor released, oldest first."""
        with self._database.reading() as connection:
            query = "SELECT registration_key FROM registrations ORDER BY created_ns, rowid"
            return [key for (key,) in connection.execute(query).fetchall()]

    def by_id(self, user_id: int) -> User | None:
        """Return the user of an account."""
        with self._database.reading() as connection:
            return _find_user(connection, "id = ?", user_id)

    def known_ids(self) -> set[int]:
        """Return all ids that are taken, reserved ones included."""
        with self._database.reading() as connection:
            return {user_id for (user_id,) in connection.execute("SELECT id FROM users WHERE id > 0").fetchall()}

    def registrations(self) -> list[tuple[int, str | None]]:
        """Return all ids that are taken, each with the key it was registered under, None for a reserved one."""
        with self._database.reading() as connection:
            query = "SELECT id, registration_key FROM users WHERE id > 0 ORDER BY id"
            return connection.execute(query).fetchall()

    def set_aside(self, ids: Iterable[int]) -> None:
        """Free ids that the log knows nothing of (--repair): their users' tokens end, and nobody can log in to them.

        The users stay, under ids below zero and names that nobody can register; so who it was can still be seen.
        """
        with self._database.writing() as connection:
            for user_id in ids:
                connection.execute("DELETE FROM sessions WHERE user_id = ?", (user_id,))
                connection.execute("DELETE FROM api_keys WHERE user_id = ?", (user_id,))
                forget_second_factor(connection, user_id)
                forget_addresses(connection, user_id)
                forget_allow_list(connection, user_id)
                [lowest] = connection.execute("SELECT min(0, ifnull(min(id), 0)) FROM users").fetchone()
                connection.execute(
                    "UPDATE users SET id = ?, username = ? || username, password_hash = NULL, registration_key = NULL,"
                    " role = 'trader' WHERE id = ?",
                    (lowest - 1, f"{_reserved_name(lowest - 1)} ", user_id),
                )
                act, details = AuditAct.IDS_SET_ASIDE, {"id": user_id, "set_aside_as": lowest - 1}
                record(connection, self._clock(), act, actor=OPERATOR, details=details)

    def reserve_ids(self, ids: Iterable[int]) -> None:
        """Take ids that the log knows and this store lost (--repair): nobody can log in to them or get them again."""
        now = self._clock()
        rows = [(user_id, _reserved_name(user_id), now) for user_id in ids]
        with self._database.writing() as connection:
            connection.executemany("INSERT OR IGNORE INTO users (id, username, created_ns) VALUES (?, ?, ?)", rows)
            if rows:
                details = {"first": rows[0][0], "last": rows[-1][0], "ids": len(rows)}
                record(connection, now, AuditAct.IDS_RESERVED, actor=OPERATOR, details=details)

    # Passwords

    def login(self, username: str, password: str, address: str = "", code: str | None = None) -> Login:
        """Begin a session; only the hash of its token is kept.

        Raises Refusal: bad_credentials and, once the password was right, second_factor_required and bad_code.
        """
        claim = self.claim(username)
        return self.begin(claim, self.verify(claim, password), address, code)

    # The three steps of a login, for who hashes elsewhere than where the store is asked.

    def claim(self, username: str) -> Claim:
        """Return whose password is to be checked; of nobody, where there is no such user."""
        with self._database.reading() as connection:
            query = "SELECT id, username, password_hash FROM users WHERE username = ?"
            row = connection.execute(query, (username.lower() if username.isascii() else "",)).fetchone()
        return Claim(*row) if row else Claim(0, "", None)

    def verify(self, claim: Claim, password: str) -> bool:
        """Return whether it is the password. Hashes for tens of milliseconds, whoever it is, and asks nothing else."""
        return verify_password(claim.password_hash, password)

    def begin(self, claim: Claim, is_right: bool, address: str, code: str | None) -> Login:
        """Begin the session of whoever gave the right password. Raises Refusal as `login` does."""
        user_id, name, stored_hash = claim
        if not is_right or stored_hash is None:
            self.failures.note(AuditAct.LOGIN_FAILED, name or UNKNOWN_NAME, address)
            raise Refusal(Code.BAD_CREDENTIALS, WRONG)
        with self._failures_of_codes(name, address, user_id):
            return self.sessions.begin(user_id, name, stored_hash, address, code)

    @contextmanager
    def _failures_of_codes(self, name: str, address: str, user_id: int) -> Iterator[None]:
        try:
            yield
        except Refusal as refusal:
            act = _CODE_FAILURES.get(refusal.code)
            if act is not None:
                self.failures.note(act, name, address, actor=user_id)
            raise

    def change_password(
        self, user_id: int, password: str, new_password: str, token: str, address: str = ""
    ) -> list[bytes]:
        """Give a user who says the present password a new one, and end all their sessions but that of the token.

        Return the hashes of the tokens that end. Raises Refusal: bad_credentials, weak_password, and unauthenticated
        where the session of the token ended meanwhile: hashing takes a while.
        """
        name, stored_hash = self._verified(user_id, password, AuditAct.PASSWORD_CHANGE_FAILED, address)
        check_password(new_password, name, refuse_common=self._refuse_common, field="new_password")
        new_hash = hash_password(new_password)
        with self._database.writing() as connection:
            check_session(connection, user_id, token_hash(token))
            query = "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?"
            if connection.execute(query, (new_hash, user_id, stored_hash)).rowcount != 1:
                raise Refusal(Code.BAD_CREDENTIALS, "the password was changed meanwhile")
            ended, now = end_sessions_but(connection, user_id, token_hash(token)), self._clock()
            act, details = AuditAct.PASSWORD_CHANGED, {"sessions_ended": len(ended)}
            record(connection, now, act, actor=user_id, subject=name, address=address, details=details)
            return ended

    def reauthenticate(
        self, user_id: int, token: str, password: str, address: str = "", code: str | None = None
    ) -> int:
        """Make a session fresh again by what a login needs; return until when, in nanoseconds since 1970.

        Raises Refusal: bad_credentials, second_factor_required, bad_code, unauthenticated where the session has ended.
        """
        name, stored_hash = self._verified(user_id, password, AuditAct.REAUTHENTICATION_FAILED, address)
        with self._failures_of_codes(name, address, user_id):
            return self.sessions.renew(user_id, token, stored_hash, address, code)

    def _verified(self, user_id: int, password: str, failed: AuditAct, address: str) -> tuple[str, str]:
        """Return the username and password hash of a user who says the password. Raises Refusal(bad_credentials)."""
        with self._database.reading() as connection:
            query = "SELECT username, password_hash FROM users WHERE id = ?"
            name, stored_hash = connection.execute(query, (user_id,)).fetchone() or ("", None)
        if not verify_password(stored_hash, password) or stored_hash is None:
            self.failures.note(failed, name, address, actor=user_id)
            raise Refusal(Code.BAD_CREDENTIALS, "the present password is wrong")
        return name, stored_hash

    def revoke_all(self, user_id: int) -> list[bytes]:
        """End all sessions and API keys of a user. Return the hashes of the tokens that end."""
        with self._database.writing() as connection:
            ended = connection.execute("DELETE FROM sessions WHERE user_id = ? RETURNING token_hash", (user_id,))
            hashes = [token for (token,) in ended.fetchall()]
            ended = connection.execute("DELETE FROM api_keys WHERE user_id = ? RETURNING secret_hash", (user_id,))
            return hashes + [token for (token,) in ended.fetchall()]


def _refuse_taken(connection: Connection, name: str) -> None:
    query = "SELECT 1 FROM users WHERE username = :name UNION ALL SELECT 1 FROM registrations WHERE username = :name"
    if connection.execute(query, {"name": name}).fetchone() is not None:
        raise Refusal(Code.DUPLICATE_USER, f"the username {name} is taken")


def _find_user(connection: Connection, condition: str, value: int | str) -> User | None:
    columns = "id, username, email, created_ns, role"
    query = f"SELECT {columns} FROM users WHERE {condition}"  # noqa: S608 (our own conditions)
    row = connection.execute(query, (value,)).fetchone()
    if row is None:
        return None
    user_id, username, email, created_ns, role = row
    return User(user_id, username, email, created_ns, Role(role))


def _reserved_name(user_id: int) -> str:
    return f"#{user_id}"
