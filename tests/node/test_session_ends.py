"""However a session ends, nothing private is told on its websockets after that."""

from collections.abc import Callable

import pytest
from pyotp import TOTP

from cryptex.node import token_watch
from cryptex.store import sessions
from cryptex.store.second_factors import STEP_NS
from cryptex.store.tokens import token_hash
from tests.node.edge import PASSWORD, Edge


async def test_a_logout_closes_the_websockets_of_its_token(node: Edge) -> None:
    _, token = await node.user("ann")
    session = await node.post("/sessions", {"username": "ann", "password": "correct horse"})
    async with node.socket(token) as socket, node.socket(session["token"]) as other:
        await socket.call("subscribe", channel="wallet")
        await node.ask("DELETE", "/sessions/current", token=token)
        assert await socket.closed() == 4401
        await other.call("wallet.balances")


async def test_a_login_too_many_closes_the_websockets_of_the_one_it_ends(
    node: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SESSIONS_PER_USER_MAX", 1)
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        await socket.call("subscribe", channel="wallet")
        await node.post("/sessions", {"username": "ann", "password": "correct horse"})
        assert await socket.closed() == 4401
    assert await node.refused("GET", "/wallet", token=token) == (401, "unauthenticated")


@pytest.mark.parametrize("ended", ["idle", "revoked"])
async def test_a_session_that_ends_unseen_closes_its_websocket_in_time(
    node: Edge, monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    monkeypatch.setattr(token_watch, "TOKEN_CHECK_S", 0.0)
    user_id, token = await node.user("ann")
    async with node.socket(token) as socket:
        await socket.call("subscribe", channel="wallet")
        if ended == "revoked":
            node.core.users.revoke_all(user_id)
        node.clock.advance(8 * 86_400 if ended == "idle" else 11)
        assert await socket.closed() == 4401


async def test_a_connection_that_is_told_that_its_session_is_over_is_closed(node: Edge) -> None:
    user_id, token = await node.user("ann")
    async with node.socket(token) as socket:
        await socket.call("subscribe", channel="wallet")
        node.core.users.revoke_all(user_id)
        node.clock.advance(11)
        assert (await socket.refused("wallet.balances"))["code"] == "unauthenticated"
        assert await socket.closed() == 4401


async def test_a_session_that_expires_closes_its_websocket(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_watch, "TOKEN_CHECK_S", 0.0)
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        node.clock.advance(31 * 86_400)
        assert await socket.closed() == 4401


ENDINGS: list[Callable[[Edge, int], object]] = [
    lambda node, user_id: node.core.users.revoke_all(user_id),
    lambda node, user_id: node.core.users.admins.disable(
        user_id + 1, "ann", session=token_hash(node.core.users.login("chief", PASSWORD).token)
    ),
]


@pytest.mark.parametrize("end", ENDINGS, ids=["revoked", "disabled"])
async def test_a_login_that_ends_under_way_changes_nothing(node: Edge, end: Callable[[Edge, int], object]) -> None:
    """The token is known to the node still, as it is to a request that waits its turn."""
    change = {"password": PASSWORD, "new_password": "a thief's password"}
    factors = node.core.users.second_factors
    user_id, token = await node.user("ann")
    await node.user("chief")
    node.core.users.admins.give("chief")
    pending = factors.begin(user_id)
    code = TOTP(pending).generate_otp(node.clock.now_ns() // STEP_NS)
    await node.get("/wallet", token)
    end(node, user_id)
    gone = (401, "unauthenticated")
    path = "/users/me/second_factor"
    assert await node.refused("POST", "/users/me/password", change, token=token) == gone
    assert await node.refused("POST", path, token=token) == gone
    assert await node.refused("POST", f"{path}/confirmation", {"code": code}, token=token) == gone
    codes = factors.enable(user_id, code)
    assert await node.refused("POST", f"{path}/recovery_codes", token=token) == gone
    assert await node.refused("DELETE", path, token=token) == gone
    assert factors.of_user(user_id).recovery_codes_left == len(codes)
    users = node.core.users
    assert users.verify(users.claim("ann"), PASSWORD)
