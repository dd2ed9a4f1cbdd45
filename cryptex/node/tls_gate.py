"""The gate in front of a node that speaks TLS: a connection gets to HTTP once its handshake is done.

Handshakes cost the node more than the peer, so they are bounded: in time, in number, and in number by address. What
goes wrong in one is the peer's affair: nothing is logged, and nothing else notices.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from cryptex.node.callers import Callers
from cryptex.node.tls import NodeTls

HANDSHAKE_TIMEOUT_S: Final = 5.0
"""From the connection until TLS stands."""

HANDSHAKES_MAX: Final = 512
HANDSHAKES_PER_ADDRESS_MAX: Final = 64
"""That are under way at once; who comes beyond is hung up on. A client simply tries again."""

SHUTDOWN_TIMEOUT_S: Final = 2.0
"""How long a peer may take to say that it has heard of the end, before it is hung up on."""

ACCEPT_PAUSE_S: Final = 0.5
"""How long nobody is accepted after that failed, as it does where there are no descriptors left."""


class TlsGate:
    """Accepts the connections of a node, and hands those that speak TLS to HTTP."""

    def __init__(self, tls: NodeTls, listener: socket.socket) -> None:
        self._tls = tls
        self._listener = listener
        self._callers = Callers(HANDSHAKES_PER_ADDRESS_MAX, HANDSHAKES_MAX)
        self._handshakes: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """Return how many handshakes are under way."""
        return len(self._handshakes)

    def open(self, make_protocol: Callable[[], asyncio.Protocol]) -> None:
        """Begin to accept; `make_protocol` makes what a connection gets to."""
        self._listener.setblocking(False)
        self._accepting = asyncio.get_running_loop().create_task(self._accept(make_protocol))

    def close(self) -> None:
        """Accept nobody any more, and hang up on everybody whose handshake is not done."""
        if self._accepting is not None:
            self._accepting.cancel()
        for task in list(self._handshakes):
            task.cancel()

    async def _accept(self, make_protocol: Callable[[], asyncio.Protocol]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                opened, address = await loop.sock_accept(self._listener)
            except OSError:
                await asyncio.sleep(ACCEPT_PAUSE_S)
                continue
            leave = self._callers.enter(address)
            if leave is None:
                opened.close()
                continue
            task = loop.create_task(self._shake_hands(opened, make_protocol, leave))
            self._handshakes.add(task)
            task.add_done_callback(self._handshakes.discard)

    async def _shake_hands(
        self, opened: socket.socket, make_protocol: Callable[[], asyncio.Protocol], leave: Callable[[], None]
    ) -> None:
        try:
            with suppress(OSError):  # ssl.SSLError and a time-out are such errors too
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await asyncio.get_running_loop().connect_accepted_socket(
                    make_protocol,
                    opened,
                    ssl=self._tls.context,
                    ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S,
                    ssl_shutdown_timeout=SHUTDOWN_TIMEOUT_S,
                )
        finally:
            leave()
