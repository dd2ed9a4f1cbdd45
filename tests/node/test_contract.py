"""A session over REST and websocket that leaves nothing out, held against both documents."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest

from cryptex.node.openapi import OPERATIONS
from cryptex.node.stream_table import STREAM_METHODS
from cryptex.protocol.commands import DefineMarket
from cryptex.protocol.requests import BOOK_DEPTHS, Channel
from cryptex.protocol.terms import Interval
from tests.node.asgi import Socket
from tests.node.contract import Contract, contract
from tests.node.edge import PASSWORD, Edge, edge, limit
from tests.node.signed import new_signing_key, signed, signed_login
from tests.node.test_second_factor_logins import shown as authenticator_shows
from tests.node.test_second_factor_logins import turned_on

MARKET = "BTC-USDT"


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Edge]:
    contract().seen.clear()
    async with edge(tmp_path / "data") as started:
        yield started


async def users_and_keys(node: Edge) -> str:
    """Do all that a user does before trading; return a token."""
    email = {"username": "ann", "password": PASSWORD, "email": "ann@example.com"}
    await node.post("/users", email)
    token: str = (await node.post("/sessions", {"username": "ann", "password": PASSWORD}))["token"]
    await node.get("/users/me", token)
    form = {"label": "bot", "scopes": ["read", "trade"], "expires_at": "2099-01-01T00:00:00Z"}
    key = await node.post("/api_keys", form, token)
    await node.get("/users/me", key["secret"])
    assert (await node.get("/api_keys", token))["api_keys"]
    assert (await node.ask("DELETE", f"/api_keys/{key['id']}", token=token)).status == 204
    other = {"username": "ann", "password": PASSWORD}
    await node.post("/sessions", other)
    [its_id] = [each["id"] for each in (await node.get("/sessions", token))["sessions"] if not each["current"]]
    assert (await node.ask("DELETE", f"/sessions/{its_id}", token=token)).status == 204
    assert (await node.ask("DELETE", "/sessions", token=token)).status == 200
    change = {"password": PASSWORD, "new_password": f"{PASSWORD}2"}
    assert (await node.ask("POST", "/users/me/password", change, token=token)).status == 204
    await node.post("/wallet/deposits", {"asset": "BTC", "amount": 10, "reference": "first"}, token)
    assert (
        await node.ask("POST", "/wallet/deposits", {"asset": "BTC", "amount": "10", "reference": "first"}, token=token)
    ).status == 200
    form = {"asset": "BTC", "amount": "1.5", "address": "bc1q"}
    number = (await node.post("/wallet/withdrawals", form, token))["id"]
    await node.get("/wallet/withdrawals?status=requested", token)
    await node.get(f"/wallet/withdrawals/{number}", token)
    assert (await node.ask("DELETE", f"/wallet/withdrawals/{number}", token=token)).status == 200
    await node.get("/wallet/addresses", token)
    await allow_list(node, token)
    return token


async def allow_list(node: Edge, token: str) -> None:
    """Change the allow-list, and look at it."""
    address = await node.post("/wallet/allow_list", {"asset": "BTC", "address": "bc1q"}, token)
    assert (await node.ask("PATCH", "/wallet/allow_list", {"enabled": True}, token=token)).status == 200
    await node.get("/wallet/allow_list", token)
    assert (await node.ask("DELETE", f"/wallet/allow_list/{address['id']}", token=token)).status == 204


async def second_factor(node: Edge, token: str) -> None:
    """Show who one is again, and turn a second factor on and off."""
    again = "/sessions/current/reauthentication"
    assert (await node.ask("POST", again, {"password": f"{PASSWORD}2"}, token=token)).status == 200
    secret, _ = await turned_on(node, token)
    await node.get("/users/me/second_factor", token)
    await node.post("/users/me/second_factor/recovery_codes", None, token)
    await node.post(
        "/sessions", {"username": "ann", "password": f"{PASSWORD}2", "code": authenticator_shows(node, secret)}
    )
    assert (await node.ask("DELETE", "/users/me/second_factor", token=token)).status == 204


async def signed_requests(node: Edge, token: str) -> None:
    """Ask by signatures, on REST and the websocket."""
    key = await new_signing_key(node, token, "ed25519", "read", allowed_addresses=["127.0.0.1"])
    answer = await node.ask("GET", "/wallet", headers=signed(node, key, "GET", "/wallet"))
    assert answer.status == 200
    async with node.socket() as socket:
        await socket.call("login", **signed_login(node, key))


async def orders(node: Edge, token: str) -> None:
    """Place every kind of order, change some, and read them back."""
    _, other = await node.user("bob", BTC="10", USDT="100000")
    resting = await node.post("/orders", limit(MARKET, "sell", "1", "200", client_order_id="mine"), token)
    repeated = await node.ask("POST", "/orders", limit(MARKET, "sell", "1", "200", client_order_id="mine"), token=token)
    assert repeated.status == 200
    await node.post("/orders", {"market": MARKET, "side": "buy", "type": "market", "quote_size": "50"}, other)
    await node.post("/orders", {"user_id": 1, "cryptocurrency": "BTC", "amount": 0.5, "price": 45.25}, token)
    stop = {"market": MARKET, "side": "buy", "type": "stop_limit", "size": "1", "price": "310", "stop_price": 300}
    until = {"time_in_force": "gtd", "expires_at": "2099-01-01T00:00:00+01:00"}
    pending = await node.post("/orders", {**stop, **until}, other)
    assert (await node.ask("PATCH", f"/orders/{resting['id']}", {"price": "201"}, token=token)).status == 200
    for path in ("/orders", "/orders?status=open", f"/orders/{resting['id']}", "/orders/by-client-id/mine"):
        await node.get(path, token)
    for path in ("/fills?limit=1", "/wallet", "/wallet/entries?limit=1"):
        await node.get(path, token)
    assert (await node.ask("DELETE", f"/orders/{pending['id']}", token=other)).status == 200
    assert (await node.ask("DELETE", f"/orders?market={MARKET}", token=token)).json()["canceled"]


async def admin(node: Edge, token: str) -> None:
    """Do all that an admin does, with users, withdrawals and markets."""
    node.core.users.admins.give("ann")
    market = DefineMarket("BTC", "USDT", "0.01", "0.00001", "5", "0.0010", "0.0010", auction_duration="60s")
    await node.core.sequencer.submit(market)
    _, other = await node.user("carol", BTC="10")
    for verb in ("approve", "reject"):
        form = {"asset": "BTC", "amount": "2", "address": "bc1q"}
        number = (await node.post("/wallet/withdrawals", form, other))["id"]
        await node.get("/admin/withdrawals?status=requested&limit=1", token)
        assert (await node.ask("POST", f"/admin/withdrawals/{number}/{verb}", token=token)).status == 200
    for path in ("/admin/users?limit=1", "/admin/audit?limit=5"):
        await node.get(path, token)
    assert (await node.ask("DELETE", "/admin/users/carol/sessions?api_keys=true", token=token)).status == 200
    for path, changes in (
        ("/admin/users/carol/disable", {"reason": "asked for it"}),
        ("/admin/users/carol/enable", None),
        (f"/admin/markets/{MARKET}/halt", {"duration": "5m"}),
        (f"/admin/markets/{MARKET}/open", None),
        (f"/admin/markets/{MARKET}/auction", None),
    ):
        assert (await node.ask("POST", path, changes, token=token)).status == 200, path


async def reads(node: Edge) -> None:
    """Read all that everybody may."""
    for path in ("/markets", "/assets", "/market_data", "/market_data?cryptocurrency=BTC&depth=5"):
        await node.get(path)
    for part in ("book?depth=5", "trades?limit=1", *(f"candles?interval={each}" for each in Interval), "ticker"):
        await node.get(f"/markets/{MARKET}/{part}")
    for path in ("/", "/health/live", "/health/ready", "/openapi.json", "/asyncapi.json"):
        await node.get(path)
    for path in ("/docs", "/docs/errors", "/metrics"):
        assert (await node.ask("GET", path)).status == 200


async def subscribe_to_all(socket: Socket) -> None:
    """Subscribe to every channel in every form."""
    for depth in BOOK_DEPTHS:
        await socket.call("subscribe", channel="book", markets=[MARKET], depth=depth)
    for interval in Interval:
        await socket.call("subscribe", channel="candles", markets=[MARKET], interval=interval)
    for channel in ("trades", "ticker"):
        await socket.call("subscribe", channel=channel, markets=["btc/usdt"], since={"epoch": 1, "sequence": 1})
    for channel in ("orders", "fills", "wallet"):
        await socket.call("subscribe", channel=channel)


async def stream(node: Edge, token: str) -> None:
    """Call every method, with every channel open."""
    async with node.socket(token) as socket:
        await socket.call("ping")
        await subscribe_to_all(socket)
        await socket.call("cancel_on_disconnect", enabled=True)
        await socket.call("cancel_after", seconds=60)
        form = limit(MARKET, "sell", "1", "300", self_trade_prevention="cancel_oldest")
        order = await socket.call("order.place", **form, client_order_id="two")
        await socket.call("order.amend", client_order_id="two", size="0.5", price=301.5)
        await socket.call("order.get", id=order["id"])
        await socket.call("orders.open", market=MARKET)
        await socket.call("order.place", market=MARKET, side="buy", type="limit", size="0.1", price="301.5")
        await socket.call("order.cancel", id=(await socket.call("order.place", **form))["id"])
        await socket.call("order.cancel_all")
        await socket.call("wallet.balances")
        await socket.call("cancel_after", seconds=0)
        assert (await socket.refused("order.get", id=999))["code"] == "unknown_order"
        await socket.call("unsubscribe", channel="wallet")
        await node.app.state.streams.shutdown()  # type: ignore[attr-defined]


async def test_a_whole_session_keeps_to_the_documents(fresh: Edge) -> None:
    token = await users_and_keys(fresh)
    await second_factor(fresh, token)
    await signed_requests(fresh, token)
    await orders(fresh, token)
    await reads(fresh)
    await admin(fresh, token)
    await stream(fresh, token)
    assert (await fresh.ask("DELETE", "/sessions/current", token=token)).status == 204
    seen = contract().seen
    assert {operation.name for operation in OPERATIONS} <= seen
    assert {method.name for method in STREAM_METHODS} <= seen
    assert {f"{method.name}.reply" for method in STREAM_METHODS} <= seen
    assert {*get_args(Channel), "status", "error"} <= seen


BOOK = {
    "channel": "book", "market": MARKET, "depth": 10, "type": "snapshot", "epoch": 1, "sequence": 1,
    "time": "2026-11-22T15:40:03.123456Z", "bids": [["1.00", "2"]], "asks": [], "checksum": 1,
}  # fmt: skip
WRONG: list[dict[str, Any]] = [
    {"bids": [["1.00"]]},
    {"bids": [[1.0, "2"]]},
    {"bids": [["1e3", "2"]]},
    {"time": "yesterday"},
    {"epoch": "1"},
    {"type": "news"},
    {"more": 1},
]


@pytest.mark.parametrize("change", WRONG)
def test_the_judge_sees_what_is_wrong(change: dict[str, Any]) -> None:
    judge = Contract()
    judge.message("book", json.dumps(BOOK))
    assert not judge.faults
    judge.message("book", json.dumps({**BOOK, **change}))
    assert len(judge.faults) == 1
