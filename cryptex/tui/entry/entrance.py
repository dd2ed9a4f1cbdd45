"""What the terminal is given to enter with: nodes that are known, logins that are kept, and a node to start here.

The command line implements these: it knows the profiles, the keyring and how a node is started; the terminal does not.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class KnownNode(NamedTuple):
    """A node's address and the profile under which its login is kept."""

    url: str
    profile: str = ""


class Logins(Protocol):
    """Where logins are kept. The methods may block, and are called in threads of their own."""

    def load(self, node: KnownNode) -> str | None:
        """Return the token of a login that is kept."""

    def keep(self, node: KnownNode, token: str) -> str:
        """Keep a login's token; return what its owner should know about that, or nothing."""

    def forget(self, node: KnownNode) -> None:
        """Forget a login."""


class StartedNode(NamedTuple):
    """A node that was started here. `is_new` when nobody can have registered with it before."""

    url: str
    is_new: bool


class NodeNotStartedError(Exception):
    """The node did not get as far as accepting connections; says why."""


class LocalNode(Protocol):
    """A node that can be started on this machine. The methods may block, and are called in threads of their own."""

    url: str
    """Where it will listen."""
    folder: str
    """Where it keeps its data."""

    @property
    def is_running(self) -> bool:
        """Whether it was started from here and not told to stop or to go on by itself."""

    def start(self, *, simulated: bool) -> StartedNode:
        """Start it, with simulated traders if wanted. Raises NodeNotStartedError."""

    def stop(self) -> None:
        """Stop it; return when it has ended."""

    def let_go_on(self) -> None:
        """Let it outlive the terminal."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """All of it. `hint` stands on the login screen; a `fixed` terminal stays with its node."""

    nodes: tuple[KnownNode, ...] = ()
    logins: Logins | None = None
    local_node: LocalNode | None = None
    hint: str = ""
    fixed: bool = False
