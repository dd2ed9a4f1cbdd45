"""Whatever arrives, the answer is a success or a code of the catalogue: never a 500, never a dropped connection."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from cryptex.node.stream_methods import METHODS
from cryptex.protocol.problems import Code
from tests.node.asgi import Socket
from tests.node.edge import Edge, edge, limit

T = TypeVar("T")
BAD_INPUT = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
VERBS = ("GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "get")
# fmt: off
FIELDS = [
    "market", "side", "type", "size", "quote_size", "price", "stop_price", "time_in_force", "expires_at", "post_only",
    "self_trade_prevention", "client_order_id", "cryptocurrency", "amount", "user_id", "username", "password",
    "email", "asset", "reference", "id", "seconds", "enabled", "token", "channel", "markets", "depth", "interval",
    "since", "epoch", "sequence", "label", "scopes", "address",
]
WORDS = [
    "BTC-USDT", "buy", "sell", "limit", "market", "stop", "stop_limit", "gtc", "ioc", "fok", "gtd", "1", "0.5", "0",
    "-1", "1e5", "NaN", "Infinity", "45000", "true", "null", "book", "trades", "ticker", "candles", "orders", "fills",
    "wallet", "1m", "1w", "2999-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "0001-01-01", "BTC",
    "read",
]
# fmt: on


class Running(NamedTuple):
    """A node and the loop it runs on, for tests that are not coroutines themselves."""

    runner: asyncio.Runner
    node: Edge
    token: str

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run a coroutine on the node's loop."""

        async def call() -> T:
            return await work()

        return self.runner.run(call())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    stack = AsyncExitStack()

    async def start() -> tuple[Edge, str]:
        node = await stack.enter_async_context(edge(tmp_path_factory.mktemp("node")))
        _, token = await node.user("ann")
        await node.post("/orders", limit("BTC-USDT", "buy", "0.1", "100", client_order_id="k"), token)
        return node, token

    with asyncio.Runner() as runner:
        node, token = runner.run(start())
        yield Running(runner, node, token)
        runner.run(stack.aclose())


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(max_size=20)
    | st.sampled_from(WORDS)
    | st.just("9" * 400)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=4),
    max_leaves=8,
)
near_forms = st.dictionaries(st.sampled_from(FIELDS), scalars | values, max_size=6)
places = st.fixed_dictionaries(
    {"market": st.just("BTC-USDT"), "side": st.sampled_from(["buy", "sell"]), "type": st.sampled_from(WORDS[3:7])},
    optional=dict.fromkeys(FIELDS[3:12], scalars),
)
shorts = st.fixed_dictionaries({"cryptocurrency": scalars, "amount": scalars}, optional={"price": scalars})
forms = near_forms | places | shorts | values


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


bodies = forms.map(encoded) | st.binary(max_size=200) | st.just(b"[" * 5000) | st.just(b'{"a":' * 5000)
segments = st.sampled_from(["1", "k", "0", "-1", "BTC-USDT", "BTC/USDT", "x" * 3000, "%00", "%FF"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="?"), max_size=10
)
pairs = st.tuples(st.sampled_from(["limit", "before", "market", "status", "depth", "interval", "order_id"]), scalars)
queries = st.lists(pairs, max_size=3).map(lambda found: "&".join(f"{name}={value}" for name, value in found))


def route_paths(app: Any) -> list[str]:
    return [route.path for route in app.routes if isinstance(route, Route)]


def fill_in(path: str, segment: str) -> str:
    for name in ("{id}", "{client_order_id:path}", "{market:path}"):
        path = path.replace(name, segment)
    return path


@BAD_INPUT
@given(data=st.data())
def test_every_route_and_method(running: Running, data: st.DataObject) -> None:
    path = fill_in(data.draw(st.sampled_from(route_paths(running.node.app))), data.draw(segments))
    method, query = data.draw(st.sampled_from(VERBS)), data.draw(queries)
    token = data.draw(st.sampled_from([running.token, running.token, None, "nobody"]))
    if path == "/sessions/current":
        token = None  # the session of these tests is to last
    body = data.draw(bodies)

    async def ask() -> None:
        latin = path.encode("utf-8").decode("latin-1")
        answer = await running.node.ask(method, f"{latin}?{query}", body, token=token)
        assert answer.status < 500, answer
        if answer.status >= 400 and method != "HEAD":
            assert answer.headers["content-type"] == "application/problem+json"
            problem = answer.json()
            assert Code(problem["code"])
            assert problem["status"] == answer.status

    running.run(ask)


@BAD_INPUT
@given(body=forms.map(encoded) | st.binary(max_size=100), short=st.booleans())
def test_orders_in_every_wrong_form(running: Running, body: bytes, short: bool) -> None:
    if short:
        body = body.replace(b'"market"', b'"cryptocurrency"')

    async def ask() -> None:
        answer = await running.node.ask("POST", "/orders", body, token=running.token)
        assert answer.status < 500, answer
        assert answer.status < 300 or Code(answer.json()["code"])

    running.run(ask)


messages = (
    st.binary(max_size=200)
    | bodies
    | st.fixed_dictionaries(
        {"id": st.just(1) | scalars, "method": st.sampled_from(sorted(METHODS)) | scalars}, optional={"params": forms}
    ).map(encoded)
)


@BAD_INPUT
@given(sent=st.lists(messages, min_size=1, max_size=8), as_text=st.booleans(), login=st.booleans())
def test_every_websocket_message(running: Running, sent: list[bytes], as_text: bool, login: bool) -> None:
    async def talk() -> None:
        async with running.node.socket(running.token if login else None) as socket:
            for message in sent:
                if as_text:
                    socket.text(message.decode("utf-8", "replace"))
                else:
                    socket.binary(message)
            await _check_replies(socket, len(sent))
            await socket.call("ping")

    running.run(talk)


async def _check_replies(socket: Socket, count: int) -> None:
    """Take as many replies as there were messages, passing over what channels say."""
    while count:
        message = await socket.message()
        if "ok" not in message:
            continue
        count -= 1
        if not message["ok"]:
            assert Code(message["error"]["code"]) is not Code.INTERNAL_ERROR, message


def test_the_exchange_is_whole_after_all_that(running: Running) -> None:
    running.node.core.exchange.check()
    assert not running.node.core.failed.is_set()
