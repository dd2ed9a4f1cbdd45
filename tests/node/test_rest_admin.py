"""What admins do over REST: with users, markets and the audit log; at once, audited, and never more than that."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cryptex.node.identity import TRUST_NS
from cryptex.node.stream import Stream
from cryptex.protocol.channels import RequestId
from cryptex.protocol.commands import (
    ApproveWithdrawal,
    DefineMarket,
    LimitWithdrawals,
    PlaceOrder,
    RequestWithdrawal,
)
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.store.sessions import FRESH_NS
from cryptex.store.tokens import token_hash
from tests.node.edge import PASSWORD, Edge, edge, limit

MARKET = "BTC-USDT"


@asynccontextmanager
async def house(node: Edge) -> AsyncIterator[tuple[str, str]]:
    """Yield the tokens of ann, an admin, and of bob, who has funds."""
    _, ann = await node.user("ann")
    node.core.users.admins.give("ann")
    _, bob = await node.user("bob", BTC="10")
    yield ann, bob


async def audited(node: Edge, token: str, **query: object) -> list[Any]:
    """Return the newest entries of the audit log."""
    words = "&".join(f"{name}={value}" for name, value in query.items())
    entries: list[Any] = (await node.get(f"/admin/audit?{words}", token))["entries"]
    return entries


async def test_a_disabled_user_is_out_within_a_second_and_keeps_the_funds(node: Edge) -> None:
    async with house(node) as (ann, bob):
        key = (await node.post("/api_keys", {"label": "bot", "scopes": ["read", "trade"]}, bob))["secret"]
        orders = [
            await node.post("/orders", limit(MARKET, "sell", "1", "90000"), bob),
            await node.post("/orders", limit(MARKET, "buy", "1", "100"), key),
        ]
        async with node.socket(bob) as socket, node.socket(key) as other:
            answer = await node.ask("POST", "/admin/users/bob/disable", {"reason": "asked for it"}, token=ann)
            assert await socket.closed() == await other.closed() == 4401
        done = answer.json()
        assert (done["ended_tokens"], done["canceled_orders"], done["user"]["sessions"]) == (2, 2, 0)
        assert done["user"]["disabled_at"] is not None
        for token in (bob, key):
            assert await node.refused("GET", "/wallet", token=token) == (401, "unauthenticated")
        login = {"username": "bob", "password": PASSWORD}
        assert await node.refused("POST", "/sessions", login) == (403, "user_disabled")
        assert await node.refused("POST", "/sessions", {**login, "password": "wrong"}) == (401, "bad_credentials")
        assert (await node.ask("POST", "/admin/users/BOB/enable", token=ann)).json()["disabled_at"] is None
        token = (await node.post("/sessions", login))["token"]
        for order in orders:
            ended = await node.get(f"/orders/{order['id']}", token)
            assert (ended["status"], ended["reason"]) == ("canceled", "admin")
        held = {each["asset"]: (each["balance"], each["held"]) for each in (await node.get("/wallet", key))["balances"]}
        assert held["BTC"] == ("10.00000000", "0.00000000")
        [entry] = await audited(node, ann, act="user_disabled")
        assert (entry["username"], entry["subject"], entry["details"]) == ("ann", "bob", {"reason": "asked for it"})


async def test_an_order_that_was_let_in_before_its_user_was_disabled_is_not_placed_after_it(
    node: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: asyncio.Queue[tuple[Stream, RequestId, Awaitable[object]]] = asyncio.Queue()
    begin = Stream.begin
    monkeypatch.setattr(Stream, "begin", lambda *work: begun.put_nowait(work))
    async with house(node) as (ann, bob), node.socket(bob) as socket:
        node.clock.advance(TRUST_NS / NANOSECONDS_PER_SECOND + 1)  # the users store is asked, which takes a while
        socket.start("order.place", **limit(MARKET, "sell", "1", "90000"))
        stream, request_id, work = await begun.get()
        assert (await node.ask("POST", "/admin/users/bob/disable", {}, token=ann)).status == 200
        begin(stream, request_id, work)
        await stream.settled()
    commands = [type(each.command) for batch in node.core.journal.replay(0) for each in batch.commands]
    assert PlaceOrder not in commands


async def test_withdrawals_that_nobody_has_approved_are_rejected(tmp_path: Path) -> None:
    async with edge(tmp_path) as node, house(node) as (ann, _):
        submit = node.core.sequencer.submit
        await submit(LimitWithdrawals("BTC", automatic_units=0, daily_units=None))
        for address in ("asked for", "approved"):
            await submit(RequestWithdrawal(2, "BTC", 10**8, address))
        await submit(ApproveWithdrawal(2, 1))
        done = (await node.ask("POST", "/admin/users/bob/disable", {}, token=ann)).json()
        assert done["rejected_withdrawals"] == 1
        first, second = (node.core.exchange.withdrawals.find(number) for number in (1, 2))
        assert first is not None
        assert (first.status, first.reason, first.decided_by) == ("rejected", "admin", 1)
        assert second is not None
        assert second.status != "rejected"
        assert node.core.exchange.balance(2, "BTC")[1] == 10**8
        await submit(RequestWithdrawal(2, "BTC", 10**8, "as if the node had been killed before"))
    async with edge(tmp_path) as node:
        third = node.core.exchange.withdrawals.find(3)
        assert third is None or third.status == "rejected"
        assert node.core.exchange.balance(2, "BTC")[1] <= 10**8


async def test_what_a_node_did_not_get_to_cancel_is_canceled_at_its_next_start(tmp_path: Path) -> None:
    async with edge(tmp_path) as node, house(node) as (ann, bob):
        order = await node.post("/orders", limit(MARKET, "sell", "1", "90000"), bob)
        node.core.users.admins.disable(1, "bob", session=token_hash(ann))  # and then it was killed
    async with edge(tmp_path) as node:
        assert node.core.exchange.open_orders(2) == []
        node.core.users.admins.enable(1, "bob", session=token_hash(ann))
        token = (await node.post("/sessions", {"username": "bob", "password": PASSWORD}))["token"]
        assert (await node.get(f"/orders/{order['id']}", token))["reason"] == "admin"


async def test_a_request_that_was_let_in_before_the_end_of_its_token_does_nothing_after_it(node: Edge) -> None:
    """Its body comes late: it was begun before bob was disabled, and places no order after that."""
    async with house(node) as (ann, bob):
        form = limit(MARKET, "sell", "1", "90000")

        async def disable() -> None:
            assert (await node.ask("POST", "/admin/users/bob/disable", {}, token=ann)).status == 200

        answer = await node.ask("POST", "/orders", form, token=bob, before_body=disable)
        assert (answer.status, answer.json()["code"]) == (401, "unauthenticated")
        assert node.core.exchange.open_orders(2) == []


async def test_logins_are_ended_and_keys_if_that_is_said(node: Edge) -> None:
    async with house(node) as (ann, bob):
        key = (await node.post("/api_keys", {"label": "bot", "scopes": ["read"]}, bob))["secret"]
        async with node.socket(bob) as socket:
            assert (await node.ask("DELETE", "/admin/users/bob/sessions", token=ann)).json() == {"ended": 1}
            assert await socket.closed() == 4401
        await node.get("/wallet", key)
        path = "/admin/users/bob/sessions?api_keys="
        assert (await node.ask("DELETE", f"{path}true", token=ann)).json() == {"ended": 1}
        assert await node.refused("GET", "/wallet", token=key) == (401, "unauthenticated")
        assert await node.refused("DELETE", f"{path}perhaps", token=ann) == (422, "invalid_request")


async def test_users_are_listed_in_pages_without_what_they_trade_or_own(node: Edge) -> None:
    async with house(node) as (ann, _):
        first = await node.get("/admin/users?limit=1", ann)
        assert [each["username"] for each in first["users"]] == ["bob"]
        assert set(first["users"][0]) == {
            *("id", "username", "role", "created_at", "disabled_at", "sessions", "api_keys")
        }
        rest = await node.get(f"/admin/users?limit=5&before={first['next']}", ann)
        assert [(each["username"], each["role"]) for each in rest["users"]] == [("ann", "admin")]
        assert rest["next"] is None


async def test_an_admin_does_not_shut_themself_out(node: Edge) -> None:
    async with house(node) as (ann, _):
        for path in ("disable", "enable"):
            assert await node.refused("POST", f"/admin/users/ann/{path}", {}, token=ann) == (403, "forbidden")
        assert await node.refused("POST", "/admin/users/nobody/disable", {}, token=ann) == (404, "unknown_user")


async def test_admins_need_a_fresh_login_and_a_role_that_is_taken_is_gone_at_once(node: Edge) -> None:
    async with house(node) as (ann, bob):
        key = (await node.post("/api_keys", {"label": "watch", "scopes": ["read", "trade", "withdraw"]}, ann))["secret"]
        blind = (await node.post("/api_keys", {"label": "blind", "scopes": ["trade"]}, ann))["secret"]
        await node.get("/admin/users", key)
        assert await node.refused("GET", "/admin/users", token=blind) == (403, "forbidden")
        assert await node.refused("POST", "/admin/users/bob/disable", {}, token=key) == (403, "forbidden")
        node.clock.advance(FRESH_NS / 1e9)
        assert await node.refused("GET", "/admin/users", token=ann) == (403, "reauthentication_required")
        assert await node.refused("POST", "/admin/users/bob/disable", {}, token=ann) == (
            403,
            "reauthentication_required",
        )
        await node.ask("POST", "/sessions/current/reauthentication", {"password": PASSWORD}, token=ann)
        await node.get("/admin/users", ann)
        node.core.users.admins.take("ann")
        for token in (ann, key):
            assert await node.refused("GET", "/admin/users", token=token) == (403, "forbidden")
        await node.get("/wallet", bob)


async def test_a_market_is_halted_and_opened(node: Edge) -> None:
    async with house(node) as (ann, bob):
        halted = await node.ask("POST", "/admin/markets/btc/usdt/halt", {}, token=ann)
        assert halted.json() == {"market": MARKET, "state": "halted", "state_ends_at": None}
        assert await node.refused("POST", "/orders", limit(MARKET, "sell", "1", "90000"), token=bob) == (
            422,
            "market_halted",
        )
        timed = await node.ask("POST", f"/admin/markets/{MARKET}/halt", {"duration": "5m"}, token=ann)
        assert timed.json()["state_ends_at"] is not None
        for _ in range(2):
            opened = await node.ask("POST", f"/admin/markets/{MARKET}/open", token=ann)
            assert opened.json() == {"market": MARKET, "state": "open", "state_ends_at": None}
        acts = [(each["act"], each["details"]) for each in await audited(node, ann, limit=3)]
        assert acts == [
            ("market_opened", {"from": "halted"}),
            ("market_halted", {"seconds": 300}),
            ("market_halted", {"seconds": 0}),
        ]
        for duration in ("0s", "25h", "soon"):
            form = {"duration": duration}
            assert (await node.refused("POST", f"/admin/markets/{MARKET}/halt", form, token=ann))[0] == 422
        assert await node.refused("POST", "/admin/markets/no/halt", {}, token=ann) == (404, "unknown_market")
        assert await node.refused("POST", f"/admin/markets/{MARKET}/auction", token=ann) == (422, "invalid_request")


async def test_an_auction_is_begun_from_any_state_and_ended_by_opening(node: Edge) -> None:
    market = DefineMarket("BTC", "USDT", "0.01", "0.00001", "5", "0.0010", "0.0010", auction_duration="60s")
    await node.core.sequencer.submit(market)
    async with house(node) as (ann, bob):
        for before in ("open", "halted", "auction"):
            if before == "halted":
                await node.ask("POST", f"/admin/markets/{MARKET}/halt", {}, token=ann)
            begun = (await node.ask("POST", f"/admin/markets/{MARKET}/auction", token=ann)).json()
            assert begun["state"] == "auction"
            assert begun["state_ends_at"] is not None
        sell = await node.post("/orders", limit(MARKET, "sell", "1", "100"), bob)
        await node.post("/orders", limit(MARKET, "buy", "1", "101"), ann)
        assert (await node.ask("POST", f"/admin/markets/{MARKET}/open", token=ann)).json()["state"] == "open"
        assert (await node.get(f"/orders/{sell['id']}", bob))["status"] == "filled"
        await node.ask("POST", f"/admin/markets/{MARKET}/halt", {}, token=ann)
        assert (await node.ask("POST", f"/admin/markets/{MARKET}/open", token=ann)).json()["state"] == "open"


async def test_the_audit_log_is_read_in_pages_and_says_who_was_refused(node: Edge) -> None:
    async with house(node) as (ann, bob):
        for _ in range(3):
            assert await node.refused("GET", "/admin/audit", token=bob) == (403, "forbidden")
        node.core.users.failures.settle()
        [refused] = await audited(node, ann, act="admin_refused")
        assert (refused["username"], refused["address"]) == ("bob", "127.0.0.1")
        first = await node.get("/admin/audit?limit=2&user=bob", ann)
        assert [each["act"] for each in first["entries"]] == ["admin_refused", "login"]
        assert first["head"]["hash"] == first["entries"][0]["hash"]
        rest = await node.get(f"/admin/audit?user=bob&before={first['next']}", ann)
        assert [each["act"] for each in rest["entries"]] == ["user_registered"]
        assert await node.refused("GET", "/admin/audit?act=dance", token=ann) == (422, "invalid_request")
        assert await node.refused("GET", "/admin/audit?user=nobody", token=ann) == (404, "unknown_user")
