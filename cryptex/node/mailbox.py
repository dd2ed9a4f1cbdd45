"""What has arrived on a websocket and waits to be looked at: messages, and the events of its beginning and end."""

import asyncio
from typing import Final

from starlette.types import Message

_RECEIVE: Final = "websocket.receive"


class Mailbox:
    """Stands in for uvicorn's queue of ASGI events, and gives out all messages at once to who asks so.

    One reader at a time. It holds what it is given: who fills it looks at `bytes`.
    """

    __slots__ = ("_events", "_loop", "_messages", "_waiter", "bytes")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.bytes = 0
        """The bytes of the messages that wait."""
        self._loop = loop
        self._events: list[Message] = []
        self._messages: list[bytes] = []
        self._waiter: asyncio.Future[None] | None = None

    def add(self, messages: list[bytes]) -> None:
        """Note messages."""
        self._messages += messages
        self.bytes += sum(map(len, messages))
        if self._waiter is not None:
            self._wake()

    def put_nowait(self, event: Message) -> None:
        """Note an event of ASGI."""
        if event["type"] == _RECEIVE:
            text: str | None = event.get("text")
            self.add([event["bytes"] if text is None else text.encode()])
            return
        self._events.append(event)
        self._wake()

    def empty(self) -> bool:
        """Return whether nothing waits."""
        return not self._messages and not self._events

    async def take(self) -> list[bytes]:
        """Return the messages that wait, waiting for one; none once the websocket has ended. Not before it began."""
        while not self._messages:
            if self._events:
                return []
            await self._wait()
        messages, self._messages = self._messages, []
        self.bytes = 0
        return messages

    async def get(self) -> Message:
        """Return the next event of ASGI, messages before an end."""
        while self.empty():
            await self._wait()
        if not self._messages:
            return self._events.pop(0)
        message = self._messages.pop(0)
        self.bytes -= len(message)
        return {"type": _RECEIVE, "bytes": message}

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
