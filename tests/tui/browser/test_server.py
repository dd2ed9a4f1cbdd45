"""The server over real sockets, with a terminal of a few lines in the place of the real one."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType, WSServerHandshakeError

from cryptex.cli.folders import is_alive, wait_until
from cryptex.tui.browser import visitor
from cryptex.tui.browser.page import STATIC
from cryptex.tui.browser.server import BrowserServer

COMMAND = [sys.executable, str(Path(__file__).with_name("echo.py"))]


class Browser:
    """Someone who speaks to a server, with or without its cookie."""

    def __init__(self, address: str, client: ClientSession) -> None:
        self.address = address
        self.origin = address.partition("/?")[0]
        self.client = client

    async def get(self, path: str, **headers: str) -> int:
        """Return the status of a page."""
        async with self.client.get(self.origin + path, headers=headers, allow_redirects=False) as answer:
            return answer.status

    @asynccontextmanager
    async def open(self, origin: str | None = None) -> AsyncIterator[ClientWebSocketResponse]:
        """Open a terminal."""
        headers = {"Origin": self.origin if origin is None else origin}
        async with self.client.ws_connect(f"{self.origin}/ws?width=100&height=30", headers=headers) as socket:
            yield socket


@asynccontextmanager
async def served(*, visitors_max: int = 8) -> AsyncIterator[tuple[BrowserServer, Browser]]:
    """Start a server, and a browser that did not come in yet."""
    server = BrowserServer(COMMAND, "127.0.0.1", 0, visitors_max=visitors_max)
    address = await server.start()
    try:
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
            yield server, Browser(address, client)
    finally:
        await server.stop()


@asynccontextmanager
async def entered(*, visitors_max: int = 8) -> AsyncIterator[Browser]:
    """Start a server, and a browser that came in."""
    async with served(visitors_max=visitors_max) as (_, browser):
        async with browser.client.get(browser.address) as answer:
            assert answer.status == 200
        yield browser


async def said(socket: ClientWebSocketResponse) -> bytes:
    """Return what the terminal drew next."""
    message = await asyncio.wait_for(socket.receive(), 20)
    assert message.type is WSMsgType.BINARY, message
    return bytes(message.data)


async def begun(socket: ClientWebSocketResponse) -> dict[str, str | int | dict[str, str]]:
    """Return what the terminal says of itself."""
    told: dict[str, str | int | dict[str, str]] = json.loads(await said(socket))
    return told


async def gone(process_id: object) -> None:
    """Return once a process has ended."""
    assert isinstance(process_id, int)
    number = process_id
    assert await asyncio.to_thread(wait_until, lambda: not is_alive(number), 20.0)


async def test_the_token_is_changed_for_a_cookie_once() -> None:
    async with served() as (_, browser):
        async with browser.client.get(browser.address, allow_redirects=False) as answer:
            assert answer.status == 303
            assert answer.headers["Location"] == "/"
            cookie = answer.headers["Set-Cookie"]
            assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        async with browser.client.get(f"{browser.origin}/") as page:
            assert "textual-terminal" in await page.text()
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
            assert page.headers["Cache-Control"] == "no-store"
        async with ClientSession() as another, another.get(browser.address) as answer:
            assert answer.status == 403
            assert "It works once" in await answer.text()
            assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/static/textual.js", "/ws", "/nothing", "/download/x"])
async def test_without_the_cookie_there_is_nothing(path: str) -> None:
    async with served() as (_, browser):
        assert await browser.get(path) == 403


async def test_without_the_cookie_there_is_no_terminal() -> None:
    async with served() as (_, browser):
        with pytest.raises(WSServerHandshakeError, match="403"):
            async with browser.open():
                pass


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
async def test_a_page_from_elsewhere_gets_no_terminal(origin: str) -> None:
    async with entered() as browser:
        with pytest.raises(WSServerHandshakeError, match="403"):
            async with browser.open(origin):
                pass


async def test_another_name_of_this_machine_is_refused() -> None:
    async with entered() as browser:
        assert await browser.get("/", Host="evil.example") == 403
        assert await browser.get("/", **{"Sec-Fetch-Site": "cross-site"}) == 403


async def test_the_files_of_the_page_are_there_and_no_others() -> None:
    async with entered() as browser:
        for name in STATIC:
            assert await browser.get(f"/static/{name}") == 200
        for path in ("/static/", "/static/..%2Fgate.py", "/static/images", "/download/x"):
            assert await browser.get(path) == 404


async def test_a_terminal_draws_and_hears_keys_and_its_size() -> None:
    async with entered() as browser, browser.open() as socket:
        await begun(socket)
        await socket.send_json(["stdin", "ab"])
        assert await said(socket) == b"Dab"
        await socket.send_json(["resize", {"width": 1_000_000, "height": -3}])
        assert json.loads((await said(socket))[1:]) == {"type": "resize", "width": 500, "height": 1}
        await socket.send_json(["ping", "7"])
        assert (await socket.receive_json()) == ["pong", "7"]
        for junk in ("", "{", "[]", "7", '["stdin"]', '["stdin", 7]', '["resize", {"width": "x"}]', '["nothing"]'):
            await socket.send_str(junk)
        await socket.send_json(["blur"])
        assert json.loads((await said(socket))[1:]) == {"type": "blur"}
        await socket.send_json(["focus"])
        assert json.loads((await said(socket))[1:]) == {"type": "focus"}


async def test_a_terminal_knows_nothing_of_who_started_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRYPTEX_TOKEN", "secret")
    monkeypatch.setenv("CRYPTEX_NODE", "http://elsewhere.example")
    async with entered() as browser, browser.open() as socket:
        environment = (await begun(socket))["environment"]
        assert isinstance(environment, dict)
        assert [name for name in environment if name.startswith("CRYPTEX_")] == []
        assert (environment["COLUMNS"], environment["ROWS"]) == ("100", "30")


async def test_when_a_browser_leaves_its_terminal_ends() -> None:
    async with entered() as browser:
        async with browser.open() as socket:
            process_id = (await begun(socket))["pid"]
        await gone(process_id)


async def test_when_a_terminal_breaks_its_browser_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    async with entered() as browser, browser.open() as socket:
        process_id = (await begun(socket))["pid"]
        await socket.send_json(["stdin", "x"])
        assert (await asyncio.wait_for(socket.receive(), 20)).type is WSMsgType.CLOSE
        await gone(process_id)


async def test_a_terminal_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "STOP_S", 0.2)
    async with entered() as browser:
        async with browser.open() as socket:
            process_id = (await begun(socket))["pid"]
            await socket.send_json(["stdin", "hang"])
        await gone(process_id)


async def free(server: BrowserServer) -> None:
    """Return once nobody takes a slot."""
    assert await asyncio.to_thread(wait_until, lambda: not server._sockets, 20.0)


async def test_a_browser_that_breaks_off_while_its_terminal_floods_leaves_its_slot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(visitor, "STOP_S", 0.2)
    monkeypatch.setattr(visitor, "KILL_S", 60.0)
    async with served() as (server, browser):
        await browser.client.get(browser.address)
        async with browser.open() as socket:
            process_id = (await begun(socket))["pid"]
            await socket.send_json(["stdin", "flood"])
            await said(socket)
            assert socket._conn is not None
            assert isinstance(socket._conn.transport, asyncio.Transport)
            socket._conn.transport.abort()
            await free(server)
        await gone(process_id)


async def test_a_killed_terminal_whose_pipes_live_on_leaves_its_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "STOP_S", 0.2)
    monkeypatch.setattr(visitor, "KILL_S", 0.2)
    async with served() as (server, browser):
        await browser.client.get(browser.address)
        async with browser.open() as socket:
            await begun(socket)
            await socket.send_json(["stdin", "heir"])
            heir = int(await said(socket))
        try:
            await free(server)
            assert is_alive(heir)
        finally:
            os.kill(heir, signal.SIGKILL)
            await gone(heir)


async def test_so_many_terminals_and_no_more() -> None:
    async with served(visitors_max=1) as (server, browser):
        await browser.client.get(browser.address)
        async with browser.open() as socket:
            await begun(socket)
            with pytest.raises(WSServerHandshakeError, match="503"):
                async with browser.open():
                    pass
        await free(server)
        async with browser.open() as socket:
            await begun(socket)


async def test_a_server_that_stops_leaves_no_terminal() -> None:
    async with served() as (server, browser):
        async with browser.client.get(browser.address) as answer:
            assert answer.status == 200
        async with browser.open() as socket:
            process_id = (await begun(socket))["pid"]
            stopping = asyncio.create_task(server.stop())
            assert (await asyncio.wait_for(socket.receive(), 20)).type is WSMsgType.CLOSE
            await stopping
        assert isinstance(process_id, int)
        assert not is_alive(process_id)


async def test_a_message_that_is_too_long_ends_the_terminal() -> None:
    async with entered() as browser, browser.open() as socket:
        process_id = (await begun(socket))["pid"]
        await socket.send_json(["stdin", "a" * visitor.MESSAGE_BYTES_MAX])
        await gone(process_id)
