"""The OpenAPI document of a node's REST, made from the table of operations and the protocol's structs."""

import re
from functools import cache
from itertools import groupby
from typing import Final

import msgspec

from cryptex import __version__
from cryptex.node.operation import ALWAYS, OF_A_KEY, PATH_PARAMETERS, WITH_A_TOKEN, Operation, Parameter
from cryptex.node.operations_admin import ADMIN_OPERATIONS
from cryptex.node.operations_private import PRIVATE_OPERATIONS
from cryptex.node.operations_public import PUBLIC_OPERATIONS
from cryptex.node.schemas import Json, components, one_of, reference
from cryptex.protocol.problems import CATALOGUE, Code
from cryptex.protocol.signing import (
    AHEAD_MS_MAX,
    KEY_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    WINDOW_HEADER,
    WINDOW_MS_DEFAULT,
    WINDOW_MS_MAX,
)
from cryptex.protocol.views import ProblemView

OPERATIONS: Final[tuple[Operation, ...]] = (*PRIVATE_OPERATIONS, *PUBLIC_OPERATIONS, *ADMIN_OPERATIONS)
"""Every method of every path."""

PROBLEM_TYPE: Final = "application/problem+json"
_ABOUT: Final = (
    "A cryptocurrency exchange. Amounts are decimal text, times are RFC 3339 in UTC, ids are integers. A field or a "
    "query parameter that a request does not know is refused by name. The websocket at `/ws` is in `/asyncapi.json`."
)
_TAGS: Final = {
    "users": "Users, their sessions and their keys.",
    "orders": "Orders and fills of the account that asks.",
    "wallet": "Funds of the account that asks.",
    "market data": "What everybody may read.",
    "node": "The node itself.",
    "admin": "What admins do, with a fresh login; an API key of theirs with the scope read may look.",
}
_SECURITY_SCHEMES: Final[Json] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a session, or the secret of a bearer API key with the operation's scope.",
    },
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": KEY_HEADER,
        "description": "The id of an API key that signs (hmac, ed25519), with the operation's scope.",
    },
    "timestamp": {
        "type": "apiKey",
        "in": "header",
        "name": TIMESTAMP_HEADER,
        "description": f"When it was signed, in milliseconds since 1970. It counts for {WINDOW_MS_DEFAULT} ms, or as "
        f"{WINDOW_HEADER} says, {WINDOW_MS_MAX} at most; no more than {AHEAD_MS_MAX} ms ahead.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": SIGNATURE_HEADER,
        "description": "The signature in base64 over six lines: key, timestamp, window, method, path with query, and "
        "the SHA-256 of the body in hex.",
    },
}
_IN_BRACES: Final = re.compile(r"\{(\w+)\}")


@cache
def openapi_document() -> bytes:
    """Return the document as JSON. It is the same for every node of this version."""
    return msgspec.json.encode(build())


def build() -> Json:
    """Return the document."""
    types = {each for operation in OPERATIONS for each in operation.forms}
    types.update(each for operation in OPERATIONS for answers in operation.answers.values() for each in answers)
    ordered = sorted({*types, ProblemView}, key=lambda each: each.__name__)
    return {
        "openapi": "3.1.0",
        "info": {"title": "cryptex", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/", "description": "this node"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": _paths(),
        "components": {
            "schemas": components(ordered),
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def _paths() -> Json:
    by_path = sorted(OPERATIONS, key=lambda operation: [other.path for other in OPERATIONS].index(operation.path))
    return {
        path: {
            **_path_parameters(path),
            **{operation.method.lower(): _operation(operation) for operation in operations},
        }
        for path, operations in groupby(by_path, key=lambda operation: operation.path)
    }


def _path_parameters(path: str) -> Json:
    found = [_parameter(PATH_PARAMETERS[name], "path") for name in _IN_BRACES.findall(path)]
    return {"parameters": found} if found else {}


def _parameter(parameter: Parameter, place: str) -> Json:
    return {
        "name": parameter.name,
        "in": place,
        "required": place == "path",
        "description": parameter.what,
        "schema": dict(parameter.schema),
    }


def _operation(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.what,
        "security": _security(operation),
    }
    if operation.access != "public":
        described["x-access"] = operation.access
    if operation.query:
        described["parameters"] = [_parameter(parameter, "query") for parameter in operation.query]
    if operation.forms:
        content = {"application/json": {"schema": one_of(operation.forms)}}
        described["requestBody"] = {"required": True, "content": content}
    described["responses"] = {**_answers(operation), **_problems(codes_of(operation))}
    return described


def _security(operation: Operation) -> list[Json]:
    """Return what shows who asks: a token, or, where keys may ask, a signature."""
    if operation.access == "public":
        return []
    signed: Json = {"key": [], "timestamp": [], "signature": []}
    return [{"token": []}] if operation.access == "login" else [{"token": []}, signed]


def _answers(operation: Operation) -> Json:
    return {
        str(status): {
            "description": _MEANINGS[status],
            **({"content": {operation.media_type: {"schema": one_of(types)}}} if types else {}),
        }
        for status, types in operation.answers.items()
    }


_MEANINGS: Final = {
    200: "Done.",
    201: "Made.",
    204: "Done; there is nothing to say.",
    303: "A browser reads on at `Location`.",
}


def codes_of(operation: Operation) -> list[Code]:
    """Return every code that an operation may be refused with, in the catalogue's order."""
    token = {"public": (), "login": WITH_A_TOKEN}.get(operation.access, (*WITH_A_TOKEN, *OF_A_KEY))
    odd_path = (Code.NOT_FOUND,) if "{" in operation.path else ()
    possible = {*ALWAYS, *operation.codes, *token, *odd_path}
    return [code for code in CATALOGUE if code in possible]


def _problems(codes: list[Code]) -> Json:
    """Return the answers of an operation that refuses, one for each status."""
    by_status = groupby(sorted(codes, key=_status), key=_status)
    return {str(status): _problem(list(group)) for status, group in by_status}


def _status(code: Code) -> int:
    return CATALOGUE[code].status


def _problem(codes: list[Code]) -> Json:
    schema = {"allOf": [reference(ProblemView.__name__), {"properties": {"code": {"enum": codes}}}]}
    return {
        "description": "; ".join(f"`{code}`: {CATALOGUE[code].title}" for code in codes),
        "content": {PROBLEM_TYPE: {"schema": schema}},
        **_headers(codes),
    }


def _headers(codes: list[Code]) -> Json:
    waits = {Code.RATE_LIMITED, Code.UNAVAILABLE}
    if not waits.intersection(codes):
        return {}
    schema = {"type": "integer", "minimum": 1}
    return {"headers": {"Retry-After": {"description": "seconds", "required": True, "schema": schema}}}
