from cryptex.protocol.events import OrderAccepted
from tests.node.edge import Edge, limit


async def test_the_published_example_of_an_order_works_verbatim(node: Edge) -> None:
    user_id, token = await node.user("john")
    assert user_id == 1
    body = b'{"user_id": 1, "cryptocurrency": "BTC", "amount": 0.5, "price": 45000.0}'
    order = await node.post("/orders", body, token)
    created_at = order.pop("created_at")
    assert created_at.endswith("Z")
    assert order == {
        "id": 1,
        "user_id": 1,
        "cryptocurrency": "BTC",
        "amount": "0.50000",
        "price": "45000.00",
        "market": "BTC-USDT",
        "side": "buy",
        "status": "open",
    }


async def test_the_short_form_is_for_oneself_and_may_sell_at_the_market(node: Edge) -> None:
    _, token = await node.user("john", BTC="2")
    form: dict[str, object] = {"user_id": 2, "cryptocurrency": "BTC", "amount": 0.5, "price": 45000.0}
    assert await node.refused("POST", "/orders", form, token=token) == (403, "forbidden")
    form = {"cryptocurrency": "btc", "amount": "1", "side": "sell"}
    assert (await node.post("/orders", form, token))["price"] is None
    form = {"cryptocurrency": "DOGE", "amount": "1"}
    assert await node.refused("POST", "/orders", form, token=token) == (404, "unknown_market")
    form = {"cryptocurrency": "BTC", "amount": None}
    assert await node.refused("POST", "/orders", form, token=token) == (422, "invalid_request")
    full = limit("BTC-USDT", "sell", "1", "50000", client_order_id='"cryptocurrency"')
    assert (await node.post("/orders", full, token))["type"] == "limit"


async def test_an_order_is_placed_read_amended_and_canceled(node: Edge) -> None:
    _, token = await node.user("ann")
    order = await node.post("/orders", limit("btc/usdt", "buy", "0.5", "45000"), token)
    assert (order["market"], order["status"], order["remaining"]) == ("BTC-USDT", "open", "0.50000")
    assert await node.get(f"/orders/{order['id']}", token) == order
    answer = await node.ask("PATCH", f"/orders/{order['id']}", {"price": "44000", "size": 0.25}, token=token)
    assert (answer.status, answer.json()["price"], answer.json()["size"]) == (200, "44000.00", "0.25000")
    answer = await node.ask("DELETE", f"/orders/{order['id']}", token=token)
    ended = answer.json()
    assert (answer.status, ended["status"], ended["reason"]) == (200, "canceled", "user")
    assert (await node.get(f"/orders/{order['id']}", token))["status"] == "canceled"
    for method, body in (("DELETE", None), ("PATCH", {"price": "1"})):
        refused = await node.ask(method, f"/orders/{order['id']}", body, token=token)
        assert (refused.status, refused.json()["code"]) == (409, "not_open")
        assert refused.json()["order_status"] == "canceled"


async def test_orders_of_others_look_like_none(node: Edge) -> None:
    _, ann = await node.user("ann")
    _, bob = await node.user("bob")
    order = await node.post("/orders", limit("BTC-USDT", "buy", "1", "100", client_order_id="a"), ann)
    for path in (f"/orders/{order['id']}", "/orders/999"):
        for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"price": "1"})):
            assert await node.refused(method, path, body, token=bob) == (404, "unknown_order")
    assert await node.refused("GET", "/orders/by-client-id/a", token=bob) == (404, "unknown_order")
    await node.ask("DELETE", f"/orders/{order['id']}", token=ann)
    assert await node.refused("DELETE", f"/orders/{order['id']}", token=bob) == (404, "unknown_order")
    assert await node.refused("GET", "/orders/x", token=bob) == (422, "invalid_request")


async def test_a_repeated_order_is_answered_as_it_is_now(node: Edge) -> None:
    _, token = await node.user("ann")
    form = limit("BTC-USDT", "buy", "1", "100", client_order_id="a/b c")
    first = await node.post("/orders", form, token)
    await node.ask("DELETE", f"/orders/{first['id']}", token=token)
    again = await node.ask("POST", "/orders", form, token=token)
    assert again.status == 200
    assert (again.json()["id"], again.json()["status"], again.json()["duplicate"]) == (first["id"], "canceled", True)
    other = {**form, "price": "101"}
    assert await node.refused("POST", "/orders", other, token=token) == (409, "client_order_id_conflict")
    assert (await node.get("/orders/by-client-id/a%2Fb%20c", token))["id"] == first["id"]
    assert await node.refused("GET", "/orders/by-client-id/%0A", token=token) == (422, "invalid_request")
    assert await node.refused("GET", "/orders/by-client-id/none", token=token) == (404, "unknown_order")


async def test_a_repeated_order_that_only_history_knows(node: Edge, monkeypatch) -> None:
    _, token = await node.user("ann")
    form = limit("BTC-USDT", "buy", "1", "100", client_order_id="a")
    first = await node.post("/orders", form, token)
    await node.ask("DELETE", f"/orders/{first['id']}", token=token)
    await node.core.history_ready(first["user_id"])
    monkeypatch.setattr(node.core.recent, "find_order", lambda account_id, order_id: None)
    node.core.sequencer._find_closed = lambda account_id, order_id: None
    again = await node.ask("POST", "/orders", form, token=token)
    assert (again.status, again.json()["status"], again.json()["duplicate"]) == (200, "canceled", True)
    assert (await node.get(f"/orders/{first['id']}", token))["reason"] == "user"
    assert await node.refused("DELETE", f"/orders/{first['id']}", token=token) == (409, "not_open")


