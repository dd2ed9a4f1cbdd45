"""What the command line gives the terminal, without a keyring and without a node."""

from dataclasses import dataclass, field

from cryptex.tui.entry.entrance import KnownNode, NodeNotStartedError, StartedNode


@dataclass
class FakeLogins:
    """Keeps tokens in memory."""

    kept: dict[KnownNode, str] = field(default_factory=dict)
    said: str = ""
    fails: bool = False

    def load(self, node: KnownNode) -> str | None:
        return self.kept.get(node)

    def keep(self, node: KnownNode, token: str) -> str:
        if self.fails:
            raise OSError("the disk is full")
        self.kept[node] = token
        return self.said

    def forget(self, node: KnownNode) -> None:
        if self.fails:
            raise OSError("the disk is full")
        self.kept.pop(node, None)


@dataclass
class FakeNode:
    """A node that starts at once, or fails to."""

    url: str = "http://127.0.0.1:7070"
    folder: str = "/home/alice/.local/share/cryptex"
    fails: str = ""
    is_new: bool = True
    done: list[str] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        return bool(self.done) and self.done[-1].startswith("started")

    def start(self, *, simulated: bool) -> StartedNode:
        if self.fails:
            raise NodeNotStartedError(self.fails)
        self.done.append("started with traders" if simulated else "started")
        return StartedNode(self.url, self.is_new)

    def stop(self) -> None:
        self.done.append("stopped")

    def let_go_on(self) -> None:
        self.done.append("let go on")
