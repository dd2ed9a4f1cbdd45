"""HTTP to and from the words of the protocol: bodies, queries, answers and problems (RFC 9457)."""

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cryptex.protocol.codec import decode_form, encode_json
from cryptex.protocol.problems import CATALOGUE, Code, Refusal
from cryptex.protocol.requests import ID_MAX, MESSAGE_BYTES_MAX
from cryptex.protocol.terms import Term

Handler = Callable[[Request], Awaitable[Response]]
T = TypeVar("T")
W = TypeVar("W", bound=Term)

PAGE_LIMIT_MAX: Final = 1000
PAGE_LIMIT_DEFAULT: Final = 100
QUERY_BYTES_MAX: Final = 4096
QUERY_FIELDS_MAX: Final = 16
INTEGER_DIGITS_MAX: Final = 19
UNAVAILABLE_RETRY_SECONDS: Final = 1

_BODY: Final = "cryptex.body"
"""Where a body is kept once it was read: a signature is checked before the handler reads it."""

_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_STANDARD_CODES: Final = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED}
_log: Final = logging.getLogger(__name__)


class Resource:
    """One path: an ASGI endpoint with a handler for each method; HEAD, OPTIONS and 405 follow from them."""

    def __init__(self, **handlers: Handler) -> None:
        self._handlers = dict(handlers)
        get = self._handlers.get("GET")
        if get is not None:
            self._handlers["HEAD"] = get
        self._allow = {"Allow": ", ".join(sorted({*self._handlers, "OPTIONS"}))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever is raised becomes a problem."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except Refusal as refusal:
            response = problem_response(refusal, self._allow if refusal.code is Code.METHOD_NOT_ALLOWED else None)
        except ClientDisconnect:
            return
        except Exception:
            _log.exception("%s %s failed", request.method, request.scope["path"])
            response = problem_response(Refusal(Code.INTERNAL_ERROR, "this request met a fault of the exchange"))
        if request.method == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        handler = self._handlers.get(request.method)
        if handler is not None:
            return await handler(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=self._allow)
        raise Refusal(Code.METHOD_NOT_ALLOWED, f"{request.method[:20]} is not allowed here")


def answer(view: msgspec.Struct, status: int = 200) -> Response:
    """Return a view as a JSON response."""
    return Response(encode_json(view), status, media_type=_JSON)


def problem_response(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    """Return a refusal as problem+json; its details stand beside the standard fields."""
    entry = CATALOGUE[refusal.code]
    standard: dict[str, object] = {
        "type": f"/docs/errors#{refusal.code.value}",
        "title": entry.title,
        "status": entry.status,
        "code": refusal.code,
        "detail": refusal.message,
        "retryable": entry.retryable,
        "suggestion": entry.suggestion,
    }
    body = {**standard, **{name: value for name, value in refusal.details.items() if name not in standard}}
    all_headers = {**_problem_headers(refusal, entry.status), **(headers or {})}
    return Response(encode_json(body), entry.status, headers=all_headers, media_type=_PROBLEM)


async def http_problem(_request: Request, error: Exception) -> Response:
    """Answer the router's own errors (no such path) as problems."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = _STANDARD_CODES.get(status, Code.INVALID_REQUEST if status < 500 else Code.INTERNAL_ERROR)
    return problem_response(Refusal(code, CATALOGUE[code].title.lower()))


def _problem_headers(refusal: Refusal, status: int) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="cryptex"'}
    if refusal.code is Code.RATE_LIMITED:
        return {"Retry-After": str(refusal.details.get("retry_after", UNAVAILABLE_RETRY_SECONDS))}
    if refusal.code is Code.UNAVAILABLE:
        return {"Retry-After": str(UNAVAILABLE_RETRY_SECONDS)}
    return {}


def retry_after(seconds: float) -> int:
    """Return a wait in whole seconds, at least one, as headers and details carry it."""
    return max(1, math.ceil(seconds))


async def read_body(request: Request) -> bytes:
    """Return the body of a request. Raises Refusal: too_large (told while it streams), invalid_request.

    Scripts may leave the content type to their tool. Web pages must say application/json, which a browser lets a
    page of another origin send only after asking.
    """
    known: bytes | None = request.scope.get(_BODY)
    if known is not None:
        return known
    headers = request.headers
    kind = headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != _JSON and "origin" in headers:
        raise Refusal(Code.INVALID_REQUEST, "a web page's body must be application/json", field="content-type")
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > INTEGER_DIGITS_MAX or int(length) > MESSAGE_BYTES_MAX):
        raise _too_large()
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MESSAGE_BYTES_MAX:
            raise _too_large()
        chunks.append(chunk)
    body = request.scope[_BODY] = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    return body


async def read_form(request: Request, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the body as its form. Raises Refusal."""
    return decode_form(decoder, await read_body(request))


def bearer(request: Request) -> str:
    """Return the token of a request. Raises Refusal(unauthenticated)."""
    given = request.headers.getlist("authorization")
    if len(given) != 1:  # of two, a proxy may have looked at the other one
        needs = "a request has one Authorization header" if given else "this needs a token"
        raise Refusal(Code.UNAUTHENTICATED, needs)
    scheme, _, token = given[0].partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Refusal(Code.UNAUTHENTICATED, "the Authorization header must be `Bearer <token>`")
    return token


def _too_large() -> Refusal:
    return Refusal(Code.TOO_LARGE, f"a request body holds at most {MESSAGE_BYTES_MAX} bytes")


class Query:
    """The query parameters of a request. Unknown, repeated and over-long ones are refused."""

    def __init__(self, request: Request, *allowed: str) -> None:
        self._values: dict[str, str] = {}
        raw: bytes = request.scope["query_string"]
        if not raw:
            return
        if len(raw) > QUERY_BYTES_MAX:
            raise Refusal(Code.TOO_LARGE, f"a query holds at most {QUERY_BYTES_MAX} bytes")
        try:
            pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=QUERY_FIELDS_MAX)
        except ValueError:
            raise Refusal(Code.INVALID_REQUEST, "the query has too many parameters") from None
        for name, value in pairs:
            if name not in allowed:
                known = f"known: {', '.join(allowed)}" if allowed else "this path takes none"
                raise Refusal(Code.INVALID_REQUEST, f"unknown query parameter ({known})", field=name[:64])
            if name in self._values:
                raise Refusal(Code.INVALID_REQUEST, f"{name} is given twice", field=name)
            self._values[name] = value

    def text(self, name: str) -> str | None:
        """Return a parameter as it was given; None where it was not.

        An empty one is refused: a script whose variable is not set must not ask, or cancel, for all markets.
        """
        text = self._values.get(name)
        if text == "":
            raise Refusal(Code.INVALID_REQUEST, f"{name} is empty: leave it out or give a value", field=name)
        return text

    def integer(self, name: str, low: int, high: int) -> int | None:
        """Return a whole number from low to high, or None where it was not given. Raises Refusal."""
        text = self._values.get(name)
        return None if text is None else whole_number(text, name, low, high)

    def choice(self, name: str, words: type[W]) -> W | None:
        """Return one of a set of words, or None where it was not given. Raises Refusal."""
        text = self._values.get(name)
        if text is None:
            return None
        try:
            return words(text)
        except ValueError:
            raise Refusal(Code.INVALID_REQUEST, f"{name} must be one of {', '.join(words)}", field=name) from None

    def limit(self) -> int:
        """Return the page size."""
        return self.integer("limit", 1, PAGE_LIMIT_MAX) or PAGE_LIMIT_DEFAULT

    def before(self) -> int | None:
        """Return the id that a page ends before."""
        return self.integer("before", 1, ID_MAX)


def whole_number(text: str, field: str, low: int, high: int) -> int:
    """Return a whole number from low to high. Raises Refusal(invalid_request)."""
    if 0 < len(text) <= INTEGER_DIGITS_MAX and text.isascii() and text.isdigit() and low <= int(text) <= high:
        return int(text)
    raise Refusal(Code.INVALID_REQUEST, f"{field} must be a whole number from {low} to {high}", field=field)
