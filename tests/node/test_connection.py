import asyncio

from starlette.types import Message

from cryptex.node import connection as module
from cryptex.node.connection import (
    OUTBOX_BYTES_MAX,
    OUTBOX_MESSAGES_MAX,
    OUTBOX_SOFT_BYTES,
    PAUSE_BYTES,
    TRY_AGAIN_LATER,
    Connection,
    Slowness,
)
from cryptex.node.wire import AsgiWire


class Peer:
    """Takes what is written, as long as `open` is set."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.got: list[Message] = []

    async def receive(self) -> Message:
        return {"type": "websocket.disconnect"}

    async def send(self, message: Message) -> None:
        await self.open.wait()
        self.got.append(message)


async def test_messages_arrive_in_order_and_the_close_comes_last() -> None:
    peer = Peer()
    connection = Connection(AsgiWire(peer.receive, peer.send))
    writer = connection.start()
    for number in range(5):
        connection.put(b"%d" % number)
    connection.close(1001, "bye")
    connection.put(b"too late")
    await writer
    assert [message.get("text") for message in peer.got] == ["0", "1", "2", "3", "4", None]
    assert peer.got[-1] == {"type": "websocket.close", "code": 1001, "reason": "bye"}


class Channel:
    """A channel that counts what it is told."""

    def __init__(self) -> None:
        self.behind = 0
        self.caught_up = 0
        self.shown = asyncio.Event()

    def fall_behind(self, connection: Connection) -> bytes | None:
        self.behind += 1
        return b"resync"

    def catch_up(self, connection: Connection) -> None:
        self.caught_up += 1
        connection.show(self, b"snapshot")
        self.shown.set()


async def test_updates_are_dropped_and_replies_are_not() -> None:
    peer, book = Peer(), Channel()
    peer.open.clear()
    slowness = Slowness()
    connection = Connection(AsgiWire(peer.receive, peer.send), slowness)
    writer = connection.start()
    message = b"x" * 65_536
    connection.put(b"reply 1")
    for _ in range(10 * OUTBOX_SOFT_BYTES // len(message)):
        connection.tell(book, message)
        assert connection._bytes <= OUTBOX_SOFT_BYTES + len(message)
    connection.put(b"reply 2")
    assert not connection.closing
    peer.open.set()
    await book.shown.wait()
    connection.close(1000, "")
    await writer
    texts = [message.get("text", "close") for message in peer.got]
    kept = [text for text in texts if text is not None and len(text) < 100]
    assert kept[0] == "reply 1"
    assert kept.count("reply 2") == 1
    assert kept.count("resync") == book.behind == slowness.resyncs
    assert kept[-2:] == ["snapshot", "close"]
    assert book.caught_up == 1
    assert slowness.dropped_messages > 0
    assert slowness.closed_connections == 0


async def test_a_snapshot_larger_than_all_limits_arrives_all_the_same() -> None:
    peer, book = Peer(), Channel()
    connection = Connection(AsgiWire(peer.receive, peer.send))
    writer = connection.start()
    connection.show(book, b"x" * (OUTBOX_BYTES_MAX + 1))
    connection.tell(book, b"update")
    connection.close(1000, "")
    await writer
    assert [len(message.get("text", "")) for message in peer.got] == [OUTBOX_BYTES_MAX + 1, 6, 0]
    assert book.behind == 0


async def test_snapshots_are_made_one_by_one_as_the_reader_takes_them() -> None:
    peer = Peer()
    peer.open.clear()
    channels = [Channel() for _ in range(5)]
    connection = Connection(AsgiWire(peer.receive, peer.send))
    writer = connection.start()
    for channel in channels:
        connection.tell(channel, b"update")
    connection.tell(channels[0], b"x" * OUTBOX_SOFT_BYTES)
    assert [channel.behind for channel in channels] == [1] * 5
    connection.forget(channels[4])
    peer.open.set()
    await channels[3].shown.wait()
    connection.close(1000, "")
    await writer
    assert [channel.caught_up for channel in channels] == [1, 1, 1, 1, 0]


async def test_a_slow_consumer_is_closed_and_its_memory_given_back() -> None:
    peer = Peer()
    peer.open.clear()
    connection = Connection(AsgiWire(peer.receive, peer.send))
    writer = connection.start()
    message = b"x" * 65_536
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
    connection = Connection(AsgiWire(peer.receive, peer.send))
    for _ in range(OUTBOX_MESSAGES_MAX + 1):
        connection.put(b"x")
    assert connection.closing


async def test_a_peer_that_reads_nothing_cannot_keep_the_connection(monkeypatch) -> None:
    monkeypatch.setattr(module, "CLOSE_TIMEOUT_S", 0.0)
    peer = Peer()
    peer.open.clear()
    connection = Connection(AsgiWire(peer.receive, peer.send))
    writer = connection.start()
    connection.put(b"never read")
    connection.close(1001, "bye")
    await asyncio.wait([writer], timeout=5)
    assert writer.cancelled()


async def test_no_room_until_the_outbox_has_drained() -> None:
    peer = Peer()
    peer.open.clear()
    connection = Connection(AsgiWire(peer.receive, peer.send))
    writer = connection.start()
    connection.put(b"x" * (PAUSE_BYTES + 1))
    room = asyncio.ensure_future(connection.roomy())
    assert not connection._roomy.is_set()
    peer.open.set()
    await asyncio.wait_for(room, 5)
    connection.close(1000, "")
    await writer


async def test_a_peer_that_is_gone_ends_the_writer() -> None:
    async def send(_message: Message) -> None:
        raise OSError("gone")

    connection = Connection(AsgiWire(Peer().receive, send))
    writer = connection.start()
    connection.put(b"x")
    await writer
    assert connection.closing
    connection.put(b"ignored")
    assert not connection._outbox
