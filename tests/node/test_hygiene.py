"""What every answer carries and none gives away, and how many connections an address or a silent one may keep."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cryptex import __version__
from cryptex.node import rest_health, stream
from cryptex.node.connection import STRANGER
from cryptex.node.response_headers import response_headers
from tests.node.served import Served, served

EXPECTED = {name.lower(): value for name, value in response_headers(is_secure=False, is_local=True)}
_HEADER = re.compile(r"^([\w-]+): (.*)$", re.MULTILINE)


async def exchange(node: Served, request: bytes) -> tuple[int, dict[str, str], str]:
    """Send bytes and return status, headers (each once) and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    pairs = [(name.lower(), value.rstrip()) for name, value in _HEADER.findall(head)]
    assert len(dict(pairs)) == len(pairs), "a header that is there twice"
    body = await reader.readexactly(int(dict(pairs).get("content-length", 0)))
    writer.close()
    await writer.wait_closed()
    return int(head.split()[1]), dict(pairs), body.decode()


def asked(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


INSIDE = ("Traceback", "secret detail", "uvicorn", "starlette", ".py")
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
)


async def test_every_answer_has_the_headers_and_none_says_more_than_it_must(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_view: object) -> None:
        raise RuntimeError("secret detail of the inside")

    monkeypatch.setattr(rest_health, "answer", broken)
    requests = {
        200: [asked("GET", "/markets"), asked("GET", "/docs"), asked("GET", "/openapi.json"), asked("GET", "/metrics")],
        204: [asked("OPTIONS", "/orders")],
        303: [asked("GET", "/", "Accept: text/html,*/*;q=0.8")],
        400: [b"nonsense\r\n\r\n", asked("GET", "/ws", *UPGRADE[:2])],
        401: [asked("GET", "/wallet")],
        403: [asked("GET", "/ws", *UPGRADE, "Origin: https://evil.example")],
        404: [asked("GET", "/nothing"), asked("GET", "/ws")],
        405: [asked("PUT", "/markets")],
        413: [asked("POST", "/users", body=b" " * 70_000)],
        422: [asked("POST", "/users", body=b"{}")],
        500: [asked("GET", "/health/live")],
        101: [asked("GET", "/ws", *UPGRADE)],
    }
    async with served(tmp_path) as node:
        for wanted, each_of in requests.items():
            for request in each_of:
                status, headers, body = await exchange(node, request)
                assert status == wanted, (request, body)
                assert headers.items() >= EXPECTED.items(), request
                assert "server" not in headers
                if status >= 400:
                    told = f"{headers}{body}"
                    assert __version__ not in told
                    assert not any(
                        word in told for word in ("Traceback", "secret detail", "uvicorn", "starlette", ".py")
                    )
    assert "secret detail" in caplog.text, "the operator reads it in the log"


async def test_the_root_says_where_to_read_on(tmp_path: Path) -> None:
    async with served(tmp_path) as node:
        status, headers, body = await exchange(node, asked("GET", "/", "Accept: */*"))
        assert (status, headers["content-type"], headers["vary"]) == (200, "application/json", "Accept")
        said = json.loads(body)
        for path in (said["docs"], said["openapi"], said["asyncapi"], said["health"]):
            assert (await exchange(node, asked("GET", path)))[0] == 200, path
        status, headers, _ = await exchange(node, asked("GET", "/", "Accept: text/html"))
        assert (status, headers["location"]) == (303, "/docs")


def test_strict_transport_security_is_for_nodes_that_others_reach_by_tls() -> None:
    def names(**where: bool) -> set[str]:
        return {name for name, _ in response_headers(**where)}

    hsts = "Strict-Transport-Security"
    assert hsts in names(is_secure=True, is_local=False)
    assert hsts not in names(is_secure=False, is_local=False)
    assert hsts not in names(is_secure=True, is_local=True), "it would bind every program on localhost"


async def test_an_address_has_so_many_connections_and_gets_their_places_back(tmp_path: Path) -> None:
    async with served(tmp_path, connections_per_address=3) as node:
        async with connect(node.ws_url, proxy=None), connect(node.ws_url, proxy=None):
            held = await asyncio.open_connection("127.0.0.1", node.port)
            while len(node.server.server_state.connections) < 3:  # noqa: ASYNC110 (a server tells nobody)
                await asyncio.sleep(0)
            status, headers, body = await exchange(node, asked("GET", "/markets"))
            assert (status, headers["retry-after"]) == (429, "5")
            assert json.loads(body)["connections"] == 3
            with pytest.raises(InvalidStatus) as refused:
                await connect(node.ws_url, proxy=None)
            assert refused.value.response.status_code == 429
            held[1].close()
            await held[1].wait_closed()
        while node.server.server_state.connections:  # noqa: ASYNC110
            await asyncio.sleep(0)
        async with connect(node.ws_url, proxy=None), connect(node.ws_url, proxy=None):
            assert (await exchange(node, asked("GET", "/markets")))[0] == 200


async def test_long_lists_and_deep_books_cost_more_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cryptex.node.rates.ADDRESS_REQUESTS_PER_SECOND", 1)
    monkeypatch.setattr("cryptex.node.rates.ADDRESS_REQUESTS_BURST", 12)
    async with served(tmp_path, commands_per_second=1) as node:
        assert (await exchange(node, asked("GET", "/markets/BTC-USDT/book?depth=1000")))[0] == 200
        assert (await exchange(node, asked("GET", "/markets/BTC-USDT/trades?limit=100")))[0] == 200
        status, headers, _ = await exchange(node, asked("GET", "/markets/BTC-USDT/trades?limit=1000"))
        assert status == 429
        assert int(headers["retry-after"]) >= 5


async def test_a_websocket_that_is_nobodys_and_silent_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "STRANGER_TIMEOUT_S", 0.1)
    async with (
        served(tmp_path) as node,
        connect(node.ws_url, proxy=None) as subscribed,
        connect(node.ws_url, proxy=None) as silent,
    ):
        await subscribed.send('{"id":1,"method":"subscribe","params":{"channel":"ticker","markets":["BTC-USDT"]}}')
        await subscribed.recv()
        with pytest.raises(ConnectionClosed) as closed:
            await silent.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (STRANGER, "log in or subscribe")
        async with connect(node.ws_url, proxy=None) as pinging:
            await pinging.send('{"id":1,"method":"ping"}')
            await pinging.recv()
            async with connect(node.ws_url, proxy=None) as another:
                with pytest.raises(ConnectionClosed):
                    await another.recv()
                await pinging.send('{"id":2,"method":"ping"}')
                assert json.loads(await pinging.recv())["id"] == 2
        await subscribed.send('{"id":2,"method":"ping"}')
        while json.loads(await subscribed.recv()).get("id") != 2:
            pass


async def test_one_without_a_fault_of_its_own_is_told_of_ours(tmp_path: Path) -> None:
    """A handshake that meets a fault is answered as any request that does."""
    async with served(tmp_path) as node:

        def broken(_headers: object) -> None:
            raise RuntimeError("inside")

        node.streams._denial = broken  # type: ignore[method-assign,assignment]
        status, headers, body = await exchange(node, asked("GET", "/ws", *UPGRADE))
        assert (status, json.loads(body)["code"]) == (500, "internal_error")
        assert headers.items() >= EXPECTED.items()
