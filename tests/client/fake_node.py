"""A scripted node: a websocket whose answers a test writes, and an HTTP server that gives out canned answers."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from cryptex.client.timing import Timing
from cryptex.protocol.channels import CancelOnDisconnectResult, LoginResult, PongResult, SubscribeResult
from cryptex.protocol.problems import Code, problem
from cryptex.protocol.requests import Request
from tests.client.views import TIME

_request_decoder = msgspec.json.Decoder(Request)


class Params(msgspec.Struct):
    """What tests look at in a request's params."""

    token: str = ""
    channel: str = ""
    markets: list[str] = []
    depth: int = 0
    client_order_id: str = ""
    enabled: bool = False


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    id: int | str | None
    method: str
    params: Params
    raw: bytes


Answer = Callable[[Asked], object]
"""Makes a result; an exception's problem or SILENCE where there is none."""

SILENCE = object()


class Refuse(Exception):
    """Raised by a script to answer with a problem."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.problem = problem(code, f"this is {code}")


class FakeNode:
    """A node on a port of its own, which it keeps when it is stopped and started again."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[Asked] = asyncio.Queue()
        self.connections = 0
        self.script: dict[str, Answer] = {
            "login": lambda asked: LoginResult(1, "john", 1),
            "ping": lambda asked: PongResult(1, 10),
            "subscribe": lambda asked: SubscribeResult(asked.params.channel, asked.params.markets),
            "unsubscribe": lambda asked: SubscribeResult(asked.params.channel, asked.params.markets),
            "cancel_on_disconnect": lambda asked: CancelOnDisconnectResult(asked.params.enabled),
        }
        self._server: Server | None = None
        self._socket: ServerConnection | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self._port,
            ping_interval=None,
            close_timeout=1,
            logger=logging.Logger("fake node", logging.CRITICAL),
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def expect(self, method: str) -> Asked:
        """Wait for a request of a method; those of other methods before it are passed over."""
        async with asyncio.timeout(5):
            while True:
                asked = await self.asked.get()
                if asked.method == method:
                    return asked

    async def send(self, message: object) -> None:
        """Send a channel's message to the last client that connected."""
        assert self._socket is not None
        await self._socket.send(msgspec.json.encode(message), text=True)

    async def send_bytes(self, data: bytes) -> None:
        """Send anything."""
        assert self._socket is not None
        await self._socket.send(data, text=True)

    def drop(self) -> None:
        """Cut the connection without a word."""
        assert self._socket is not None
        self._socket.transport.abort()

    async def _serve(self, socket: ServerConnection) -> None:
        self._socket = socket
        self.connections += 1
        try:
            async for data in socket:
                await self._answer(socket, data)
        except ConnectionClosed:
            pass

    async def _answer(self, socket: ServerConnection, data: str | bytes) -> None:
        request = _request_decoder.decode(data)
        params = msgspec.json.decode(request.params, type=Params)
        asked = Asked(request.id, request.method, params, bytes(request.params))
        try:
            result = self.script[request.method](asked)
        except Refuse as refuse:
            reply: dict[str, object] = {"id": request.id, "ok": False, "error": refuse.problem, "time": TIME}
        else:
            reply = {"id": request.id, "ok": True, "result": result, "time": TIME}
            if result is SILENCE:
                reply = {}
        if reply:
            await socket.send(msgspec.json.encode(reply), text=True)
        self.asked.put_nowait(asked)


class FakeTime:
    """Timing for tests: waits shorter than a ping interval pass at once and are noted; longer ones wait for `wake`."""

    def __init__(self, chance: float = 0.5) -> None:
        self.now_s = 1000.0
        self.waits_s: list[float] = []
        self._woken = asyncio.Event()
        self._began = asyncio.Event()
        self.timing = Timing(monotonic=lambda: self.now_s, sleep=self._sleep, random=lambda: chance)

    def wake(self) -> None:
        """Let the long waits end."""
        self._woken.set()

    async def wait_for(self, seconds: float) -> None:
        """Wait until somebody waits that long."""
        async with asyncio.timeout(5):
            while seconds not in self.waits_s:
                self._began.clear()
                await self._began.wait()

    async def _sleep(self, seconds: float) -> None:
        self.waits_s.append(seconds)
        self._began.set()
        if seconds < 5:
            await asyncio.sleep(0)
            return
        await self._woken.wait()
        self._woken.clear()


@dataclass
class Page:
    """A canned HTTP answer."""

    status: int = 200
    body: bytes = b"{}"
    kind: str = "application/json"
    cut: bool = False
    """End the connection without an answer."""
    hang: threading.Event | None = None
    """Answer only once this is set."""
    promised: int | None = None
    """A Content-Length that is not the body's."""


@dataclass
class Got:
    """An HTTP request as it came in."""

    method: str
    path: str
    body: bytes
    authorization: str | None


@dataclass
class FakeRest:
    """An HTTP server in a thread: `pages` by "METHOD /path" (without query)."""

    pages: dict[str, Page] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                got = Got(self.command, self.path, self.rfile.read(length), self.headers.get("Authorization"))
                outer.got.append(got)
                page = outer.pages.get(
                    f"{self.command} {self.path.partition('?')[0]}", Page(404, b"nothing", "text/plain")
                )
                if page.hang is not None:
                    page.hang.wait(5)
                if page.cut or page.hang is not None:
                    self.close_connection = True
                    return
                self.send_response(page.status)
                self.send_header("Content-Type", page.kind)
                self.send_header("Content-Length", str(len(page.body) if page.promised is None else page.promised))
                self.end_headers()
                self.wfile.write(page.body)

            do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 (names that http.server asks for)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's word)
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, route: str, body: object, status: int = 200) -> None:
        """Answer a route with JSON from now on."""
        self.pages[route] = Page(status, msgspec.json.encode(body))
