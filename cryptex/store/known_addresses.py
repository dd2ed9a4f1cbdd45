"""From where each user has logged in: logins from there do not wait while somebody guesses at the user's password."""

from collections.abc import Callable
from typing import Final

from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.store.driver import Connection
from cryptex.store.users_database import UsersDatabase

KNOWN_NS: Final = 90 * 86_400 * NANOSECONDS_PER_SECOND
"""How long an address is known after a login from there."""

KNOWN_PER_USER_MAX: Final = 20
"""Addresses kept of a user; beyond it the one used longest ago is forgotten."""


class KnownAddresses:
    """The addresses of all users. Its methods block on the disk."""

    def __init__(self, database: UsersDatabase, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def knows(self, username: str, address: str) -> bool:
        """Return whether a user, by the name as it was stored, has logged in from an address lately."""
        query = (
            "SELECT 1 FROM known_addresses JOIN users ON users.id = user_id"
            " WHERE username = ? AND address = ? AND used_ns > ?"
        )
        with self._database.reading() as connection:
            values = (username, address, self._clock() - KNOWN_NS)
            return connection.execute(query, values).fetchone() is not None


def learn_address(connection: Connection, user_id: int, address: str, now_ns: int) -> None:
    """Note a login from an address, in the write transaction that is open."""
    connection.execute("INSERT OR REPLACE INTO known_addresses VALUES (?, ?, ?)", (user_id, address, now_ns))
    connection.execute(
        "DELETE FROM known_addresses WHERE user_id = ? AND address IN"
        " (SELECT address FROM known_addresses WHERE user_id = ? ORDER BY used_ns DESC, address LIMIT -1 OFFSET ?)",
        (user_id, user_id, KNOWN_PER_USER_MAX),
    )


def forget_addresses(connection: Connection, user_id: int) -> None:
    """Forget a user's addresses, in a transaction that is open."""
    connection.execute("DELETE FROM known_addresses WHERE user_id = ?", (user_id,))
