"""From the log to the state: the base to begin from, and the batches on top. Node and projector replay alike."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from cryptex.engine import snapshot as engine_snapshot
from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import RULES_REPLAYED, RULES_VERSION
from cryptex.node.applied import ENVIRONMENTAL, Applied
from cryptex.node.market_data import FOLDED_BY_MARKET_DATA, MarketData
from cryptex.node.recent import FOLDED_BY_RECENT, RecentActivity
from cryptex.store.journal import Batch
from cryptex.store.snapshots import Snapshot, SnapshotStore

_FOLDED: Final = FOLDED_BY_MARKET_DATA | FOLDED_BY_RECENT
_log: Final = logging.getLogger(__name__)


class Poisoned(Exception):
    """The command at `sequence` can not be applied."""

    def __init__(self, sequence: int) -> None:
        super().__init__(f"command {sequence} of the journal breaks the exchange")
        self.sequence = sequence


class OtherRules(Exception):
    """A part of the journal that has to be replayed was written under rules that this build does not have."""


class State(NamedTuple):
    """The exchange, and what is folded from its events: the state after some batch, or before all."""

    exchange: Exchange
    market_data: MarketData
    recent: RecentActivity

    def fold(self, applied: Iterable[Applied]) -> None:
        """Let what is folded from events follow the exchange."""
        market_data, recent = self.market_data, self.recent
        for sequence, time_ns, events in applied:
            folded = [event for event in events if type(event) in _FOLDED]
            if folded:
                market_data.apply(sequence, time_ns, folded)
                recent.apply(sequence, time_ns, folded)

    def snapshot(self, chain_hash: bytes) -> Snapshot:
        """Return all of it, to be saved; `chain_hash` is the journal's at this sequence."""
        exchange = self.exchange
        engine = engine_snapshot.dump(exchange)
        return Snapshot(
            sequence=exchange.sequence,
            time_ns=exchange.time_ns,
            rules_version=RULES_VERSION,
            chain_hash=chain_hash,
            state_hash=engine_snapshot.hash_of(engine),
            engine=engine,
            market_data=msgspec.msgpack.encode((self.market_data.dump(), self.recent.dump())),
        )


def load_base(
    snapshots: SnapshotStore, hash_at: Callable[[int], bytes | None], end: int, at_most: int | None = None
) -> State:
    """Return the newest state (of sequence `at_most`, if given) that the journal vouches for; else the empty one.

    `hash_at` and `end` are the journal's. A snapshot that does not fit is passed over with a warning.
    """
    at_most = end if at_most is None else min(end, at_most)
    while (snapshot := snapshots.latest(at_most)) is not None:
        try:
            return _load(snapshot, hash_at, end)
        except (ValueError, msgspec.DecodeError) as error:
            _log.warning("snapshot %d is passed over: %s", snapshot.sequence, error)
        at_most = snapshot.sequence - 1
    return State(Exchange(), MarketData(), RecentActivity())


def _load(snapshot: Snapshot, hash_at: Callable[[int], bytes | None], end: int) -> State:
    """Return the state in a snapshot. Raises ValueError when it is not the journal's, or not of these rules."""
    if hash_at(snapshot.sequence) != snapshot.chain_hash:
        raise ValueError("the journal has another history")
    if snapshot.rules_version != RULES_VERSION and snapshot.sequence != end:
        raise ValueError(f"it has rules version {snapshot.rules_version} and is not at the journal's end")
    exchange = engine_snapshot.load(snapshot.engine)
    if engine_snapshot.state_hash(exchange) != snapshot.state_hash:
        raise ValueError("its state does not have the hash it was saved with")
    market_data, recent = msgspec.msgpack.decode(snapshot.market_data, type=tuple[bytes, bytes])
    return State(exchange, MarketData.load(market_data), RecentActivity.load(recent))


def replay_batch(exchange: Exchange, batch: Batch, voids: frozenset[int]) -> Iterator[Applied]:
    """Apply a batch, passing over voided commands; yield what each command did before the next is applied.

    Raises Poisoned and OtherRules.
    """
    if batch.rules_version not in RULES_REPLAYED:
        raise OtherRules(
            f"the journal's batch at sequence {batch.first_sequence} has rules version {batch.rules_version}, this "
            f"build has {RULES_VERSION}: start its old build and stop that cleanly, for a snapshot at the end"
        )
    apply = exchange.apply
    for sequence, stamped in enumerate(batch.commands, batch.first_sequence):
        if sequence in voids:
            exchange.skip(stamped.time_ns)
            yield Applied(sequence, stamped.time_ns, [])
            continue
        try:
            events = apply(stamped.time_ns, stamped.command)
        except ENVIRONMENTAL:
            raise
        except Exception as error:
            raise Poisoned(sequence) from error
        yield Applied(sequence, stamped.time_ns, events)
