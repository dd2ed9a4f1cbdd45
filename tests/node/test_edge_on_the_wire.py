"""The edge as a client on the network meets it: over a real server and real sockets."""

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cryptex.protocol.requests import MESSAGE_BYTES_MAX
from tests.node.edge import PASSWORD, limit
from tests.node.process import NodeProcess

TIMEOUT_S = 10.0


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    process = NodeProcess(tmp_path_factory.mktemp("wire") / "data")
    yield process
    assert process.end() == 0
    assert process.errors == ""


def raw(process: NodeProcess, *parts: bytes) -> bytes:
    """Return what the node answers to bytes on a fresh connection, up to its close."""
    with socket.create_connection(("127.0.0.1", process.port), TIMEOUT_S) as opened:
        answer = b""
        try:
            for part in parts:
                opened.sendall(part)
            while chunk := opened.recv(65_536):
                answer += chunk
        except (ConnectionResetError, BrokenPipeError):  # it need not listen to the rest of what it has refused
            pass
        return answer


def login(process: NodeProcess, name: str) -> str:
    process.ask("POST", "/users", {"username": name, "password": PASSWORD})
    token: str = process.ask("POST", "/sessions", {"username": name, "password": PASSWORD})["token"]
    return token


async def call(connection: ClientConnection, message: object) -> Any:
    text = message if isinstance(message, str | bytes) else json.dumps(message)
    await connection.send(text)
    return json.loads(await asyncio.wait_for(connection.recv(), TIMEOUT_S))


def test_requests_that_the_edge_answers_itself(process: NodeProcess) -> None:
    common = b"Host: localhost\r\nConnection: close\r\n"
    announced = raw(process, b"POST /users HTTP/1.1\r\n" + common + b"Content-Length: 999999\r\n\r\n{}")
    assert announced.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in announced
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    streamed = raw(process, b"POST /users HTTP/1.1\r\n" + common + b"Transfer-Encoding: chunked\r\n\r\n", chunk * 5)
    assert streamed.startswith(b"HTTP/1.1 413")
    head = raw(process, b"HEAD /markets HTTP/1.1\r\n" + common + b"\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert head.endswith(b"\r\n\r\n")
    assert b"Allow" in raw(process, b"PUT /orders HTTP/1.1\r\n" + common + b"\r\n").replace(b"allow", b"Allow")
    assert raw(process, b"GET /nothing HTTP/1.1\r\n" + common + b"\r\n").startswith(b"HTTP/1.1 404")


async def test_a_session_on_the_websocket(process: NodeProcess) -> None:
    token = await asyncio.to_thread(login, process, "ann")
    async with connect(process.url.replace("http", "ws") + "/ws", max_size=None) as opened:
        assert (await call(opened, {"id": 1, "method": "login", "params": {"token": token}}))["ok"]
        assert (await call(opened, "{"))["error"]["code"] == "invalid_request"
        assert (await call(opened, b"\xff"))["error"]["code"] == "invalid_request"
        assert not (await call(opened, " " * MESSAGE_BYTES_MAX))["ok"]
        params = limit("BTC-USDT", "buy", "0.5", "45000")
        order = (await call(opened, {"id": 2, "method": "order.place", "params": params}))["result"]
        assert order["status"] == "open"
        with pytest.raises(ConnectionClosed) as closed:
            await call(opened, " " * (MESSAGE_BYTES_MAX + 1))
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
    found = await asyncio.to_thread(process.ask, "GET", f"/orders/{order['id']}", None, token)
    assert found == order


async def test_a_page_of_another_origin_gets_no_websocket(process: NodeProcess) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(process.url.replace("http", "ws") + "/ws", origin="http://evil.example")
    assert refused.value.response.status_code == 403
