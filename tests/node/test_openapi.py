"""`/openapi.json` is a good document, and it says what there is."""

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from cryptex.node import openapi
from cryptex.node.openapi import OPERATIONS
from cryptex.node.stream_methods import METHODS
from cryptex.protocol.problems import CATALOGUE
from tests.node.edge import Edge
from tests.node.test_scopes import ADMIN, ANY, LOGIN, ROUTES, verbs_and_paths

DOCUMENT: Any = json.loads(openapi.openapi_document())
SCHEMAS = DOCUMENT["components"]["schemas"]


def plain(path: str) -> str:
    """Return a route's path as the document writes it."""
    return path.replace(":path}", "}")


def test_it_keeps_the_rules_of_openapi() -> None:
    errors = list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors())
    assert not errors


async def test_every_route_has_a_row_and_every_row_a_route(node: Edge) -> None:
    served = {(verb, plain(path)) for verb, path in verbs_and_paths(node.app) if verb != "HEAD"}
    documented = [(operation.method, operation.path) for operation in OPERATIONS]
    assert set(documented) == served
    assert len(set(documented)) == len(documented)
    assert len({operation.name for operation in OPERATIONS}) == len(documented)


def test_it_says_who_may_ask() -> None:
    proven = {(verb, plain(path)): needed for (verb, path), needed in ROUTES.items()}
    words = {"token": ANY, "login": LOGIN, "admin": ADMIN}
    for operation in OPERATIONS:
        needed = None if operation.access == "public" else words.get(operation.access, operation.access)
        assert proven.get((operation.method, operation.path)) == needed, operation.name


def test_amounts_are_decimal_strings_or_numbers() -> None:
    string, number = SCHEMAS["Amount"]["anyOf"]
    assert number["type"] == "number"
    for good in ("1", "0.5", "0" * 18 + ".00000001"):
        assert re.search(string["pattern"], good)
    for bad in ("", "-1", "1e5", "NaN", ".5", "5.", "0.000000001", "1" * 19, " 1"):
        assert not re.search(string["pattern"], bad)
    amount = {"$ref": "#/components/schemas/Amount"}
    assert SCHEMAS["DepositForm"]["properties"]["amount"] == amount
    for name in ("size", "quote_size", "price", "stop_price"):
        assert SCHEMAS["PlaceForm"]["properties"][name]["anyOf"] == [amount, {"type": "null"}]


def test_no_text_that_is_an_amount_or_a_time_is_left_plain() -> None:
    plain_text = {
        (name, field)
        for name, schema in SCHEMAS.items()
        for field, each in schema.get("properties", {}).items()
        if name.endswith("View") and each in ({"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]})
    }
    words = {field for _, field in plain_text}
    assert words == {
        "act", "address", "asset", "asyncapi", "base", "client_order_id", "cryptocurrency", "detail", "docs", "email",
        "fee_asset", "hash", "health", "id", "label", "market", "name", "openapi", "public_key", "quote", "reference",
        "scenario", "secret", "service", "status", "subject", "suggestion", "symbol", "title", "token", "txid", "type",
        "username", "version", "websocket",
    }  # fmt: skip


def test_patterns_mean_the_same_in_every_language() -> None:
    assert "\\\\Z" not in json.dumps(DOCUMENT)


def test_every_schema_is_used() -> None:
    text = json.dumps(DOCUMENT)
    assert [name for name in SCHEMAS if f'"#/components/schemas/{name}"' not in text] == []


@pytest.mark.parametrize("path", ["/docs", "/docs/errors"])
async def test_pages_need_nothing_else(node: Edge, path: str) -> None:
    answer = await node.ask("GET", path)
    page = answer.body.decode()
    assert not re.search(r"<(script|link|img|iframe)|\bsrc=|@import|url\(|https?:", page)
    anchors = re.findall(r'\bid="([^"]+)"', page)
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(anchors)
    for link in set(re.findall(r'href="(/[^"#]*)', page)):
        assert (await node.ask("GET", link)).status == 200


async def test_the_page_shows_every_operation_and_method(node: Edge) -> None:
    page = (await node.ask("GET", "/docs")).body.decode()
    for operation in OPERATIONS:
        assert f"{operation.method} {operation.path} " in page
    for method in METHODS:
        assert f'<section id="ws-{method}">' in page


async def test_the_type_of_a_problem_leads_to_its_row(node: Edge) -> None:
    problem = (await node.ask("GET", "/no/such/page")).json()
    path, _, code = problem["type"].partition("#")
    page = (await node.ask("GET", path)).body.decode()
    assert set(re.findall(r'<tr id="([^"]+)"', page)) == {each.value for each in CATALOGUE}
    assert code in CATALOGUE
