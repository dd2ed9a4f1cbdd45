"""A companion: what lives in the node's process and acts there on its own, as the simulated traders do."""

from typing import TYPE_CHECKING, Protocol

from cryptex.node.applied import Publisher
from cryptex.node.early_log import EarlyLog
from cryptex.protocol.views import SimulationView

if TYPE_CHECKING:
    from cryptex.node.core import Core


class Companion(Publisher, Protocol):
    """Hears of every batch, and sends commands through the sequencer like anyone. It must not raise, nor wait."""

    @property
    def past_ns(self) -> int:
        """How much of the past it writes into a log that is empty; the log then begins as long ago."""

    @property
    def simulation(self) -> SimulationView:
        """What a status says of it."""

    def begin(self, early: EarlyLog) -> None:
        """Write into the log before the node takes commands. In a thread. Raises StartRefused."""

    def start(self, core: "Core") -> None:
        """Begin to act, on the event loop: the node takes commands."""

    def stop(self) -> None:
        """Act no more: the node is about to stop."""
