"""`/asyncapi.json` keeps the rules of AsyncAPI 3.0, and it says what there is.

No validator of AsyncAPI 3.0 on PyPI is fit for use, so its rules for what this document uses are checked here.
"""

import json
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
from jsonschema import Draft7Validator

from cryptex.node import asyncapi
from cryptex.node.stream_methods import METHODS
from cryptex.node.stream_table import STREAM_METHODS
from cryptex.protocol.requests import Channel, SubscribeParams
from tests.node.edge import Edge
from tests.node.test_scopes import STREAM

DOCUMENT: Any = json.loads(asyncapi.asyncapi_document())
CHANNEL = DOCUMENT["channels"]["stream"]


def references(value: Any) -> Iterator[str]:
    """Yield every reference in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def target(reference: str) -> Any:
    """Return what a reference points to. Raises KeyError."""
    found = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_every_reference_leads_somewhere() -> None:
    assert [target(each) for each in set(references(DOCUMENT))]


def test_it_has_what_asyncapi_requires() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    fields = {"asyncapi", "info", "defaultContentType", "servers", "channels", "operations", "components"}
    assert DOCUMENT.keys() == fields
    for server in DOCUMENT["servers"].values():
        assert server["protocol"] == "ws"
        assert "/" not in server["host"]
    assert CHANNEL["address"] == "/ws"


def test_operations_speak_of_messages_of_their_channel() -> None:
    known = {"action", "channel", "summary", "messages", "reply", "x-codes", "x-access"}
    for name, operation in DOCUMENT["operations"].items():
        assert operation.keys() <= known, name
        assert operation["action"] in ("send", "receive")
        assert target(operation["channel"]["$ref"]) is CHANNEL
        for message in [*operation["messages"], *operation.get("reply", {}).get("messages", [])]:
            assert message["$ref"].startswith("#/channels/stream/messages/")
    said = {each["$ref"].rpartition("/")[2] for each in references_of_operations()}
    assert said == CHANNEL["messages"].keys() == DOCUMENT["components"]["messages"].keys()


def references_of_operations() -> list[Any]:
    """Return every message that an operation names."""
    operations = DOCUMENT["operations"].values()
    return [each for one in operations for each in [*one["messages"], *one.get("reply", {}).get("messages", [])]]


def test_schemas_are_of_draft_7() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft7Validator.check_schema(schema)
    for message in DOCUMENT["components"]["messages"].values():
        Draft7Validator.check_schema(message["payload"])
    assert "prefixItems" not in json.dumps(DOCUMENT)


def test_every_method_has_a_row_and_every_row_a_method() -> None:
    assert [method.name for method in STREAM_METHODS if method.name not in METHODS] == []
    assert METHODS.keys() == {method.name for method in STREAM_METHODS}


def test_it_says_who_may_call() -> None:
    assert {method.name: method.access for method in STREAM_METHODS if method.access != "public"} == STREAM


def test_every_channel_has_its_message() -> None:
    assert {*get_args(Channel), "status"} == asyncapi.CHANNEL_MESSAGES.keys()
    depth = DOCUMENT["components"]["schemas"][SubscribeParams.__name__]["properties"]["depth"]
    assert depth["default"] in depth["enum"]


async def test_it_is_served(node: Edge) -> None:
    answer = await node.ask("GET", "/asyncapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert msgspec.json.decode(answer.body) == DOCUMENT
