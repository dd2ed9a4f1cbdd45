"""Who may do what, for every route and every method of the websocket, and nobody to the objects of another user.

The rows are made from the app's own tables: a route or method that is not thought of here fails a test.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from cryptex.engine.snapshot import state_hash
from cryptex.node.openapi import OPERATIONS
from cryptex.node.operation import Operation
from cryptex.node.stream_methods import METHODS
from cryptex.node.stream_table import STREAM_METHODS
from cryptex.protocol.terms import Scope
from cryptex.protocol.times import time_text
from cryptex.store.sessions import FRESH_NS, SESSION_IDLE_NS
from tests.node.asgi import Socket
from tests.node.edge import PASSWORD, Edge, edge, limit
from tests.node.test_scopes import FORMS, PARAMS, PUBLIC_METHODS, verbs_and_paths

MARKET = "BTC-USDT"
SECRETS = ("anns-order", "anns-filled-order", "anns-deposit", "anns-label", "anns-address", "ann@example.org")
"""Words that nobody but ann may ever be told."""
OF_TRADING = ("anns-order", "anns-filled-order", "anns-deposit", "anns-address", "ann@example.org")
"""Those that an admin may not be told either."""

PRIVATE = [operation for operation in OPERATIONS if operation.access != "public"]
OWN = [operation for operation in PRIVATE if operation.access != "admin"]


async def key(node: Edge, token: str, scope: Scope, label: str, **more: object) -> str:
    """Make an API key; return its secret."""
    form = {"label": label, "scopes": [scope], **more}
    secret: str = (await node.post("/api_keys", form, token))["secret"]
    return secret


async def log_in(node: Edge, name: str) -> str:
    """Log in once more; return the token."""
    token: str = (await node.post("/sessions", {"username": name, "password": PASSWORD}))["token"]
    return token


def people(node: Edge) -> list[tuple[Any, ...]]:
    """Return everything in users.db but when tokens were used."""
    with node.core.users._database.reading() as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        rows: list[tuple[Any, ...]] = []
        for (table,) in tables:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "used_ns"]
            rows += connection.execute(f"SELECT '{table}', {', '.join(columns)} FROM {table}").fetchall()
        return rows


def path_of(operation: Operation) -> str:
    """Return a path of good form, whatever its ids name."""
    words = {"id": "1", "session_id": "00", "client_order_id": "k", "market": MARKET, "username": "ann"}
    return operation.path.format(**words)


# Whoever may not: every route, by every kind of token


class Caller(NamedTuple):
    """A kind of token, and the code with which it is refused for each access; None: not refused for its kind."""

    name: str
    token: str | None
    refused: dict[str, str | None]

    def expected(self, operation: Operation) -> str | None:
        """Return the code with which an operation must be refused, or None."""
        if operation.access == "admin" and operation.method == "GET" and "admin GET" in self.refused:
            return self.refused["admin GET"]
        return self.refused[operation.access]


def dead(name: str, token: str | None) -> Caller:
    """Return a caller who is nobody."""
    accesses = ["token", "login", "admin", *map(str, Scope)]
    return Caller(name, token, dict.fromkeys(accesses, "unauthenticated"))


def of_key(scope: Scope, token: str, *, admin: bool = False) -> Caller:
    """Return a key with one scope."""
    refused: dict[str, str | None] = {**dict.fromkeys(map(str, Scope), "forbidden"), scope: None}
    refused |= {"token": None, "login": "forbidden", "admin": "forbidden"}
    return Caller(f"{scope} key", token, {**refused, "admin GET": None} if admin and scope is Scope.READ else refused)


def of_login(name: str, token: str, admin: str | None) -> Caller:
    """Return a login; `admin` is the code with which admins' routes refuse it."""
    return Caller(name, token, {"token": None, "login": None, "admin": admin, **dict.fromkeys(map(str, Scope))})


