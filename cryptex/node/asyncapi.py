"""The AsyncAPI document of a node's websocket, made from the table of methods and the protocol's structs."""

import inspect
from functools import cache
from typing import Any, Final, get_args

import msgspec

from cryptex import __version__
from cryptex.node.operation import ALWAYS, WITH_A_TOKEN
from cryptex.node.schemas import TIME, Json, components, reference
from cryptex.node.stream_table import STREAM_METHODS, StreamMethod
from cryptex.protocol.channels import ChannelMessage, ErrorReply
from cryptex.protocol.problems import CATALOGUE, Code
from cryptex.protocol.requests import Request

CHANNEL_MESSAGES: Final[dict[str, type[msgspec.Struct]]] = {
    str(each.__struct_config__.tag): each for each in get_args(ChannelMessage)
}
"""What the node says by itself, by the name in `channel`."""

ERROR: Final = "error"
_STREAM: Final = "stream"
_ABOUT: Final = (
    "Requests carry an id of the client's choice and are answered with it, in the order in which they are done. "
    "A subscription starts with a snapshot; the `prev` of an update is the `sequence` of the message before it. "
    "REST is in `/openapi.json`."
)


@cache
def asyncapi_document() -> bytes:
    """Return the document as JSON. It is the same for every node of this version."""
    return msgspec.json.encode(build())


def build() -> Json:
    """Return the document. Its schemas are of draft 7, as AsyncAPI's are."""
    messages = _messages()
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "cryptex websocket", "version": __version__, "description": _ABOUT},
        "defaultContentType": "application/json",
        "servers": {
            "node": {"host": "127.0.0.1:7070", "protocol": "ws", "description": "a node where it listens by default"}
        },
        "channels": {
            _STREAM: {
                "address": "/ws",
                "description": "Everything that is said on one websocket.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            **{method.name: _call(method) for method in STREAM_METHODS},
            **{f"channel.{name}": _told(name) for name in CHANNEL_MESSAGES},
        },
        "components": {"messages": messages, "schemas": components(_types())},
    }
    draft_7: Json = _draft_7(document)
    return draft_7


def codes_of(method: StreamMethod) -> list[Code]:
    """Return every code that a method may be refused with, in the catalogue's order."""
    token = () if method.access == "public" else WITH_A_TOKEN
    possible = {*ALWAYS, *method.codes, *token}
    return [code for code in CATALOGUE if code in possible]


def reply_name(method: str) -> str:
    """Return the name of the message that answers a method."""
    return f"{method}.reply"


def _types() -> list[type[msgspec.Struct]]:
    found: set[type[msgspec.Struct]] = {*CHANNEL_MESSAGES.values(), ErrorReply}
    for method in STREAM_METHODS:
        found |= {method.params, method.result}
    return sorted(found, key=lambda each: each.__name__)


def _call(method: StreamMethod) -> Json:
    described: Json = {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{_STREAM}"},
        "summary": method.what,
        "messages": [_in_stream(method.name)],
        "reply": {
            "channel": {"$ref": f"#/channels/{_STREAM}"},
            "messages": [_in_stream(reply_name(method.name)), _in_stream(ERROR)],
        },
        "x-codes": codes_of(method),
    }
    if method.access != "public":
        described["x-access"] = method.access
    return described


def _told(name: str) -> Json:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{_STREAM}"},
        "summary": _first_line(CHANNEL_MESSAGES[name]),
        "messages": [_in_stream(name)],
    }


def _in_stream(name: str) -> Json:
    return {"$ref": f"#/channels/{_STREAM}/messages/{name}"}


def _messages() -> Json:
    request_id = _id_schema()
    found: Json = {}
    for method in STREAM_METHODS:
        found[method.name] = _message(method.name, method.what, _request(method, request_id))
        name = reply_name(method.name)
        found[name] = _message(name, f"The answer to {method.name}.", _reply(method, request_id))
    refused = {"properties": {"ok": {"const": False}}, "required": ["ok"]}
    error = {"allOf": [reference(ErrorReply.__name__), refused]}
    found[ERROR] = _message(ERROR, "The answer to a request that was not done.", error)
    for name, each in CHANNEL_MESSAGES.items():
        found[name] = {"name": name, "summary": _first_line(each), "payload": reference(each.__name__)}
    return found


def _message(name: str, what: str, payload: Json) -> Json:
    return {"name": name, "summary": what, "correlationId": {"location": "$message.payload#/id"}, "payload": payload}


def _request(method: StreamMethod, request_id: Json) -> Json:
    needs_params = any(field.required for field in msgspec.structs.fields(method.params))
    return {
        "type": "object",
        "properties": {
            "id": request_id,
            "method": {"const": method.name},
            "params": reference(method.params.__name__),
        },
        "required": ["method", "params"] if needs_params else ["method"],
        "additionalProperties": False,
    }


def _reply(method: StreamMethod, request_id: Json) -> Json:
    return {
        "type": "object",
        "properties": {
            "id": request_id,
            "ok": {"const": True},
            "result": reference(method.result.__name__),
            "time": reference(TIME),
        },
        "required": ["id", "ok", "result", "time"],
        "additionalProperties": False,
    }


def _id_schema() -> Json:
    field = next(field for field in msgspec.structs.fields(Request) if field.name == "id")
    return msgspec.json.schema(field.type)


def _first_line(each: type) -> str:
    return inspect.cleandoc(each.__doc__ or "").partition("\n")[0]


def _draft_7(value: Any) -> Any:
    """Return JSON with tuples written as draft 7 of JSON Schema writes them."""
    if isinstance(value, list):
        return [_draft_7(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _draft_7(each) for name, each in value.items()}
    if "prefixItems" in found:
        found["items"] = found.pop("prefixItems")
        found["additionalItems"] = False
    return found
