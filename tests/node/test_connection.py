import asyncio

from starlette.types import Message

from cryptex.node import connection as module
from cryptex.node.connection import OUTBOX_BYTES_MAX, OUTBOX_MESSAGES_MAX, PAUSE_BYTES, TRY_AGAIN_LATER, Connection


class Peer:
    """Takes what is written, as long as `open` is set."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.got: list[Message] = []

    async def send(self, message: Message) -> None:
        await self.open.wait()
        self.got.append(message)


async def test_messages_arrive_in_order_and_the_close_comes_last() -> None:
    peer = Peer()
    connection = Connection(peer.send)
    writer = connection.start()
    for number in range(5):
        connection.put(str(number))
    connection.close(1001, "bye")
    connection.put("too late")
    await writer
    assert [message.get("text") for message in peer.got] == ["0", "1", "2", "3", "4", None]
    assert peer.got[-1] == {"type": "websocket.close", "code": 1001, "reason": "bye"}


async def test_a_slow_consumer_is_closed_and_its_memory_given_back() -> None:
    peer = Peer()
    peer.open.clear()
    connection = Connection(peer.send)
    writer = connection.start()
    message = "x" * 65_536
    for _ in range(OUTBOX_BYTES_MAX // len(message) + 2):
        connection.put(message)
    assert connection.closing
    assert not connection._outbox
    peer.open.set()
    await writer
    assert peer.got[-1]["code"] == TRY_AGAIN_LATER


async def test_many_small_messages_are_bounded_too() -> None:
    peer = Peer()
    peer.open.clear()
    connection = Connection(peer.send)
    for _ in range(OUTBOX_MESSAGES_MAX + 1):
        connection.put("x")
    assert connection.closing


async def test_a_peer_that_reads_nothing_cannot_keep_the_connection(monkeypatch) -> None:
    monkeypatch.setattr(module, "CLOSE_TIMEOUT_S", 0.0)
    peer = Peer()
    peer.open.clear()
    connection = Connection(peer.send)
    writer = connection.start()
    connection.put("never read")
    connection.close(1001, "bye")
    await asyncio.wait([writer], timeout=5)
    assert writer.cancelled()


async def test_no_room_until_the_outbox_has_drained() -> None:
    peer = Peer()
    peer.open.clear()
    connection = Connection(peer.send)
    writer = connection.start()
    connection.put("x" * (PAUSE_BYTES + 1))
    room = asyncio.ensure_future(connection.roomy())
    assert not connection._roomy.is_set()
    peer.open.set()
    await asyncio.wait_for(room, 5)
    connection.close(1000, "")
    await writer


async def test_a_peer_that_is_gone_ends_the_writer() -> None:
    async def send(_message: Message) -> None:
        raise OSError("gone")

    connection = Connection(send)
    writer = connection.start()
    connection.put("x")
    await writer
    assert connection.closing
    connection.put("ignored")
    assert not connection._outbox
