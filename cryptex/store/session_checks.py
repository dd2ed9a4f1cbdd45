"""Whether a login still is one, asked in the transaction of what it does: it may have ended while that was prepared."""

from cryptex.protocol.problems import Code, Refusal
from cryptex.store.driver import Connection


def check_session(connection: Connection, user_id: int, hashed: bytes) -> None:
    """Raise Refusal(unauthenticated) unless the session with this hash is there, and its user may come in."""
    query = (
        "SELECT 1 FROM sessions JOIN users ON users.id = user_id"
        " WHERE token_hash = ? AND user_id = ? AND disabled_ns IS NULL"
    )
    if connection.execute(query, (hashed, user_id)).fetchone() is None:
        raise Refusal(Code.UNAUTHENTICATED, "the session has ended")
