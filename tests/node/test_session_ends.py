"""However a session ends, nothing private is told on its websockets after that."""

import pytest

from cryptex.node import token_watch
from cryptex.store import sessions
from tests.node.edge import Edge


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
