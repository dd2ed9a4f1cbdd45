"""A small ASGI client: HTTP requests and websockets to an app in this very process, and its lifespan."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Message, Scope

RECEIVE_TIMEOUT_S = 5.0


class Answer(NamedTuple):
    """A whole HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's JSON."""
        return json.loads(self.body)


def _scope(kind: str, path: str, headers: dict[str, str]) -> Scope:
    path, _, query = path.partition("?")
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "root_path": "",
        "query_string": quote(query, safe="%=&?/:;+,@!$'()*~").encode("latin-1"),
        "headers": raw,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 7070),
        "extensions": {"websocket.http.response": {}},
        "subprotocols": [],
    }


async def request(
    app: ASGIApp,
    method: str,
    path: str,
    body: object = None,
    *,
    token: str | None = None,
    headers: dict[str, str] | None = None,
    chunks: Iterable[bytes] | None = None,
    client: str = "127.0.0.1",
    before_body: Callable[[], Awaitable[None]] | None = None,
) -> Answer:
    """Return the response to one request. A body that is not bytes is sent as JSON, after what `before_body` does."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    waiting = list(chunks) if chunks is not None else [data]
    sent: list[Message] = []
    all_headers = {"host": "127.0.0.1:7070", **({"authorization": f"Bearer {token}"} if token else {})}
    all_headers |= headers or {}

    async def receive() -> Message:
        nonlocal before_body
        if not waiting:
            return {"type": "http.disconnect"}
        if before_body is not None:
            before, before_body = before_body, None
            await before()
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = _scope("http", path, all_headers)
    scope["method"] = method
    scope["client"] = (client, 1)
    await app(scope, receive, send)
    start, *rest = sent
    response_headers = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], response_headers, b"".join(part.get("body", b"") for part in rest))


class Socket:
    """The client's end of a websocket. `stalled` holds back everything that the app sends."""

    def __init__(self, app: ASGIApp, headers: dict[str, str] | None = None) -> None:
        self._in: asyncio.Queue[Message] = asyncio.Queue()
        self._out: asyncio.Queue[Message] = asyncio.Queue()
        self.writable = asyncio.Event()
        self.writable.set()
        self._ids = 0
        self._aside: list[Any] = []
        scope = _scope("websocket", "/ws", {"host": "127.0.0.1:7070", **(headers or {})})
        self.task = asyncio.ensure_future(app(scope, self._in.get, self._send))
        self._in.put_nowait({"type": "websocket.connect"})

    async def _send(self, message: Message) -> None:
        await self.writable.wait()
        await self._out.put(message)
        if message["type"] == "websocket.close":
            self._in.put_nowait({"type": "websocket.disconnect", "code": message.get("code", 1000)})

    async def event(self) -> Message:
        """Return the next ASGI message of the app."""
        return await asyncio.wait_for(self._out.get(), RECEIVE_TIMEOUT_S)

    def text(self, text: str) -> None:
        """Send a text frame."""
        self._in.put_nowait({"type": "websocket.receive", "text": text})

    def binary(self, data: bytes) -> None:
        """Send a binary frame."""
        self._in.put_nowait({"type": "websocket.receive", "bytes": data})

    async def message(self) -> Any:
        """Return the next message, one set aside by `call` first."""
        return self._aside.pop(0) if self._aside else await self._next()

    async def _next(self) -> Any:
        event = await self.event()
        assert event["type"] == "websocket.send", event
        return json.loads(event["text"])

    async def reply(self, request_id: object) -> Any:
        """Return the reply to a request; what else arrives is kept for `message` and later calls."""
        for message in self._aside:
            if "ok" in message and message["id"] == request_id:
                self._aside.remove(message)
                return message
        while True:
            message = await self._next()
            if "ok" in message and message["id"] == request_id:
                return message
            self._aside.append(message)

    def start(self, method: str, **params: object) -> int:
        """Send a request without waiting. Return its id."""
        self._ids += 1
        self.text(json.dumps({"id": self._ids, "method": method, "params": params}))
        return self._ids

    async def call(self, method: str, **params: object) -> Any:
        """Return the result of a request that must succeed."""
        reply = await self.reply(self.start(method, **params))
        assert reply["ok"], reply
        return reply["result"]

    async def refused(self, method: str, **params: object) -> Any:
        """Return the error of a request that must not succeed."""
        reply = await self.reply(self.start(method, **params))
        assert not reply["ok"], reply
        return reply["error"]

    async def closed(self) -> int:
        """Return the code that the app closes with, passing over what it says before."""
        while True:
            event = await self.event()
            if event["type"] == "websocket.close":
                return int(event["code"])

    async def close(self) -> None:
        """Leave, and return when the app has noticed."""
        self._in.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self.task, RECEIVE_TIMEOUT_S)


@asynccontextmanager
async def socket(app: ASGIApp, headers: dict[str, str] | None = None) -> AsyncIterator[Socket]:
    """Open a websocket and leave it at the end."""
    opened = Socket(app, headers)
    accepted = await opened.event()
    assert accepted["type"] == "websocket.accept", accepted
    try:
        yield opened
    finally:
        opened.writable.set()
        await opened.close()


@asynccontextmanager
async def lifespan(app: ASGIApp) -> AsyncIterator[None]:
    """Start the app and stop it at the end."""
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    outgoing: asyncio.Queue[Message] = asyncio.Queue()
    task = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}}, incoming.get, outgoing.put))
    incoming.put_nowait({"type": "lifespan.startup"})
    started = await outgoing.get()
    assert started["type"] == "lifespan.startup.complete", started
    try:
        yield
    finally:
        incoming.put_nowait({"type": "lifespan.shutdown"})
        stopped = await outgoing.get()
        await task
        assert stopped["type"] == "lifespan.shutdown.complete", stopped
