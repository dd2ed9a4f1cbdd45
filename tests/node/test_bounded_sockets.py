"""Peers that read nothing, flood, or are too many: over a real server and real sockets."""

import asyncio
import http.client
import json
import os
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from cryptex.client.book_replica import BookReplica
from cryptex.node import connection, http_protocol, serve, websocket_protocol
from cryptex.protocol.channels import BookMessage
from cryptex.protocol.commands import CancelAll, Grant, OpenAccount, PlaceOrder
from cryptex.protocol.events import AccountOpened
from cryptex.protocol.terms import OrderType, Side
from tests.node.served import Served, served

TIMEOUT_S = 20.0
ROUNDS = 30
LEVELS = 300
SOFT_BYTES = 32 * 1024
MESSAGE_BYTES = 40 * 1024
HIGH_WATER_BYTES = 64 * 1024
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
_book_decoder = msgspec.json.Decoder(BookMessage)


async def subscribe(opened: ClientConnection, depth: int) -> None:
    params = {"channel": "book", "markets": ["BTC-USDT"], "depth": depth}
    await opened.send(json.dumps({"id": 1, "method": "subscribe", "params": params}))
    assert json.loads(await opened.recv())["ok"]


async def follow(opened: ClientConnection, replica: BookReplica, sequence: int) -> list[str]:
    """Read until the replica is live at a sequence; return the types of all messages."""
    kinds: list[str] = []
    async with asyncio.timeout(TIMEOUT_S):
        while not (replica.ready and replica.sequence >= sequence):
            message = _book_decoder.decode(await opened.recv(decode=False))
            kinds.append(message.type)
            replica.apply(message)
    return kinds


async def churn(node: Served, account_id: int) -> int:
    """Fill the book and empty it, in one batch each; return the sequence."""
    submit = node.core.sequencer.submit
    orders = [
        PlaceOrder(account_id, "BTC-USDT", Side.BUY, OrderType.LIMIT, 10_000, 1_000_000 + level)
        for level in range(LEVELS)
    ]
    await asyncio.gather(*map(submit, orders))
    return (await submit(CancelAll(account_id))).sequence


async def test_a_stalled_reader_costs_little_and_nobody_else_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "OUTBOX_SOFT_BYTES", SOFT_BYTES)
    monkeypatch.setattr(websocket_protocol, "SEND_BUFFER_BYTES", 8 * 1024)
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024)
    async with served(tmp_path / "data") as node:
        reply = await node.core.sequencer.submit(OpenAccount("anna", (Grant("USDT", 10**18),)))
        assert isinstance(reply.answer, AccountOpened)
        small.setblocking(False)
        await asyncio.get_running_loop().sock_connect(small, ("127.0.0.1", node.port))
        async with connect(node.ws_url) as quick, connect(node.ws_url, sock=small, max_queue=1) as stalled:
            replicas = [BookReplica("BTC-USDT", 1000), BookReplica("BTC-USDT", 1000)]
            for opened in (quick, stalled):
                await subscribe(opened, 1000)
            kinds: list[str] = []
            for _ in range(ROUNDS):
                sequence = await churn(node, reply.answer.account_id)
                kinds += await follow(quick, replicas[0], sequence)
                assert max(node.write_buffers()) <= HIGH_WATER_BYTES + connection.WRITE_BYTES_MAX + MESSAGE_BYTES
                outboxes = [stream.connection._bytes for stream in node.streams._streams]
                assert max(outboxes) <= SOFT_BYTES + MESSAGE_BYTES
            assert set(kinds[1:]) == {"update"}
            slowness = node.streams._feed.slowness
            assert slowness.resyncs == 1, "who reads nothing is told once"
            assert slowness.closed_connections == 0
            sequence = await churn(node, reply.answer.account_id)
            await follow(quick, replicas[0], sequence)
            late = await follow(stalled, replicas[1], sequence)
            assert late.count("resync") == 1
            assert late[late.index("resync") + 1] == "snapshot"
            assert replicas[0].bids == replicas[1].bids


