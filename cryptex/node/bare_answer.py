"""Answers to what never became a request: written to the connection itself, past the HTTP parser's state."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.responses import Response

from cryptex.node.http import problem_response
from cryptex.protocol.problems import Code, Refusal

BAD_REQUEST: Final = 400
"""What is not even a request gets this, as of any HTTP server, and not the status of a form that is not valid."""


Headers = Sequence[tuple[bytes, bytes]]
"""What the server adds to every answer."""


def refuse_connection(transport: asyncio.Transport, refusal: Refusal, headers: Headers) -> None:
    """Send a refusal as problem+json, and close."""
    answer(transport, problem_response(refusal, {"Connection": "close"}), headers)


def refuse_bytes(transport: asyncio.Transport, message: str, headers: Headers) -> None:
    """Say that what came is no request, and close."""
    answer(transport, bad_request(Refusal(Code.INVALID_REQUEST, message)), headers)


def bad_request(refusal: Refusal) -> Response:
    """Return the problem of what is not for this node at all; the connection ends with it."""
    problem = problem_response(refusal)
    fields: dict[str, object] = msgspec.json.decode(problem.body)
    body = msgspec.json.encode({**fields, "status": BAD_REQUEST})
    return Response(body, BAD_REQUEST, {"Connection": "close"}, problem.media_type)


def answer(transport: asyncio.Transport, response: Response, headers: Headers) -> None:
    """Send a response, and close."""
    if transport.is_closing():
        return
    status = response.status_code
    lines = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
    lines += [name + b": " + value for name, value in (*headers, *response.raw_headers)]
    transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + bytes(response.body))
    transport.close()
