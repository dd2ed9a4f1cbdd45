import asyncio
import json
from pathlib import Path

import pytest

from cryptex.node import stream as module
from cryptex.node.settings_file import LimitSettings
from cryptex.node.stream import SUBSCRIPTIONS_MAX
from cryptex.protocol.requests import MESSAGE_BYTES_MAX
from tests.node.edge import Edge, edge, limit


async def test_replies_carry_the_id_of_their_request(node: Edge) -> None:
    async with node.socket() as socket:
        for request_id in (7, "seven", None):
            socket.text(json.dumps({"id": request_id, "method": "ping"}))
            reply = await socket.message()
            result = {"epoch": 1, "sequence": node.core.exchange.sequence}
            assert reply == {"id": request_id, "ok": True, "result": result, "time": reply["time"]}


async def test_binary_frames_are_read_as_json(node: Edge) -> None:
    async with node.socket() as socket:
        socket.binary(b'{"id": 1, "method": "ping", "params": {}}')
        assert (await socket.reply(1))["ok"]


MALFORMED: list[tuple[str | bytes, object, str]] = [
    ("", None, "invalid_request"),
    ("{", None, "invalid_request"),
    ("[]", None, "invalid_request"),
    ("null", None, "invalid_request"),
    ("[" * 60_000, None, "invalid_request"),
    (b"\xff\xfe", None, "invalid_request"),
    ('{"id": 1}', 1, "invalid_request"),
    ('{"id": 1, "method": "no.such"}', 1, "invalid_request"),
    ('{"id": 1, "method": "ping", "params": []}', 1, "invalid_request"),
    ('{"id": 1, "method": "ping", "params": {"x": 1}}', 1, "invalid_request"),
    ('{"id": "a", "method": "ping", "extra": 1}', "a", "invalid_request"),
    ('{"id": 1.5, "method": "ping"}', None, "invalid_request"),
    ('{"id": {"a": 1}, "method": "ping"}', None, "invalid_request"),
    ('{"id": 1, "method": 5}', 1, "invalid_request"),
    (" " * (MESSAGE_BYTES_MAX + 1), None, "too_large"),
    ("é" * (MESSAGE_BYTES_MAX // 2 + 1), None, "too_large"),
    (b" " * (MESSAGE_BYTES_MAX + 1), None, "too_large"),
]


async def test_malformed_messages_are_answered_and_drop_nothing(node: Edge) -> None:
    async with node.socket() as socket:
        for data, request_id, code in MALFORMED:
            if isinstance(data, str):
                socket.text(data)
            else:
                socket.binary(data)
            reply = await socket.message()
            assert (reply["ok"], reply["id"], reply["error"]["code"]) == (False, request_id, code), data[:60]
        await socket.call("ping")


async def test_private_methods_need_a_login(node: Edge) -> None:
    async with node.socket() as socket:
        for method, params in [
            ("wallet.balances", {}),
            ("orders.open", {}),
            ("order.place", limit("BTC-USDT", "buy", "1", "100")),
            ("order.cancel", {"id": 1}),
            ("cancel_after", {"seconds": 1}),
            ("subscribe", {"channel": "orders"}),
        ]:
            assert (await socket.refused(method, **params))["code"] == "unauthenticated"
        assert (await socket.refused("login", token="nobody"))["code"] == "unauthenticated"


async def test_a_connection_speaks_for_one_user(node: Edge) -> None:
    ann_id, ann = await node.user("ann")
    _, bob = await node.user("bob")
    async with node.socket() as socket:
        assert await socket.call("login", token=ann) == {"user_id": ann_id, "username": "ann", "epoch": 1}
        assert (await socket.call("login", token=ann))["user_id"] == ann_id
        assert (await socket.refused("login", token=bob))["code"] == "forbidden"


async def test_an_order_lives_and_ends(node: Edge) -> None:
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        order = await socket.call("order.place", **limit("BTC-USDT", "buy", 0.5, "45000", client_order_id="mine"))
        assert (order["status"], order["price"], order["duplicate"]) == ("open", "45000.00", False)
        assert (await socket.call("order.place", **limit("BTC-USDT", "buy", 0.5, "45000", client_order_id="mine")))[
            "duplicate"
        ]
        assert await socket.call("orders.open") == {"orders": [order]}
        assert await socket.call("orders.open", market="ETH-USDT") == {"orders": []}
        assert await socket.call("order.get", client_order_id="mine") == order
        amended = await socket.call("order.amend", id=order["id"], price="44000")
        assert amended["price"] == "44000.00"
        held = {line["asset"]: line["held"] for line in (await socket.call("wallet.balances"))["balances"]}
        assert held["USDT"] == "22000.00000000"
        assert (await socket.call("order.cancel", client_order_id="mine"))["reason"] == "user"
        error = await socket.refused("order.cancel", id=order["id"])
        assert (error["code"], error["details"]["order_status"]) == ("not_open", "canceled")
        assert (await socket.refused("order.amend", id=999, price="1"))["code"] == "unknown_order"
        assert (await socket.refused("order.get", client_order_id="none"))["code"] == "unknown_order"
        assert (await socket.refused("order.get"))["code"] == "invalid_request"
        assert (await socket.refused("order.get", id=1, client_order_id="x"))["code"] == "invalid_request"


async def test_a_rejected_order_names_its_id(node: Edge) -> None:
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        error = await socket.refused("order.place", **limit("BTC-USDT", "buy", "100", "45000"))
        assert error["code"] == "insufficient_funds"
        assert error["details"]["required"] == "4500000.00000000"
        rejected = await socket.call("order.get", id=error["details"]["order_id"])
        assert rejected["status"] == "rejected"


async def test_requests_are_pipelined_in_order(node: Edge) -> None:
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        asked = [socket.start("order.place", **limit("BTC-USDT", "buy", "0.1", str(100 + n))) for n in range(50)]
        replies = [(await socket.reply(request_id))["result"] for request_id in asked]
        ids = [order["id"] for order in replies]
        assert ids == sorted(ids)
        assert [order["price"] for order in replies] == [f"{100 + n}.00" for n in range(50)]


async def test_a_key_may_be_used_before_its_place_is_answered(node: Edge) -> None:
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        placed = socket.start("order.place", **limit("BTC-USDT", "buy", "0.1", "100", client_order_id="k"))
        amended = socket.start("order.amend", client_order_id="k", price="101")
        canceled = socket.start("order.cancel", client_order_id="k")
        assert (await socket.reply(placed))["result"]["status"] == "open"
        assert (await socket.reply(amended))["result"]["price"] == "101.00"
        assert (await socket.reply(canceled))["result"]["status"] == "canceled"


async def test_requests_in_flight_are_bounded(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IN_FLIGHT_MAX", 2)
    _, token = await node.user("ann")
    send, held = node.core.sequencer.send, []

    async with node.socket(token) as socket:
        monkeypatch.setattr(node.core.sequencer, "send", lambda *asked: held.append(asked))
        asked = [socket.start("order.place", **limit("BTC-USDT", "buy", "0.1", "100")) for _ in range(5)]
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(held) == 2
        monkeypatch.setattr(node.core.sequencer, "send", send)
        for each in held:
            send(*each)
        for request_id in asked:
            assert (await socket.reply(request_id))["ok"]


async def test_an_order_that_came_after_the_cancel_which_named_it_is_not_said_to_have_ended(node: Edge) -> None:
    _, ann = await node.user("ann", USDT="1000")
    async with node.socket(ann) as socket:
        early = socket.start("order.cancel", id=1)
        placed = socket.start("order.place", **limit("BTC-USDT", "buy", "1", "100"))
        assert (await socket.reply(placed))["result"]["id"] == 1
        assert (await socket.reply(early))["error"]["code"] == "unknown_order"
        assert (await socket.call("order.get", id=1))["status"] == "open"


async def test_cancel_all_by_market(node: Edge) -> None:
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        btc = await socket.call("order.place", **limit("BTC-USDT", "buy", "1", "100"))
        eth = await socket.call("order.place", **limit("ETH-USDT", "buy", "1", "100"))
        assert await socket.call("order.cancel_all", market="eth/usdt") == {"canceled": [eth["id"]]}
        assert await socket.call("order.cancel_all") == {"canceled": [btc["id"]]}
        assert (await socket.refused("order.cancel_all", market="X"))["code"] == "unknown_market"


async def test_the_dead_mans_switch(node: Edge) -> None:
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        await socket.call("order.place", **limit("BTC-USDT", "buy", "1", "100"))
        await socket.call("subscribe", channel="orders")
        assert (await socket.message())["type"] == "snapshot"
        assert (await socket.call("cancel_after", seconds=60))["fires_at"]
        assert (await socket.call("cancel_after", seconds=0)) == {"fires_at": None}
        await socket.call("cancel_after", seconds=5)
        node.clock.advance(6)
        (order,) = (await socket.message())["orders"]
        assert (order["status"], order["reason"]) == ("canceled", "dead_man")
        assert (await socket.refused("cancel_after", seconds=-1))["code"] == "invalid_request"


async def test_cancel_on_disconnect_covers_the_orders_placed_while_it_was_on(node: Edge) -> None:
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        before = await socket.call("order.place", **limit("BTC-USDT", "buy", "0.1", "100"))
        assert await socket.call("cancel_on_disconnect", enabled=True) == {"enabled": True}
        during = await socket.call("order.place", **limit("BTC-USDT", "buy", "0.1", "101"))
    orders = [await node.get(f"/orders/{order['id']}", token) for order in (before, during)]
    assert [(order["status"], order["reason"]) for order in orders] == [("open", None), ("canceled", "disconnected")]


async def test_cancel_on_disconnect_covers_what_was_placed_while_it_was_on(node: Edge) -> None:
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        await socket.call("cancel_on_disconnect", enabled=True)
        covered = await socket.call("order.place", **limit("BTC-USDT", "buy", "0.1", "100"))
        assert await socket.call("cancel_on_disconnect", enabled=False) == {"enabled": False}
        after = await socket.call("order.place", **limit("BTC-USDT", "buy", "0.1", "100"))
    assert (await node.get(f"/orders/{covered['id']}", token))["status"] == "canceled"
    assert (await node.get(f"/orders/{after['id']}", token))["status"] == "open"


async def test_an_order_that_is_on_its_way_when_its_connection_ends_is_canceled_too(node: Edge) -> None:
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        await socket.call("cancel_on_disconnect", enabled=True)
        socket.start("order.place", **limit("BTC-USDT", "buy", "0.1", "100", client_order_id="k"))
    order = await node.get("/orders/by-client-id/k", token)
    assert (order["status"], order["reason"]) == ("canceled", "disconnected")


async def test_commands_are_counted_against_the_account(tmp_path: Path) -> None:
    limits = LimitSettings(commands_per_second=1, command_burst=2, logins_per_minute=0)
    async with edge(tmp_path, limits=limits) as node:
        _, token = await node.user("ann")
        async with node.socket(token) as socket:
            await socket.call("wallet.balances")
            await socket.call("wallet.balances")
            error = await socket.refused("wallet.balances")
            assert (error["code"], error["retryable"], error["details"]) == ("rate_limited", True, {"retry_after": 1})


async def test_subscriptions_are_bounded_and_checked(node: Edge) -> None:
    async with node.socket() as socket:
        for params in [
            {"channel": "book"},
            {"channel": "book", "markets": ["X"]},
            {"channel": "book", "markets": ["BTC-USDT"], "depth": 20},
            {"channel": "candles", "markets": ["BTC-USDT"], "interval": "2m"},
            {"channel": "nothing", "markets": ["BTC-USDT"]},
            {"channel": "book", "markets": ["BTC-USDT"] * 201},
            {"channel": "book", "markets": ["BTC-USDT"], "since": {"epoch": -1, "sequence": 0}},
        ]:
            assert (await socket.refused("subscribe", **params))["code"] in ("invalid_request", "unknown_market")
        await socket.call("unsubscribe", channel="book", markets=["BTC-USDT"])


async def test_a_connection_holds_so_many_subscriptions(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SUBSCRIPTIONS_MAX == 200
    monkeypatch.setattr(module, "SUBSCRIPTIONS_MAX", 2)
    async with node.socket() as socket:
        assert await socket.call("subscribe", channel="ticker", markets=["BTC-USDT", "ETH/USDT"]) == {
            "channel": "ticker",
            "markets": ["BTC-USDT", "ETH-USDT"],
        }
        assert (await socket.refused("subscribe", channel="book", markets=["BTC-USDT"]))["code"] == "invalid_request"
        await socket.call("subscribe", channel="ticker", markets=["BTC-USDT"])
        await socket.call("unsubscribe", channel="ticker", markets=["ETH-USDT"])
        await socket.call("subscribe", channel="book", markets=["BTC-USDT"])


async def test_a_channel_that_can_not_be_opened_costs_the_connection_and_no_request_has_two_replies(
    node: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with node.socket() as socket:
        monkeypatch.setattr(node.core.exchange, "depth", broken)
        asked = socket.start("subscribe", channel="book", markets=["BTC-USDT"])
        assert (await socket.message())["id"] == asked
        event = await socket.event()
        assert (event["type"], event["code"]) == ("websocket.close", 1011)


async def test_a_fault_is_answered_and_the_session_goes_on(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = await node.user("ann")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with node.socket(token) as socket:
        with monkeypatch.context() as patch:
            patch.setattr(node.core.exchange, "balances", broken)
            assert (await socket.refused("wallet.balances"))["code"] == "internal_error"
        with monkeypatch.context() as patch:
            patch.setattr(node.core.sequencer, "send", broken)
            assert (await socket.refused("order.cancel", id=1))["code"] == "internal_error"
        await socket.call("ping")
