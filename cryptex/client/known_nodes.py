"""The nodes whose keys this user knows: a file of text, a line for each, much like the known hosts of ssh.

A line is `host:port fingerprint since certificate`, the certificate in base64. Where lines name the same node, the last
one counts: adding one is a single write, so that two commands at once do not undo one another.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

FILE_NAME: Final = "known_nodes"
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
        """Return every node that is known, by its place; lines that cannot be read are passed over."""
        try:
            with self.path.open("rb") as file:
                text = file.read(FILE_BYTES_MAX).decode("utf-8", "replace")
        except FileNotFoundError:
            return []
        read = (_read(line) for line in text.splitlines())
        latest = {node.place: node for node in read if node is not None}
        return [latest[place] for place in sorted(latest)]

    def find(self, place: str) -> KnownNode | None:
        """Return the node at a place, where it is known."""
        return next((node for node in self.all() if node.place == place), None)

    def keep(self, node: KnownNode) -> None:
        """Remember a node, in place of what was known of its place."""
        path = self.path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(_lines([node]))

    def forget(self, place: str) -> KnownNode | None:
        """Forget a place; return what was known of it."""
        nodes = self.all()
        found = next((node for node in nodes if node.place == place), None)
        if found is not None:
            temporary = self.path.with_name(f"{FILE_NAME}.{os.urandom(8).hex()}.tmp")
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_lines(node for node in nodes if node != found))
            temporary.replace(self.path)
        return found


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
