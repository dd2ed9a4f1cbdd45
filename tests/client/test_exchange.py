"""Trading over the websocket: results, problems, and what is known when a reply is lost."""

import asyncio
import logging
from datetime import datetime
from decimal import Decimal

import msgspec
import pytest

from cryptex.client import link, rest
from cryptex.client.errors import (
    AccessError,
    CryptexError,
    InvalidRequestError,
    NodeUnreachableError,
    OutcomeUnknownError,
    RefusedError,
    UnavailableError,
)
from cryptex.client.exchange import Exchange
from cryptex.client.models import Session
from cryptex.client.rest import RestClient
from cryptex.protocol.channels import CancelAfterResult
from cryptex.protocol.problems import CATALOGUE, Code
from cryptex.protocol.views import BalanceList, BalanceView, CanceledList, OrderList
from tests.cli.canned import Canned
from tests.client.conftest import States
from tests.client.fake_node import SILENCE, FakeNode, FakeRest, FakeTime, Refuse
from tests.client.views import TIME, WITHDRAWAL, order_view


def refuse(code: Code) -> object:
    raise Refuse(code)


async def test_all_that_one_can_do_with_orders(node: FakeNode, exchange: Exchange) -> None:
    node.script |= {
        "order.place": lambda asked: order_view(client_order_id=asked.params.client_order_id),
        "order.amend": lambda asked: order_view(),
        "order.cancel": lambda asked: order_view(),
        "order.get": lambda asked: order_view(),
        "order.cancel_all": lambda asked: CanceledList([7]),
        "orders.open": lambda asked: OrderList([order_view()]),
        "wallet.balances": lambda asked: BalanceList([BalanceView("BTC", "3", "1", "2")]),
        "cancel_after": lambda asked: CancelAfterResult(TIME),
    }
    await exchange.connect()
    placed = await exchange.place_order("BTC-USDT", "buy", Decimal("0.5"), price="45000")
    asked = await node.expect("order.place")
    assert placed.client_order_id == asked.params.client_order_id
    assert len(asked.params.client_order_id) == 32
    assert placed.price == Decimal(45000)
    assert (await exchange.amend_order(7, size=1)).id == 7
    assert (await node.expect("order.amend")).raw == b'{"id":7,"size":"1"}'
    assert (await exchange.cancel_order(client_order_id="key")).id == 7
    assert (await node.expect("order.cancel")).raw == b'{"client_order_id":"key"}'
    assert (await exchange.order(7)).id == 7
    assert await exchange.cancel_all("BTC-USDT") == [7]
    assert [order.id for order in await exchange.open_orders()] == [7]
    assert (await exchange.balances())[0].available == Decimal(2)
    assert await exchange.cancel_after(60) == datetime.fromisoformat(TIME)
    await exchange.cancel_on_disconnect()
    assert (await node.expect("cancel_on_disconnect")).params.enabled


async def test_requests_are_pipelined_and_replies_find_their_callers(node: FakeNode, exchange: Exchange) -> None:
    node.script["order.get"] = lambda asked: SILENCE
    await exchange.connect()
    calls = [asyncio.create_task(exchange.order(number)) for number in (1, 2, 3)]
    held = [await node.expect("order.get") for _ in calls]
    for asked in reversed(held):
        number = msgspec.json.decode(asked.raw)["id"]
        await node.send({"id": asked.id, "ok": True, "result": order_view(number), "time": TIME})
    assert [order.id for order in await asyncio.gather(*calls)] == [1, 2, 3]


@pytest.mark.parametrize("code", [Code.INSUFFICIENT_FUNDS, Code.TICK_SIZE, Code.FORBIDDEN, Code.OUTCOME_UNKNOWN])
async def test_problems_raise_their_family(node: FakeNode, exchange: Exchange, code: Code) -> None:
    node.script["order.place"] = lambda asked: refuse(code)
    await exchange.connect()
    with pytest.raises(CryptexError) as caught:
        await exchange.place_order("BTC-USDT", "buy", 1)
    assert caught.value.code is code
    assert caught.value.family is CATALOGUE[code].family


async def test_a_reply_that_is_lost(node: FakeNode, exchange: Exchange, states: States) -> None:
    node.script |= {"order.place": lambda asked: SILENCE, "order.get": lambda asked: SILENCE}
    await exchange.connect()
    place = asyncio.create_task(exchange.place_order("BTC-USDT", "buy", 1, client_order_id="key"))
    read = asyncio.create_task(exchange.order(1))
    await node.expect("order.get")
    node.drop()
    with pytest.raises(OutcomeUnknownError, match="lost") as caught:
        await place
    assert caught.value.client_order_id == "key"
    with pytest.raises(NodeUnreachableError):
        await read
    await states.wait("live")


async def test_a_reply_that_is_late(node: FakeNode, time: FakeTime) -> None:
    node.script |= {"order.cancel": lambda asked: SILENCE, "order.get": lambda asked: SILENCE}
    async with Exchange(node.url, request_timeout_s=0.05, timing=time.timing) as exchange:
        with pytest.raises(OutcomeUnknownError, match=r"within 0\.05 s"):
            await exchange.cancel_order(1)
        with pytest.raises(NodeUnreachableError):
            await exchange.order(1)
        late = await node.expect("order.get")
        await node.send({"id": late.id, "ok": True, "result": order_view(), "time": TIME})
        await exchange.ping()
        assert exchange.state == "live"


async def test_a_reply_that_cannot_be_read(node: FakeNode, exchange: Exchange) -> None:
    node.script |= {"order.place": lambda asked: {"id": "x"}, "order.get": lambda asked: 5}
    await exchange.connect()
    with pytest.raises(OutcomeUnknownError, match="another version"):
        await exchange.place_order("BTC-USDT", "buy", 1)
    with pytest.raises(UnavailableError, match="another version"):
        await exchange.order(1)


