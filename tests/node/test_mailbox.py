import asyncio

from cryptex.node.mailbox import Mailbox


def mailbox() -> Mailbox:
    return Mailbox(asyncio.get_running_loop())


async def test_all_that_waits_is_given_out_at_once() -> None:
    box = mailbox()
    box.add([b"one"])
    box.put_nowait({"type": "websocket.receive", "text": "zwei ä"})
    box.put_nowait({"type": "websocket.receive", "bytes": b"three"})
    assert box.bytes == len(b"one") + len("zwei ä".encode()) + len(b"three")
    assert await box.take() == [b"one", "zwei ä".encode(), b"three"]
    assert box.bytes == 0
    assert box.empty()


async def test_a_reader_waits_for_the_next_message() -> None:
    box = mailbox()
    reading = asyncio.ensure_future(box.take())
    await asyncio.sleep(0)
    assert not reading.done()
    box.add([b"late"])
    assert await reading == [b"late"]


async def test_the_end_comes_after_what_arrived_before_it_and_stays() -> None:
    box = mailbox()
    box.add([b"last words"])
    box.put_nowait({"type": "websocket.disconnect", "code": 1000})
    assert await box.take() == [b"last words"]
    assert await box.take() == []
    assert await box.take() == []


async def test_it_is_a_queue_of_asgi_events_too() -> None:
    box = mailbox()
    box.put_nowait({"type": "websocket.connect"})
    assert await box.get() == {"type": "websocket.connect"}
    box.add([b"hello"])
    box.put_nowait({"type": "websocket.disconnect", "code": 1000})
    assert await box.get() == {"type": "websocket.receive", "bytes": b"hello"}
    assert box.bytes == 0
    assert (await box.get())["type"] == "websocket.disconnect"
