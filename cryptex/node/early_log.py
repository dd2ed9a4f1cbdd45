"""The log before the node takes commands: what its own people write into it at start-up."""

from typing import Final

from cryptex.engine.exchange import Exchange
from cryptex.node.applied import Applied
from cryptex.node.clock import Clock
from cryptex.node.replay import State
from cryptex.node.startup import append
from cryptex.protocol.commands import Command, Stamped
from cryptex.protocol.events import Event
from cryptex.store.journal import Journal

EARLY_BATCH_MAX: Final = 512
"""Commands that go to disk together."""


class EarlyLog:
    """Applies commands at times of the writer's choice, and journals them in batches; nobody reads the node yet.

    Whoever writes must `flush` at the end. A start that fails before that has told nobody of what is lost.
    """

    def __init__(self, state: State, journal: Journal, clock: Clock) -> None:
        self.exchange: Final[Exchange] = state.exchange
        self.clock: Final = clock
        self._state = state
        self._journal = journal
        self._batch: list[Stamped] = []

    def apply(self, time_ns: int, command: Command) -> list[Event]:
        """Apply a command at a log time, or just after the last one where that is later; return what happened.

        Raises StartRefused where the batch that it fills can not be journaled.
        """
        exchange = self.exchange
        stamped = Stamped(max(time_ns, exchange.time_ns + 1), command)
        events = exchange.apply(stamped.time_ns, command)
        self._state.fold([Applied(exchange.sequence, stamped.time_ns, events)])
        self._batch.append(stamped)
        if len(self._batch) >= EARLY_BATCH_MAX:
            self.flush()
        return events

    def flush(self) -> None:
        """Journal what was applied since the last batch. Raises StartRefused."""
        if self._batch:
            append(self._journal, self._batch)
            self._state.recent.add_closed(self.exchange.take_closed())
            self._batch = []