async def ask(node: Served, path: str) -> tuple[int, dict[str, str], Any]:
    def call() -> tuple[int, dict[str, str], Any]:
        client = http.client.HTTPConnection("127.0.0.1", node.port, timeout=TIMEOUT_S)
        client.request("GET", path)
        response = client.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        body = json.loads(response.read())
        client.close()
        return response.status, headers, body

    return await asyncio.to_thread(call)


async def test_one_connection_too_many_hears_a_problem(tmp_path: Path) -> None:
    limits = served(tmp_path / "data", connections=2)
    async with limits as node, connect(node.ws_url) as first, connect(node.ws_url):
        status, headers, problem = await ask(node, "/markets")
        assert (status, headers["content-type"]) == (503, "application/problem+json")
        assert (problem["code"], problem["retryable"], problem["connections"]) == ("unavailable", True, 2)
        assert (headers["retry-after"], headers["connection"].lower()) == ("1", "close")
        with pytest.raises(InvalidStatus) as refused:
            await connect(node.ws_url)
        assert refused.value.response.status_code == 503
        assert json.loads(refused.value.response.body or b"")["code"] == "unavailable"
        await first.close()
        await first.wait_closed()
        assert (await ask(node, "/markets"))[0] == 200


async def test_far_too_many_connections_are_hung_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "REFUSED_AT_ONCE_MAX", 0)
    async with served(tmp_path / "data", connections=1) as node, connect(node.ws_url):
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        assert await drained(reader) == b""
        writer.close()


async def drained(reader: asyncio.StreamReader) -> bytes:
    """Return all that comes until the node hangs up."""
    got = b""
    async with asyncio.timeout(TIMEOUT_S):
        try:
            while piece := await reader.read(65_536):
                got += piece
        except ConnectionResetError:
            pass
    return got


async def handshake(node: Served) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a websocket by hand, for what no library sends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
    writer.write(HANDSHAKE)
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def frame(opcode: int, payload: bytes, *, last: bool = True) -> bytes:
    """Return a client's frame, whatever the rules say about its kind."""
    mask, length = os.urandom(4), len(payload)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    if length < 126:
        size = bytes([0x80 | length])
    elif length < 65_536:
        size = b"\xfe" + length.to_bytes(2, "big")
    else:
        size = b"\xff" + length.to_bytes(8, "big")
    return bytes([(0x80 if last else 0) | opcode]) + size + mask + masked


async def test_the_node_pings_and_hangs_up_on_who_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert serve.PING_INTERVAL_S == 20
    monkeypatch.setattr(serve, "PING_INTERVAL_S", 0.05)
    monkeypatch.setattr(websocket_protocol, "HANG_UP_S", 0.05)
    async with served(tmp_path / "data") as node:
        reader, writer = await handshake(node)
        got = await drained(reader)
        assert got[0] == 0x89, "a ping"
        assert got[6] == 0x88, "a close"
        assert int.from_bytes(got[8:10]) == 1011
        writer.close()


async def flood(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Send without end."""
    while True:
        writer.write(data)
        await writer.drain()


async def test_a_flood_of_pings_whose_pongs_are_not_read_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_protocol, "WRITE_BUFFER_BYTES_MAX", 64 * 1024)
    monkeypatch.setattr(websocket_protocol, "EXTRA_FRAMES_PER_SECOND_MAX", 10**9)
    pings = frame(0x9, b"x" * 125) * 500
    async with served(tmp_path / "data") as node:
        _, writer = await handshake(node)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            await asyncio.wait_for(flood(writer, pings), TIMEOUT_S)
        writer.close()


async def test_a_message_in_too_many_pieces_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_protocol, "FRAGMENTS_MAX", 4)
    async with served(tmp_path / "data") as node:
        reader, writer = await handshake(node)
        pieces = [frame(0x1, b'{"id":1,', last=False), frame(0x0, b'"method":"ping"', last=False), frame(0x0, b"}")]
        writer.write(b"".join(pieces))
        assert (await reader.readexactly(2))[0] == 0x81, "a text frame: the reply"
        writer.write(frame(0x1, b"", last=False) + frame(0x0, b"", last=False) * 10)
        got = await drained(reader)
        assert int.from_bytes(got[got.rindex(b"\x88") + 2 :][:2]) == 1009
        writer.close()
