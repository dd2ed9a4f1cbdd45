"""A websocket as a stream sees it: all messages that have arrived at once in, many messages in one write out."""

from collections.abc import Sequence
from typing import Final, Protocol

from starlette.types import Receive, Scope, Send

WIRE: Final = "cryptex.wire"
"""The ASGI extension under which a server offers its own wire."""


class Wire(Protocol):
    """Messages are JSON texts in UTF-8."""

    async def take(self) -> Sequence[bytes]:
        """Return what has arrived since the last call, waiting for at least one message; empty when the peer is gone.

        What is not asked for waits with the peer, but for a bounded rest.
        """

    async def write(self, texts: Sequence[bytes]) -> None:
        """Write messages in order, once there is room. Raises OSError or RuntimeError when the peer is gone."""

    async def close(self, code: int, reason: str) -> None:
        """Close the websocket. Raises as `write` does."""


class AsgiWire:
    """A websocket through the events of ASGI, one message each: what any server can do."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    async def take(self) -> Sequence[bytes]:
        """Return the next message, if there is one."""
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            return ()
        text: str | None = event.get("text")
        data: bytes = event.get("bytes") or b"" if text is None else text.encode()
        return (data,)

    async def write(self, texts: Sequence[bytes]) -> None:
        """Write messages in order."""
        for text in texts:
            await self._send({"type": "websocket.send", "text": text.decode()})

    async def close(self, code: int, reason: str) -> None:
        """Close the websocket."""
        await self._send({"type": "websocket.close", "code": code, "reason": reason})


def wire_of(scope: Scope, receive: Receive, send: Send) -> Wire:
    """Return the server's own wire where it has one."""
    wire: Wire | None = scope.get("extensions", {}).get(WIRE)
    return AsgiWire(receive, send) if wire is None else wire
