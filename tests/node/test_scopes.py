"""What each scope opens: every route and every method, with a key of each scope, a login, and nobody at all."""

import json
from typing import Any

from starlette.routing import Route

from cryptex.node.stream_methods import METHODS
from cryptex.protocol.terms import Scope
from tests.node.edge import PASSWORD, Edge, limit

ANY, LOGIN, ADMIN = "any token", "a login", "an admin"

ROUTES: dict[tuple[str, str], str] = {
    ("GET", "/users/me"): ANY,
    ("DELETE", "/sessions/current"): LOGIN,
    ("DELETE", "/sessions/{session_id}"): LOGIN,
    ("GET", "/sessions"): LOGIN,
    ("DELETE", "/sessions"): LOGIN,
    ("POST", "/users/me/password"): LOGIN,
    ("POST", "/sessions/current/reauthentication"): LOGIN,
    ("GET", "/users/me/second_factor"): LOGIN,
    ("POST", "/users/me/second_factor"): LOGIN,
    ("DELETE", "/users/me/second_factor"): LOGIN,
    ("POST", "/users/me/second_factor/confirmation"): LOGIN,
    ("POST", "/users/me/second_factor/recovery_codes"): LOGIN,
    ("POST", "/api_keys"): LOGIN,
    ("GET", "/api_keys"): LOGIN,
    ("DELETE", "/api_keys/{id}"): LOGIN,
    ("POST", "/orders"): Scope.TRADE,
    ("PATCH", "/orders/{id}"): Scope.TRADE,
    ("DELETE", "/orders/{id}"): Scope.TRADE,
    ("DELETE", "/orders"): Scope.TRADE,
    ("GET", "/orders"): Scope.READ,
    ("GET", "/orders/{id}"): Scope.READ,
    ("GET", "/orders/by-client-id/{client_order_id:path}"): Scope.READ,
    ("GET", "/fills"): Scope.READ,
    ("GET", "/wallet"): Scope.READ,
    ("GET", "/wallet/entries"): Scope.READ,
    ("POST", "/wallet/deposits"): Scope.TRADE,
    ("POST", "/wallet/withdrawals"): Scope.WITHDRAW,
    ("GET", "/wallet/withdrawals"): Scope.READ,
    ("GET", "/wallet/withdrawals/{id}"): Scope.READ,
    ("DELETE", "/wallet/withdrawals/{id}"): Scope.WITHDRAW,
    ("GET", "/wallet/addresses"): Scope.READ,
    ("GET", "/wallet/allow_list"): Scope.READ,
    ("PATCH", "/wallet/allow_list"): LOGIN,
    ("POST", "/wallet/allow_list"): LOGIN,
    ("DELETE", "/wallet/allow_list/{id}"): LOGIN,
    ("GET", "/admin/withdrawals"): ADMIN,
    ("POST", "/admin/withdrawals/{id}/approve"): ADMIN,
    ("POST", "/admin/withdrawals/{id}/reject"): ADMIN,
    ("GET", "/admin/users"): ADMIN,
    ("POST", "/admin/users/{username}/disable"): ADMIN,
    ("POST", "/admin/users/{username}/enable"): ADMIN,
    ("DELETE", "/admin/users/{username}/sessions"): ADMIN,
    ("POST", "/admin/markets/{market:path}/halt"): ADMIN,
    ("POST", "/admin/markets/{market:path}/open"): ADMIN,
    ("POST", "/admin/markets/{market:path}/auction"): ADMIN,
    ("GET", "/admin/audit"): ADMIN,
}
"""All routes that are not for everybody."""

STREAM: dict[str, Scope] = {
    "order.place": Scope.TRADE,
    "order.amend": Scope.TRADE,
    "order.cancel": Scope.TRADE,
    "order.cancel_all": Scope.TRADE,
    "cancel_after": Scope.TRADE,
    "cancel_on_disconnect": Scope.TRADE,
    "order.get": Scope.READ,
    "orders.open": Scope.READ,
    "wallet.balances": Scope.READ,
}
PUBLIC_METHODS = {"login", "ping", "subscribe", "unsubscribe"}
BUY = limit("BTC-USDT", "buy", "0.1", "100")
FORMS: dict[tuple[str, str], object] = {
    ("POST", "/orders"): BUY,
    ("PATCH", "/orders/{id}"): {"price": "101"},
    ("POST", "/wallet/deposits"): {"asset": "BTC", "amount": "1"},
    ("POST", "/wallet/withdrawals"): {"asset": "USDT", "amount": "1", "address": "bc1q"},
    ("PATCH", "/wallet/allow_list"): {"enabled": False},
    ("POST", "/wallet/allow_list"): {"asset": "USDT", "address": "bc1q"},
    ("POST", "/api_keys"): {"label": "bot", "scopes": ["read"]},
    ("POST", "/users/me/password"): {"password": PASSWORD, "new_password": f"{PASSWORD}2"},
    ("POST", "/sessions/current/reauthentication"): {"password": PASSWORD},
    ("POST", "/users/me/second_factor/confirmation"): {"code": "000000"},
    ("POST", "/admin/users/{username}/disable"): {},
    ("POST", "/admin/markets/{market:path}/halt"): {},
}
PARAMS: dict[str, dict[str, object]] = {
    "order.place": BUY,
    "order.amend": {"id": 1, "price": "101"},
    "order.cancel": {"id": 1},
    "order.get": {"id": 1},
    "cancel_after": {"seconds": 0},
    "cancel_on_disconnect": {"enabled": False},
}


