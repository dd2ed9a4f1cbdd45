"""A data folder gets its key, or its key is found, before anything in it is opened."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from cryptex.store import driver
from cryptex.store.data_key import DataKey
from cryptex.store.database import DataFolder, error_code
from cryptex.store.key_places import KeyKind, KeyRefused, default_key_file
from cryptex.store.vault import (
    Encryption,
    Header,
    VaultLocked,
    key_for,
    new_header,
    read_header,
    refuse_half_rekeyed,
    write_header,
)

_PLAIN_MAGIC: Final = b"SQLite format 3\0"


class KeyWish(NamedTuple):
    """What the operator wants: whether a new folder is encrypted, and where its key is. `phrase` is a passphrase."""

    encryption: Encryption = "auto"
    kind: KeyKind | None = None
    key_file: Path | None = None
    phrase: str | None = None


def asks_passphrase(data_dir: Path, wish: KeyWish) -> bool | None:
    """Return None where no passphrase is needed, else whether it is one that is chosen now. Raises KeyRefused."""
    header = read_header(data_dir)
    if header is not None:
        return False if header.kind == "passphrase" and wish.key_file is None else None
    chosen = wish.kind == "passphrase" and wish.encryption != "off" and driver.HAS_CIPHER
    return True if chosen and not _has_data(data_dir) else None


def unlock(data_dir: Path, wish: KeyWish) -> str | None:
    """Find the key of a data folder, or make one for a new folder; return what the operator should hear, if anything.

    The caller holds the folder's lock. Raises KeyRefused, before anything is touched.
    """
    header = read_header(data_dir)
    if header is not None:
        if not driver.HAS_CIPHER:
            raise KeyRefused(f"{data_dir} is encrypted, and SQLCipher is not here: `pip install sqlcipher3`")
        _refuse_foreign(data_dir, key_for(header, wish.key_file, wish.phrase))
        return None
    refuse_headless(data_dir)
    if _has_data(data_dir):
        return _plain(f"{data_dir} is not encrypted", f"`cryptex node rekey --data-dir {data_dir}` encrypts it", wish)
    if wish.encryption == "off":
        return None
    if not driver.HAS_CIPHER:
        return _plain("a new data folder can not be encrypted here", "SQLCipher is not installed", wish)
    header, _ = new_header(data_dir, wish.kind, wish.key_file, wish.phrase)
    write_header(data_dir, header)
    return f"The new data folder is encrypted. {where(header)}"


def find_key(data_dir: Path, key_file: Path | None, phrase: str | None) -> None:
    """Find the key of a folder whose lock somebody else may hold; a plain one needs none. Raises KeyRefused."""
    refuse_half_rekeyed(data_dir)
    header = read_header(data_dir)
    if header is None:
        refuse_headless(data_dir)
    elif driver.HAS_CIPHER:  # else opening a file says what is missing
        _refuse_foreign(data_dir, key_for(header, key_file, phrase))


def where(header: Header) -> str:
    """Return where the key of a folder is, and what that means."""
    if header.kind == "passphrase":
        return "Nothing in it, nor in its backups, can be read without the passphrase."
    if header.kind == "keyring":
        place = "in the system's keyring"
    else:
        place = f"in {header.key_file or default_key_file(header.id)}"
    return f"The key is {place}: keep a copy (`cryptex node key`), for nothing, nor a backup, can be read without it."


def _plain(what: str, how: str, wish: KeyWish) -> str | None:
    """Return the line for a folder that stays plain. Raises KeyRefused where it must not."""
    if wish.encryption == "on":
        raise KeyRefused(f"{what}, and encryption is on: {how}")
    return f"{what[:1].upper()}{what[1:]}: {how}." if wish.encryption == "auto" else None


def _has_data(data_dir: Path) -> bool:
    folder = DataFolder(data_dir)
    return any(path.exists() and path.stat().st_size > 0 for path in (folder.journal, folder.users, folder.witness))


def refuse_headless(data_dir: Path) -> None:
    """Raise VaultLocked where all files are encrypted without a header. One alone is damaged: its store says so."""
    folder = DataFolder(data_dir)
    files = [path for path in (folder.journal, folder.users) if path.exists() and path.stat().st_size]
    if files and not any(map(_is_plain, files)):
        raise VaultLocked(
            f"{data_dir} has no `vault`, and its files are encrypted or damaged: take `vault` from a backup "
            "(restore one into another folder: it has the same)"
        )


def _refuse_foreign(data_dir: Path, key: DataKey) -> None:
    """Raise VaultLocked where the key opens neither database. One alone is damaged: its store says so."""
    folder = DataFolder(data_dir)
    files = [path for path in (folder.journal, folder.users) if path.exists() and path.stat().st_size]
    if len(files) > 1 and not any(_opens(path, key) for path in files):
        raise VaultLocked(
            f"{data_dir} has the `vault` of another folder, or its files are damaged: the key that it names opens none "
            "of them; take `vault` from a backup of this folder (restore one into another folder: it has the same)"
        )


def _opens(path: Path, key: DataKey) -> bool:
    """Whether the first page of a file is under this key. Nothing is locked and nothing made beside it."""
    try:
        with closing(driver.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", key.hex())) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
    except driver.DATABASE_ERRORS as error:
        return error_code(error) != sqlite3.SQLITE_NOTADB
    return True


def _is_plain(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_PLAIN_MAGIC)) == _PLAIN_MAGIC
