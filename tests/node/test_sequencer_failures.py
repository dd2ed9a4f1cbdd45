"""Every way a commit or a command can fail, and what its senders hear."""

import asyncio
import gc
from typing import Any

import pytest

from cryptex.engine.errors import InvariantBroken
from cryptex.engine.snapshot import state_hash
from cryptex.protocol.commands import (
    CancelAfter,
    Deposit,
    VoidCommand,
)
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, Side
from cryptex.store.journal import CommitUnknown, JournalUnavailable
from tests.node.bench import Bench, poison, started
from tests.node.house import (
    FailingJournal,
    HangingExecutor,
    InlineExecutor,
    limit,
)


@pytest.fixture
async def bench() -> Bench:
    return await started()


async def test_an_unavailable_journal_refuses_the_batch_and_goes_on(bench: Bench) -> None:
    before = state_hash(bench.exchange)
    bench.journal.errors = [JournalUnavailable("the disk is full")]
    assert await bench.codes(limit(1, Side.BUY, 1000), limit(1, Side.BUY, 1010)) == [Code.UNAVAILABLE] * 2
    assert state_hash(bench.exchange) == before
    assert bench.listener.batches == []
    assert bench.failures == []
    assert await bench.codes(limit(1, Side.BUY, 1000)) == [None]
    assert state_hash(bench.replayed()) == state_hash(bench.exchange)


async def test_ticks_wait_a_while_after_an_unavailable_journal(bench: Bench) -> None:
    await bench.sequencer.submit(CancelAfter(1, NANOSECONDS_PER_SECOND // 2))
    tries = 0

    def count() -> None:
        nonlocal tries
        tries += 1

    class Counting(FailingJournal):
        def append(self, commands: Any) -> None:
            count()
            raise JournalUnavailable("the disk is full")

    bench.journal = Counting()
    await bench.replace(InlineExecutor())
    bench.clock.advance(1)
    for _ in range(20):
        await asyncio.sleep(0)
    assert tries == 1
    bench.clock.advance(0.25)
    for _ in range(20):
        await asyncio.sleep(0)
    assert tries == 2


@pytest.mark.parametrize("error", [CommitUnknown("fsync"), ValueError("a fault"), OSError("io")])
async def test_an_unknown_commit_tells_the_waiting_and_stops_the_node(bench: Bench, error: Exception) -> None:
    before = state_hash(bench.exchange)
    bench.journal.errors = [error]
    assert await bench.codes(limit(1, Side.BUY, 1000), limit(1, Side.BUY, 1010)) == [Code.OUTCOME_UNKNOWN] * 2
    assert len(bench.failures) == 1
    assert state_hash(bench.exchange) == before
    assert await bench.codes(limit(1, Side.BUY, 1000)) == [Code.UNAVAILABLE]
    assert not bench.sequencer.accepting
    await bench.sequencer.stop()


async def test_a_commit_that_hangs_counts_as_unknown_and_what_waits_behind_it_was_never_written(bench: Bench) -> None:
    await bench.replace(HangingExecutor(), commit_timeout_s=0.05)
    first = bench.sequencer.enqueue(limit(1, Side.BUY, 1000))
    await asyncio.sleep(0)
    behind = bench.sequencer.enqueue(limit(1, Side.BUY, 1010))
    with pytest.raises(Refusal) as unknown:
        await first
    with pytest.raises(Refusal) as refused:
        await behind
    assert (unknown.value.code, refused.value.code) == (Code.OUTCOME_UNKNOWN, Code.UNAVAILABLE)
    assert bench.timed_out == 1
    assert len(bench.failures) == 1


async def test_a_broken_invariant_voids_its_command_and_publishes_nothing_of_the_batch(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, InvariantBroken("the books do not add up"))
    sequence = bench.exchange.sequence
    codes = await bench.codes(
        limit(1, Side.BUY, 1000), Deposit(1, "BTC", 1, "poison"), limit(1, Side.BUY, 1010), limit(1, Side.BUY, 1020)
    )
    unknown = Code.OUTCOME_UNKNOWN
    assert codes == [unknown, Code.INTERNAL_ERROR, unknown, unknown]
    assert bench.listener.batches == []
    assert len(bench.failures) == 1
    [void] = bench.journal.appended[-1]
    assert void.command == VoidCommand(sequence + 2)
    assert void.time_ns > bench.journal.appended[-2][-1].time_ns
    replayed = bench.replayed()
    assert replayed.sequence == sequence + 5
    assert len(replayed.open_orders(1)) == 3, "the rest of the batch is in the log, and therefore done"


async def test_faults_of_the_machine_void_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    poison(monkeypatch, MemoryError())
    assert await bench.codes(Deposit(1, "BTC", 1, "poison")) == [Code.OUTCOME_UNKNOWN]
    assert bench.journal.voids() == frozenset()
    assert len(bench.failures) == 1


async def test_a_void_that_can_not_be_written_is_left_to_the_next_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, KeyError("a fault of the engine"))
    bench.journal.errors = [None, JournalUnavailable("the disk is full")]
    assert await bench.codes(Deposit(1, "BTC", 1, "poison")) == [Code.INTERNAL_ERROR]
    assert bench.journal.voids() == frozenset()
    assert len(bench.failures) == 1


async def test_what_is_durable_is_answered_though_the_publisher_fails(bench: Bench) -> None:
    class Deaf:
        def publish(self, batch: list[Any]) -> None:
            raise RuntimeError("no ears")

    await bench.replace(InlineExecutor(), Deaf())
    assert await bench.codes(limit(1, Side.BUY, 1000)) == [None]
    await bench.sequencer.stop()
    assert len(bench.failures) == 1


async def test_what_follows_a_poison_is_not_known_though_the_next_start_does_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next batch goes to disk while the one before it is applied."""
    poison(monkeypatch, InvariantBroken("the books do not add up"))
    sequence = bench.exchange.sequence
    asked = [bench.sequencer.enqueue(Deposit(1, "BTC", 1, "poison"))]
    await asyncio.sleep(0)
    asked.append(bench.sequencer.enqueue(limit(1, Side.BUY, 1010)))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [getattr(each, "code", None) for each in outcomes] == [Code.INTERNAL_ERROR, Code.OUTCOME_UNKNOWN]
    assert len(bench.failures) == 1
    assert [each.command for each in bench.journal.appended[-1]] == [VoidCommand(sequence + 1)]
    times = [each.time_ns for batch in bench.journal.appended for each in batch]
    assert times == sorted(set(times))
    replayed = bench.replayed()
    assert replayed.sequence == sequence + 3
    assert len(replayed.open_orders(1)) == 1


async def test_what_follows_a_poison_and_was_not_written_is_refused_and_no_loose_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
    poison(monkeypatch, InvariantBroken("the books do not add up"))
    bench.journal.errors = [None, JournalUnavailable("the disk is full")]
    asked = [bench.sequencer.enqueue(Deposit(1, "BTC", 1, "poison"))]
    await asyncio.sleep(0)
    asked.append(bench.sequencer.enqueue(limit(1, Side.BUY, 1010)))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [getattr(each, "code", None) for each in outcomes] == [Code.INTERNAL_ERROR, Code.UNAVAILABLE]
    await bench.sequencer.stop()
    gc.collect()
    assert not troubles
    assert len(bench.replayed().open_orders(1)) == 0
