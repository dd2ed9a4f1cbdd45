"""Where the key of a data folder is kept: the system's keyring, a file of its own, or a passphrase in a head.

A key is only ever added, never overwritten: what was written under an older one, such as a backup, still needs it.
"""

import os
import secrets
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from cryptex.keyrings import keep, recall, system_keyring
from cryptex.store.data_key import KEY_BYTES, DataKey
from cryptex.store.files import write_durably

KeyKind = Literal["keyring", "file", "passphrase"]

PASSPHRASE_LENGTH_MIN: Final = 12
PASSPHRASE_LENGTH_MAX: Final = 1024
ARGON2_MEMORY_KIB: Final = 65_536
ARGON2_PASSES: Final = 3
ARGON2_LANES: Final = 1
SALT_BYTES: Final = 16
KEY_FILE_BYTES_MAX: Final = 64 * 1024
_LOOSE_BITS: Final = 0o177
_BACK: Final = "without its key nothing in the folder can be read"


class KeyRefused(Exception):
    """A key can not be kept, or not be used, as it was asked for; the message says why."""


class Passphrase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How argon2id makes a key of a passphrase."""

    salt: Annotated[str, Meta(min_length=2 * SALT_BYTES, max_length=2 * SALT_BYTES)]
    memory_kib: Annotated[int, Meta(ge=8, le=1_048_576)] = ARGON2_MEMORY_KIB
    passes: Annotated[int, Meta(ge=1, le=100)] = ARGON2_PASSES
    lanes: Annotated[int, Meta(ge=1, le=16)] = ARGON2_LANES

    def key(self, phrase: str) -> DataKey:
        """Return the key of a passphrase; it takes a fifth of a second. Raises ValueError."""
        from argon2.exceptions import HashingError
        from argon2.low_level import Type, hash_secret_raw

        secret, salt = phrase.encode("utf-8", "surrogatepass"), bytes.fromhex(self.salt)
        try:
            raw = hash_secret_raw(secret, salt, self.passes, self.memory_kib, self.lanes, KEY_BYTES, Type.ID)
        except HashingError as error:
            raise ValueError(str(error)) from error
        return DataKey(raw)


class Kept(NamedTuple):
    """A key, and what a header has to say of where it is."""

    key: DataKey
    kind: KeyKind
    key_file: str = ""
    passphrase: Passphrase | None = None


def keep_key(vault_id: str, kind: KeyKind | None, key_file: Path | None, phrase: str | None, *, another: bool) -> Kept:
    """Make a key and keep it; without a kind in the keyring, or else in a file. Raises KeyRefused."""
    if kind == "passphrase":
        return _from_phrase(phrase)
    if kind == "keyring" or (kind is None and key_file is None):
        key, backend = DataKey.new(), system_keyring()
        if backend is not None and keep(backend, _entry(vault_id), key.hex()):
            return Kept(key, "keyring")
        if kind == "keyring":
            raise KeyRefused("there is no keyring here that keeps secrets: use a key file or a passphrase")
    path = default_key_file(vault_id) if key_file is None else key_file
    try:
        return Kept(_into_file(path, another=another), "file", "" if key_file is None else str(path.absolute()))
    except OSError as error:
        raise KeyRefused(f"the key file {path} can not be written: {error.strerror or error}") from error


def look_up(
    vault_id: str,
    kind: KeyKind,
    recorded: str,
    passphrase: Passphrase | None,
    key_file: Path | None,
    phrase: str | None,
) -> tuple[list[DataKey], str]:
    """Return the keys that may be the one, and what to say when none of them is.

    `key_file` is the user's word, and goes before all else. Raises KeyRefused for a key file that others can read.
    """
    if key_file is not None:
        return read_keys(key_file), f"no key in {key_file} is the folder's: {_BACK}; name another with --key-file"
    if kind == "keyring":
        backend = system_keyring()
        secret = None if backend is None else recall(backend, _entry(vault_id))
        keys = [] if secret is None else _keys(secret)
        wrong = f"the keyring does not have the key (entry {_entry(vault_id)!r})"
        return keys, f"{wrong}: unlock it, or name a copy of the key with --key-file; {_BACK}"
    if kind == "passphrase":
        if phrase is None or passphrase is None:
            return [], "the folder needs its passphrase: it is asked for on a terminal, or give --passphrase-stdin"
        try:
            return [passphrase.key(phrase)], f"that is not the folder's passphrase; {_BACK}"
        except ValueError as error:
            return [], f"the folder's `vault` is damaged ({error}): take it from a backup"
    path = Path(recorded) if recorded else default_key_file(vault_id)
    return read_keys(path), f"the folder's key is not in {path}: put it back, or name a copy with --key-file; {_BACK}"


def default_key_file(vault_id: str) -> Path:
    """Return where a folder's key is kept when nobody says where: with the user's settings, not with the data."""
    from platformdirs import user_config_path

    return user_config_path("cryptex", appauthor=False) / "keys" / f"{vault_id}.key"


def refuse_own_folder(folder: Path, key_file: Path | None) -> None:
    """Raise KeyRefused for a key that would lie with what it locks."""
    if key_file is not None and key_file.absolute().resolve().is_relative_to(folder.absolute().resolve()):
        raise KeyRefused(f"the key file {key_file} would lie in the folder that it is the key of: name another place")


def read_keys(path: Path) -> list[DataKey]:
    """Return the keys in a file, one a line, newest first; none where there is no such file.

    Raises KeyRefused for a file that others than its owner may use, or that holds anything else.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(KEY_FILE_BYTES_MAX)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise KeyRefused(f"the key file {path} can not be read: {getattr(error, 'strerror', error)}") from error
    if os.name != "nt" and mode & _LOOSE_BITS:
        raise KeyRefused(f"others may use the key file {path} (mode {mode & 0o777:03o}): `chmod 600` it first")
    keys = _keys(data.decode("ascii", "replace"))
    if not keys:
        raise KeyRefused(f"{path} is no key file: a key is a line of {2 * KEY_BYTES} hex digits")
    return keys


def add_key(path: Path, key: DataKey) -> None:
    """Write a key into a file of mode 0600, before those that it has. Raises KeyRefused and OSError."""
    keys = [key, *read_keys(path)]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(path, "".join(f"{each.hex()}\n" for each in keys).encode())


def _into_file(path: Path, *, another: bool) -> DataKey:
    there = read_keys(path)
    if there and not another:
        return there[0]
    key = DataKey.new()
    add_key(path, key)
    return key


def _from_phrase(phrase: str | None) -> Kept:
    if phrase is None:
        raise KeyRefused("a passphrase is asked for on a terminal; elsewhere give --passphrase-stdin")
    if not PASSPHRASE_LENGTH_MIN <= len(phrase) <= PASSPHRASE_LENGTH_MAX:
        raise KeyRefused(f"a passphrase has {PASSPHRASE_LENGTH_MIN} to {PASSPHRASE_LENGTH_MAX} characters")
    how = Passphrase(secrets.token_hex(SALT_BYTES))
    return Kept(how.key(phrase), "passphrase", passphrase=how)


def _keys(text: str) -> list[DataKey]:
    """Return the keys in a text; comments and empty lines are passed over, anything else makes it none."""
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    try:
        return [DataKey.from_hex(line) for line in lines]
    except ValueError:
        return []


def _entry(vault_id: str) -> str:
    return f"data key {vault_id}"
