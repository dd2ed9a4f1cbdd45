"""Files that are encrypted as a whole: snapshots in one piece, backups as a stream of pieces.

Both are AES-256-GCM under a key of their own, derived from the folder's, so no nonce ever meets the same key twice: a
snapshot's is drawn, and there are few; a backup has a key by its own salt and counts its pieces. What a piece is part
of, and whether it is the last, is authenticated with it, so pieces cannot be dropped, swapped or cut off at the end.
"""

import io
import secrets
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cryptex.store.data_key import DataKey

if TYPE_CHECKING:
    from typing_extensions import Buffer

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
SALT_BYTES: Final = 32
PIECE_BYTES: Final = 64 * 1024
_LAST: Final = b"\1"
_NOT_LAST: Final = b"\0"


class SealBroken(Exception):
    """What was sealed has been changed or cut, or the key is another one."""


def seal(key: DataKey, purpose: str, data: bytes, about: bytes) -> bytes:
    """Return `data` encrypted; `about` is not in it, and must be the same when it is opened."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key.derive(purpose, b"")).encrypt(nonce, data, about)


def unseal(key: DataKey, purpose: str, sealed: bytes, about: bytes) -> bytes:
    """Return what was sealed. Raises SealBroken."""
    try:
        return AESGCM(key.derive(purpose, b"")).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("it was changed, or sealed with another key") from error


class _Pieces:
    """The cipher of a stream: each piece by its number, and whether it is the last."""

    def __init__(self, key: DataKey, purpose: str, salt: bytes, about: bytes) -> None:
        self._cipher = AESGCM(key.derive(purpose, salt))
        self._about = sha256(about).digest()
        self._number = 0

    def _next(self, *, last: bool) -> bytes:
        nonce = self._number.to_bytes(NONCE_BYTES - 1, "big") + (_LAST if last else _NOT_LAST)
        self._number += 1
        return nonce

    def encrypt(self, data: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._next(last=last), data, self._about)

    def decrypt(self, data: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._next(last=last), data, self._about)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("it was changed or cut short, or sealed with another key") from error


class SealingWriter(io.RawIOBase):
    """Encrypts what is written to it into `file`, after a fresh salt. It is whole when it is closed, not before.

    `about` is what stands before it in the file, or else belongs to it.
    """

    def __init__(self, file: IO[bytes], key: DataKey, purpose: str, about: bytes) -> None:
        super().__init__()
        salt = secrets.token_bytes(SALT_BYTES)
        file.write(salt)
        self._file = file
        self._pieces = _Pieces(key, purpose, salt, about)
        self._waiting = bytearray()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: "Buffer", /) -> int:
        """Take data; all of it."""
        self._waiting += memoryview(data)
        while len(self._waiting) > PIECE_BYTES:
            piece = bytes(self._waiting[:PIECE_BYTES])
            del self._waiting[:PIECE_BYTES]
            self._file.write(self._pieces.encrypt(piece, last=False))
        return len(memoryview(data))

    def end(self) -> None:
        """Write the last piece, by which a reader knows that nothing is missing."""
        self._file.write(self._pieces.encrypt(bytes(self._waiting), last=True))
        self._waiting.clear()


class UnsealingReader(io.RawIOBase):
    """Reads what a SealingWriter wrote, from where it began. Every byte that it gives is authentic."""

    def __init__(self, file: IO[bytes], key: DataKey, purpose: str, about: bytes) -> None:
        """Begin. Raises SealBroken where even the salt is not whole."""
        super().__init__()
        salt = file.read(SALT_BYTES)
        if len(salt) != SALT_BYTES:
            raise SealBroken("it is cut short")
        self._file = file
        self._pieces = _Pieces(key, purpose, salt, about)
        self._ahead = file.read(PIECE_BYTES + TAG_BYTES)
        self._plain = b""
        self._ended = False

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all that are left for -1; none at the end. Raises SealBroken."""
        parts, wanted = [], size if size >= 0 else None
        while wanted is None or wanted > 0:
            if not self._plain and not self._refill():
                break
            part = self._plain if wanted is None else self._plain[:wanted]
            self._plain = self._plain[len(part) :]
            parts.append(part)
            wanted = None if wanted is None else wanted - len(part)
        return b"".join(parts)

    def _refill(self) -> bool:
        if self._ended:
            return False
        piece, self._ahead = self._ahead, self._file.read(PIECE_BYTES + TAG_BYTES)
        self._ended = not self._ahead
        self._plain = self._pieces.decrypt(piece, last=self._ended)
        return bool(self._plain)