async def callers(node: Edge) -> list[Caller]:
    """Make one of each kind: ended and expired ones first, those that hold last."""
    for name in ("ann", "bob", "chief", "eve"):
        await node.post("/users", {"username": name, "password": PASSWORD})
    idle = await log_in(node, "bob")
    short = await key(node, idle, Scope.READ, "short", expires_at=time_text(node.clock.now_ns() + 10**9))
    node.clock.advance(SESSION_IDLE_NS / 1e9 + 1)
    bob, eve, ended = await log_in(node, "bob"), await log_in(node, "eve"), await log_in(node, "bob")
    await node.ask("DELETE", "/sessions/current", token=ended)
    revoked = await key(node, bob, Scope.READ, "revoked")
    [newest, *_] = (await node.get("/api_keys", bob))["api_keys"]
    await node.ask("DELETE", f"/api_keys/{newest['id']}", token=bob)
    eves = await key(node, eve, Scope.READ, "eves")
    keys = [of_key(scope, await key(node, bob, scope, scope)) for scope in Scope]
    node.core.users.admins.give("chief")
    stale = await log_in(node, "chief")
    chiefs = [of_key(scope, await key(node, stale, scope, scope), admin=True) for scope in Scope]
    disable = await node.ask("POST", "/admin/users/eve/disable", {}, token=stale)
    assert disable.status == 200
    node.clock.advance(FRESH_NS / 1e9)
    return [
        dead("nobody", None),
        dead("garbage", "x" * 43),
        dead("a key's form", "cxk_" + "x" * 43),
        dead("too long", "x" * 4000),
        dead("idle login", idle),
        dead("ended login", ended),
        dead("expired key", short),
        dead("revoked key", revoked),
        dead("disabled user's login", eve),
        dead("disabled user's key", eves),
        *keys,
        *chiefs,
        of_login("trader", await log_in(node, "bob"), "forbidden"),
        of_login("admin of yesterday", stale, "reauthentication_required"),
    ]


async def test_every_route_refuses_whoever_may_not_and_nothing_changes(tmp_path: Path) -> None:
    async with edge(tmp_path) as node:
        served = {(verb, path.replace(":path}", "}")) for verb, path in verbs_and_paths(node.app) if verb != "HEAD"}
        assert served == {(operation.method, operation.path) for operation in OPERATIONS}
        kinds = await callers(node)
        before = (state_hash(node.core.exchange), people(node))
        refusals = 0
        for caller in kinds:
            for operation in PRIVATE:
                expected = caller.expected(operation)
                if expected is None:
                    continue
                answer = await node.ask(operation.method, path_of(operation), {}, token=caller.token)
                code = answer.json()["code"] if answer.body else ""
                assert code == expected, f"{operation.method} {operation.path} by {caller.name}: {answer.status} {code}"
                refusals += 1
        assert (state_hash(node.core.exchange), people(node)) == before
        assert refusals > 10 * len(PRIVATE)


async def test_a_method_that_a_path_does_not_have_does_nothing_for_anybody(node: Edge) -> None:
    async with street(node) as (anns, bob, chief):
        methods = {(operation.method, operation.path) for operation in OPERATIONS}
        before = (state_hash(node.core.exchange), await all_of(node, anns.token))
        for path in {operation.path for operation in OPERATIONS}:
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY"):
                if (method, path) not in methods:
                    filled = path_of(next(each for each in OPERATIONS if each.path == path))
                    for token in (None, bob, chief):
                        answer = await node.ask(method, filled, token=token)
                        assert answer.status == 405, f"{method} {path}"
        assert (state_hash(node.core.exchange), await all_of(node, anns.token)) == before


async def test_every_method_refuses_whoever_may_not_and_nothing_changes(tmp_path: Path) -> None:
    async with edge(tmp_path) as node:
        assert METHODS.keys() == {method.name for method in STREAM_METHODS}
        kinds = await callers(node)
        before = (state_hash(node.core.exchange), people(node))
        for caller in kinds:
            async with node.socket() as socket:
                if caller.token is not None:
                    reply = await socket.reply(socket.start("login", token=caller.token))
                    assert reply["ok"] is (caller.refused["token"] is None), caller.name
                for method in STREAM_METHODS:
                    expected = None if method.access == "public" else caller.refused[method.access]
                    if expected is not None:
                        error = await socket.refused(method.name, **PARAMS.get(method.name, {}))
                        assert error["code"] == expected, f"{method.name} by {caller.name}"
                for channel in ("orders", "fills", "wallet"):
                    if caller.refused[Scope.READ] is not None:
                        error = await socket.refused("subscribe", channel=channel)
                        assert error["code"] == caller.refused[Scope.READ], f"{channel} by {caller.name}"
        assert (state_hash(node.core.exchange), people(node)) == before


# Another user's objects


class Objects(NamedTuple):
    """What ann has."""

    token: str
    order_id: int
    filled_id: int
    session_id: str
    key_id: int
    withdrawal_id: int
    address_id: int

    @property
    def ids(self) -> dict[str, list[str]]:
        """For the names in braces: ann's ids."""
        return {
            "session_id": [self.session_id],
            "client_order_id": ["anns-order", "anns-filled-order"],
        }

    def of(self, path: str) -> list[str]:
        """Return a path for each of ann's ids that fit in its braces."""
        if path.startswith("/orders/{id}"):
            return [path.format(id=self.order_id), path.format(id=self.filled_id)]
        if path.startswith("/wallet/withdrawals/{id}"):
            return [path.format(id=self.withdrawal_id)]
        if path.startswith("/wallet/allow_list/{id}"):
            return [path.format(id=self.address_id)]
        if path.startswith("/api_keys/{id}"):
            return [path.format(id=self.key_id)]
        [name] = path.partition("{")[2].partition("}")[:1]
        return [path.replace(f"{{{name}}}", each) for each in self.ids[name]]