async def test_nothing_is_sent_while_not_connected(exchange: Exchange) -> None:
    for call in (exchange.place_order("BTC-USDT", "buy", 1), exchange.order(1), exchange.ping()):
        with pytest.raises(NodeUnreachableError, match=r"call connect\(\) first"):
            await call


async def test_limits_of_the_sdk_itself(node: FakeNode, exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    await exchange.connect()
    with pytest.raises(InvalidRequestError, match="65536 bytes"):
        await exchange.place_order("M" * 70_000, "buy", 1)
    monkeypatch.setattr(link, "WAITING_REPLIES_MAX", 0)
    with pytest.raises(UnavailableError, match="wait for their replies"):
        await exchange.order(1)
    with pytest.raises(InvalidRequestError):
        await exchange.order()


async def test_messages_that_cannot_be_read_do_no_harm(
    node: FakeNode, exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    await exchange.connect()
    for data in (b"{", b'"text"', b'{"channel":"future"}', b'{"channel":"book"}', b'{"id":99,"ok":true}', b"{}"):
        await node.send_bytes(data)
    await exchange.ping()
    assert "cannot be read" in caplog.text


async def test_the_token_is_in_no_text(node: FakeNode, time: FakeTime, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with Exchange(node.url, "hidden-token", timing=time.timing) as exchange:
        assert (await node.expect("login")).params.token == "hidden-token"
        assert "hidden-token" not in f"{exchange!r} {exchange._stream!r} {exchange._rest!r}"
        node.drop()
        await node.expect("login")
    assert "hidden-token" not in caplog.text


async def test_a_token_that_is_refused_at_first(node: FakeNode, exchange: Exchange, states: States) -> None:
    node.script["login"] = lambda asked: refuse(Code.UNAUTHENTICATED)
    with pytest.raises(AccessError):
        await exchange.connect()
    assert states.seen == ["connecting", "closed"]
    assert isinstance(exchange.error, AccessError)


async def test_login_and_logout_on_a_live_connection(node: FakeNode, time: FakeTime) -> None:
    with FakeRest() as people:
        people.answer("POST /sessions", {"token": "t1", "user_id": 1, "username": "john", "expires_at": TIME}, 201)
        people.answer("DELETE /sessions/current", {}, 200)
        exchange = Exchange(node.url, timing=time.timing)
        exchange._rest = rest.RestClient(people.url)
        await exchange.connect()
        session = await exchange.login("john", "password123")
        assert isinstance(session, Session)
        assert (await node.expect("login")).params.token == "t1"
        orders = exchange.watch_orders()
        await node.expect("subscribe")
        await exchange.logout()
        with pytest.raises(AccessError, match="logged out"):
            await orders.changed()
        assert (exchange.state, node.connections) == ("live", 2)
        assert people.got[-1].authorization == "Bearer t1"
        await exchange.close()


async def test_a_refused_token_changes_nothing(node: FakeNode, exchange: Exchange) -> None:
    await exchange.connect()
    node.script["login"] = lambda asked: refuse(Code.UNAUTHENTICATED)
    with pytest.raises(AccessError):
        await exchange.use_token("wrong")
    assert exchange.state == "live"
    assert exchange._rest.token == "token"


@pytest.mark.parametrize("route", ["GET /orders/42", "GET /orders"])
def test_a_read_is_asked_for_again_while_the_node_is_not_up_to_it(route: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Canned() as node:
        whole = node.answers[route]
        node.refuse(route, Code.UNAVAILABLE, "history has not caught up")
        monkeypatch.setattr("cryptex.client.caller.sleep", lambda _: node.answers.update({route: whole}))
        client = RestClient(node.url, "token")
        assert (client.orders(limit=1)[0] if route == "GET /orders" else client.order(42)).id == 42
        assert len(node.seen) == 2


async def test_history_is_asked_over_rest(time: FakeTime) -> None:
    with FakeRest() as node:
        node.answer("GET /markets", {"markets": []})
        node.answer("GET /fills", {"fills": [], "next": 4})
        exchange = Exchange(node.url, "token", timing=time.timing)
        assert await exchange.markets() == []
        assert (await exchange.fills(limit=1)).next == 4
        with pytest.raises(NodeUnreachableError):
            await exchange.connect()
        with pytest.raises(InvalidRequestError):
            await exchange.health()


async def test_keys_and_withdrawals_go_over_rest(time: FakeTime) -> None:
    with FakeRest() as node:
        key = {
            "id": 3,
            "label": "bot",
            "scopes": ["read"],
            "created_at": TIME,
            "expires_at": None,
            "last_used_at": None,
        }
        node.answer("POST /api_keys", {**key, "secret": "hidden"}, 201)
        node.answer("GET /api_keys", {"api_keys": [key]})
        node.answer("DELETE /api_keys/3", {})
        node.answer("POST /wallet/withdrawals", msgspec.to_builtins(WITHDRAWAL), 201)
        exchange = Exchange(node.url, "token", timing=time.timing)
        assert (await exchange.create_key("bot", ["read"])).secret == "hidden"
        assert [key.secret for key in await exchange.keys()] == [None]
        await exchange.revoke_key(3)
        assert (await exchange.withdraw("USDT", 10, "bc1q")).address == "there"
        await exchange.close()


async def test_a_refusal_says_so(node: FakeNode, exchange: Exchange) -> None:
    node.script["order.cancel"] = lambda asked: refuse(Code.NOT_OPEN)
    await exchange.connect()
    with pytest.raises(RefusedError, match="not_open"):
        await exchange.cancel_order(7)
