"""Websockets that flood, stall in their handshake, or are refused: over a real server and real sockets."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from cryptex.node import streams, websocket_protocol
from tests.node.served import Served, served
from tests.node.test_bounded_sockets import HANDSHAKE, TIMEOUT_S, ask, drained, flood, frame, handshake

FRAMES = 100_000


def close_code(got: bytes) -> int:
    """Return the code of the close frame that ends what was read."""
    return int.from_bytes(got[got.rindex(b"\x88") + 2 :][:2])


@pytest.fixture
def stalled(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Let no handshake be answered; the event tells of the first."""
    asked = asyncio.Event()

    async def stall(_self: object, _scope: Scope, receive: Receive, _send: Send) -> None:
        asked.set()
        while (await receive())["type"] != "websocket.disconnect":
            pass

    monkeypatch.setattr(streams.Streams, "__call__", stall)
    return asked


async def test_a_handshake_that_ends_in_nothing_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stalled: asyncio.Event
) -> None:
    monkeypatch.setattr(websocket_protocol, "HANDSHAKE_TIMEOUT_S", 0.05)
    async with served(tmp_path / "data") as node:
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(HANDSHAKE)
        assert await drained(reader) == b""
        assert stalled.is_set()
        writer.close()


async def test_a_handshake_under_way_does_not_hold_up_the_stop(tmp_path: Path, stalled: asyncio.Event) -> None:
    async with served(tmp_path / "data") as node:
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(HANDSHAKE)
        await asyncio.wait_for(stalled.wait(), TIMEOUT_S)
    assert (await drained(reader)).startswith(b"HTTP/1.1 500")
    writer.close()


async def test_frames_before_the_answer_are_hung_up_on(tmp_path: Path, stalled: asyncio.Event) -> None:
    async with served(tmp_path / "data") as node:
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(HANDSHAKE)
        await asyncio.wait_for(stalled.wait(), TIMEOUT_S)
        writer.write(b"\xff" * 100)
        assert await drained(reader) == b""
        writer.close()


@pytest.mark.parametrize("opcode", [0x9, 0xA])
async def test_a_flood_of_control_frames_is_refused(tmp_path: Path, opcode: int) -> None:
    async with served(tmp_path / "data") as node:
        reader, writer = await handshake(node)
        writer.write(frame(opcode, b"") * (websocket_protocol.EXTRA_FRAMES_PER_SECOND_MAX * 2))
        assert close_code(await drained(reader)) == 1008
        writer.close()


async def test_a_flood_of_empty_fragments_holds_up_nobody(tmp_path: Path) -> None:
    async with served(tmp_path / "data") as node:
        seen: list[int] = []
        parsed = websocket_protocol.BoundedWebSocketProtocol.handle_events

        def count(protocol: websocket_protocol.BoundedWebSocketProtocol) -> None:
            seen.append(len(protocol.conn.events))
            parsed(protocol)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(websocket_protocol.BoundedWebSocketProtocol, "handle_events", count)
            reader, writer = await handshake(node)
            writer.write(frame(0x1, b"", last=False) + frame(0x0, b"", last=False) * FRAMES)
            assert close_code(await drained(reader)) == 1009
            assert sum(seen) <= websocket_protocol.FRAGMENTS_MAX + 2, "the rest was not even parsed"
            assert (await ask(node, "/health/live"))[0] == 200
        writer.close()


async def test_a_message_that_arrives_in_many_pieces(tmp_path: Path) -> None:
    async with served(tmp_path / "data") as node, connect(node.ws_url) as opened:
        await opened.send('{"id":1,"method":"ping"' + " " * 60_000 + "}")
        assert '"ok":true' in str(await asyncio.wait_for(opened.recv(), TIMEOUT_S))


async def until(happened: Callable[[], bool]) -> None:
    """Let the node go on until something holds of it."""
    waited = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look() -> None:
        if happened():
            waited.set()
        else:
            loop.call_soon(look)

    look()
    await asyncio.wait_for(waited.wait(), TIMEOUT_S)


def hangs_up(node: Served) -> bool:
    """Return whether all connections are about to close."""
    return all(each.transport.is_closing() for each in node.server.server_state.connections)


async def test_a_close_that_is_never_read_does_not_hold_up_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_protocol, "EXTRA_FRAMES_PER_SECOND_MAX", 10**9)
    more_than_is_read = websocket_protocol.WRITE_BUFFER_BYTES_MAX // 4
    monkeypatch.setattr(websocket_protocol, "WRITE_BUFFER_BYTES_MAX", 10**9)  # pings are under way when they end
    async with served(tmp_path / "data") as node, asyncio.timeout(TIMEOUT_S):
        _, writer = await handshake(node)
        pings = asyncio.ensure_future(flood(writer, frame(0x9, b"x" * 125) * 50))
        await until(lambda: max(node.write_buffers(), default=0) > more_than_is_read)
        pings.cancel()
        writer.write(frame(0x8, b"\x03\xe8"))
        await until(lambda: hangs_up(node))
        assert node.server.server_state.connections, "it still waits for its peer to read"
    assert not node.core.failed.is_set()
    writer.transport.abort()


async def test_refused_handshakes_are_no_errors(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with served(tmp_path / "data") as node:
        with pytest.raises(InvalidStatus) as foreign:
            await connect(node.ws_url, origin=Origin("http://evil.example"))
        assert foreign.value.response.status_code == 403
        with pytest.raises(InvalidStatus) as nowhere:
            await connect(node.url.replace("http", "ws") + "/nothing")
        assert nowhere.value.response.status_code == 403
        node.streams._stopping = True
        with pytest.raises(InvalidStatus) as stopping:
            await connect(node.ws_url)
        assert stopping.value.response.status_code == 503
    assert [record.getMessage() for record in caplog.records] == []


async def test_an_app_that_answers_nothing_is_still_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def silent(_self: object, _scope: Scope, _receive: Receive, _send: Send) -> None:
        return

    caplog.set_level(logging.ERROR, "uvicorn.error")  # which a start that was refused leaves silenced
    monkeypatch.setattr(streams.Streams, "__call__", silent)
    async with served(tmp_path / "data") as node:
        with pytest.raises(InvalidStatus) as failed:
            await connect(node.ws_url)
        assert failed.value.response.status_code == 500
    assert "without completing handshake" in caplog.text


async def test_frames_may_arrive_byte_by_byte_and_in_pieces(tmp_path: Path) -> None:
    def ping(request_id: str) -> bytes:
        return f'{{"id":"{request_id}","method":"ping"}}'.encode()

    async with served(tmp_path / "data") as node, asyncio.timeout(TIMEOUT_S):
        reader, writer = await handshake(node)
        cut = ping("cut")
        sent = b"".join(
            (
                frame(0x1, ping("whole")),
                frame(0x2, ping("binary")),
                frame(0x1, cut[:9], last=False),
                frame(0x9, b"between"),
                frame(0x0, cut[9:]),
                frame(0x1, ping("ümlaut")),
                frame(0x1, ping("last") + b" " * 200),
            )
        )
        for at in range(len(sent)):
            writer.write(sent[at : at + 1])
            await writer.drain()
        got = b""
        while b'"last"' not in got:
            got += await reader.read(65_536)
        for name in ("whole", "binary", "cut", "ümlaut"):
            assert f'"id":"{name}","ok":true'.encode() in got, name
        assert b"between" in got
        writer.close()
