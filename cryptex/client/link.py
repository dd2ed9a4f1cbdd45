"""One connected websocket: requests go out with ids, replies find their callers, channel messages go to a handler."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from itertools import count
from typing import Final, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.protocol import State

from cryptex.client.calls import Call, Params
from cryptex.client.errors import CryptexError, error_from_reply, invalid_request, unavailable, unreachable
from cryptex.protocol.channels import ChannelMessage
from cryptex.protocol.codec import encode_json
from cryptex.protocol.requests import MESSAGE_BYTES_MAX

T = TypeVar("T")

INCOMING_BYTES_MAX: Final = 4 * 1024 * 1024
"""The largest message that is accepted: a snapshot of 1,000 levels a side takes about 100 KiB."""

WAITING_REPLIES_MAX: Final = 10_000
"""Requests that may wait for their replies at a time."""

CLOSE_TIMEOUT_S: Final = 1.0

_log = logging.getLogger("cryptex.client")
_silent = logging.Logger("cryptex.client.frames", logging.CRITICAL)
"""For websockets, which at level DEBUG would log every frame, and with it the token."""


class _Envelope(msgspec.Struct):
    """Any message of the node: a reply or a channel's."""

    channel: str | None = None
    id: int | str | None = None
    ok: bool = False
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: msgspec.Raw = msgspec.Raw(b"null")


_envelope_decoder: Final = msgspec.json.Decoder(_Envelope)
_message_decoder: Final = msgspec.json.Decoder(ChannelMessage)
_CHANNEL_FIRST: Final = b'{"channel":'
"""How a node's messages begin that are no replies: they need not be read twice."""


Reply = msgspec.Raw | CryptexError | None
"""A result, a problem, or None when the connection ended first."""

MessageHandler = Callable[[ChannelMessage], None]


class Link:
    """A connection from its opening to its end; it does not come back. Created by `dial`."""

    def __init__(self, socket: ClientConnection, on_message: MessageHandler) -> None:
        self._socket = socket
        self._on_message = on_message
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self.retired = asyncio.Event()
        """Set when nothing more may be sent; replies that are on their way still arrive."""
        self._reader = asyncio.create_task(self._read())

    async def call(self, call: Call[T], params: Params, timeout_s: float) -> T:
        """Send a request and return its result.

        Raises the exception of the reply's problem; NodeUnreachableError when nothing was sent, or for a read whose
        reply did not come; OutcomeUnknownError for a change whose reply did not come.
        """
        number = next(self._numbers)
        data = self._frame(number, call, params)
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = reply
        try:
            async with asyncio.timeout(timeout_s):
                await self._socket.send(data, text=True)
                outcome = await reply
        except TimeoutError:
            raise call.lost(f"no reply to {call.method} within {timeout_s:g} s", params) from None
        except ConnectionClosed:
            outcome = None
        finally:
            self._waiting.pop(number, None)
        if outcome is None:
            raise call.lost(f"the connection was lost before the reply to {call.method}", params)
        if isinstance(outcome, CryptexError):
            raise call.refused(outcome, params)
        return call.decode(outcome, params)

    async def ended(self) -> None:
        """Wait until the connection has ended, whoever ended it."""
        await asyncio.wait([self._reader])

    async def close(self) -> None:
        """End the connection."""
        await self._socket.close()
        await self.ended()

    def _frame(self, number: int, call: Call[T], params: Params) -> bytes:
        if self.retired.is_set() or self._socket.state is not State.OPEN:
            raise unreachable("the connection to the node is closed")
        if len(self._waiting) >= WAITING_REPLIES_MAX:
            raise unavailable(f"{WAITING_REPLIES_MAX} requests wait for their replies already")
        data = encode_json({"id": number, "method": call.method, "params": params})
        if len(data) > MESSAGE_BYTES_MAX:
            raise invalid_request(f"a request is at most {MESSAGE_BYTES_MAX} bytes", "params")
        return data

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._socket.recv(decode=False))
        except ConnectionClosed as error:
            _log.debug("the connection ended: %s", error)
        except Exception:
            _log.exception("a message could not be handled; the connection is given up")
            await self._socket.close()
        finally:
            for reply in self._waiting.values():
                if not reply.done():
                    reply.set_result(None)

    def _take(self, data: bytes) -> None:
        try:
            envelope = None if data.startswith(_CHANNEL_FIRST) else _envelope_decoder.decode(data)
            if envelope is None or envelope.channel is not None:
                self._on_message(_message_decoder.decode(data))
                return
        except msgspec.DecodeError as error:
            # A channel that lost a message this way notices by the next one's `prev`.
            _log.warning("a message of the node cannot be read: %s", error)
            return
        reply = self._waiting.get(envelope.id) if isinstance(envelope.id, int) else None
        if reply is not None and not reply.done():
            reply.set_result(envelope.result if envelope.ok else error_from_reply(envelope.error))


class _Connect(connect):
    """Connects to the address that was given and to no other: the token is for that node alone."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow nobody elsewhere."""
        return exc


async def dial(url: str, on_message: MessageHandler, timeout_s: float, context: ssl.SSLContext | None = None) -> Link:
    """Connect to a websocket. Raises NodeUnreachableError, and SSLCertVerificationError for one not to be believed."""
    try:
        socket = await _Connect(
            url,
            ssl=context,
            compression=None,
            proxy=None,
            open_timeout=timeout_s,
            ping_interval=None,  # the stream pings by itself, to measure the whole way to the node's loop and back
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=INCOMING_BYTES_MAX,
            logger=_silent,
        )
    except ssl.SSLCertVerificationError:
        raise
    except (OSError, InvalidHandshake, InvalidURI, ConnectionClosed, EOFError) as error:
        raise unreachable(f"cannot connect to {url}: {str(error) or type(error).__name__}") from error
    return Link(socket, on_message)