UNKNOWN = {
    ("GET", "/orders/{id}"): "unknown_order",
    ("PATCH", "/orders/{id}"): "unknown_order",
    ("DELETE", "/orders/{id}"): "unknown_order",
    ("GET", "/orders/by-client-id/{client_order_id}"): "unknown_order",
    ("GET", "/wallet/withdrawals/{id}"): "unknown_withdrawal",
    ("DELETE", "/wallet/withdrawals/{id}"): "unknown_withdrawal",
    ("DELETE", "/wallet/allow_list/{id}"): "unknown_address",
    ("DELETE", "/api_keys/{id}"): "unknown_api_key",
    ("DELETE", "/sessions/{session_id}"): "unknown_session",
}
"""How routes that name an object answer for another user's. A new one needs its row, and ann such an object."""

LAST = ("/sessions/current", "/users/me/password", "/sessions")
"""What ends logins is left out: test_rest_sessions.py proves that it ends one's own alone."""


@asynccontextmanager
async def street(node: Edge) -> AsyncIterator[tuple[Objects, str, str]]:
    """Yield what ann has, and the tokens of bob, a trader, and chief, an admin, who have some of it too."""
    await node.post("/users", {"username": "ann", "password": PASSWORD, "email": "ann@example.org"})
    ann = await log_in(node, "ann")
    _, bob = await node.user("bob", BTC="10")
    _, chief = await node.user("chief", BTC="10")
    node.core.users.admins.give("chief")
    await node.post("/wallet/deposits", {"asset": "BTC", "amount": "5", "reference": "anns-deposit"}, ann)
    form = {"asset": "BTC", "amount": "1", "address": "anns-address"}
    withdrawal = await node.post("/wallet/withdrawals", form, ann)
    allowed = await node.post("/wallet/allow_list", {"asset": "BTC", "address": "anns-address"}, ann)
    filled = await node.post("/orders", limit(MARKET, "sell", "1", "50000", client_order_id="anns-filled-order"), ann)
    await node.post("/orders", limit(MARKET, "buy", "1", "50000"), bob)
    order = await node.post("/orders", limit(MARKET, "sell", "1", "60000", client_order_id="anns-order"), ann)
    await key(node, ann, Scope.READ, "anns-label")
    [made, *_] = (await node.get("/api_keys", ann))["api_keys"]
    [session, *_] = (await node.get("/sessions", ann))["sessions"]
    yield (
        Objects(ann, order["id"], filled["id"], session["id"], made["id"], withdrawal["id"], allowed["id"]),
        bob,
        chief,
    )


async def all_of(node: Edge, token: str) -> dict[str, Any]:
    """Return what a user is told by every list, which is all that they have."""
    lists = [each.path for each in OWN if each.method == "GET" and "{" not in each.path]
    told = {path: (await node.ask("GET", path, token=token)).json() for path in lists}
    for session in told["/sessions"]["sessions"]:
        session.pop("last_used_at"), session.pop("expires_at")
    return told


def leaks(text: str, words: tuple[str, ...]) -> list[str]:
    """Return the words that stand in a text."""
    return [word for word in words if word in text]


async def test_no_route_gives_or_changes_what_another_user_has(node: Edge) -> None:
    """Not to a trader, and not to an admin on the routes of traders: each route, with ann's own ids in it."""
    async with street(node) as (anns, bob, chief):
        assert {(each.method, each.path) for each in OWN if "{" in each.path} == UNKNOWN.keys()
        before = await all_of(node, anns.token)
        assert leaks(json.dumps(before), SECRETS) == list(SECRETS)
        for token in (bob, chief):
            for operation in OWN:
                if operation.path in LAST:
                    continue
                form = FORMS.get((operation.method, operation.path), {})
                for path in anns.of(operation.path) if "{" in operation.path else [operation.path]:
                    answer = await node.ask(operation.method, path, form, token=token)
                    said = answer.body.decode()
                    assert leaks(said, SECRETS) == [], f"{operation.method} {path}"
                    if (operation.method, operation.path) in UNKNOWN:
                        code = answer.json()["code"]
                        assert code == UNKNOWN[operation.method, operation.path], f"{operation.method} {path}"
        assert await all_of(node, anns.token) == before


