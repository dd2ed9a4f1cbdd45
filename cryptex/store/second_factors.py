"""The second factor: codes of the time (TOTP, RFC 6238), and recovery codes for who lost what shows them.

The secret of the codes must be readable here, and lies in users.db; of recovery codes there are only hashes.
"""

import secrets
from collections.abc import Callable
from hmac import compare_digest
from typing import Final

import msgspec
import pyotp

from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.store.audit import record
from cryptex.store.driver import Connection
from cryptex.store.session_checks import check_session
from cryptex.store.tokens import token_hash
from cryptex.store.users_database import UsersDatabase

STEP_NS: Final = 30 * NANOSECONDS_PER_SECOND
"""How long a code is shown."""

DRIFT_STEPS: Final = 1
"""A clock that shows codes may be so many steps ahead or behind."""

RECOVERY_CODES: Final = 10
RECOVERY_CODE_LENGTH: Final = 16
"""Characters of a recovery code, 5 bits each: nobody guesses 80 bits, so that a fast hash is enough to keep them."""

SETUP_NS: Final = 3600 * NANOSECONDS_PER_SECOND
"""A secret that was shown is confirmed with a code within this time, or there must be another one."""

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_CODE_DIGITS: Final = 6


class SecondFactor(msgspec.Struct, frozen=True):
    """The second factor of a user: since when it is on, None where it is off."""

    enabled_ns: int | None
    recovery_codes_left: int


