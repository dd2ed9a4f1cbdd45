from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from cryptex.node.http import QUERY_BYTES_MAX, Resource
from cryptex.protocol.requests import MESSAGE_BYTES_MAX
from tests.node.edge import Edge


async def test_paths_that_do_not_exist(node: Edge) -> None:
    for path in ("/nothing", "/orders/", "/users/me/x", "/%00", "/../etc"):
        assert await node.refused("GET", path) == (404, "not_found"), path


async def test_a_method_that_a_path_does_not_have(node: Edge) -> None:
    answer = await node.ask("PUT", "/orders")
    assert (answer.status, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, POST"


async def test_options_names_the_methods(node: Edge) -> None:
    answer = await node.ask("OPTIONS", "/markets")
    assert (answer.status, answer.headers["allow"], answer.body) == (204, "GET, HEAD, OPTIONS", b"")


async def test_head_is_get_without_its_body(node: Edge) -> None:
    got, head = await node.ask("GET", "/markets"), await node.ask("HEAD", "/markets")
    assert head.status == 200
    assert head.body == b""
    assert head.headers == got.headers


async def test_a_body_that_is_announced_too_large(node: Edge) -> None:
    headers = {"content-length": str(MESSAGE_BYTES_MAX + 1)}
    assert await node.refused("POST", "/users", b"{}", headers=headers) == (413, "too_large")
    assert await node.refused("POST", "/users", b"{}", headers={"content-length": "9" * 60}) == (413, "too_large")


async def test_a_body_that_grows_too_large_is_not_read_to_its_end(node: Edge) -> None:
    taken = 0

    def chunks():  # the node must stop long before these end
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield b" " * 8192

    async def receive():
        return {"type": "http.request", "body": next(source), "more_body": True}

    source, sent = chunks(), []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/users", "query_string": b"", "headers": [], "root_path": ""}
    await node.app(scope, receive, send)
    assert sent[0]["status"] == 413
    assert taken == MESSAGE_BYTES_MAX // 8192 + 1


async def test_a_peer_that_leaves_before_its_body_is_not_answered(node: Edge) -> None:
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/users", "query_string": b"", "headers": [], "root_path": ""}
    await node.app(scope, receive, send)
    assert sent == []


KINDS = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")


async def test_a_web_page_must_say_that_it_sends_json(node: Edge) -> None:
    for kind in KINDS:
        headers = {"content-type": kind, "origin": "http://elsewhere.example"}
        answer = await node.ask("POST", "/users", b"{}", headers=headers)
        assert (answer.status, answer.json()["field"]) == (422, "content-type")


async def test_a_script_may_leave_the_content_type_to_its_tool(node: Edge) -> None:
    for number, kind in enumerate(KINDS):
        form = {"username": f"ann-{number}", "password": "correct horse"}
        assert (await node.ask("POST", "/users", form, headers={"content-type": kind})).status == 201


async def test_json_may_name_its_charset(node: Edge) -> None:
    form = {"username": "ann", "password": "correct horse"}
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert (await node.ask("POST", "/users", form, headers=headers)).status == 201


QUERIES = [
    ("limits=1", "limits"),
    ("limit=0", "limit"),
    ("limit=1001", "limit"),
    ("limit=-1", "limit"),
    ("limit=1e2", "limit"),
    ("limit=", "limit"),
    ("limit=%D9%A1", "limit"),
    ("limit=1&limit=1", "limit"),
    ("before=0", "before"),
    ("before=" + "9" * 40, "before"),
]


async def test_query_parameters_that_are_refused(node: Edge) -> None:
    for query, field in QUERIES:
        answer = await node.ask("GET", f"/markets/BTC-USDT/trades?{query}")
        assert (answer.status, answer.json()["code"], answer.json()["field"]) == (422, "invalid_request", field)


async def test_queries_are_bounded(node: Edge) -> None:
    long = "x" * QUERY_BYTES_MAX
    assert await node.refused("GET", f"/markets?{long}=1") == (413, "too_large")
    many = "&".join(f"a{number}=1" for number in range(50))
    assert await node.refused("GET", f"/markets?{many}") == (422, "invalid_request")
    assert await node.refused("GET", "/markets?x=1") == (422, "invalid_request")


async def test_a_fault_is_an_internal_error_and_says_nothing_of_itself(node: Edge, monkeypatch) -> None:
    def broken(_market: str) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(node.core.exchange, "best", broken)
    answer = await node.ask("GET", "/markets/BTC-USDT/ticker")
    assert (answer.status, answer.json()["code"]) == (500, "internal_error")
    assert b"secret" not in answer.body


async def test_a_fault_is_answered_whatever_the_address_of_the_request_is() -> None:
    async def broken(_request: Request) -> Response:
        raise ZeroDivisionError

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    sent: list[Message] = []
    odd = {"headers": [(b"host", b"[")], "server": ("[", 1), "query_string": b"\xff"}
    await Resource(GET=broken)({"type": "http", "method": "GET", "path": "/", "scheme": "http", **odd}, receive, send)
    assert sent[0]["status"] == 500


async def test_health(node: Edge) -> None:
    live = await node.get("/health/live")
    assert (live["status"], live["epoch"]) == ("live", 1)
    assert (await node.get("/health/ready"))["sequence"] == node.core.exchange.sequence
    node.core.failed.set()
    assert await node.refused("GET", "/health/ready") == (503, "unavailable")
