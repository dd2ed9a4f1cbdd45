"""One websocket session: requests in, replies and channel messages out.

Requests are decoded and submitted in the order in which they came, without waiting for earlier replies; replies carry
the id of their request. Nothing a client sends ends the session: it is answered with a code from the catalogue.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from cryptex.node.channel import AccountKey, Key
from cryptex.node.connection import INTERNAL_ERROR, SESSION_ENDED, STRANGER, Connection
from cryptex.node.core import Core
from cryptex.node.credential import Credential
from cryptex.node.door import Door
from cryptex.node.feed import Feed
from cryptex.node.handle import NOBODY
from cryptex.node.in_flight import InFlight
from cryptex.node.token_watch import TokenWatch
from cryptex.node.trading import Trading
from cryptex.node.wire import Wire
from cryptex.protocol.channels import DoneReply, ErrorReply, RequestId
from cryptex.protocol.codec import decode_form, encode_json
from cryptex.protocol.commands import Disconnect
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.requests import MESSAGE_BYTES_MAX, LoginParams, Request, RequestIdAlone, Since
from cryptex.protocol.terms import Scope
from cryptex.protocol.times import time_text

IN_FLIGHT_MAX: Final = 512
"""Requests of one connection whose replies are still to come; beyond it no more are read."""

SUBSCRIPTIONS_MAX: Final = 200
STRANGER_TIMEOUT_S: Final = 60.0
"""How long a connection may be nobody's: not logged in, without a subscription and without a ping."""
DISCONNECT_RETRY_S: Final = 1.0

_log: Final = logging.getLogger(__name__)
_request_decoder: Final = msgspec.json.Decoder(Request)


_id_decoder: Final = msgspec.json.Decoder(RequestIdAlone)


class Method(NamedTuple):
    """What a request may ask for, and how it is done."""

    answer: Callable[["Stream", Request], Awaitable[None]]
    begin: Callable[["Stream", Request], bool] | None = None
    """Begins it without waiting for anything; False where only `answer` will do."""


