"""What a thief of a token must not do needs a login whose user has just shown who they are."""

from cryptex.protocol.times import time_text
from tests.node.edge import PASSWORD, Edge

KEY = {"label": "bot", "scopes": ["read"]}
AGAIN = "/sessions/current/reauthentication"


async def test_a_login_is_fresh_for_ten_minutes_and_again_after_its_password(node: Edge) -> None:
    _, token = await node.user("ann")
    node.clock.advance(599)
    await node.post("/api_keys", KEY, token)
    node.clock.advance(1)
    problem = (await node.ask("POST", "/api_keys", KEY, token=token)).json()
    assert (problem["status"], problem["code"]) == (403, "reauthentication_required")
    answer = await node.ask("POST", AGAIN, {"password": PASSWORD}, token=token)
    assert (answer.status, answer.json()) == (200, {"fresh_until": time_text(node.clock.now_ns() + 600 * 10**9)})
    await node.post("/api_keys", KEY, token)  # at once, though the token was known by then
    node.clock.advance(600)
    assert await node.refused("POST", "/api_keys", KEY, token=token) == (403, "reauthentication_required")
    assert len((await node.get("/api_keys", token))["api_keys"]) == 2  # older logins see and end keys


async def test_another_login_of_the_user_stays_as_it_is(node: Edge) -> None:
    _, first = await node.user("ann")
    node.clock.advance(600)
    second = (await node.post("/sessions", {"username": "ann", "password": PASSWORD}))["token"]
    await node.ask("POST", AGAIN, {"password": PASSWORD}, token=second)
    await node.post("/api_keys", KEY, second)
    assert await node.refused("POST", "/api_keys", KEY, token=first) == (403, "reauthentication_required")


async def test_a_wrong_password_and_an_api_key_make_nothing_fresh(node: Edge) -> None:
    _, token = await node.user("ann")
    secret = (await node.post("/api_keys", {**KEY, "scopes": ["read", "trade", "withdraw"]}, token))["secret"]
    node.clock.advance(600)
    assert await node.refused("POST", AGAIN, {"password": "wrong horse"}, token=token) == (401, "bad_credentials")
    assert await node.refused("POST", AGAIN, {"password": PASSWORD}, token=secret) == (403, "forbidden")
    assert await node.refused("POST", "/api_keys", KEY, token=secret) == (403, "forbidden")
    assert await node.refused("POST", "/api_keys", KEY, token=token) == (403, "reauthentication_required")


async def test_a_clock_that_goes_back_makes_no_login_fresh(node: Edge) -> None:
    _, token = await node.user("ann")
    node.clock.advance(-3600)
    assert await node.refused("POST", "/api_keys", KEY, token=token) == (403, "reauthentication_required")


async def test_all_of_a_users_tokens_end_at_once_with_their_sockets(node: Edge) -> None:
    user_id, token = await node.user("ann")
    key = (await node.post("/api_keys", KEY, token))["secret"]
    _, bobs = await node.user("bob")
    identity = node.app.state.identity  # type: ignore[attr-defined]
    async with node.socket(token) as first, node.socket(key) as second, node.socket(bobs) as other:
        await identity.end_all(user_id)
        assert (await first.closed(), await second.closed()) == (4401, 4401)
        await other.call("wallet.balances")
    assert await node.refused("GET", "/wallet", token=token) == (401, "unauthenticated")
    assert await node.refused("GET", "/wallet", token=key) == (401, "unauthenticated")
