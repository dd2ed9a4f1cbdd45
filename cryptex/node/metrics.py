"""What a node counts about itself, for Prometheus. Each node has a registry of its own.

The hot path pays once a batch; everything else is read when somebody asks.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector

from cryptex.protocol.commands import Command, Stamped
from cryptex.protocol.events import CommandRejected, Event, OrderRejected, OrderRepeated
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

BATCH_BUCKETS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
COMMIT_BUCKETS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

DONE: Final = "done"
_OUTCOMES: Final[dict[type[Event], str]] = {
    OrderRejected: "rejected",
    CommandRejected: "rejected",
    OrderRepeated: "repeated",
}


Counts = dict[tuple[str, ...], int]
"""Values of a counter, by the values of its labels."""


class _Counts(Collector):
    """A counter whose values are kept elsewhere and read when somebody asks."""

    def __init__(self, name: str, what: str, labels: Sequence[str], read: Callable[[], Counts]) -> None:
        self._family = (name, what, list(labels))
        self._read = read

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the values as they are now."""
        name, what, labels = self._family
        family = CounterMetricFamily(name, what, labels=labels)
        for values, count in sorted(self._read().items()):
            family.add_metric(values, count)
        yield family


class Metrics:
    """A node's registry: what the sequencer tells it, and what it asks of others."""

    def __init__(self, started_ns: int) -> None:
        self._registry = CollectorRegistry()
        self._commands: Tally[tuple[type[Command], type[Event]]] = Tally()
        self._unapplied: Tally[tuple[type[Command], str]] = Tally()
        self.count("cryptex_commands", "commands by kind and outcome", ("kind", "outcome"), self._by_outcome)
        self._batch = Histogram(
            "cryptex_batch_commands", "commands in a batch", buckets=BATCH_BUCKETS, registry=self._registry
        )
        self._commit = Histogram(
            "cryptex_commit_seconds",
            "from handing a batch to the journal until it is on disk",
            buckets=COMMIT_BUCKETS,
            registry=self._registry,
        )
        self.gauge("cryptex_start_time_seconds", "when the node began to start, since 1970").set(
            started_ns / NANOSECONDS_PER_SECOND
        )
        ProcessCollector(registry=self._registry)

    def committed(self, commands: int, seconds: float) -> None:
        """Take note of a batch that is on disk."""
        self._batch.observe(commands)
        self._commit.observe(seconds)

    def applied(self, batch: Sequence[Stamped], answers: Sequence[Event]) -> None:
        """Take note of what came of each command of a batch."""
        self._commands.update(
            [(type(stamped.command), type(answer)) for stamped, answer in zip(batch, answers, strict=True)]
        )

    def unapplied(self, batch: Sequence[Stamped], outcome: str) -> None:
        """Take note of a batch that the journal did not take (unavailable) or may have taken (outcome_unknown)."""
        self._unapplied.update([(type(stamped.command), outcome) for stamped in batch])

    def gauge(self, name: str, what: str, read: Callable[[], float] | None = None) -> Gauge:
        """Return a new gauge; `read` is asked for its value each time."""
        gauge = Gauge(name, what, registry=self._registry)
        if read is not None:
            gauge.set_function(read)
        return gauge

    def count(self, name: str, what: str, labels: Sequence[str], read: Callable[[], Counts]) -> None:
        """Add a counter that others keep: `read` is asked for its values, by the values of the labels."""
        self._registry.register(_Counts(name, what, labels, read))

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self._registry)

    def _by_outcome(self) -> Counts:
        found: Tally[tuple[str, ...]] = Tally()
        for (command, answer), count in self._commands.items():
            found[_kind(command), _OUTCOMES.get(answer, DONE)] += count
        for (command, outcome), count in self._unapplied.items():
            found[_kind(command), outcome] += count
        return found


def _kind(command: type[Command]) -> str:
    return str(command.__struct_config__.tag)