class SecondFactors:
    """The second factors of all users. Its methods block on the disk.

    What changes one takes the `session` that does, by the hash of its token: where that has ended by now, or its user
    was disabled, nothing changes, and Refusal(unauthenticated) is raised.
    """

    def __init__(self, database: UsersDatabase, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def of_user(self, user_id: int) -> SecondFactor:
        """Return how it stands with a user."""
        with self._database.reading() as connection:
            query = "SELECT enabled_ns FROM second_factors WHERE user_id = ?"
            [enabled_ns] = connection.execute(query, (user_id,)).fetchone() or (None,)
            query = "SELECT count(*) FROM recovery_codes WHERE user_id = ?"
            [left] = connection.execute(query, (user_id,)).fetchone()
        return SecondFactor(enabled_ns, left)

    def begin(self, user_id: int, *, session: bytes | None = None) -> str:
        """Return a new secret, in base32. It counts once `enable` was given a code of it; another one replaces it.

        Raises Refusal(second_factor_enabled).
        """
        secret = pyotp.random_base32()
        with self._database.writing() as connection:
            _check(connection, user_id, session)
            if _enabled(connection, user_id) is not None:
                raise Refusal(Code.SECOND_FACTOR_ENABLED, "the second factor is on already: turn it off first")
            connection.execute(
                "INSERT OR REPLACE INTO second_factors VALUES (?, ?, ?, NULL, 0)", (user_id, secret, self._clock())
            )
        return secret

    def enable(self, user_id: int, code: str, address: str = "", *, session: bytes | None = None) -> list[str]:
        """Turn it on by a code of the secret that `begin` returned. Return the recovery codes.

        Raises Refusal: second_factor_disabled where there is no such secret, second_factor_enabled, bad_code.
        """
        now = self._clock()
        with self._database.writing() as connection:
            _check(connection, user_id, session)
            query = "SELECT secret, created_ns, enabled_ns FROM second_factors WHERE user_id = ?"
            secret, created_ns, enabled_ns = connection.execute(query, (user_id,)).fetchone() or ("", 0, None)
            if enabled_ns is not None:
                raise Refusal(Code.SECOND_FACTOR_ENABLED, "the second factor is on already")
            if not secret or not 0 <= now - created_ns < SETUP_NS:
                raise Refusal(Code.SECOND_FACTOR_DISABLED, "there is no secret to confirm: ask for a new one")
            step = _step_of(secret, 0, _plain(code), now)
            if step is None:
                raise _bad_code()
            query = "UPDATE second_factors SET enabled_ns = ?, last_step = ? WHERE user_id = ?"
            connection.execute(query, (now, step, user_id))
            record(connection, now, AuditAct.SECOND_FACTOR_ENABLED, actor=user_id, address=address)
            return _new_recovery_codes(connection, user_id)

    def disable(self, user_id: int, address: str = "", *, session: bytes | None = None) -> None:
        """Turn it off, and end its recovery codes. Raises Refusal(second_factor_disabled) where it is off."""
        with self._database.writing() as connection:
            _check(connection, user_id, session)
            _require_enabled(connection, user_id)
            forget_second_factor(connection, user_id)
            record(connection, self._clock(), AuditAct.SECOND_FACTOR_DISABLED, actor=user_id, address=address)

    def renew_recovery_codes(self, user_id: int, address: str = "", *, session: bytes | None = None) -> list[str]:
        """Return new recovery codes; those before end. Raises Refusal(second_factor_disabled)."""
        with self._database.writing() as connection:
            _check(connection, user_id, session)
            _require_enabled(connection, user_id)
            record(connection, self._clock(), AuditAct.RECOVERY_CODES_MADE, actor=user_id, address=address)
            return _new_recovery_codes(connection, user_id)


def check_second_factor(connection: Connection, user_id: int, code: str | None, now_ns: int, address: str) -> None:
    """Raise Refusal unless a user has no second factor, or this is a code of it that was not used before.

    The code is used up, in the write transaction that is open. Raises second_factor_required, bad_code.
    """
    factor = _enabled(connection, user_id)
    if factor is None:
        return
    if not code:
        raise Refusal(Code.SECOND_FACTOR_REQUIRED, "give the code of the second factor, or a recovery code, as well")
    secret, last_step = factor
    plain = _plain(code)
    step = _step_of(secret, last_step, plain, now_ns)
    if step is not None:
        connection.execute("UPDATE second_factors SET last_step = ? WHERE user_id = ?", (step, user_id))
        return
    query = "DELETE FROM recovery_codes WHERE user_id = ? AND code_hash = ?"
    if connection.execute(query, (user_id, token_hash(plain))).rowcount != 1:
        raise _bad_code()
    record(connection, now_ns, AuditAct.RECOVERY_CODE_USED, actor=user_id, address=address)


def forget_second_factor(connection: Connection, user_id: int) -> None:
    """Remove the second factor of a user, in a transaction that is open."""
    connection.execute("DELETE FROM second_factors WHERE user_id = ?", (user_id,))
    connection.execute("DELETE FROM recovery_codes WHERE user_id = ?", (user_id,))


def _check(connection: Connection, user_id: int, session: bytes | None) -> None:
    if session is not None:
        check_session(connection, user_id, session)


def _step_of(secret: str, last_step: int, code: str, now_ns: int) -> int | None:
    """Return the step that a code belongs to, None unless that is near now and after the last one that was used."""
    if len(code) != _CODE_DIGITS or not code.isascii():
        return None
    totp = pyotp.TOTP(secret)
    now_step = now_ns // STEP_NS
    found = None
    for step in range(now_step - DRIFT_STEPS, now_step + DRIFT_STEPS + 1):
        if compare_digest(totp.generate_otp(step), code) and step > last_step:
            found = step
    return found


def _plain(code: str) -> str:
    """Return a code without the spaces, lines and capitals by which people and programs make it readable."""
    return "".join(code.split()).replace("-", "").lower()


def _enabled(connection: Connection, user_id: int) -> tuple[str, int] | None:
    query = "SELECT secret, last_step FROM second_factors WHERE user_id = ? AND enabled_ns IS NOT NULL"
    row: tuple[str, int] | None = connection.execute(query, (user_id,)).fetchone()
    return row


def _require_enabled(connection: Connection, user_id: int) -> None:
    if _enabled(connection, user_id) is None:
        raise Refusal(Code.SECOND_FACTOR_DISABLED, "the second factor is off")


def _new_recovery_codes(connection: Connection, user_id: int) -> list[str]:
    connection.execute("DELETE FROM recovery_codes WHERE user_id = ?", (user_id,))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(RECOVERY_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    connection.executemany("INSERT INTO recovery_codes VALUES (?, ?)", [(user_id, token_hash(code)) for code in codes])
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_CODE_LENGTH, 4)) for code in codes]


def _bad_code() -> Refusal:
    return Refusal(Code.BAD_CODE, "this code is wrong, too old, or was used before")
