"""A node that speaks TLS over a real socket: what handshakes may cost, and what goes wrong in them."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from cryptex.node import callers, tls_gate
from cryptex.node.clock import ManualClock
from cryptex.node.local_ca import FOLDER
from cryptex.node.settings import load_settings
from cryptex.node.tls import NodeTls, node_tls
from tests.node.served import Served, served

DAY_NS = 86_400 * 10**9
NOW_NS = time.time_ns()
REQUEST = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def made(folder: Path, clock: ManualClock) -> NodeTls:
    tls = node_tls(load_settings(data_dir=folder, tls=True), clock)
    assert tls is not None
    return tls


def client(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / FOLDER / "ca.pem"))


async def ask(node: Served, context: ssl.SSLContext) -> bytes:
    async with opened(node, context) as (reader, writer):
        writer.write(REQUEST)
        return await reader.read()


@asynccontextmanager
async def opened(
    node: Served, context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", node.port, ssl=context)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def fails(node: Served, context: ssl.SSLContext) -> bool:
    try:
        await ask(node, context)
    except OSError:  # of TLS, or of a connection that is gone
        return True
    return False


async def under_way(node: Served, count: int) -> None:
    """Wait until so many handshakes are under way."""
    assert node.gate is not None
    while len(node.gate) != count:  # noqa: ASYNC110 (a node tells nobody of its handshakes)
        await asyncio.sleep(0)


async def test_a_strict_client_that_knows_the_authority_is_served(tmp_path: Path) -> None:
    tls = made(tmp_path, ManualClock(NOW_NS))
    async with served(tmp_path, tls=tls) as node:
        context = client(tmp_path)
        for _ in range(5):
            assert (await ask(node, context)).startswith(b"HTTP/1.1 200 OK")
        async with connect(node.ws_url, ssl=context, proxy=None) as websocket:
            await websocket.send('{"id":1,"method":"ping"}')
            assert '"ok":true' in str(await websocket.recv())


async def test_what_goes_wrong_in_a_handshake_is_the_peers_affair(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(tmp_path, tls=made(tmp_path, ManualClock(NOW_NS))) as node:
        for piece in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 70_000, b"\x16\x03\x01", b""):
            async with opened(node) as (reader, writer):
                writer.write(piece)
                writer.write_eof()
                with suppress(ConnectionError):
                    await reader.read()
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("AES128-SHA:@SECLEVEL=0")
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        for context in (old, ssl.create_default_context()):
            assert await fails(node, context)
        await under_way(node, 0)
        assert (await ask(node, client(tmp_path))).startswith(b"HTTP/1.1 200 OK")
    assert not caplog.records


async def test_who_begins_a_handshake_and_stops_is_hung_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_gate, "HANDSHAKE_TIMEOUT_S", 0.2)
    async with served(tmp_path, tls=made(tmp_path, ManualClock(NOW_NS))) as node:
        async with opened(node) as (reader, writer):
            writer.write(b"\x16\x03\x01\x02\x00")
            assert await reader.read() == b""
        await under_way(node, 0)


async def test_handshakes_under_way_are_bounded_by_address_and_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_gate, "HANDSHAKES_PER_ADDRESS_MAX", 3)
    async with served(tmp_path, tls=made(tmp_path, ManualClock(NOW_NS))) as node, opened(node), opened(node):
        async with opened(node):
            await under_way(node, 3)
            assert await fails(node, client(tmp_path)), "hung up on at once"
        await under_way(node, 2)
        assert (await ask(node, client(tmp_path))).startswith(b"HTTP/1.1 200 OK")


async def test_a_stop_does_not_wait_for_handshakes(tmp_path: Path) -> None:
    async with served(tmp_path, tls=made(tmp_path, ManualClock(NOW_NS))) as node:
        silent = socket.create_connection(("127.0.0.1", node.port))
        await under_way(node, 1)
    silent.settimeout(1)
    assert silent.recv(1) == b""
    silent.close()


async def test_a_renewed_certificate_is_shown_to_the_next_and_the_last_goes_on(tmp_path: Path) -> None:
    clock = ManualClock(NOW_NS - 5 * DAY_NS)
    tls = made(tmp_path, clock)
    async with served(tmp_path, tls=tls) as node:
        context = client(tmp_path)
        async with connect(node.ws_url, ssl=context, proxy=None) as websocket:
            before = websocket.transport.get_extra_info("ssl_object").getpeercert(True)
            clock.set(NOW_NS)
            assert tls.refresh()
            async with connect(node.ws_url, ssl=context, proxy=None) as another:
                assert another.transport.get_extra_info("ssl_object").getpeercert(True) != before
            await websocket.send('{"id":1,"method":"ping"}')
            assert '"ok":true' in str(await websocket.recv())


def test_callers_are_counted_by_address_and_in_all() -> None:
    counted = callers.Callers(2, 3)
    first = counted.enter(("10.0.0.1", 1))
    assert first is not None
    assert counted.enter(("10.0.0.1", 2))
    assert counted.enter(("10.0.0.1", 3)) is None
    assert counted.enter(("2001:db8::1", 1, 0, 0))
    assert counted.enter(("10.0.0.2", 1)) is None, "in all"
    first()
    first()
    assert counted.enter(("10.0.0.2", 1))
    assert counted.enter(("10.0.0.3", 1)) is None
