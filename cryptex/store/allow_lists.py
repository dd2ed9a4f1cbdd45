"""Allow-lists: the addresses to which a user's withdrawals may go. They lie in users.db, and every change is audited.

A new address counts after a delay, and turning a list off takes as long: whoever has taken over a login gains nothing
in the time in which its user may notice. Addresses themselves stay out of the audit log, which admins read.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.times import time_text
from cryptex.store.audit import Details, record
from cryptex.store.driver import Connection
from cryptex.store.session_checks import check_session
from cryptex.store.users_database import UsersDatabase

ADDRESSES_PER_USER_MAX: Final = 100

_COLUMNS: Final = "id, asset, address, label, created_ns, usable_ns"


class AllowedAddress(msgspec.Struct, frozen=True):
    """An address; it counts from `usable_ns` on."""

    id: int
    asset: str
    address: str
    label: str
    created_ns: int
    usable_ns: int


class AllowList(msgspec.Struct, frozen=True):
    """A user's list. Turned off, it is on until `ends_ns`."""

    enabled: bool
    ends_ns: int | None
    addresses: list[AllowedAddress]


class AllowLists:
    """The lists of all users. Its methods block on the disk; `client` is where a request came from.

    What changes a list takes the `session` that does, by the hash of its token: where that has ended by now, or its
    user is disabled, it raises Refusal(unauthenticated), and nothing is changed.
    """

    def __init__(self, database: UsersDatabase, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def of_user(self, user_id: int) -> AllowList:
        """Return the list of a user, the newest address first."""
        with self._database.reading() as connection:
            return _list_of(connection, user_id, self._clock())

    def check(self, user_id: int, asset: str, address: str) -> None:
        """Raise Refusal(withdrawal_address_not_allowed) where a user's list is on and lacks an address."""
        now = self._clock()
        with self._database.reading() as connection:
            if not _is_on(connection, user_id, now):
                return
            query = f"SELECT {_COLUMNS} FROM allowed_addresses WHERE user_id = ? AND asset = ? AND address = ?"  # noqa: S608 (our own names)
            row = connection.execute(query, (user_id, asset, address)).fetchone()
        if row is None:
            raise Refusal(Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED, "this address is not on your allow-list", usable_at=None)
        allowed = AllowedAddress(*row)
        if allowed.usable_ns > now:
            usable_at = time_text(allowed.usable_ns)
            raise Refusal(
                Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED, f"this address counts from {usable_at} on", usable_at=usable_at
            )

    def enable(self, user_id: int, client: str, *, session: bytes) -> AllowList:
        """Turn a list on, at once."""
        now = self._clock()
        with self._database.writing() as connection:
            check_session(connection, user_id, session)
            statement = "INSERT INTO allow_lists VALUES (?, NULL) ON CONFLICT (user_id) DO UPDATE SET ends_ns = NULL"
            connection.execute(statement, (user_id,))
            record(connection, now, AuditAct.ALLOW_LIST_ENABLED, actor=user_id, address=client)
            return _list_of(connection, user_id, now)

    def disable(self, user_id: int, delay_ns: int, client: str, *, session: bytes) -> AllowList:
        """Turn a list off after the delay; one that is on its way there keeps its time."""
        now = self._clock()
        with self._database.writing() as connection:
            check_session(connection, user_id, session)
            if _is_on(connection, user_id, now):
                statement = "UPDATE allow_lists SET ends_ns = ? WHERE user_id = ? AND ends_ns IS NULL"
                if connection.execute(statement, (now + delay_ns, user_id)).rowcount:
                    details: Details = {"ends_at": time_text(now + delay_ns)}
                    act = AuditAct.ALLOW_LIST_DISABLED
                    record(connection, now, act, actor=user_id, address=client, details=details)
            return _list_of(connection, user_id, now)

    def add(
        self, user_id: int, asset: str, address: str, label: str, delay_ns: int, client: str, *, session: bytes
    ) -> tuple[AllowedAddress, bool]:
        """Add an address that counts after the delay. Return it, and whether it was there (then nothing changes).

        Raises Refusal(too_many_addresses).
        """
        now = self._clock()
        with self._database.writing() as connection:
            check_session(connection, user_id, session)
            found = connection.execute(
                f"SELECT {_COLUMNS} FROM allowed_addresses WHERE user_id = ? AND asset = ? AND address = ?",  # noqa: S608 (our own names)
                (user_id, asset, address),
            ).fetchone()
            if found is not None:
                return AllowedAddress(*found), True
            count = "SELECT count(*) FROM allowed_addresses WHERE user_id = ?"
            if connection.execute(count, (user_id,)).fetchone()[0] >= ADDRESSES_PER_USER_MAX:
                raise Refusal(Code.TOO_MANY_ADDRESSES, f"an allow-list has at most {ADDRESSES_PER_USER_MAX} addresses")
            row = (user_id, asset, address, label, now, now + delay_ns)
            cursor = connection.execute(
                "INSERT INTO allowed_addresses (user_id, asset, address, label, created_ns, usable_ns)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
            added = AllowedAddress(cursor.lastrowid or 0, *row[1:])
            details: Details = {"asset": asset, "usable_at": time_text(added.usable_ns)}
            act, subject = AuditAct.ADDRESS_ALLOWED, str(added.id)
            record(connection, now, act, actor=user_id, subject=subject, address=client, details=details)
        return added, False

    def remove(self, user_id: int, address_id: int, client: str, *, session: bytes) -> None:
        """Take an address off, at once. Raises Refusal(unknown_address)."""
        with self._database.writing() as connection:
            check_session(connection, user_id, session)
            query = "DELETE FROM allowed_addresses WHERE id = ? AND user_id = ? RETURNING asset"
            row: tuple[str] | None = connection.execute(query, (address_id, user_id)).fetchone()
            if row is not None:
                act, details = AuditAct.ADDRESS_REMOVED, {"asset": row[0]}
                subject = str(address_id)
                record(connection, self._clock(), act, actor=user_id, subject=subject, address=client, details=details)
        if row is None:
            raise Refusal(Code.UNKNOWN_ADDRESS, f"no address of yours has the id {address_id}")

    def note(self, user_id: int, act: AuditAct, withdrawal_id: int, client: str, details: Details) -> None:
        """Audit what a user did with a withdrawal; the act itself is in the journal."""
        with self._database.writing() as connection:
            subject = str(withdrawal_id)
            record(connection, self._clock(), act, actor=user_id, subject=subject, address=client, details=details)


def forget_allow_list(connection: Connection, user_id: int) -> None:
    """Delete a user's list."""
    connection.execute("DELETE FROM allow_lists WHERE user_id = ?", (user_id,))
    connection.execute("DELETE FROM allowed_addresses WHERE user_id = ?", (user_id,))


def _is_on(connection: Connection, user_id: int, now_ns: int) -> bool:
    row = connection.execute("SELECT ends_ns FROM allow_lists WHERE user_id = ?", (user_id,)).fetchone()
    return row is not None and (row[0] is None or row[0] > now_ns)


def _list_of(connection: Connection, user_id: int, now_ns: int) -> AllowList:
    row = connection.execute("SELECT ends_ns FROM allow_lists WHERE user_id = ?", (user_id,)).fetchone()
    query = f"SELECT {_COLUMNS} FROM allowed_addresses WHERE user_id = ? ORDER BY id DESC"  # noqa: S608 (our own names)
    addresses = [AllowedAddress(*each) for each in connection.execute(query, (user_id,)).fetchall()]
    on = _is_on(connection, user_id, now_ns)
    return AllowList(on, row[0] if on and row is not None else None, addresses)