async def test_a_rejected_order_has_an_id_and_says_what_was_missing(node: Edge) -> None:
    _, token = await node.user("ann")
    answer = await node.ask("POST", "/orders", limit("BTC-USDT", "buy", "10", "50000"), token=token)
    problem = answer.json()
    assert (answer.status, problem["code"]) == (422, "insufficient_funds")
    assert (problem["required"], problem["available"]) == ("500000.00000000", "100000.00000000")
    rejected = await node.get(f"/orders/{problem['order_id']}", token)
    assert (rejected["status"], rejected["reject_code"]) == ("rejected", "insufficient_funds")
    listed = await node.get("/orders?status=rejected", token)
    assert [order["id"] for order in listed["orders"]] == [problem["order_id"]]


async def test_orders_are_listed_newest_first_by_page(node: Edge) -> None:
    _, token = await node.user("ann")
    placed = [await node.post("/orders", limit("BTC-USDT", "buy", "1", str(100 + step)), token) for step in range(5)]
    ids = [order["id"] for order in placed]
    await node.post("/orders", limit("ETH-USDT", "buy", "1", "100"), token)
    await node.ask("DELETE", f"/orders/{ids[0]}", token=token)
    for query, expected in (("status=open&", ids[1:]), ("", ids)):
        page = await node.get(f"/orders?{query}market=btc-usdt&limit=2", token)
        assert [order["id"] for order in page["orders"]] == expected[-1:-3:-1]
        rest = await node.get(f"/orders?{query}market=btc-usdt&before={page['next']}", token)
        assert [order["id"] for order in rest["orders"]] == expected[-3::-1]
        assert "next" not in rest
    assert await node.refused("GET", "/orders?status=weird", token=token) == (422, "invalid_request")
    assert await node.refused("GET", "/orders?market=weird", token=token) == (404, "unknown_market")
    assert (await node.get("/orders?status=pending", token)) == {"orders": []}


async def test_a_list_shows_no_order_as_open_that_has_ended_while_history_comes_later(node: Edge, monkeypatch) -> None:
    maker, token = await node.user("maker", BTC="10")
    _, taker = await node.user("taker", USDT="900000")
    for size in ("1", "2"):
        await node.post("/orders", limit("BTC-USDT", "sell", size, "45000"), token)
    await node.get("/orders", token)
    landed = node.core.history.orders(maker)
    await node.post("/orders", limit("BTC-USDT", "buy", "1.5", "45000"), taker)
    monkeypatch.setattr(node.core.history, "orders", lambda account_id, **query: landed)
    listed = (await node.get("/orders", token))["orders"]
    assert [order.status for order in landed.orders] == ["open", "open"]
    assert [(order["status"], order["filled"]) for order in listed] == [
        ("partially_filled", "0.50000"),
        ("filled", "1.00000"),
    ]


async def test_cancel_all(node: Edge) -> None:
    _, token = await node.user("ann")
    btc = await node.post("/orders", limit("BTC-USDT", "buy", "1", "100"), token)
    eth = await node.post("/orders", limit("ETH-USDT", "buy", "1", "100"), token)
    assert (await node.ask("DELETE", "/orders?market=ETH-USDT", token=token)).json() == {"canceled": [eth["id"]]}
    assert (await node.ask("DELETE", "/orders", token=token)).json() == {"canceled": [btc["id"]]}
    assert await node.refused("DELETE", "/orders?market=X", token=token) == (404, "unknown_market")


async def test_both_sides_see_their_fills(node: Edge) -> None:
    _, ann = await node.user("ann")
    _, bob = await node.user("bob", BTC="1")
    buy = await node.post("/orders", limit("BTC-USDT", "buy", "0.5", "45000", client_order_id="mine"), ann)
    sell = await node.post("/orders", {"market": "BTC-USDT", "side": "sell", "type": "market", "size": "0.2"}, bob)
    assert (sell["status"], sell["average_price"], sell["fees"]) == ("filled", "45000.00", {"USDT": "9.00000000"})
    (taker,) = (await node.get("/fills?market=BTC-USDT", bob))["fills"]
    (maker,) = (await node.get(f"/fills?order_id={buy['id']}", ann))["fills"]
    assert (maker["liquidity"], maker["fee"], maker["fee_asset"]) == ("maker", "0.00020000", "BTC")
    assert (taker["liquidity"], taker["fee"], taker["fee_asset"]) == ("taker", "9.00000000", "USDT")
    assert maker["trade_id"] == taker["trade_id"]
    assert (maker["client_order_id"], taker["client_order_id"]) == ("mine", None)
    (trade,) = (await node.get("/markets/BTC-USDT/trades"))["trades"]
    assert (trade["price"], trade["size"], trade["side"]) == ("45000.00", "0.20000", "sell")


async def test_orders_need_a_token(node: Edge) -> None:
    for method, path in (("POST", "/orders"), ("GET", "/orders"), ("GET", "/fills"), ("DELETE", "/orders/1")):
        assert await node.refused(method, path, {}) == (401, "unauthenticated")


async def test_an_answer_without_its_order_is_a_fault_and_not_a_lie(node: Edge, monkeypatch) -> None:
    _, token = await node.user("ann")
    submit = node.core.sequencer.submit

    async def forgetful(command):
        reply = await submit(command)
        assert isinstance(reply.answer, OrderAccepted)
        return reply._replace(order=None)

    monkeypatch.setattr(node.core.sequencer, "submit", forgetful)
    assert await node.refused("POST", "/orders", limit("BTC-USDT", "buy", "1", "100"), token=token) == (
        500,
        "internal_error",
    )
