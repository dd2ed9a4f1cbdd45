"""An event without a queue: who waits goes on when it happens, and only then."""

import asyncio

from cryptex.node.event import Event


async def test_all_who_wait_go_on_and_who_comes_later_need_not_wait() -> None:
    event, order = Event(), list[str]()

    async def wait(name: str) -> None:
        await event.wait()
        order.append(name)

    tasks = [asyncio.create_task(wait(name)) for name in ("first", "second")]
    await asyncio.sleep(0)
    assert order == []
    event.set()
    await asyncio.gather(*tasks)
    assert order == ["first", "second"]
    await wait("late")
    event.clear()
    assert not event.is_set()
    again = asyncio.create_task(wait("again"))
    await asyncio.sleep(0)
    assert not again.done()
    event.set()
    await again


async def test_one_who_is_canceled_is_forgotten() -> None:
    event = Event()
    waiting = asyncio.create_task(event.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not event._waiters
    event.set()
    assert event.is_set()
