"""API keys over REST and the websocket: made and ended by people, used by programs, seen by their owner alone."""

from pathlib import Path
from typing import Any

import pytest

from cryptex.node import token_watch
from cryptex.node.settings_file import LimitSettings
from cryptex.protocol.times import time_text
from cryptex.store import api_keys as store_module
from tests.node.edge import Edge, edge, limit

BUY = limit("BTC-USDT", "buy", "0.1", "100")
ALL = ["read", "trade", "withdraw"]


async def new_key(node: Edge, token: str, *scopes: str, **more: object) -> Any:
    """Make a key of a user; with all scopes unless some are named."""
    return await node.post("/api_keys", {"label": "bot", "scopes": list(scopes or ALL), **more}, token)


def in_seconds(node: Edge, seconds: int) -> str:
    """Return the time in so many seconds."""
    return time_text(node.clock.now_ns() + seconds * 10**9)


async def test_a_key_is_shown_with_its_secret_once(node: Edge) -> None:
    _, token = await node.user("ann")
    expires_at = in_seconds(node, 60)
    key = await new_key(node, token, "withdraw", "read", "read", label="my bot", expires_at=expires_at)
    secret = key.pop("secret")
    assert len(secret) == 47
    assert secret.startswith("cxk_")
    assert key == {
        "id": 1,
        "label": "my bot",
        "scopes": ["read", "withdraw"],
        "created_at": time_text(node.clock.now_ns()),
        "expires_at": expires_at,
        "last_used_at": None,
        "kind": "bearer",
        "public_key": None,
        "allowed_addresses": [],
    }
    assert await node.get("/api_keys", token) == {"api_keys": [key]}
    await node.get("/wallet", secret)
    [listed] = (await node.get("/api_keys", token))["api_keys"]
    assert listed == {**key, "last_used_at": time_text(node.clock.now_ns())}


async def test_a_key_speaks_for_its_user(node: Edge) -> None:
    user_id, token = await node.user("ann")
    secret = (await new_key(node, token, "trade", "read"))["secret"]
    me = await node.get("/users/me", secret)
    assert (me["id"], me["username"], me["scopes"]) == (user_id, "ann", ["read", "trade"])
    order = await node.post("/orders", BUY, secret)
    assert (await node.get(f"/orders/{order['id']}", token))["user_id"] == user_id


async def test_a_key_logs_a_websocket_in(node: Edge) -> None:
    user_id, token = await node.user("ann")
    secret = (await new_key(node, token))["secret"]
    async with node.socket() as socket:
        login = await socket.call("login", token=secret)
        assert (login["user_id"], login["username"]) == (user_id, "ann")
        await socket.call("subscribe", channel="orders")
        assert (await socket.call("order.place", **BUY))["status"] == "open"


async def test_a_key_manages_neither_keys_nor_sessions(node: Edge) -> None:
    _, token = await node.user("ann")
    key = await new_key(node, token)
    for method, path, body in [
        ("POST", "/api_keys", {"label": "more", "scopes": ALL}),
        ("GET", "/api_keys", None),
        ("DELETE", f"/api_keys/{key['id']}", None),
        ("DELETE", "/sessions/current", None),
    ]:
        answer = await node.ask(method, path, body, token=key["secret"])
        assert (answer.status, answer.json()["code"]) == (403, "forbidden"), path
        assert "log in with the password" in answer.json()["detail"]
    await node.get("/wallet", key["secret"])


async def test_what_a_scope_is_missing_is_said(node: Edge) -> None:
    _, token = await node.user("ann")
    secret = (await new_key(node, token, "read"))["secret"]
    problem = (await node.ask("POST", "/orders", BUY, token=secret)).json()
    assert (problem["code"], problem["scope"], problem["detail"]) == (
        "forbidden",
        "trade",
        "this API key has no scope trade",
    )
    async with node.socket(secret) as socket:
        error = await socket.refused("order.place", **BUY)
        assert (error["code"], error["details"]) == ("forbidden", {"scope": "trade"})


async def test_keys_of_others_are_neither_seen_nor_revoked(node: Edge) -> None:
    _, ann = await node.user("ann")
    _, bob = await node.user("bob")
    key = await new_key(node, ann)
    assert await node.get("/api_keys", bob) == {"api_keys": []}
    theirs = await node.ask("DELETE", f"/api_keys/{key['id']}", token=bob)
    nobodys = await node.ask("DELETE", "/api_keys/99", token=bob)
    assert theirs.status == nobodys.status == 404
    assert theirs.json()["code"] == "unknown_api_key"
    assert theirs.body.replace(b"id 1", b"id 99") == nobodys.body
    await node.get("/wallet", key["secret"])


