from pathlib import Path

import pytest

from cryptex.node import rates
from cryptex.node.settings_file import LimitSettings
from cryptex.protocol.commands import Grant, OpenAccount
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import AMOUNT_LIMIT
from tests.node.edge import PASSWORD, Edge, edge


async def test_the_published_example_of_a_user_works_verbatim(node: Edge) -> None:
    user = await node.post("/users", b'{"username": "john", "password": "password123"}')
    assert user["id"] == 1
    assert user["username"] == "john"
    assert user["email"] is None
    assert user["created_at"].endswith("Z")


async def test_a_new_user_is_given_the_opening_grant(node: Edge) -> None:
    _, token = await node.user("ann")
    balances = (await node.get("/wallet", token))["balances"]
    usdt = {"asset": "USDT", "balance": "100000.00000000", "held": "0.00000000", "available": "100000.00000000"}
    assert [line for line in balances if line["asset"] == "USDT"] == [usdt]
    assert [line["asset"] for line in balances] == ["BTC", "ETH", "SOL", "USDT"]


REGISTRATIONS: list[tuple[object, tuple[int, str]]] = [
    ({"username": "ann", "password": PASSWORD}, (409, "duplicate_user")),
    ({"username": "ANN", "password": PASSWORD}, (409, "duplicate_user")),
    ({"username": "bob", "password": "short"}, (422, "weak_password")),
    ({"username": "x", "password": PASSWORD}, (422, "invalid_request")),
    ({"username": "bob"}, (422, "invalid_request")),
    ({"username": "bob", "password": PASSWORD, "admin": True}, (422, "invalid_request")),
    ({"username": "bob", "password": PASSWORD, "email": "nowhere"}, (422, "invalid_request")),
    ([], (422, "invalid_request")),
]


async def test_registrations_that_are_refused(node: Edge) -> None:
    await node.user("ann")
    for form, expected in REGISTRATIONS:
        assert await node.refused("POST", "/users", form) == expected, form


async def test_a_session_lasts_until_its_logout(node: Edge) -> None:
    user_id, token = await node.user("ann")
    me = await node.get("/users/me", token)
    assert (me["id"], me["username"], me["scopes"]) == (user_id, "ann", ["read", "trade", "withdraw"])
    answer = await node.ask("DELETE", "/sessions/current", token=token)
    assert (answer.status, answer.body) == (204, b"")
    assert await node.refused("GET", "/users/me", token=token) == (401, "unauthenticated")


async def test_a_session_expires(node: Edge) -> None:
    _, token = await node.user("ann")
    await node.get("/users/me", token)
    node.clock.advance(31 * 86_400)
    assert await node.refused("GET", "/users/me", token=token) == (401, "unauthenticated")


async def test_tokens_that_are_not_one(node: Edge) -> None:
    tokens = ["Bearer nobody", "Bearer " + "x" * 5000, "Bearer \xe9\xe9"]
    for header in ["", "Bearer", "Bearer ", "Basic am9objpwYXNz", "x" * 9, *tokens]:
        answer = await node.ask("GET", "/wallet", headers={"authorization": header})
        assert (answer.status, answer.json()["code"]) == (401, "unauthenticated"), header
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_the_scheme_of_a_token_has_no_case(node: Edge) -> None:
    _, token = await node.user("ann")
    for scheme in ("bearer", "BEARER", "Bearer  "):
        assert (await node.ask("GET", "/wallet", headers={"authorization": f"{scheme} {token}"})).status == 200


async def test_a_wrong_password_and_an_unknown_name_look_alike(node: Edge) -> None:
    await node.user("ann")
    wrong = await node.ask("POST", "/sessions", {"username": "ann", "password": "wrong horse"})
    unknown = await node.ask("POST", "/sessions", {"username": "eve", "password": "wrong horse"})
    assert wrong.status == unknown.status == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "bad_credentials"


async def test_a_stranger_cannot_lock_a_user_out(tmp_path: Path) -> None:
    limits = LimitSettings(commands_per_second=0, logins_per_minute=2)
    async with edge(tmp_path, limits=limits) as node:
        await node.user("ann")
        wrong = {"username": "ann", "password": "wrong horse"}
        for _ in range(2):
            assert await node.refused("POST", "/sessions", wrong, client="6.6.6.6") == (401, "bad_credentials")
        assert await node.refused("POST", "/sessions", wrong, client="6.6.6.6") == (429, "rate_limited")
        await node.post("/sessions", {"username": "ann", "password": PASSWORD})


async def test_an_address_may_try_many_names_but_not_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "ADDRESS_LOGINS_FACTOR", 3)
    limits = LimitSettings(commands_per_second=0, logins_per_minute=1)
    async with edge(tmp_path, limits=limits) as node:
        for name in ("ann", "bob", "eve"):
            form = {"username": name, "password": "wrong horse"}
            assert await node.refused("POST", "/sessions", form) == (401, "bad_credentials")
        form = {"username": "zoe", "password": PASSWORD}
        assert await node.refused("POST", "/sessions", form) == (429, "rate_limited")
        answer = await node.ask("POST", "/users", form)
        assert (answer.status, answer.headers["retry-after"]) == (429, "20")
        assert (await node.ask("POST", "/users", form, client="6.6.6.6")).status == 201
        node.clock.advance(20)
        assert (await node.ask("POST", "/users", {**form, "username": "kim"})).status == 201


