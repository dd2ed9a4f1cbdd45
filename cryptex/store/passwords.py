"""Passwords: which are acceptable, how they are hashed. Hashing takes tens of milliseconds: never on the event loop."""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cryptex.protocol.problems import Code, Refusal
from cryptex.store.common_passwords import common_passwords

PASSWORD_LENGTH_MIN: Final = 8
PASSWORD_LENGTH_MAX: Final = 128
ARGON2_MEMORY_KIB: Final = 19_456
ARGON2_PASSES: Final = 2
ARGON2_LANES: Final = 1

_hasher: Final = PasswordHasher(time_cost=ARGON2_PASSES, memory_cost=ARGON2_MEMORY_KIB, parallelism=ARGON2_LANES)


def check_password(password: str, username: str, *, refuse_common: bool, field: str = "password") -> None:
    """Raise Refusal(weak_password) for a password that is too short or long, or (where asked for) easily guessed."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise Refusal(
            Code.WEAK_PASSWORD,
            f"a password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters",
            field=field,
        )
    if refuse_common and is_common(password, username):
        raise Refusal(Code.WEAK_PASSWORD, "this password is one of the first that are tried", field=field)


def is_common(password: str, username: str) -> bool:
    """Whether a password is well known, the username itself, or one character over and over."""
    folded = password.casefold()
    return folded == username or len(set(folded)) == 1 or folded in common_passwords()


def hash_password(password: str) -> str:
    """Return the argon2id hash to store, with its salt and parameters."""
    return _hasher.hash(_as_bytes(password))


def verify_password(stored_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. None (no such user) costs the same time, and is always False."""
    try:
        _hasher.verify(_dummy_hash() if stored_hash is None else stored_hash, _as_bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored_hash is not None


def prepare() -> None:
    """Make the hash that unknown users are checked against, so that the first check is no slower than others."""
    _dummy_hash()


@cache
def _dummy_hash() -> str:
    return _hasher.hash(b"nobody has this password")


def _as_bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")  # any characters: a lone surrogate is no reason to fail
