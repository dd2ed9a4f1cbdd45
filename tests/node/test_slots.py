import asyncio
import threading

import pytest

from cryptex.node.slots import Slots
from cryptex.protocol.problems import Code, Refusal


async def test_as_many_run_at_once_as_there_are_slots() -> None:
    slots = Slots(2, 10)
    gate, running, most = threading.Event(), 0, 0
    lock, two = threading.Lock(), threading.Event()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == 2:
                two.set()
        gate.wait(5)
        with lock:
            running -= 1

    tasks = [asyncio.ensure_future(slots.run(work)) for _ in range(5)]
    await asyncio.to_thread(two.wait, 5)
    gate.set()
    await asyncio.gather(*tasks)
    assert most == 2


async def test_too_many_in_waiting_are_refused() -> None:
    slots = Slots(1, 1)
    begun, gate = threading.Event(), threading.Event()

    def work() -> bool:
        begun.set()
        return gate.wait(5)

    first = asyncio.ensure_future(slots.run(work))
    await asyncio.to_thread(begun.wait, 5)
    second = asyncio.ensure_future(slots.run(gate.wait, 5))
    await asyncio.sleep(0)
    with pytest.raises(Refusal) as refused:
        await slots.run(gate.wait, 5)
    assert refused.value.code is Code.UNAVAILABLE
    gate.set()
    assert await asyncio.gather(first, second) == [True, True]


async def test_what_a_call_raises_is_raised_and_the_slot_is_free_again() -> None:
    slots = Slots(1, 1)
    with pytest.raises(KeyError):
        await slots.run({}.__getitem__, "x")
    assert await slots.run(len, "abc") == 3