async def test_requests_without_a_login_are_counted_by_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "ADDRESS_REQUESTS_BURST", 3)
    async with edge(tmp_path, limits=LimitSettings(logins_per_minute=0)) as node:
        _, token = await node.user("ann")
        await node.get("/wallet", token)
        await node.get("/markets")
        assert await node.refused("GET", "/wallet") == (401, "unauthenticated")
        answer = await node.ask("GET", "/markets/BTC-USDT/book")
        assert (answer.status, answer.json()["retry_after"], answer.headers["retry-after"]) == (429, 1, "1")
        assert await node.refused("GET", "/wallet", token="nobody") == (429, "rate_limited")
        await node.get("/wallet", token)  # a token that is known counts against its account alone
        await node.get("/health/live")
        async with node.socket() as socket:
            assert (await socket.refused("ping"))["code"] == "rate_limited"
            socket.text("{")
            assert (await socket.message())["error"]["code"] == "rate_limited"
        assert (await node.ask("GET", "/markets", client="6.6.6.6")).status == 200
        node.clock.advance(1)
        await node.get("/markets")


async def test_logins_are_throttled_by_username(tmp_path: Path) -> None:
    limits = LimitSettings(commands_per_second=0, logins_per_minute=2)
    async with edge(tmp_path, limits=limits) as node:
        form = {"username": "ann", "password": "wrong horse"}
        for _ in range(2):
            assert await node.refused("POST", "/sessions", form) == (401, "bad_credentials")
        throttled = await node.ask("POST", "/sessions", {**form, "username": "Ann"})
        assert (throttled.status, throttled.json()["code"]) == (429, "rate_limited")
        assert throttled.headers["retry-after"] == str(throttled.json()["retry_after"]) == "30"
        assert await node.refused("POST", "/sessions", {**form, "username": "bob"}) == (401, "bad_credentials")
        node.clock.advance(30)
        assert await node.refused("POST", "/sessions", form) == (401, "bad_credentials")


async def test_commands_are_throttled_by_account(tmp_path: Path) -> None:
    limits = LimitSettings(commands_per_second=1, command_burst=3, logins_per_minute=0)
    async with edge(tmp_path, limits=limits) as node:
        _, ann = await node.user("ann")
        _, bob = await node.user("bob")
        for _ in range(3):
            await node.get("/wallet", ann)
        assert await node.refused("GET", "/wallet", token=ann) == (429, "rate_limited")
        await node.get("/wallet", bob)
        node.clock.advance(1)
        await node.get("/wallet", ann)


async def test_a_name_is_free_again_when_its_account_could_not_be_opened(node: Edge, monkeypatch) -> None:
    async def full(_command: object) -> None:
        raise Refusal(Code.UNAVAILABLE, "the disk is full")

    form = {"username": "ann", "password": PASSWORD}
    with monkeypatch.context() as patch:
        patch.setattr(node.core.sequencer, "submit", full)
        assert await node.refused("POST", "/users", form) == (503, "unavailable")
    assert (await node.post("/users", form))["id"] == 1


async def test_a_name_is_free_again_when_the_exchange_is_too_full_for_another_account(node: Edge) -> None:
    full = AMOUNT_LIMIT - 10**13  # and no unit less than the opening grant
    await node.core.sequencer.submit(OpenAccount("whale", (Grant("USDT", full),), bot=True))
    form = {"username": "ann", "password": PASSWORD}
    assert await node.refused("POST", "/users", form) == (422, "amount_too_large")
    assert await node.refused("POST", "/users", form) == (422, "amount_too_large")
    assert node.core.users.pending() == []


async def test_a_user_that_could_not_be_written_is_not_said_to_be_refused(node: Edge, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise Refusal(Code.UNAVAILABLE, "the disk is full")

    form = {"username": "ann", "password": PASSWORD}
    with monkeypatch.context() as patch:
        patch.setattr(node.core.users, "complete", full)
        assert await node.refused("POST", "/users", form) == (504, "outcome_unknown")
        assert await node.refused("POST", "/sessions", form) == (401, "bad_credentials")
        assert len(node.core.users.pending()) == 1
    assert (await node.post("/sessions", form))["user_id"] == 1, "there is room again, and no start was needed"
    assert node.core.users.pending() == []


async def test_a_name_that_could_not_be_given_back_is_free_when_there_is_room(node: Edge, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise Refusal(Code.UNAVAILABLE, "the disk is full")

    form = {"username": "ann", "password": PASSWORD}
    with monkeypatch.context() as patch:
        patch.setattr(node.core.users, "release", full)
        patch.setattr(node.core.sequencer, "submit", full)
        assert await node.refused("POST", "/users", form) == (503, "unavailable")
        assert len(node.core.users.pending()) == 1
    assert (await node.post("/users", form))["username"] == "ann"
