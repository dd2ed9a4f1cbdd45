"""A way to the node that loses replies: it forwards all, but cuts the connection instead of passing some on."""

import asyncio
from types import TracebackType
from typing import Self

from cryptex.client.background import Background

CHUNK_BYTES = 65_536


class LossyProxy:
    """Forwards to a port. What comes from there and holds `marker` is lost `losses` times, with its connection."""

    def __init__(self, port: int, marker: bytes, losses: int = 1) -> None:
        self.lost: list[bytes] = []
        self._losses = losses
        self.url = ""
        self._port = port
        self._marker = marker
        self._server: asyncio.Server | None = None
        self._background = Background(self._stop)

    def __enter__(self) -> Self:
        self._background.run(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._background.stop()

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        ways = [
            asyncio.create_task(self._forward(reader, far_writer, lossy=False)),
            asyncio.create_task(self._forward(far_reader, writer, lossy=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.wait(ways)
            for end in (writer, far_writer):
                end.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, lossy: bool) -> None:
        try:
            while data := await reader.read(CHUNK_BYTES):
                if lossy and len(self.lost) < self._losses and self._marker in data:
                    self.lost.append(data)
                    return
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            return
