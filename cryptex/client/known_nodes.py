"""The nodes whose keys this user knows: a file of text, a line for each, much like the known hosts of ssh.

A line is `host:port fingerprint since certificate`, the certificate in base64; a place has one line. Whoever changes
the file writes it anew, one after the other, so that two commands at once do not undo one another. A file too long is
refused, never read in part: a node whose line is not seen would be a new one, and its key no news.
"""

import os
import sys
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from cryptex.client.errors import UntrustedNodeError
from cryptex.protocol.problems import Code, Problem

FILE_NAME: Final = "known_nodes"
LOCK_NAME: Final = "known_nodes.lock"
FILE_BYTES_MAX: Final = 4 * 1024 * 1024
HTTPS_PORT: Final = 443


class KnownNode(NamedTuple):
    """A node at `place` (host:port), known `since` a day by its key. `certificate` is what vouches for it, in DER."""

    place: str
    fingerprint: str
    since: str
    certificate: bytes


class KnownNodes:
    """The file. `config_dir` defaults to the platform's folder for settings. Raises OSError where it cannot be used."""

    def __init__(self, config_dir: Path | None = None) -> None:
        self._config_dir = config_dir

    @property
    def path(self) -> Path:
        """Where the file is, or would be."""
        if self._config_dir is None:
            from platformdirs import user_config_path

            self._config_dir = user_config_path("cryptex", appauthor=False)
        return self._config_dir / FILE_NAME

    def all(self) -> list[KnownNode]:
        """Return every node that is known, by its place; lines that cannot be read are passed over.

        Raises UntrustedNodeError where the file is too long.
        """
        try:
            with self.path.open("rb") as file:
                data = file.read(FILE_BYTES_MAX + 1)
        except FileNotFoundError:
            return []
        self._check_length(data)
        read = (_read(line) for line in data.decode("utf-8", "replace").splitlines())
        latest = {node.place: node for node in read if node is not None}
        return [latest[place] for place in sorted(latest)]

    def find(self, place: str) -> KnownNode | None:
        """Return the node at a place, where it is known. Raises UntrustedNodeError."""
        return next((node for node in self.all() if node.place == place), None)

    def keep(self, node: KnownNode) -> None:
        """Remember a node, in place of what was known of its place. Raises UntrustedNodeError."""
        with self._alone():
            self._write([*(each for each in self.all() if each.place != node.place), node])

    def forget(self, place: str) -> KnownNode | None:
        """Forget a place; return what was known of it. Raises UntrustedNodeError."""
        if not self.path.exists():
            return None
        with self._alone():
            nodes = self.all()
            found = next((node for node in nodes if node.place == place), None)
            if found is not None:
                self._write(node for node in nodes if node != found)
        return found

    def _write(self, nodes: Iterable[KnownNode]) -> None:
        data = _lines(nodes)
        self._check_length(data)
        temporary = self.path.with_name(f"{FILE_NAME}.{os.urandom(8).hex()}.tmp")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            temporary.replace(self.path)
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold off others that change the file, in this process and in others."""
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "rb+") as file:
            _lock(file.fileno())  # given up as the file is closed
            yield

    def _check_length(self, data: bytes) -> None:
        if len(data) > FILE_BYTES_MAX:
            message = f"{self.path} is longer than {FILE_BYTES_MAX} bytes: no node can be believed by it"
            suggestion = "Move that file away, then trust each of your nodes anew by its fingerprint."
            raise UntrustedNodeError(message, Problem(Code.NODE_UNKNOWN, message, False, suggestion, {}))


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def place_of(url: str) -> str:
    """Return the place at which a node is known by its address: `host:port`, in one spelling."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = parts.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or HTTPS_PORT}"


def _lines(nodes: Iterable[KnownNode]) -> bytes:
    rows = ((each.place, each.fingerprint, each.since, b64encode(each.certificate).decode("ascii")) for each in nodes)
    return "".join(" ".join(row) + "\n" for row in rows).encode()


def _read(line: str) -> KnownNode | None:
    words = line.split()
    if len(words) != len(KnownNode._fields) or line.startswith("#"):
        return None
    try:
        return KnownNode(words[0], words[1], words[2], b64decode(words[3], validate=True))
    except (NoBase64, ValueError):
        return None
