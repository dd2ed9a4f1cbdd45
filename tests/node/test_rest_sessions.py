"""Logins and the password over REST: seen, ended and changed by their owner alone, and sockets end with them."""

from pathlib import Path
from typing import Any

from cryptex.node.settings_file import LimitSettings
from cryptex.protocol.times import time_text
from tests.node.edge import PASSWORD, Edge, edge

NEW = "a better password"


async def again(node: Edge, name: str, password: str = PASSWORD) -> str:
    """Log in once more, a second later."""
    node.clock.advance(1)
    token: str = (await node.post("/sessions", {"username": name, "password": password}))["token"]
    return token


async def listed(node: Edge, token: str) -> list[Any]:
    """Return one's logins."""
    sessions: list[Any] = (await node.get("/sessions", token))["sessions"]
    return sessions


async def test_one_sees_ones_own_logins_the_last_used_first(node: Edge) -> None:
    _, first = await node.user("ann")
    await node.user("bob")
    second = await again(node, "ann")
    sessions = await listed(node, second)
    assert [each["current"] for each in sessions] == [True, False]
    assert [each["current"] for each in await listed(node, first)] == [False, True]
    assert sessions[0]["created_at"] == sessions[0]["last_used_at"] == time_text(node.clock.now_ns())
    assert set(sessions[0]) == {"id", "created_at", "last_used_at", "expires_at", "current"}
    node.clock.advance(8 * 86_400)
    assert await node.refused("GET", "/sessions", token=first) == (401, "unauthenticated")


async def test_a_login_is_ended_by_its_id_and_its_socket_with_it(node: Edge) -> None:
    _, first = await node.user("ann")
    second = await again(node, "ann")
    _, bobs = await node.user("bob")
    [_, old] = await listed(node, second)
    async with node.socket(first) as socket:
        assert await node.refused("DELETE", f"/sessions/{old['id']}", token=bobs) == (404, "unknown_session")
        answer = await node.ask("DELETE", f"/sessions/{old['id']}", token=second)
        assert (answer.status, answer.body) == (204, b"")
        assert await socket.closed() == 4401
    assert await node.refused("GET", "/wallet", token=first) == (401, "unauthenticated")
    assert await node.refused("DELETE", f"/sessions/{old['id']}", token=second) == (404, "unknown_session")
    assert len(await listed(node, second)) == 1


async def test_all_other_logins_are_ended_at_once(node: Edge) -> None:
    _, first = await node.user("ann")
    _, bobs = await node.user("bob")
    tokens = [first, await again(node, "ann"), await again(node, "ann")]
    answer = await node.ask("DELETE", "/sessions", token=tokens[1])
    assert (answer.status, answer.json()) == (200, {"ended": 2})
    for token, status in zip([*tokens, bobs], (401, 200, 401, 200), strict=True):
        assert (await node.ask("GET", "/wallet", token=token)).status == status


async def test_a_new_password_ends_the_other_logins_and_the_old_password(node: Edge) -> None:
    _, first = await node.user("ann")
    second = await again(node, "ann")
    key = await node.post("/api_keys", {"label": "bot", "scopes": ["read"]}, second)
    change = {"password": PASSWORD, "new_password": NEW}
    async with node.socket(first) as socket:
        answer = await node.ask("POST", "/users/me/password", change, token=second)
        assert (answer.status, answer.body) == (204, b"")
        assert await socket.closed() == 4401
    assert await node.refused("GET", "/wallet", token=first) == (401, "unauthenticated")
    for token in (second, key["secret"]):
        await node.get("/wallet", token)
    assert await node.refused("POST", "/sessions", {"username": "ann", "password": PASSWORD}) == (
        401,
        "bad_credentials",
    )
    await again(node, "ann", NEW)


async def test_passwords_that_are_not_taken(node: Edge) -> None:
    _, token = await node.user("ann")
    wrong = await node.ask("POST", "/users/me/password", {"password": "wrong horse", "new_password": NEW}, token=token)
    assert (wrong.status, wrong.json()["code"]) == (401, "bad_credentials")
    weak = await node.ask("POST", "/users/me/password", {"password": PASSWORD, "new_password": "short"}, token=token)
    assert (weak.status, weak.json()["code"], weak.json()["field"]) == (422, "weak_password", "new_password")
    await again(node, "ann")


async def test_an_old_login_changes_no_password_before_its_user_showed_who_they_are(node: Edge) -> None:
    _, token = await node.user("ann")
    change = {"password": PASSWORD, "new_password": NEW}
    node.clock.advance(600)
    assert await node.refused("POST", "/users/me/password", change, token=token) == (403, "reauthentication_required")
    await node.ask("POST", "/sessions/current/reauthentication", {"password": PASSWORD}, token=token)
    assert (await node.ask("POST", "/users/me/password", change, token=token)).status == 204


async def test_guessing_the_present_password_is_slowed_down_like_logging_in(tmp_path: Path) -> None:
    async with edge(tmp_path, limits=LimitSettings(commands_per_second=0, logins_per_minute=2)) as node:
        _, token = await node.user("ann")
        wrong = {"password": "wrong horse", "new_password": NEW}
        codes = [(await node.refused("POST", "/users/me/password", wrong, token=token))[1] for _ in range(2)]
        assert codes == ["bad_credentials", "rate_limited"]