async def keys_of_each_scope(node: Edge) -> tuple[str, dict[Scope, str]]:
    """Return the token of a new user's login, and the secrets of a key with each scope alone."""
    _, token = await node.user("ann")
    secrets: dict[Scope, str] = {}
    for scope in Scope:
        form = {"label": scope.value, "scopes": [scope]}
        secrets[scope] = (await node.post("/api_keys", form, token))["secret"]
    return token, secrets


def verbs_and_paths(app: Any) -> set[tuple[str, str]]:
    """Return every method of every path."""
    routes = [route for route in app.routes if isinstance(route, Route)]
    return {(method, route.path) for route in routes for method in route.endpoint._handlers}  # type: ignore[attr-defined]


async def ask(node: Edge, verb: str, path: str, token: str | None) -> tuple[int, str]:
    """Return status and problem of a request of good form, whatever its ids name."""
    form = FORMS.get(("GET" if verb == "HEAD" else verb, path))
    filled = (
        path.replace("{id}", "1")
        .replace("{session_id}", "0")
        .replace("{client_order_id:path}", "k")
        .replace("{market}", "BTC-USDT")
        .replace("{market:path}", "BTC-USDT")
        .replace("{username}", "bob")
    )
    answer = await node.ask(verb, filled, form, token=token)
    is_problem = answer.status >= 400 and answer.body
    return answer.status, json.loads(answer.body)["code"] if is_problem else ""


async def test_every_route_asks_for_its_scope(node: Edge) -> None:
    token, secrets = await keys_of_each_scope(node)
    known = verbs_and_paths(node.app)
    assert ROUTES.keys() <= known
    for verb, path in sorted(known):
        needed = ROUTES.get(("GET" if verb == "HEAD" else verb, path))
        assert (await ask(node, verb, path, None))[0] == 401 or needed is None, f"{verb} {path} is open to all"
        if needed is None:
            assert (await ask(node, verb, path, None))[0] != 401, f"{verb} {path} is not in ROUTES"
            continue
        for scope, secret in secrets.items():
            status, _ = await ask(node, verb, path, secret)
            assert (status == 403) is (needed not in (ANY, scope)), f"{verb} {path} with {scope}"
    for verb, path in sorted(known - {("DELETE", "/sessions/current")}):
        status, code = await ask(node, verb, path, token)
        needed = ROUTES.get(("GET" if verb == "HEAD" else verb, path))
        shut = status in (401, 403) and code != "bad_code"
        assert shut is (needed == ADMIN), f"{verb} {path} with a login"


async def test_every_method_of_the_websocket_asks_for_its_scope(node: Edge) -> None:
    token, secrets = await keys_of_each_scope(node)
    assert METHODS.keys() == STREAM.keys() | PUBLIC_METHODS
    for scope, secret in secrets.items():
        async with node.socket(secret) as socket:
            await socket.call("ping")
            for method, needed in STREAM.items():
                reply = await socket.reply(socket.start(method, **PARAMS.get(method, {})))
                code = None if reply["ok"] else reply["error"]["code"]
                assert (code == "forbidden") is (needed is not scope), f"{method} with {scope}"
    async with node.socket(token) as socket:
        for method in STREAM:
            reply = await socket.reply(socket.start(method, **PARAMS.get(method, {})))
            assert reply["ok"] or reply["error"]["code"] in ("unknown_order", "not_open"), method
    async with node.socket() as socket:
        for method in STREAM:
            error = await socket.refused(method, **PARAMS.get(method, {}))
            assert error["code"] == "unauthenticated", method


async def test_private_channels_ask_for_read_and_public_ones_for_nothing(node: Edge) -> None:
    _, secrets = await keys_of_each_scope(node)
    for scope, secret in secrets.items():
        async with node.socket(secret) as socket:
            await socket.call("subscribe", channel="trades", markets=["BTC-USDT"])
            for method in ("subscribe", "unsubscribe"):
                for channel in ("orders", "fills", "wallet"):
                    reply = await socket.reply(socket.start(method, channel=channel))
                    assert reply["ok"] is (scope is Scope.READ), f"{channel} with {scope}"


async def test_me_tells_the_scopes_of_each(node: Edge) -> None:
    token, secrets = await keys_of_each_scope(node)
    assert (await node.get("/users/me", token))["scopes"] == [*Scope]
    for scope, secret in secrets.items():
        assert (await node.get("/users/me", secret))["scopes"] == [scope]
