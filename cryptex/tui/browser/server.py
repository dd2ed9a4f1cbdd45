"""Serves the terminal to one browser on this machine."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from socket import AF_INET, AF_INET6, create_server
from typing import Final

from aiohttp import WSCloseCode, web

from cryptex.tui.browser.gate import Gate, Request, Verdict
from cryptex.tui.browser.page import FULL, HEADERS, REFUSED, STATIC, page, policy, static_bytes
from cryptex.tui.browser.visitor import HEARTBEAT_S, KILL_S, MESSAGE_BYTES_MAX, STOP_S, Visitor

VISITORS_MAX: Final = 8
"""Terminals that are open at a time; each is a process."""
CLOSE_S: Final = 2.0
"""How long a browser may take to say goodbye."""
SHUTDOWN_S: Final = CLOSE_S + STOP_S + KILL_S + 1.0
"""How long the terminals may take to end, those that must be killed included."""
_SIZE_DEFAULT: Final = (80, 24)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BrowserServer:
    """Runs `command` for each visitor, at most `visitors_max` at a time. `host` is a loopback address."""

    def __init__(self, command: Sequence[str], host: str, port: int, *, visitors_max: int = VISITORS_MAX) -> None:
        self._command = command
        self._host = host
        self._port = port
        self._visitors_max = visitors_max
        self._sockets: set[web.WebSocketResponse] = set()
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Listen; return the address to open, which works once. Raises OSError where the port is taken."""
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/static/{name}", self._static),
                web.get("/ws", self._socket),
            ]
        )
        app.on_shutdown.append(self._send_away)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        is_six = ":" in self._host
        listening = create_server((self._host, self._port), family=AF_INET6 if is_six else AF_INET)
        port = listening.getsockname()[1]
        self._gate = Gate(f"[{self._host}]:{port}" if is_six else f"{self._host}:{port}")
        await web.SockSite(self._runner, listening).start()
        return self._gate.address

    async def stop(self) -> None:
        """Send everybody away; return when all their processes are gone."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Let in who may come in; tell browsers to keep the rest of the web out."""
        verdict = self._gate.judge(
            Request(
                request.host,
                request.headers.get("Origin"),
                request.headers.get("Sec-Fetch-Site"),
                request.query.get("token"),
                request.cookies.get(self._gate.cookie_name),
                request.path == "/ws",
            )
        )
        if verdict is Verdict.REFUSE:
            return self._closed(web.Response(status=web.HTTPForbidden.status_code, text=REFUSED))
        if verdict is Verdict.ADMIT:
            # Elsewhere at once, so that the token stays in no address bar.
            response = web.Response(status=web.HTTPSeeOther.status_code, headers={"Location": "/"})
            response.set_cookie(self._gate.cookie_name, self._gate.cookie, httponly=True, samesite="Strict", path="/")
            return self._closed(response)
        try:
            return self._closed(await handler(request))
        except web.HTTPException as error:
            return self._closed(web.Response(status=error.status, text=f"{error.status}: {error.reason}\n"))

    def _closed(self, response: web.StreamResponse) -> web.StreamResponse:
        if not response.prepared:
            response.headers.update(HEADERS)
            response.headers["Content-Security-Policy"] = policy(self._gate.host)
        return response

    async def _page(self, _request: web.Request) -> web.Response:
        return web.Response(text=page(self._gate.host), content_type="text/html")

    async def _static(self, request: web.Request) -> web.Response:
        file = STATIC.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        body = await asyncio.to_thread(static_bytes, file)
        return web.Response(body=body, content_type=file.media_type, charset=None)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if len(self._sockets) >= self._visitors_max:
            return web.Response(status=web.HTTPServiceUnavailable.status_code, text=FULL)
        socket = web.WebSocketResponse(
            timeout=CLOSE_S, heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_BYTES_MAX, compress=False
        )
        self._sockets.add(socket)
        try:
            await socket.prepare(request)
            width, height = (_whole(request.query.get(name)) for name in ("width", "height"))
            await Visitor(self._command, socket).serve(width or _SIZE_DEFAULT[0], height or _SIZE_DEFAULT[1])
        finally:
            self._sockets.discard(socket)
        return socket

    async def _send_away(self, _app: web.Application) -> None:
        closing = (socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops") for socket in self._sockets)
        await asyncio.gather(*closing)


def serve(command: Sequence[str], host: str, port: int, tell: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `tell` hears the address to open. Raises OSError where the port is taken."""
    asyncio.run(_serve(BrowserServer(command, host, port), tell))


async def _serve(server: BrowserServer, tell: Callable[[str], None]) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        tell(await server.start())
        await ended.wait()
    finally:
        await server.stop()


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 5 else None