async def test_a_revoked_key_is_gone_at_once_and_its_websockets_close(node: Edge) -> None:
    _, token = await node.user("ann")
    key, other = await new_key(node, token), await new_key(node, token)
    await node.get("/wallet", key["secret"])
    async with (
        node.socket(key["secret"]) as socket,
        node.socket(other["secret"]) as second,
        node.socket(token) as login,
    ):
        await socket.call("subscribe", channel="wallet")
        answer = await node.ask("DELETE", f"/api_keys/{key['id']}", token=token)
        assert (answer.status, answer.body) == (204, b"")
        assert await socket.closed() == 4401
        await second.call("wallet.balances")
        await login.call("wallet.balances")
    assert await node.refused("GET", "/wallet", token=key["secret"]) == (401, "unauthenticated")
    assert await node.refused("DELETE", f"/api_keys/{key['id']}", token=token) == (404, "unknown_api_key")
    assert [each["id"] for each in (await node.get("/api_keys", token))["api_keys"]] == [other["id"]]


async def test_a_key_expires(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_watch, "TOKEN_CHECK_S", 0.0)
    _, token = await node.user("ann")
    brief = (await new_key(node, token, expires_at=in_seconds(node, 5)))["secret"]
    lasting = (await new_key(node, token))["secret"]
    async with node.socket(brief) as socket, node.socket(lasting) as other:
        node.clock.advance(4)
        await node.get("/wallet", brief)
        node.clock.advance(1)
        assert await node.refused("GET", "/wallet", token=brief) == (401, "unauthenticated")
        assert await socket.closed() == 4401
        await other.call("wallet.balances")
    assert len((await node.get("/api_keys", token))["api_keys"]) == 2
    node.clock.advance(6 * 86_400)
    await node.get("/wallet", lasting)


async def test_keys_outlive_a_restart_and_the_logout_of_their_maker(tmp_path: Path) -> None:
    async with edge(tmp_path) as node:
        _, token = await node.user("ann")
        key, gone = await new_key(node, token), await new_key(node, token)
        await node.ask("DELETE", f"/api_keys/{gone['id']}", token=token)
        await node.ask("DELETE", "/sessions/current", token=token)
    async with edge(tmp_path) as node:
        await node.post("/orders", BUY, key["secret"])
        assert await node.refused("GET", "/wallet", token=gone["secret"]) == (401, "unauthenticated")


async def test_a_lesser_login_ends_the_private_channels_of_the_one_before(node: Edge) -> None:
    _, token = await node.user("ann", BTC="1")
    secret = (await new_key(node, token, "trade"))["secret"]
    async with node.socket(token) as socket:
        await socket.call("subscribe", channel="wallet")
        await socket.call("subscribe", channel="ticker", markets=["BTC-USDT"])
        for channel in ("wallet", "ticker"):
            assert (await socket.message())["channel"] == channel
        await socket.call("login", token=secret)
        await socket.call("order.place", **BUY)
        assert (await socket.message())["channel"] == "ticker"
        assert (await socket.refused("subscribe", channel="wallet"))["code"] == "forbidden"


async def test_a_key_counts_against_the_rate_of_its_user(tmp_path: Path) -> None:
    limits = LimitSettings(commands_per_second=1, command_burst=3, logins_per_minute=0)
    async with edge(tmp_path, limits=limits) as node:
        _, token = await node.user("ann")
        secret = (await new_key(node, token, "trade"))["secret"]
        await node.get("/wallet", token)
        assert await node.refused("GET", "/wallet", token=secret) == (403, "forbidden")
        assert await node.refused("GET", "/wallet", token=secret) == (429, "rate_limited")


FORMS: list[dict[str, object]] = [
    {"label": ""},
    {"label": "x" * 65},
    {"label": "caf\u00e9"},
    {"label": "a\n"},
    {"label": None},
    {"scopes": []},
    {"scopes": ["read", "admin"]},
    {"scopes": ["READ"]},
    {"scopes": "read"},
    {"scopes": ["read"] * 4},
    {"expires_at": "tomorrow"},
    {"expires_at": "1999-01-01T00:00:00Z"},
    {"expires_at": 5},
    {"secret": "mine"},
]


async def test_keys_that_are_refused(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = await node.user("ann")
    form = {"label": "bot", "scopes": ["read"]}
    for change in FORMS:
        expected = (422, "invalid_request")
        assert await node.refused("POST", "/api_keys", {**form, **change}, token=token) == expected, change
    past = {**form, "expires_at": in_seconds(node, 0)}
    assert (await node.ask("POST", "/api_keys", past, token=token)).json()["field"] == "expires_at"
    for path in ("/api_keys/0", "/api_keys/x", "/api_keys/-1", f"/api_keys/{1 << 62}", "/api_keys/1?x=1"):
        assert await node.refused("DELETE", path, token=token) == (422, "invalid_request"), path
    monkeypatch.setattr(store_module, "KEYS_PER_USER_MAX", 0)
    assert await node.refused("POST", "/api_keys", form, token=token) == (422, "too_many_api_keys")
    assert await node.refused("POST", "/api_keys", form) == (401, "unauthenticated")
