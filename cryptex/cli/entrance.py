"""What the command line gives the terminal to enter with: profiles, kept logins, and a node to start here."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from cryptex.cli.common import Run
from cryptex.cli.environment import TOKEN_VARIABLE
from cryptex.cli.faults import Fault
from cryptex.cli.folders import data_folder, is_alive, read_node_file
from cryptex.cli.private_node import PrivateNode
from cryptex.cli.profiles import known_nodes
from cryptex.cli.trust import fingerprint_here, named_fingerprint
from cryptex.cli.users import where_kept
from cryptex.client.caller import NODE_URL_DEFAULT
from cryptex.client.exchange import Exchange
from cryptex.client.session import TokenStore
from cryptex.client.signing import is_sent
from cryptex.client.transport import is_loopback
from cryptex.tui.entry.entrance import Entrance, KnownNode, NodeNotStartedError, StartedNode

LOCAL_SCENARIO: Final = "calm"
_HTTP_PORT: Final = 80
_SIX: Final = "::1"


class KeptLogins:
    """The logins that `cryptex login` keeps, by node and profile."""

    def __init__(self, store: TokenStore) -> None:
        self._store = store

    def load(self, node: KnownNode) -> str | None:
        """Return the token of a login that is kept."""
        return self._store.load(node.url, node.profile)

    def keep(self, node: KnownNode, token: str) -> str:
        """Keep a login's token; return what its owner should know about that, or nothing."""
        if self._has_key(node):
            return f"This login is not kept: profile {node.profile} keeps an API key, perhaps its only copy."
        said = where_kept(self._store.save(node.url, node.profile, token))
        if os.environ.get(TOKEN_VARIABLE):
            said = f"{said} {TOKEN_VARIABLE} is set, and wins over this login next time."
        return said.strip()

    def forget(self, node: KnownNode) -> None:
        """Forget a login. A private key stays: there may be no other copy, and `cryptex logout` asks."""
        if not self._has_key(node):
            self._store.delete(node.url, node.profile)

    def _has_key(self, node: KnownNode) -> bool:
        return not is_sent(self._store.load(node.url, node.profile) or "")


class OwnNode:
    """A node of one's own at `url`, a loopback address, with its data in `folder`."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = str(folder)
        self._folder = folder
        self._node: PrivateNode | None = None
        self._starting = Lock()

    @property
    def is_running(self) -> bool:
        """Whether it was started from here, runs still, and was not told to stop or to go on by itself."""
        return self._node is not None and self._node.is_running and not self._node.goes_on

    @property
    def goes_on(self) -> bool:
        """Whether it was let go on."""
        return self._node is not None and self._node.goes_on

    def start(self, *, simulated: bool) -> StartedNode:
        """Start it, with simulated traders if wanted; one that runs already stays. Raises NodeNotStartedError."""
        with self._starting:  # who asks again while it starts gets the same
            if self.is_running:
                return StartedNode(self.url, is_new=False)
            self.stop()  # what an ended one left: its pipes
            return self._start(simulated=simulated)

    def _start(self, *, simulated: bool) -> StartedNode:
        is_new = not self._folder.exists()
        parts = urlsplit(self.url)
        flags = ["--host", _SIX if parts.hostname == _SIX else "127.0.0.1", "--port", str(parts.port or _HTTP_PORT)]
        node = self._node = PrivateNode(
            self._folder, flags=[*flags, "--scenario", LOCAL_SCENARIO] if simulated else flags
        )
        try:
            node.start()
        except (Fault, OSError) as error:
            self.stop()
            raise NodeNotStartedError(f"{error}. {getattr(error, 'suggestion', '')}".strip()) from error
        return StartedNode(self.url, is_new)

    def stop(self) -> None:
        """Stop it, unless it was let go on; return when it has ended."""
        node = self._node
        if node is not None:
            node.stop()
            if not node.goes_on:
                self._node = None

    def let_go_on(self) -> None:
        """Let it outlive the terminal."""
        if self._node is not None:
            self._node.let_go_on()


def own_node(run: Run) -> OwnNode | None:
    """Return the node that can be started where the terminal looks for one; None where that is not this machine."""
    parts = urlsplit(run.url)
    can_start = is_loopback(run.url) and parts.scheme == "http" and not parts.path
    return OwnNode(run.url, data_folder(run, None)) if can_start else None


def entrance_of(run: Run, here: OwnNode | None) -> Entrance:
    """Return what the terminal is given. Raises Fault for a profile file that cannot be used."""
    known = [KnownNode(url, profile) for profile, url in known_nodes(NODE_URL_DEFAULT)]
    running = read_node_file(data_folder(run, None))
    if running is not None and is_alive(running.pid):
        known.append(KnownNode(running.url, run.profile))
    return Entrance(nodes=tuple(dict.fromkeys(known)), logins=KeptLogins(TokenStore()), local_node=here)


def dial_of(run: Run) -> Callable[[str], Exchange]:
    """Return what makes the exchange of an address: what --trust says is for the node that was named with it."""

    def dial(url: str) -> Exchange:
        given = named_fingerprint(run.given.trust) if url == run.url else None
        return Exchange(url, trust=given or fingerprint_here(url, read_node_file(data_folder(run, None))))

    return dial
