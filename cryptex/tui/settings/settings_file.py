"""A TOML file in the user's configuration folder, checked against a struct.

A file that cannot be used never stops the terminal: the struct's defaults stand in, `complaint` says what is wrong and
where, and the file is left as it is until the user has mended it.
"""

import os
import tempfile
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from cryptex.tui.settings.toml_text import toml_text
from cryptex.tui.settings.unknown_keys import unknown_key

S = TypeVar("S", bound=msgspec.Struct)

FILE_BYTES_MAX: Final = 64 * 1024


class SettingsFile(Generic[S]):
    """Values of type `kind`, read once, and written whole or not at all.

    Without a path they live as long as the terminal. Structs should forbid unknown fields, so that a misspelled key is
    refused by its name.
    """

    def __init__(self, path: Path | None, kind: type[S]) -> None:
        self._path = path
        self.value: S = kind()
        self.complaint = ""
        if path is not None:
            self._read(path, kind)

    @property
    def is_kept(self) -> bool:
        """Whether values outlive the terminal."""
        return self._path is not None

    def save(self, value: S) -> str:
        """Take a value and write it; returns why it could not be written, or nothing."""
        self.value = value
        if self._path is None:
            return ""
        if self.complaint:
            return f"{self._path.name} is left as it is, for it cannot be read: mend or delete it"
        try:
            write_text(self._path, toml_text(msgspec.to_builtins(value)))
        except OSError as error:
            return f"{self._path.name} cannot be written: {error.strerror or error}"
        return ""

    def _read(self, path: Path, kind: type[S]) -> None:
        try:
            data = tomllib.loads(read_text(path))
            if wrong := unknown_key(data, kind):
                raise ValueError(wrong)
            self.value = msgspec.convert(data, kind)
        except OSError as error:
            self.complaint = f"{path} cannot be read: {error.strerror or error}"
        except ValueError as error:  # not UTF-8, not TOML, an unknown key, a wrong type
            self.complaint = f"{path} is not used: {error}"


def read_text(path: Path) -> str:
    """Return what is in a file, nothing where there is none. Raises OSError; ValueError for what is no short text."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return ""
    if len(data) > FILE_BYTES_MAX:
        raise ValueError(f"more than {FILE_BYTES_MAX // 1024} KiB")
    return data.decode()


def write_text(path: Path, text: str) -> None:
    """Write beside the file, then take its place: a reader sees the old text or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(made).replace(path)
    except OSError:
        with suppress(OSError):
            Path(made).unlink()
        raise
