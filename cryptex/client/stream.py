"""The life of a connection: connect, log in, keep alive, and come back after a loss."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

from cryptex.client.calls import CANCEL_ON_DISCONNECT, LOGIN, PING, Call, Params
from cryptex.client.chain import DataMessage
from cryptex.client.errors import (
    AccessError,
    CryptexError,
    NodeUnreachableError,
    OutcomeUnknownError,
    UnavailableError,
    unreachable,
)
from cryptex.client.link import Link, dial
from cryptex.client.signing import Signer, signer_of
from cryptex.client.timing import Backoff, Timing
from cryptex.protocol.channels import ChannelMessage, StatusMessage
from cryptex.protocol.problems import Code

if TYPE_CHECKING:
    from cryptex.client.trust import NodeTrust

T = TypeVar("T")

PING_INTERVAL_S: Final = 10.0
PING_TIMEOUT_S: Final = 10.0
STABLE_AFTER_S: Final = 30.0
"""A connection that lasted this long makes the next loss begin again with short waits."""
SHUTDOWN_GRACE_S: Final = 5.0
"""How long replies are waited for after the node said that it stops."""

ConnectionState = Literal["connecting", "live", "reconnecting", "closed"]

_log = logging.getLogger("cryptex.client")


class Listener(Protocol):
    """Who hears of messages and of the connection's life."""

    def message(self, message: DataMessage) -> None:
        """A channel's message came."""

    def opened(self, *, another_user: bool) -> None:
        """Connected and logged in, for the first time or again; `another_user` than before, perhaps."""

    def lost(self) -> None:
        """No longer connected; may be told twice."""

    def closed(self, error: CryptexError | None) -> None:
        """Not coming back; `error` says why unless it was asked for."""


