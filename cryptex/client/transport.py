"""One HTTP request and its answer, by the standard library alone: a command line tool starts in a blink with it.

Each request has a connection of its own. A kept connection that the node closed a moment ago would make it unclear
whether a request was sent; a fresh one makes the line sharp: before the connection stands nothing was sent.
"""

import ssl
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from cryptex.client.errors import (
    CryptexError,
    error_from_response,
    invalid_request,
    outcome_unknown,
    unreachable,
    with_keys,
)
from cryptex.protocol.problems import Detail

if TYPE_CHECKING:
    from cryptex.client.trust import NodeTrust

ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024
"""The largest answer that is read."""

_READ_BYTES: Final = 64 * 1024
_BAD_GATEWAY: Final = 502
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def split_url(url: str) -> SplitResult:
    """Return the parts of a node's address. Raises InvalidRequestError unless it is http(s) with a host."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise invalid_request("a node's address looks like http://127.0.0.1:7070", "url")
    return parts


def is_loopback(url: str) -> bool:
    """Return whether an address is one of this machine, by its name or number."""
    return urlsplit(url).hostname in _LOOPBACK


def is_readable_on_the_way(url: str) -> bool:
    """Return whether others on the way to an address can read what is sent there."""
    return urlsplit(url).scheme == "http" and not is_loopback(url)


class Reply(NamedTuple):
    """A successful answer."""

    status: int
    data: bytes


class Transport:
    """Sends requests to one node. Holds no connection and no token; may be used from several threads."""

    def __init__(
        self, url: str, timeout_s: float, clock: Callable[[], float] = monotonic, trust: "NodeTrust | None" = None
    ) -> None:
        self._parts = split_url(url)
        self._trust = trust
        self._timeout_s = timeout_s
        self._clock = clock

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        *,
        changes: bool,
        details: dict[str, Detail] | None = None,
    ) -> Reply:
        """Return a successful answer.

        `changes` says whether the request changes something: then a lost answer is an OutcomeUnknownError (with
        `details`), and else a NodeUnreachableError. Other answers raise the exception of their problem.
        """
        deadline = self._clock() + self._timeout_s
        with closing(self._connect()) as connection:
            try:
                connection.request(method, self._parts.path.rstrip("/") + path, body, headers)
                with closing(connection.getresponse()) as response:
                    data = self._read(response, deadline)
                    status = response.status
            except (OSError, HTTPException) as error:
                why = self._why_no_answer(error, changes)
                raise _lost(f"no answer to {method} {path}: {why}", changes, details) from error
        if 200 <= status < 300:
            return Reply(status, data)
        raise _refused(status, data, changes, details)

    def _why_no_answer(self, error: Exception, changes: bool) -> str:
        """Return why; a node that speaks TLS hangs up on one who does not, which is seen at the first look at it."""
        is_question = self._trust is None and not changes and isinstance(error, ConnectionResetError)
        return (
            f"{_reason(error)}; does it speak TLS? Try https://{self._parts.netloc}" if is_question else _reason(error)
        )

    def _connect(self) -> HTTPConnection:
        trust = self._trust
        if trust is None:
            return self._connected(HTTPConnection(*self._place, timeout=self._timeout_s))
        try:
            return self._connected(HTTPSConnection(*self._place, timeout=self._timeout_s, context=trust.context()))
        except ssl.SSLCertVerificationError as error:
            context = trust.judge(error)
        try:
            return self._connected(HTTPSConnection(*self._place, timeout=self._timeout_s, context=context))
        except ssl.SSLCertVerificationError as error:
            raise trust.unproved(error) from error

    @property
    def _place(self) -> tuple[str, int | None]:
        return self._parts.hostname or "", self._parts.port

    def _connected(self, connection: HTTPConnection) -> HTTPConnection:
        """Return the connection once it stands. Raises NodeUnreachableError, and what TLS has against the node."""
        try:
            connection.connect()
        except ssl.SSLCertVerificationError:
            connection.close()
            raise
        except OSError as error:
            connection.close()
            host, port = self._place
            place = host if port is None else f"{host}:{port}"
            if isinstance(error, ssl.SSLError):
                raise unreachable(f"the node at {place} does not speak TLS: is its address http://?") from error
            raise unreachable(f"cannot reach the node at {place}: {_reason(error)}") from error
        return connection

    def _read(self, response: HTTPResponse, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while chunk := response.read1(_READ_BYTES):
            size += len(chunk)
            if size > ANSWER_BYTES_MAX:
                raise HTTPException(f"the answer is larger than {ANSWER_BYTES_MAX} bytes")
            if self._clock() > deadline:
                raise TimeoutError("timed out")
            chunks.append(chunk)
        if response.length:
            raise HTTPException("the answer ended early")
        return b"".join(chunks)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _lost(message: str, changes: bool, details: dict[str, Detail] | None) -> CryptexError:
    return outcome_unknown(message, details) if changes else unreachable(message)


def _refused(status: int, data: bytes, changes: bool, details: dict[str, Detail] | None) -> CryptexError:
    error = error_from_response(status, data)
    if changes and error.problem is None and status >= _BAD_GATEWAY:
        # It was not the node that spoke but something between: nobody knows what the node did.
        return outcome_unknown(str(error), details)
    return with_keys(error, details)
