"""A visitor: a terminal in a process of its own, fed from a websocket and shown on it."""

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import msgspec
from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

MESSAGE_BYTES_MAX: Final = 64 * 1024
HEARTBEAT_S: Final = 15.0
STOP_S: Final = 5.0
"""How long a terminal may take to end before it is killed."""
KILL_S: Final = 2.0
"""How long a killed terminal may take to be gone before nobody waits for it any more."""
SIZE_MAX: Final = (500, 300)
"""Columns and rows that a terminal is drawn at, at most."""
_DRAIN_BYTES: Final = 64 * 1024
_PREFIX: Final = "CRYPTEX_"
_DRIVER: Final = "cryptex.tui.browser.driver:BrowserDriver"


class Resize(msgspec.Struct):
    """The browser's window has another size."""

    width: int
    height: int


_envelope: Final = msgspec.json.Decoder(list[msgspec.Raw])
_text: Final = msgspec.json.Decoder(str)
_resize: Final = msgspec.json.Decoder(Resize)


class Visitor(AppService):
    """Runs `command`, which must not need anything of this process's environment but what every program does."""

    def __init__(self, command: Sequence[str], socket: web.WebSocketResponse) -> None:
        async def close() -> None:
            await socket.close()

        super().__init__(
            "",
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=close,
            download_manager=DownloadManager(),
        )
        self._arguments = tuple(command)
        self._socket = socket

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        """Return the environment: no token, no node, no profile of whoever started the server."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
        width, height = _bounded(width, height)
        return inherited | {
            "TEXTUAL_DRIVER": _DRIVER,
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
            "TERM_PROGRAM": "textual",
            "COLUMNS": str(width),
            "ROWS": str(height),
        }

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start the terminal, without a shell."""
        # A session of its own: Ctrl-C at the server is for the server, which then ends its visitors in order.
        self._process = process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,
        )
        self._stdin = process.stdin
        return process

    async def serve(self, width: int, height: int) -> None:
        """Run the terminal until the browser leaves or the terminal ends; return when its process is gone."""
        try:
            await self.start(*_bounded(width, height))
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    await self.take(message.data)
        finally:
            await asyncio.shield(self.stop())

    async def run(self) -> None:
        """Show what the terminal draws; hang up when it has ended, in whichever way."""
        try:
            await super().run()
        finally:
            await self._socket.close()

    async def take(self, text: str) -> None:
        """Take a message of the browser. What is none is left out."""
        try:
            kind, *rest = _envelope.decode(text)
            name = _text.decode(kind)
            if name == "stdin":
                await self.send_bytes(_text.decode(rest[0]).encode("utf-8"))
            elif name == "resize":
                size = _resize.decode(rest[0])
                await self.set_terminal_size(*_bounded(size.width, size.height))
            elif name == "ping":
                await self._socket.send_json(["pong", _text.decode(rest[0])])
            elif name == "focus":
                await self.focus()
            elif name == "blur":
                await self.blur()
        except (msgspec.DecodeError, ValueError, IndexError):
            return

    async def stop(self) -> None:
        """End the terminal; return when its process is gone."""
        process, running = self._process, self._task
        if process is None:
            return
        ending = [asyncio.create_task(super().stop()), asyncio.create_task(_gone(process, running))]
        _, late = await asyncio.wait(ending, timeout=STOP_S)
        if late:
            with suppress(ProcessLookupError):
                process.kill()
            if running is not None:
                running.cancel()
            _, late = await asyncio.wait(late, timeout=KILL_S)
        for task in late:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*ending)


async def _gone(process: Process, running: asyncio.Task[None] | None) -> None:
    """Return when a process is gone, and read what nobody reads any more once `running` has ended."""
    if running is not None:
        await asyncio.wait([running])
    # Up to Python 3.11 a process that has ended counts as running while something of it is left unread.
    await asyncio.gather(process.wait(), _drain(process.stdout), _drain(process.stderr))


async def _drain(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(_DRAIN_BYTES):
        pass


def _bounded(width: int, height: int) -> tuple[int, int]:
    return min(max(1, width), SIZE_MAX[0]), min(max(1, height), SIZE_MAX[1])