class Stream:
    """A connection to one node that comes back by itself until it is closed or its token is refused."""

    def __init__(
        self,
        url: str,
        token: str | None,
        listener: Listener,
        timing: Timing,
        request_timeout_s: float,
        trust: "NodeTrust | None" = None,
    ) -> None:
        self.state: ConnectionState = "closed"
        self.error: CryptexError | None = None
        self.latency_ms: float | None = None
        self.cancel_on_disconnect = False
        self._url = "ws" + url.removeprefix("http").rstrip("/") + "/ws"
        self._trust = trust
        self._listener = listener
        self._timing = timing
        self._timeout_s = request_timeout_s
        self._backoff = Backoff(timing.random)
        self._token = token
        self._signer: Signer | None = None
        self._signing_token = ""
        self._user_id: int | None = None
        self._link: Link | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self._callbacks: list[Callable[[ConnectionState], None]] = []

    def on_state(self, callback: Callable[[ConnectionState], None]) -> None:
        """Call back on each change of state."""
        self._callbacks.append(callback)

    async def connect(self) -> None:
        """Connect and log in, in one attempt; from then on come back after each loss."""
        if self.state != "closed":
            return
        self.error = None
        self._set_state("connecting")
        try:
            link = await self._open()
        except BaseException as error:
            self._finish(error if isinstance(error, CryptexError) else None)
            raise
        self._keeper = asyncio.create_task(self._keep(link))

    async def wait_live(self) -> None:
        """Wait until connected and logged in. Raises the stream's error, or NodeUnreachableError, once it is closed."""
        while self.state != "live":
            if self.state == "closed":
                raise self.error or unreachable("the exchange is closed")
            await self._settled.wait()

    async def close(self) -> None:
        """End the connection for good."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
            self._keeper = None
        if self.state != "closed":
            self._finish(None)

    async def use_token(self, token: str | None) -> None:
        """Speak for another user, or for nobody, from now on. Raises AccessError for a token that is refused."""
        link = self._link
        if link is None:
            self._token = token
            return
        if token is not None:
            try:
                self._user_id = (await link.call(LOGIN, {**self._shown(token)}, self._timeout_s)).user_id
            except AccessError as error:
                if error.code is not Code.FORBIDDEN or self._token is None:
                    raise
            else:
                self._token = token
                return
        # A connection never changes its user: another one takes its place.
        await self._start_over(link, token)

    async def call(self, call: Call[T], params: Params) -> T:
        """Send a request and return its result. Raises NodeUnreachableError at once while not connected."""
        return await self._open_link().call(call, params, self._timeout_s)

    async def ping(self) -> float:
        """Return the milliseconds to the node and back."""
        return await self._measure(self._open_link())

    def _shown(self, token: str) -> dict[str, str | int]:
        """Return the params by which a login shows a token, or is signed by it."""
        if token != self._signing_token:  # one signer for a token: its times never repeat
            self._signer, self._signing_token = signer_of(token), token
        return {"token": token} if self._signer is None else self._signer.login()

    def _open_link(self) -> Link:
        if self._link is not None:
            return self._link
        if self.state != "closed":
            raise unreachable("not connected to the node")
        raise unreachable("not connected to the node: call connect() first, or use the exchange in a `with` block")

    async def _open(self) -> Link:
        link = await self._dial()
        user_id: int | None = None
        try:
            if self._token is not None:
                user_id = (await link.call(LOGIN, {**self._shown(self._token)}, self._timeout_s)).user_id
                if self.cancel_on_disconnect:
                    await link.call(CANCEL_ON_DISCONNECT, {"enabled": True}, self._timeout_s)
        except BaseException:
            await link.close()
            raise
        another_user, self._user_id = user_id != self._user_id, user_id
        self._link = link
        self._set_state("live")
        self._listener.opened(another_user=another_user)
        return link

    async def _dial(self) -> Link:
        trust = self._trust
        if trust is None:
            return await dial(self._url, self._message, self._timeout_s)
        try:
            return await dial(self._url, self._message, self._timeout_s, await asyncio.to_thread(trust.context))
        except ssl.SSLCertVerificationError as error:
            context = await asyncio.to_thread(trust.judge, error)
        try:
            return await dial(self._url, self._message, self._timeout_s, context)
        except ssl.SSLCertVerificationError as error:
            raise await asyncio.to_thread(trust.unproved, error) from error

    async def _start_over(self, link: Link, token: str | None) -> None:
        """Connect anew for another user, and return when that is done. Raises what it meets."""
        self._token = token
        self.cancel_on_disconnect = False
        self._backoff.reset()
        self._lose()
        await link.close()
        try:
            async with asyncio.timeout(self._timeout_s):
                await self.wait_live()
        except TimeoutError:
            raise unreachable("the node cannot be reached again for another login; trying on") from None

    async def _keep(self, link: Link) -> None:
        """Watch over connections, one after the other, until one cannot be had again."""
        while True:
            opened_at = self._timing.monotonic()
            await self._watch(link)
            self._lose()
            if self._timing.monotonic() - opened_at >= STABLE_AFTER_S:
                self._backoff.reset()
            try:
                link = await self._reopen()
            except CryptexError as error:
                self._finish(error)
                return

    async def _watch(self, link: Link) -> None:
        helpers = [asyncio.create_task(self._keep_alive(link)), asyncio.create_task(self._end_when_retired(link))]
        try:
            await link.ended()
        finally:
            for helper in helpers:
                helper.cancel()
            await link.close()
            await asyncio.wait(helpers)

    async def _reopen(self) -> Link:
        while True:
            await self._timing.sleep(self._backoff.next_s())
            try:
                return await self._open()
            except (UnavailableError, OutcomeUnknownError) as error:
                _log.debug("cannot reconnect yet: %s", error)

    async def _keep_alive(self, link: Link) -> None:
        while True:
            try:
                await self._measure(link)
            except NodeUnreachableError:
                await link.close()
                return
            except CryptexError as error:
                _log.debug("the node answered a ping with %s", error.code)
            await self._timing.sleep(PING_INTERVAL_S)

    async def _measure(self, link: Link) -> float:
        sent_at = self._timing.monotonic()
        await link.call(PING, {}, PING_TIMEOUT_S)
        latency_ms = (self._timing.monotonic() - sent_at) * 1000
        self.latency_ms = latency_ms
        return latency_ms

    async def _end_when_retired(self, link: Link) -> None:
        await link.retired.wait()
        await self._timing.sleep(SHUTDOWN_GRACE_S)
        await link.close()

    def _message(self, message: ChannelMessage) -> None:
        if not isinstance(message, StatusMessage):
            self._listener.message(message)
        elif self._link is not None:
            self._link.retired.set()
            self._lose()

    def _lose(self) -> None:
        self._link = None
        self.latency_ms = None
        self._listener.lost()
        self._set_state("reconnecting")

    def _finish(self, error: CryptexError | None) -> None:
        self._link = None
        self.latency_ms = None
        self.error = error
        self._listener.closed(error)
        self._set_state("closed")

    def _set_state(self, state: ConnectionState) -> None:
        if state == self.state:
            return
        self.state = state
        if state in ("live", "closed"):
            self._settled.set()
        else:
            self._settled.clear()
        for callback in self._callbacks:
            try:
                callback(state)
            except Exception:
                _log.exception("a callback for state %s failed", state)
