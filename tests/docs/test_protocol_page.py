"""The page on the protocol: its requests are answered as it says, and its table has every path of the node."""

import json
import re

from websockets.sync.client import connect

from cryptex.client.rest import RestClient
from cryptex.node.openapi import openapi_document
from tests.docs.pages import ROOT, blocks
from tests.end_to_end.node_process import NodeProcess

PAGE = ROOT / "docs" / "protocol.md"
MESSAGES = [json.loads(line) for block in blocks("json") if block.page == PAGE for line in block.text.splitlines()]
METHODS = {"get", "post", "patch", "delete"}
SECONDS_MAX = 10

_PATH = re.compile(r"(GET|POST|PATCH|DELETE) (/[^?` ]*)")


def test_the_requests_of_the_page_are_answered(node: NodeProcess, alice: RestClient) -> None:
    requests = [message for message in MESSAGES if "method" in message]
    assert [request["method"] for request in requests] == ["login", "subscribe", "order.place", "subscribe"]
    requests[0]["params"]["token"] = alice.token
    with connect("ws" + node.url.removeprefix("http") + "/ws") as socket:
        for request in requests:
            socket.send(json.dumps(request))
            reply = {}
            while reply.get("id") != request["id"]:
                reply = json.loads(socket.recv(SECONDS_MAX))
            assert reply["ok"], reply
            shown = next((each for each in MESSAGES if each.get("id") == request["id"] and each.get("ok")), reply)
            assert shown.keys() == reply.keys()
            assert shown["result"].keys() - {"resumed"} <= reply["result"].keys()


def test_the_refusal_of_the_page_has_the_fields_of_one(node: NodeProcess) -> None:
    (shown,) = [message for message in MESSAGES if message.get("ok") is False]
    with connect("ws" + node.url.removeprefix("http") + "/ws") as socket:
        socket.send(json.dumps({"id": 3, "method": "order.get", "params": {"id": 1}}))
        reply = json.loads(socket.recv(SECONDS_MAX))
    assert (shown.keys(), shown["error"].keys()) == (reply.keys(), reply["error"].keys())


def test_the_table_has_every_path() -> None:
    cells = [line.split(" | ")[0] for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    document = json.loads(openapi_document())
    asked = {(method.upper(), path) for path, item in document["paths"].items() for method in item.keys() & METHODS}
    assert set(_PATH.findall("\n".join(cells))) == asked