async def test_queries_and_forms_that_name_another_user_give_nothing(node: Edge) -> None:
    async with street(node) as (anns, bob, _):
        before = await all_of(node, anns.token)
        assert (await node.get(f"/fills?order_id={anns.filled_id}", bob))["fills"] == []
        for path in ("/orders", "/orders?status=open", "/fills", "/wallet/entries", "/orders?status=filled"):
            page = await node.ask("GET", f"{path}{'&' if '?' in path else '?'}before={10**9}&limit=1000", token=bob)
            assert leaks(page.body.decode(), SECRETS) == [], path
        simple = {"user_id": 1, "cryptocurrency": "BTC", "amount": 0.5, "price": 45000.0}
        assert await node.refused("POST", "/orders", simple, token=bob) == (403, "forbidden")
        for path in ("/orders?user_id=1", "/wallet?account_id=1"):
            assert (await node.refused("GET", path, token=bob))[1] == "invalid_request"
        form = limit(MARKET, "sell", "1", "60000", client_order_id="anns-order", account_id=1)
        assert (await node.refused("POST", "/orders", form, token=bob))[1] == "invalid_request"
        mine = await node.post("/orders", limit(MARKET, "buy", "1", "100", client_order_id="anns-order"), bob)
        assert mine["user_id"] == 2  # keys are each user's own
        again = {"asset": "BTC", "amount": "5", "reference": "anns-deposit"}
        await node.post("/wallet/deposits", again, bob)
        assert await all_of(node, anns.token) == before


async def test_what_everybody_may_read_says_nothing_of_anybody(node: Edge) -> None:
    async with street(node) as (anns, _, _):
        public = [each for each in OPERATIONS if each.access == "public" and each.method == "GET"]
        for operation in public:
            answer = await node.ask("GET", operation.path.replace("{market}", MARKET))
            assert answer.status == 200
            said = answer.body.decode()
            assert leaks(said, (*SECRETS, anns.session_id, 'user_id":', 'order_id":')) == [] or (
                operation.path in ("/openapi.json", "/asyncapi.json", "/docs") and leaks(said, SECRETS) == []
            ), operation.path


async def test_admins_routes_say_nothing_of_what_others_trade_or_own(node: Edge) -> None:
    async with street(node) as (_, _, chief):
        for operation in OPERATIONS:
            if operation.access == "admin" and operation.method == "GET":
                answer = await node.ask("GET", path_of(operation), token=chief)
                assert leaks(answer.body.decode(), OF_TRADING) == [], operation.path


async def test_no_method_gives_or_changes_what_another_user_has(node: Edge) -> None:
    async with street(node) as (anns, bob, chief):
        before = await all_of(node, anns.token)
        named: list[dict[str, object]] = [
            {"id": anns.order_id},
            {"id": anns.filled_id},
            {"client_order_id": "anns-order"},
            {"client_order_id": "anns-filled-order"},
        ]
        for token in (bob, chief):
            async with node.socket(token) as socket:
                for method in METHODS.keys() - PUBLIC_METHODS:
                    params = PARAMS.get(method, {})
                    for ref in named if "id" in params else [{}]:
                        reply = await socket.reply(socket.start(method, **{**_without_id(params), **ref}))
                        assert leaks(json.dumps(reply), SECRETS) == [], method
                        if ref:
                            assert reply["error"]["code"] == "unknown_order", f"{method} {ref}"
        assert await all_of(node, anns.token) == before


def _without_id(params: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in params.items() if name != "id"}


async def _heard(socket: Socket) -> list[Any]:
    """Return all messages that came before the answer to a ping, the answer left out."""
    ping = socket.start("ping")
    heard: list[Any] = []
    while (message := await socket.message()).get("id") != ping:
        heard.append(message)
    return heard


async def test_private_channels_tell_each_user_of_their_own_alone(node: Edge) -> None:
    async with street(node) as (anns, bob, chief):
        for token in (bob, chief):
            async with node.socket(token) as socket:
                for channel in ("orders", "fills", "wallet"):
                    await socket.call("subscribe", channel=channel)
                await node.ask("PATCH", f"/orders/{anns.order_id}", {"size": "0.9"}, token=anns.token)
                await node.ask("PATCH", f"/orders/{anns.order_id}", {"size": "1"}, token=anns.token)
                heard = json.dumps(await _heard(socket))
                assert '"channel": "wallet"' in heard
                assert leaks(heard, SECRETS) == []
                assert '"user_id": 1' not in heard


async def test_of_two_tokens_in_a_request_neither_counts(node: Edge) -> None:
    async with street(node) as (anns, bob, _):
        for token, other in ((bob, anns.token), (anns.token, bob)):
            headers = {"Authorization": f"Bearer {other}"}
            assert await node.refused("GET", "/users/me", token=token, headers=headers) == (401, "unauthenticated")
