"""The demo's private node and its bots: processes that begin and end with the demo."""

import subprocess
from pathlib import Path

from cryptex.cli.private_node import PrivateNode, close, end


class DemoNode(PrivateNode):
    """A private node, and two bots on it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._bots: subprocess.Popen[str] | None = None

    def start_bots(self, url: str, seed: int) -> None:
        """Let the bots trade."""
        self._bots = self.process(["-m", "cryptex.cli.demo_bots", url, str(seed)])

    def stop(self) -> None:
        """End the bots, then the node; return when both are gone."""
        if self._bots is not None:
            close(self._bots.stdin)  # the bots' sign to end
            end(self._bots)
        self._bots = None
        super().stop()
