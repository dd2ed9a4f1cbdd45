"""The network between clients and the node: messages take their time, connections break, replies are lost."""

import asyncio
import json
from collections import deque
from random import Random
from typing import Any

import msgspec

from tests.node.asgi import _scope, request
from tests.simulation.loop import VirtualLoop
from tests.simulation.node import Incarnation, NodeHost

REQUEST_TIMEOUT_S = 15.0
"""More than the node's own limit for a commit: what comes later than this never comes."""

APART_S = 1e-6
"""Messages of one direction arrive so far apart, at least: in the order in which they were sent."""


class NetworkFaults(msgspec.Struct, frozen=True):
    """What the network does to messages."""

    delay_s: float = 0.001
    break_share: float = 0.0
    """How likely a connection is to break with each message."""
    lost_reply: float = 0.0
    """How likely the answer to an HTTP request is to be lost."""
    stall_share: float = 0.0
    """How likely the way back is to stand still for a while, with each message."""


class Lost(Exception):
    """The connection is gone, or no answer came: what became of a request is not known."""


class Trace:
    """Everything that anybody outside the node can see, in order."""

    def __init__(self, loop: VirtualLoop, digest: Any, *, keep: bool) -> None:
        self._loop = loop
        self._digest = digest
        self.lines: list[str] | None = [] if keep else None

    def note(self, who: str, what: str) -> None:
        """Add a line."""
        line = f"{self._loop.time():.9f} {who} {what}"
        self._digest.update(line.encode())
        if self.lines is not None:
            self.lines.append(line)


class Network:
    """Makes connections to the node of a host."""

    def __init__(self, loop: VirtualLoop, rng: Random, host: NodeHost, faults: NetworkFaults, trace: Trace) -> None:
        self.loop = loop
        self.rng = rng
        self.host = host
        self.faults = faults
        self.trace = trace
        self.calm = False
        self._sockets: dict[SimulatedSocket, None] = {}
        host.on_end = self._node_ended

    def delay_s(self) -> float:
        """Draw how long a message is on its way."""
        return self.rng.expovariate(1 / self.faults.delay_s)

    def chance(self, share: float) -> bool:
        """Draw whether something goes wrong."""
        return not self.calm and self.rng.random() < share

    async def open(self, who: str) -> "SimulatedSocket":
        """Return a websocket to the node once it serves. Raises Lost."""
        node = await self.host.up()
        opened = SimulatedSocket(self, node, who)
        self._sockets[opened] = None
        await opened.accepted()
        return opened

    def gone(self, closed: "SimulatedSocket") -> None:
        """Forget a websocket."""
        self._sockets.pop(closed, None)

    async def ask(self, who: str, method: str, path: str, body: object, token: str | None = None) -> tuple[int, Any]:
        """Return status and JSON of an HTTP request. Raises Lost."""
        node = await self.host.up()
        await asyncio.sleep(self.delay_s())
        if self.chance(self.faults.break_share):
            raise Lost
        self.trace.note(who, f"-> {method} {path} {json.dumps(body)}")
        answer = node.process.spawn(request(node.app, method, path, body, token=token), f"{method} {path}")
        done, _ = await asyncio.wait([answer], timeout=REQUEST_TIMEOUT_S)
        if not done or answer.cancelled() or not node.process.alive or self.chance(self.faults.lost_reply):
            raise Lost
        await asyncio.sleep(self.delay_s())
        status, _, text = answer.result()
        self.trace.note(who, f"<- {status} {text.decode()}")
        return status, json.loads(text) if text else None

    def _node_ended(self) -> None:
        for each in list(self._sockets):
            each.broken()


class SimulatedSocket:
    """A websocket, the client's end. Each direction keeps its order; what is on its way when it breaks is lost."""

    def __init__(self, network: Network, node: Incarnation, who: str) -> None:
        self._network = network
        self._loop = network.loop
        self._who = who
        self.alive = True
        self._to_node: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._to_client: deque[str | None] = deque()
        self._news = asyncio.Event()
        self._accepted = self._loop.create_future()
        self._up_at_s = self._down_at_s = 0.0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._node = node
        scope = _scope("websocket", "/ws", {"host": "127.0.0.1:7070"})
        node.process.spawn(node.app(scope, self._receive, self._send), f"socket {who}")
        self._to_node.put_nowait({"type": "websocket.connect"})

    async def accepted(self) -> None:
        """Return when the node has accepted it. Raises Lost."""
        done, _ = await asyncio.wait([self._accepted], timeout=REQUEST_TIMEOUT_S)
        if not done or not self._accepted.result():
            self.broken()
            raise Lost

    def send(self, text: str) -> None:
        """Send a message; it arrives later, or never."""
        if not self.alive:
            return
        if self._network.chance(self._network.faults.break_share):
            self.broken()
            return
        self._up_at_s = max(self._up_at_s + APART_S, self._loop.time() + self._network.delay_s())
        self._loop.call_at(self._up_at_s, self._arrive, text)

    def _arrive(self, text: str) -> None:
        if self.alive:
            self._network.trace.note(self._who, f"-> {text}")
            self._to_node.put_nowait({"type": "websocket.receive", "text": text})

    async def receive(self) -> str:
        """Return the next message. Raises Lost when the connection is gone."""
        while not self._to_client:
            if not self.alive:
                raise Lost
            self._news.clear()
            await self._news.wait()
        text = self._to_client.popleft()
        if text is None:
            raise Lost
        return text

    def close(self) -> None:
        """Leave."""
        self.broken()

    def broken(self) -> None:
        """The connection is gone: both sides hear of it, and of nothing more."""
        if not self.alive:
            return
        self.alive = False
        self._network.gone(self)
        self._flowing.set()
        if not self._accepted.done():
            self._accepted.set_result(False)
        self._to_client.append(None)
        self._news.set()
        self._loop.call_later(
            self._network.delay_s(), self._to_node.put_nowait, {"type": "websocket.disconnect", "code": 1006}
        )

    async def _receive(self) -> dict[str, Any]:
        return await self._to_node.get()

    async def _send(self, message: dict[str, Any]) -> None:
        if not self._node.process.alive:
            return
        await self._flowing.wait()
        if not self.alive:
            raise OSError("the connection is gone")
        if self._network.chance(self._network.faults.stall_share):
            self._flowing.clear()
            self._loop.call_later(self._network.rng.random() * 3, self._flowing.set)
        self._down_at_s = max(self._down_at_s + APART_S, self._loop.time() + self._network.delay_s())
        self._loop.call_at(self._down_at_s, self._deliver, message)

    def _deliver(self, message: dict[str, Any]) -> None:
        if not self.alive:
            return
        if message["type"] == "websocket.accept":
            if not self._accepted.done():
                self._accepted.set_result(True)
        elif message["type"] == "websocket.send":
            self._network.trace.note(self._who, f"<- {message['text']}")
            self._to_client.append(message["text"])
            self._news.set()
        else:
            self._network.trace.note(self._who, f"<- closed {message.get('code')}")
            self.broken()
