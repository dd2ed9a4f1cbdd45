"""A node behind its real server, on a real port, in this very process: what it holds in memory can be looked at."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from uvicorn import Server

from cryptex.node import serve
from cryptex.node.app import build_app
from cryptex.node.core import Core
from cryptex.node.settings import load_settings
from cryptex.node.settings_file import LimitSettings
from cryptex.node.streams import Streams
from cryptex.node.tls import NodeTls
from cryptex.node.tls_gate import TlsGate
from tests.node.edge import follower_thread

_UNLIMITED: dict[str, Any] = {"commands_per_second": 0, "logins_per_minute": 0}


class Served:
    """A node that listens."""

    def __init__(self, core: Core, streams: Streams, server: Server, port: int, gate: TlsGate | None) -> None:
        self.core = core
        self.streams = streams
        self.server = server
        self.port = port
        self.gate = gate
        secure = "" if gate is None else "s"
        self.url = f"http{secure}://127.0.0.1:{port}"
        self.ws_url = f"ws{secure}://127.0.0.1:{port}/ws"

    def write_buffers(self) -> list[int]:
        """Return the bytes that wait in this process for each socket."""
        open_ones: list[Any] = list(self.server.server_state.connections)
        return [each.transport.get_write_buffer_size() for each in open_ones]


@asynccontextmanager
async def served(data_dir: Path, *, tls: NodeTls | None = None, port: int = 0, **limits: Any) -> AsyncIterator[Served]:
    """Start a node and stop it at the end."""
    settings = load_settings(data_dir=data_dir, port=port)
    settings = msgspec.structs.replace(settings, limits=LimitSettings(**{**_UNLIMITED, **limits}))
    core = Core(settings, projection=follower_thread)
    app = build_app(core)
    ready = asyncio.Event()
    with socket.create_server(("127.0.0.1", port)) as listener:
        gate = None if tls is None else TlsGate(tls, listener)
        server = serve.NodeServer(serve._config(core, app), ready.set, app.state.streams.shutdown, gate)
        task = asyncio.ensure_future(server.serve(sockets=[listener]))
        await ready.wait()
        try:
            yield Served(core, app.state.streams, server, listener.getsockname()[1], gate)
        finally:
            server.should_exit = True
            await task