class Stream:
    """A websocket after its handshake. `connection_id` names it in the log."""

    def __init__(
        self,
        methods: Mapping[str, Method],
        trading: Trading,
        door: Door,
        feed: Feed,
        connection_id: int,
        wire: Wire,
    ) -> None:
        self._methods = methods
        self.trading = trading
        self.door = door
        self.identity = door.identity
        self.connection = Connection(wire, feed.slowness)
        self.in_flight = InFlight(IN_FLIGHT_MAX)
        self.connection_id = connection_id
        self.tied = False
        """Whether cancel_on_disconnect was ever on: then orders carry the connection's id, and its end is journaled."""
        self.heard = False
        """Whether it has pinged since that was last looked at."""
        self._retired = False
        self._core: Core = trading.core
        self._feed = feed
        self._wire = wire
        self._tasks: set[asyncio.Task[None]] = set()
        self._keys: dict[Key, None] = {}
        self._handle = NOBODY
        self._hash = b""
        self._account_id = 0
        self._watch: TokenWatch | None = None

    async def run(self) -> None:
        """Serve until either side closes."""
        writer = self.connection.start()
        loop = asyncio.get_running_loop()
        reader = loop.create_task(self._read())
        self._stranger_timer = loop.call_later(STRANGER_TIMEOUT_S, self._end_stranger)
        try:
            await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stranger_timer.cancel()
            writer.cancel()
            reader.cancel()
            await asyncio.gather(writer, reader, return_exceptions=True)
            await self._end()

    # What methods use

    async def account(self, scope: Scope) -> int:
        """Return the account that asks; its token must have the scope. Raises Refusal: unauthenticated, forbidden."""
        if not self._hash:
            raise Refusal(Code.UNAUTHENTICATED, "log in first")
        try:
            credential = await self.identity.credential(self._handle)
        except Refusal as refusal:
            if refusal.code is Code.UNAUTHENTICATED:  # once that is said, nothing private is
                asyncio.get_running_loop().call_soon(self._session_ended)
            raise
        credential.require(scope)
        return credential.user_id

    def account_now(self, scope: Scope) -> int | None:
        """Return `account` where that takes no waiting, else None. Raises Refusal(forbidden)."""
        credential = self.identity.known(self._hash)
        if credential is None:
            return None
        credential.require(scope)
        return credential.user_id

    async def log_in(self, params: LoginParams) -> Credential:
        """Let the connection speak for the user of a token or key. Raises Refusal: unauthenticated, forbidden ..."""
        handle, once = await self.door.shown(params)
        watch = TokenWatch(self.identity, self._core.clock, handle, self._session_ended)
        try:
            credential = await self.door.credential(handle)
            if self._account_id not in (0, credential.user_id):
                raise Refusal(Code.FORBIDDEN, "this connection speaks for another user: open a new one")
            self.door.spend(once)
        except BaseException:
            watch.stop()
            raise
        if self._watch is not None:
            self._watch.stop()
        self._watch = watch
        self._handle, self._hash, self._account_id = handle, handle.hash, credential.user_id
        if Scope.READ not in credential.scopes:  # what an earlier login may have opened
            self.unsubscribe([key for key in self._keys if isinstance(key, AccountKey)])
        self._stranger_timer.cancel()
        watch.check(credential.expires_ns)
        return credential

    async def settled(self) -> None:
        """Return when every request before this one is answered."""
        await self.in_flight.quiet()

    def weigh(self, rows: int) -> None:
        """Count what a request for so many rows costs beyond its first token. Raises Refusal(rate_limited)."""
        rates = self.trading.gateway.rates
        if self._account_id:
            rates.account_reads(self._account_id, rows)
        else:
            rates.stranger_reads(self.door.address, rows)

    def check_room(self, keys: list[Key]) -> None:
        """Raise Refusal unless these subscriptions fit beside those that the connection has."""
        if len(self._keys.keys() | set(keys)) > SUBSCRIPTIONS_MAX:
            raise Refusal(Code.INVALID_REQUEST, f"a connection holds at most {SUBSCRIPTIONS_MAX} subscriptions")

    async def subscribe(self, keys: list[Key], since: Since | None, answer: Callable[[bool], None]) -> None:
        """Answer whether channels go on after `since`; then send what was missed, or snapshots, and what follows.

        Once that is answered, a channel that can not be opened costs the connection: no request has two replies.
        """
        await self.connection.roomy()
        answer(since is not None and all(self._feed.missed(key, since) is not None for key in keys))
        for key in keys:
            await self.connection.roomy()
            self._keys[key] = None
            try:
                self._feed.subscribe(self.connection, key, since)
            except Exception as error:
                if not isinstance(error, Refusal):
                    _log.exception("a channel could not be opened")
                self.connection.close(INTERNAL_ERROR, "a channel could not be opened")
                return

    def unsubscribe(self, keys: list[Key]) -> None:
        """Send no more of these channels."""
        for key in keys:
            if key in self._keys:
                del self._keys[key]
                self._feed.unsubscribe(self.connection, key)

    def reply(self, request_id: RequestId, result: object, time_ns: int | None = None) -> None:
        """Answer a request that was done: now, or as a command with this log time."""
        time = time_text(self._core.clock.now_ns() if time_ns is None else time_ns)
        self.connection.put(encode_json(DoneReply(request_id, True, result, time)))

    def refuse(self, request_id: RequestId, refusal: Refusal) -> None:
        """Answer a request that was not done."""
        now = time_text(self._core.clock.now_ns())
        self.connection.put(encode_json(ErrorReply(request_id, refusal.problem, now)))

    async def retire(self, notice: bytes, close_code: int, reason: str) -> None:
        """Give notice, take no more requests, and close when those under way are answered."""
        self._retired = True
        self.connection.put(notice)
        await self.settled()
        self.connection.close(close_code, reason)

    def begin(self, request_id: RequestId, work: Awaitable[object]) -> None:
        """Let a request be answered when its work is done."""
        self.in_flight.enter()
        task = asyncio.get_running_loop().create_task(self._finish(request_id, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def fault(self, request_id: RequestId) -> None:
        """Answer a request that met a fault of the exchange: call it where that is caught."""
        _log.exception("a websocket request failed")
        self.refuse(request_id, Refusal(Code.INTERNAL_ERROR, "this request met a fault of the exchange"))

    # Inside

    async def _read(self) -> None:
        connection, in_flight = self.connection, self.in_flight
        while True:
            await connection.roomy()
            messages = await self._wire.take()
            if not messages:
                return
            for message in messages:
                if connection.crowded:
                    await connection.roomy()
                if in_flight.full:
                    await in_flight.room()
                if connection.closing:
                    return
                await self._answer(message)

    async def _answer(self, data: bytes) -> None:
        request_id: RequestId = None
        try:
            if len(data) > MESSAGE_BYTES_MAX:
                raise Refusal(Code.TOO_LARGE, f"a message holds at most {MESSAGE_BYTES_MAX} bytes")
            try:
                self._admit()
                request = decode_form(_request_decoder, data)
            except Refusal:
                request_id = _id_of(data)
                raise
            request_id = request.id
            method = self._methods.get(request.method)
            if method is None:
                raise Refusal(Code.INVALID_REQUEST, f"there is no method {request.method[:40]!r}", field="method")
            if method.begin is None or not method.begin(self, request):
                await method.answer(self, request)
        except Refusal as refusal:
            self.refuse(request_id, refusal)
        except Exception:
            self.fault(request_id)

    def _admit(self) -> None:
        """Count a message, whatever is in it. Raises Refusal: rate_limited, unavailable."""
        if self._retired:
            raise Refusal(Code.UNAVAILABLE, "the node is stopping")
        rates = self.trading.gateway.rates
        if self._account_id:
            rates.account(self._account_id)
        else:
            rates.stranger(self.door.address)

    async def _finish(self, request_id: RequestId, work: Awaitable[object]) -> None:
        try:
            self.reply(request_id, await work)
        except Refusal as refusal:
            self.refuse(request_id, refusal)
        except Exception:
            self.fault(request_id)
        finally:
            self.in_flight.leave()

    def _end_stranger(self) -> None:
        """Close a connection that is nobody's and good for nothing: it keeps its place from others."""
        if self._account_id:
            return
        if not self._keys and not self.heard:
            self.connection.close(STRANGER, "log in or subscribe")
            return
        self.heard = False
        self._stranger_timer = asyncio.get_running_loop().call_later(STRANGER_TIMEOUT_S, self._end_stranger)

    def _session_ended(self) -> None:
        """Say nothing more: the private channels belonged to a session or key that is over."""
        self._drop_subscriptions()
        self.connection.close(SESSION_ENDED, "the session has ended")

    def _drop_subscriptions(self) -> None:
        self.unsubscribe(list(self._keys))

    async def _end(self) -> None:
        self._drop_subscriptions()
        if self._watch is not None:
            self._watch.stop()
        await self.settled()
        while self.tied:
            try:
                await self._core.sequencer.submit(Disconnect(self.connection_id))
                return
            except Refusal as refusal:
                # Refused for now: try again. A node that restarts cancels them as of an older epoch.
                if refusal.code is not Code.UNAVAILABLE or not self._core.sequencer.accepting:
                    return
            await asyncio.sleep(DISCONNECT_RETRY_S)


def _id_of(data: bytes) -> RequestId:
    """Return the id of a request that is not of its form, if it has a usable one."""
    try:
        found = _id_decoder.decode(data).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if not isinstance(found, str) else found[:64]
