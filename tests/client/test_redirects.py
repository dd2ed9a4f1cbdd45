"""A node that sends its callers elsewhere: nobody goes, for a token is for the node that it was given to alone."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cryptex.client import CryptexError, Exchange, NodeUnreachableError, RestClient

STATUSES = (301, 302, 303, 307, 308)


class Elsewhere:
    """A place that counts who comes."""

    def __init__(self) -> None:
        self.came = 0
        self.port = 0

    async def __call__(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        writer.close()


@asynccontextmanager
async def sending_elsewhere(status: int) -> AsyncIterator[tuple[str, Elsewhere]]:
    """Serve an address whose every answer is a redirect, over HTTP and websocket alike."""
    elsewhere = Elsewhere()
    other = await asyncio.start_server(elsewhere, "127.0.0.1", 0, family=socket.AF_INET)
    elsewhere.port = other.sockets[0].getsockname()[1]

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        scheme, path = ("ws", "/ws") if b"pgrade: websocket" in request else ("http", "/users/me")
        where = f"{scheme}://127.0.0.1:{elsewhere.port}{path}"
        writer.write(f"HTTP/1.1 {status} Elsewhere\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with other, await asyncio.start_server(redirect, "127.0.0.1", 0, family=socket.AF_INET) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", elsewhere


@pytest.mark.parametrize("status", STATUSES)
async def test_a_websocket_goes_nowhere_else(status: int) -> None:
    async with sending_elsewhere(status) as (url, elsewhere):
        with pytest.raises(NodeUnreachableError, match=str(status)):
            await Exchange(url, "cxk_" + "t" * 43).connect()
        assert elsewhere.came == 0


@pytest.mark.parametrize("status", STATUSES)
async def test_a_request_goes_nowhere_else(status: int) -> None:
    async with sending_elsewhere(status) as (url, elsewhere):
        with pytest.raises(CryptexError, match=str(status)):
            await asyncio.to_thread(RestClient(url, "cxk_" + "t" * 43).me)
        assert elsewhere.came == 0
