"""The header of an encrypted data folder: the file `vault`, which says that there is a key and where it is kept.

Nothing in it is secret. Whether a folder is encrypted is the folder's own affair: who opens a file in it gets an
encrypted one or none at all, so that nobody can write plain text there by forgetting to ask.
"""

import hmac
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

from cryptex.store.data_key import DataKey, held, hold
from cryptex.store.files import write_durably
from cryptex.store.key_places import KeyKind, KeyRefused, Passphrase, keep_key, look_up, refuse_own_folder

HEADER_NAME: Final = "vault"
HEADER_BYTES_MAX: Final = 4096
FORMAT: Final = 1
REKEYED_NAME: Final = "rekey"
"""Folder of files under a new key, whole and durable, which take their places before anything else happens."""

_ID_BYTES: Final = 16
_LOST: Final = "take `vault` from a backup (restore one into another folder: it has the same)"


class VaultLocked(KeyRefused):
    """The key of an encrypted folder is not to be had; the message says where it should be, and the way back."""


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `vault` holds. `check` is made of the key and of all the rest, so that it tells either's change."""

    format: int = FORMAT
    id: str
    kind: KeyKind
    key_file: str = ""
    passphrase: Passphrase | None = None
    check: str = ""

    def checked(self, key: DataKey) -> "Header":
        """Return it with the check value of this key."""
        return msgspec.structs.replace(self, check=self._value(key))

    def kept_in(self, key_file: Path, key: DataKey) -> "Header":
        """Return it for a key that is kept in this file."""
        return msgspec.structs.replace(
            self, kind="file", key_file=str(key_file.absolute()), passphrase=None, check=""
        ).checked(key)

    def fits(self, key: DataKey) -> bool:
        """Whether this is the key, and the header as it was written."""
        return hmac.compare_digest(self._value(key).encode(), self.check.lower().encode())

    def _value(self, key: DataKey) -> str:
        rest = msgspec.json.encode(msgspec.structs.replace(self, check=""))
        return key.derive("key check", sha256(rest).digest()).hex()


def read_header(folder: Path) -> Header | None:
    """Return the header of a folder, None for a plain one. Raises VaultLocked for one that can not be read."""
    path = folder / HEADER_NAME
    try:
        with path.open("rb") as file:
            return decode_header(file.read(HEADER_BYTES_MAX), str(path))
    except FileNotFoundError:
        return None


def decode_header(data: bytes, source: str) -> Header:
    """Return the header in `data`. Raises VaultLocked."""
    try:
        header = msgspec.json.decode(data, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise VaultLocked(f"{source} is damaged ({error}): {_LOST}") from None
    if header.format != FORMAT:
        ways = f"start a newer cryptex, or {_LOST}"
        raise VaultLocked(f"{source} has format {header.format}, this cryptex knows {FORMAT}: {ways}")
    return header


def encode_header(header: Header) -> bytes:
    """Return a header as it is kept."""
    return msgspec.json.encode(header)


def write_header(folder: Path, header: Header) -> None:
    """Put a header in place, durably."""
    write_durably(folder / HEADER_NAME, encode_header(header) + b"\n")


def new_header(
    folder: Path, kind: KeyKind | None, key_file: Path | None, phrase: str | None, *, another: bool = False
) -> tuple[Header, DataKey]:
    """Make a key for a folder, keep it, and return it with the header, which is not written yet.

    Without a kind it is the keyring where there is one, else a file. A key file that has a key already gives that
    one, unless `another` is asked for. Raises KeyRefused.
    """
    refuse_own_folder(folder, key_file)
    vault_id = secrets.token_hex(_ID_BYTES)
    kept = keep_key(vault_id, kind, key_file, phrase, another=another)
    header = Header(id=vault_id, kind=kept.kind, key_file=kept.key_file, passphrase=kept.passphrase)
    hold(vault_id, kept.key)
    return header.checked(kept.key), kept.key


def key_of(folder: Path) -> DataKey | None:
    """Return the key of a folder, None for a plain one. Raises VaultLocked where it can not be had without asking."""
    refuse_half_rekeyed(folder)
    header = read_header(folder)
    return None if header is None else key_for(header)


def refuse_half_rekeyed(folder: Path) -> None:
    """Raise VaultLocked where a rekey was cut short: its header may be of the old key, and files of the new one."""
    if (folder / REKEYED_NAME).exists():
        raise VaultLocked(f"a rekey of {folder} was cut short: start its node, or rekey again; that finishes it")


def key_for(header: Header, key_file: Path | None = None, phrase: str | None = None) -> DataKey:
    """Return the key that a header is for: held already, or where the header says, or in `key_file`.

    Raises VaultLocked.
    """
    key = held(header.id)
    if key is not None and header.fits(key):
        return key
    candidates, missing = look_up(header.id, header.kind, header.key_file, header.passphrase, key_file, phrase)
    for key in candidates:
        if header.fits(key):
            hold(header.id, key)
            return key
    raise VaultLocked(missing)


Encryption = Literal["auto", "on", "off"]
"""What becomes of a new data folder: encrypted where that is possible, or else no node, or plain."""
