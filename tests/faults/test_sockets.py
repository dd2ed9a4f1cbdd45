"""Sockets that do nothing, that read nothing, or that say what no client says: over a real node."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.node_process import NodeProcess
from tests.faults.sockets import measure
from tests.node.test_bounded_sockets import HANDSHAKE, drained, frame
from tests.node.test_websocket_protocol import close_code

IDLE = 1_000
STALLED = 16
IDLE_BYTES_MAX = 20 * 1024
STALLED_BYTES_MAX = 1024 * 1024
ROUNDS = 5
PROBES = 100

PING = frame(0x1, b'{"id":1,"method":"ping"}')


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux shows it")
async def test_idle_and_stalled_sockets_cost_little_memory_and_nobody_their_turn(tmp_path: Path) -> None:
    costs = await measure(tmp_path, IDLE, STALLED, ROUNDS, PROBES)
    assert costs.idle_bytes <= IDLE_BYTES_MAX, costs
    assert costs.stalled_bytes <= STALLED_BYTES_MAX, costs


def http(*lines: bytes, body: bytes = b"") -> bytes:
    """Return a request."""
    return b"\r\n".join([*lines, b"Host: localhost", b"Connection: close", b"", body])


REQUESTS: dict[str, tuple[bytes, bytes]] = {
    "no request": (b"hello\r\n\r\n", b"400"),
    "a handshake of TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64), b"400"),
    "100 KiB of headers": (http(b"GET /markets HTTP/1.1", b"A: " + b"a" * 100 * 1024), b"400"),
    "100 KiB of headers of a handshake": (HANDSHAKE[:-2] + b"A: " + b"a" * 100 * 1024 + b"\r\n\r\n", b"400"),
    "a claim of a terabyte": (http(b"POST /users HTTP/1.1", b"Content-Length: 1099511627776", body=b"{}"), b"413"),
    "a claim that is no number": (http(b"POST /users HTTP/1.1", b"Content-Length: -1", body=b"{}"), b"400"),
    "two claims": (http(b"POST /users HTTP/1.1", b"Content-Length: 2", b"Content-Length: 9", body=b"{}"), b"400"),
    "a chunk of a terabyte": (
        http(b"POST /users HTTP/1.1", b"Transfer-Encoding: chunked", body=b"10000000000\r\n" + b" " * 70_000),
        b"413",
    ),
    "a body that is no JSON": (http(b"POST /users HTTP/1.1", b"Content-Length: 3", body=b"\xff{["), b"422"),
    "deep JSON": (http(b"POST /users HTTP/1.1", b"Content-Length: 60000", body=b"[" * 60_000), b"422"),
}
FRAMES: dict[str, tuple[bytes, int]] = {
    "not utf-8": (frame(0x1, b"\xff\xfe"), 1007),
    "text in a message": (frame(0x1, b"a", last=False) + frame(0x1, b"b"), 1002),
    "no beginning": (frame(0x0, b"nothing before it"), 1002),
    "unknown kind": (frame(0x3, b"no such kind"), 1002),
    "a reserved bit": (bytes([0xC1]) + frame(0x1, b"{}")[1:], 1002),
    "no mask": (b"\x81\x05naked", 1002),
    "a ping in pieces": (frame(0x9, b"", last=False), 1002),
    "a long ping": (frame(0x9, b"x" * 126), 1002),
    "a close without a code": (frame(0x8, b"\x03"), 1002),
    "too long": (frame(0x1, b"x" * 65_537)[:20], 1009),
    "a claim of a terabyte": (b"\x81\xff" + (1 << 40).to_bytes(8, "big"), 1009),
}


class Lines:
    """What a node wrote to its log since it was asked last."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read

    def new(self) -> list[str]:
        """Return the lines."""
        return self._read().splitlines()


async def answer(port: int, data: bytes, *, handshake: bool = False) -> bytes:
    """Return all that a node says to bytes, up to its close."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if handshake:
        writer.write(HANDSHAKE)
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    writer.write(data)
    got = await drained(reader)
    writer.close()
    return got


async def test_what_no_client_says_has_its_answer_and_one_line_in_the_log_at_most(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = Lines(lambda: capfd.readouterr().err)
    with NodeProcess(tmp_path / "data") as node:
        port = int(node.url.rpartition(":")[2])
        lines.new()
        for name, (request, status) in REQUESTS.items():
            got = await answer(port, request)
            assert got.startswith(b"HTTP/1.1 " + status), (name, got[:200])
            assert len(lines.new()) <= 1, name
        for name, (sent, code) in FRAMES.items():
            assert close_code(await answer(port, PING + sent, handshake=True)) == code, name
            assert len(lines.new()) <= 1, name
        for half in (HANDSHAKE, REQUESTS["a claim of a terabyte"][0], HANDSHAKE + PING):
            for cut in (1, len(half) // 2, len(half) - 1):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(half[:cut])
                await writer.drain()
                writer.transport.abort()
            assert len(lines.new()) <= 1, half
        assert node.rest().markets(), "it lives"
        assert await asyncio.to_thread(node.stop) == 0
