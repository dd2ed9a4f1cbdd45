"""Where a login token is kept between commands: the system's keyring, or else a file that only its owner reads.

Each login has such a file, by which its profile is known; where the keyring keeps the token, the file has none.
"""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from cryptex.keyrings import Backend, forget, keep, recall, system_keyring

_TOKEN_FILE_BYTES_MAX: Final = 64 * 1024


class _Saved(msgspec.Struct):
    """The content of a login's file. The token is empty where the keyring has it, or after a logout."""

    node: str
    profile: str
    token: str


class TokenStore:
    """Keeps one token for each node and profile. `config_dir` defaults to the platform's folder for settings."""

    def __init__(
        self, config_dir: Path | None = None, find_keyring: Callable[[], Backend | None] = system_keyring
    ) -> None:
        self._config_dir = config_dir
        self._find_keyring = find_keyring

    def save(self, node_url: str, profile: str, token: str) -> str:
        """Keep a token; return `keyring`, or the path of the file it went to. Raises OSError if neither works."""
        node = _node(node_url)
        path = self._path(node, profile)
        kept = self._save_to_keyring(_name(node, profile), token)
        _write_private(path, msgspec.json.encode(_Saved(node, profile, "" if kept else token)))
        return "keyring" if kept else str(path)

    def load(self, node_url: str, profile: str) -> str | None:
        """Return the kept token."""
        node = _node(node_url)
        # A token is in the file only where the keyring did not work, and then it is the newer of the two.
        saved = _read(self._path(node, profile))
        if saved is not None and saved.token and (saved.node, saved.profile) == (node, profile):
            return saved.token
        backend = self._find_keyring()
        return None if backend is None else recall(backend, _name(node, profile))

    def delete(self, node_url: str, profile: str) -> None:
        """Forget a token, wherever it is kept. Its profile stays known."""
        node = _node(node_url)
        path = self._path(node, profile)
        if path.exists():
            _write_private(path, msgspec.json.encode(_Saved(node, profile, "")))
        backend = self._find_keyring()
        if backend is not None:
            forget(backend, _name(node, profile))

    def profiles(self) -> list[str]:
        """Return the profiles that somebody logged in with, at whichever node."""
        return sorted({profile for profile, _ in self.logins()})

    def logins(self) -> list[tuple[str, str]]:
        """Return profile and node of each login that there was."""
        found = map(_read, self._folder().glob("*.json"))
        return sorted({(saved.profile, saved.node) for saved in found if saved is not None})

    def _save_to_keyring(self, name: str, token: str) -> bool:
        backend = self._find_keyring()
        return backend is not None and keep(backend, name, token)

    def _path(self, node: str, profile: str) -> Path:
        # A file for each login: two commands that log in at once cannot undo one another.
        digest = sha256(_name(node, profile).encode()).hexdigest()
        return self._folder() / f"{digest}.json"

    def _folder(self) -> Path:
        if self._config_dir is None:
            from platformdirs import user_config_path

            self._config_dir = user_config_path("cryptex")
        return self._config_dir / "tokens"


def _node(url: str) -> str:
    """Return a node's address in one spelling."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() + parts.path.rstrip("/")


def _name(node: str, profile: str) -> str:
    return f"{profile}@{node}"


def _read(path: Path) -> _Saved | None:
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_TOKEN_FILE_BYTES_MAX), type=_Saved)
    except (OSError, msgspec.DecodeError):
        return None


def _write_private(path: Path, data: bytes) -> None:
    """Replace a file by one that only its owner reads; a crash leaves the old or the new one, never half of one."""
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    temporary = folder / f"{path.name}.{os.urandom(8).hex()}.tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
