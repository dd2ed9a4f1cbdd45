"""The sequencer: durable before visible, times that only go up, and every way a commit can fail."""

import asyncio
from typing import Any

import pytest

from cryptex.engine.snapshot import state_hash
from cryptex.node import sequencer as sequencer_module
from cryptex.protocol.commands import (
    CancelAfter,
    CancelOrder,
    PlaceOrder,
    Stamped,
    Tick,
)
from cryptex.protocol.events import CommandRejected, OrderAccepted, OrderEnded, OrderRepeated
from cryptex.protocol.order import Order
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, OrderStatus, OrderType, Side
from tests.node.bench import Bench, started
from tests.node.house import (
    MARKET,
    InlineExecutor,
    Listener,
    limit,
    open_account,
)


@pytest.fixture
async def bench() -> Bench:
    return await started()


async def test_commands_that_wait_form_one_batch_and_each_gets_its_own_answer(bench: Bench) -> None:
    before = len(bench.journal.appended)
    first, second, third = await asyncio.gather(
        bench.sequencer.submit(limit(1, Side.BUY, 1000)),
        bench.sequencer.submit(limit(1, Side.BUY, 1010)),
        bench.sequencer.submit(CancelOrder(1, 99)),
    )
    assert len(bench.journal.appended) == before + 1
    assert isinstance(first.answer, OrderAccepted)
    assert first.order is not None
    assert (first.order.price, first.order.status, first.order.sequence) == ("10.00", OrderStatus.OPEN, first.sequence)
    assert second.sequence == first.sequence + 1
    assert second.time_ns == first.time_ns + 1
    assert isinstance(third.answer, CommandRejected)
    assert third.order is None
    [batch] = bench.listener.batches
    assert [applied.sequence for applied in batch] == [first.sequence, first.sequence + 1, first.sequence + 2]
    assert bench.sequencer.acknowledged == {1: third.sequence}
    assert state_hash(bench.replayed()) == state_hash(bench.exchange)


async def test_a_reply_shows_the_order_as_it_stood_after_its_own_command(bench: Bench) -> None:
    place = limit(1, Side.BUY, 1000, client_order_id="a")
    placed, repeated, canceled = await asyncio.gather(
        bench.sequencer.submit(place), bench.sequencer.submit(place), bench.sequencer.submit(CancelOrder(1, 1))
    )
    assert isinstance(repeated.answer, OrderRepeated)
    assert isinstance(canceled.answer, OrderEnded)
    assert placed.order is not None
    assert repeated.order is not None
    assert canceled.order is not None
    assert (placed.order.status, placed.order.duplicate) == (OrderStatus.OPEN, False)
    assert (repeated.order.status, repeated.order.duplicate) == (OrderStatus.OPEN, True)
    assert (canceled.order.status, canceled.order.canceled_size) == (OrderStatus.CANCELED, "1.00000")


async def test_a_closed_order_that_the_engine_forgot_is_asked_for() -> None:
    bench = Bench()
    closed: dict[int, Order] = {}
    await bench.replace(InlineExecutor(), find_closed=lambda account_id, order_id: closed.get(order_id))
    await bench.sequencer.submit(open_account("anna"))
    place = PlaceOrder(1, MARKET, Side.BUY, OrderType.MARKET, 100_000, client_order_id="a")
    await bench.sequencer.submit(place)
    closed.update({order.order_id: order for order in bench.exchange.take_closed()})
    reply = await bench.sequencer.submit(place)
    assert reply.order is not None
    assert (reply.order.id, reply.order.duplicate) == (1, True)


async def test_log_time_goes_up_even_when_the_clock_goes_back(bench: Bench) -> None:
    first = await bench.sequencer.submit(limit(1, Side.BUY, 1000))
    bench.clock.set(5)
    second = await bench.sequencer.submit(limit(1, Side.BUY, 1000))
    assert second.time_ns == first.time_ns + 1


async def test_a_tick_is_journaled_when_a_deadline_passes_in_silence(bench: Bench) -> None:
    heard = asyncio.Event()

    class Waker(Listener):
        def publish(self, batch: list[Any]) -> None:
            super().publish(batch)
            if bench.journal.appended[-1][0].command == Tick():
                heard.set()

    await bench.replace(InlineExecutor(), Waker())
    await bench.sequencer.submit(limit(1, Side.BUY, 1000))
    await bench.sequencer.submit(CancelAfter(1, 10 * NANOSECONDS_PER_SECOND))
    await asyncio.sleep(0)
    bench.clock.advance(9.9)
    assert bench.exchange.open_orders(1)
    bench.clock.advance(0.2)
    await heard.wait()
    assert bench.exchange.open_orders(1) == []


async def test_what_is_due_in_log_time_runs_though_the_clock_is_behind(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def next_deadline_ns() -> int | None:
        return None if bench.journal.appended[-1][0].command == Tick() else bench.exchange.time_ns

    monkeypatch.setattr(bench.exchange, "next_deadline_ns", next_deadline_ns)
    bench.clock.set(5)
    reply = await bench.sequencer.submit(limit(1, Side.BUY, 1000))
    for _ in range(20):
        await asyncio.sleep(0)
    [tick] = bench.journal.appended[-1]
    assert tick == Stamped(reply.time_ns + 1, Tick())


async def test_a_full_inbox_refuses(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer_module, "INBOX_MAX", 3)
    codes = await bench.codes(*[limit(1, Side.BUY, 1000)] * 5)
    assert codes == [None, None, None, Code.UNAVAILABLE, Code.UNAVAILABLE]


async def test_a_sender_that_left_harms_nobody(bench: Bench) -> None:
    gone = asyncio.ensure_future(bench.sequencer.submit(limit(1, Side.BUY, 1000)))
    here = asyncio.ensure_future(bench.sequencer.submit(limit(1, Side.BUY, 1010)))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await here).order is not None
    assert len(bench.exchange.open_orders(1)) == 2


async def test_batches_are_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer_module, "BATCH_MAX", 4)
    before = len(bench.journal.appended)
    await bench.codes(*[limit(1, Side.BUY, 1000)] * 10)
    assert [len(batch) for batch in bench.journal.appended[before:]] == [4, 4, 2]


async def test_stop_finishes_what_waits_and_takes_no_more(bench: Bench) -> None:
    waiting = [bench.sequencer.enqueue(limit(1, Side.BUY, 1000)) for _ in range(3)]
    await bench.sequencer.stop()
    assert [reply.result().sequence for reply in waiting] == [bench.exchange.sequence - 2 + n for n in range(3)]
    with pytest.raises(Refusal) as refused:
        bench.sequencer.enqueue(limit(1, Side.BUY, 1000))
    assert refused.value.code is Code.UNAVAILABLE


def test_stamped_commands_survive_the_journal() -> None:
    bench = Bench()
    [first, *_] = bench.journal.replay(0)
    assert isinstance(first.commands[0], Stamped)
