"""The key of a data folder, and which keys this process holds."""

import secrets
from typing import Final

KEY_BYTES: Final = 32


class DataKey:
    """A key of 256 bits. It shows itself nowhere: neither in a log nor in a traceback."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError(f"a data key has {KEY_BYTES} bytes")
        self._raw = raw

    @classmethod
    def new(cls) -> "DataKey":
        """Return a key that nobody had before."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def from_hex(cls, text: str) -> "DataKey":
        """Return the key that `hex` wrote. Raises ValueError."""
        return cls(bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else b"")

    def hex(self) -> str:
        """Return the key itself, as 64 hex digits: for SQLCipher, and for where keys are kept."""
        return self._raw.hex()

    def derive(self, purpose: str, salt: bytes) -> bytes:
        """Return another key of 256 bits, for one purpose alone: from it, nobody learns this one."""
        from cryptography.hazmat.primitives.hashes import SHA256  # 30 ms: plain folders need none of it
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return HKDF(SHA256(), KEY_BYTES, salt, f"cryptex {purpose}".encode()).derive(self._raw)

    def __repr__(self) -> str:
        return "DataKey(...)"

    def __reduce__(self) -> str:
        raise TypeError("a data key leaves its process only by the pipe to the follower")


_held: Final[dict[str, DataKey]] = {}


def hold(vault_id: str, key: DataKey) -> None:
    """Keep the key of a vault for as long as this process lives."""
    _held[vault_id] = key


def held(vault_id: str) -> DataKey | None:
    """Return the key of a vault, where this process has it."""
    return _held.get(vault_id)


def let_go() -> None:
    """Forget all keys: for tests."""
    _held.clear()
