"""The second factor over REST: set up, asked for, slowed down; and what it takes to turn it off."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from cryptex.node import rates
from cryptex.node.guesses import FAILURES_FREE
from cryptex.node.settings_file import LimitSettings
from cryptex.protocol.times import time_text
from cryptex.store import users as users_module
from cryptex.store.second_factors import STEP_NS
from tests.node.edge import PASSWORD, Edge, edge

PATH = "/users/me/second_factor"
AGAIN = "/sessions/current/reauthentication"
LOGIN = {"username": "ann", "password": PASSWORD}


def shown(node: Edge, secret: str) -> str:
    """Return what an authenticator shows now."""
    return pyotp.TOTP(secret).generate_otp(node.clock.now_ns() // STEP_NS)


async def turned_on(node: Edge, token: str) -> tuple[str, list[str]]:
    """Turn a user's second factor on. Return secret and recovery codes."""
    secret: str = (await node.post(PATH, None, token))["secret"]
    answer = await node.ask("POST", f"{PATH}/confirmation", {"code": shown(node, secret)}, token=token)
    assert answer.status == 200, answer
    node.clock.advance(30)
    return secret, answer.json()["recovery_codes"]


async def test_a_secret_is_shown_once_as_text_and_as_an_address(node: Edge) -> None:
    _, token = await node.user("ann")
    off = {"enabled": False, "enabled_at": None, "recovery_codes_left": 0}
    assert await node.get(PATH, token) == off
    made: Any = await node.post(PATH, None, token)
    uri = urlsplit(made["uri"])
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/cryptex:ann")
    assert parse_qs(uri.query) == {"secret": [made["secret"]], "issuer": ["cryptex"]}
    assert pyotp.parse_uri(made["uri"]).secret == made["secret"]
    assert await node.get(PATH, token) == off
    assert (await node.ask("POST", "/sessions", LOGIN)).status == 201
    now = time_text(node.clock.now_ns())
    await node.ask("POST", f"{PATH}/confirmation", {"code": shown(node, made["secret"])}, token=token)
    assert await node.get(PATH, token) == {"enabled": True, "enabled_at": now, "recovery_codes_left": 10}
    assert await node.refused("POST", PATH, token=token) == (409, "second_factor_enabled")


async def test_a_login_needs_a_code_after_the_right_password_alone(node: Edge) -> None:
    _, token = await node.user("ann")
    secret, codes = await turned_on(node, token)
    assert await node.refused("POST", "/sessions", LOGIN) == (401, "second_factor_required")
    assert await node.refused("POST", "/sessions", {**LOGIN, "password": "wrong horse"}) == (401, "bad_credentials")
    assert await node.refused("POST", "/sessions", {**LOGIN, "code": "12345x"}) == (401, "bad_code")
    await node.post("/sessions", {**LOGIN, "code": shown(node, secret)})
    assert await node.refused("POST", "/sessions", {**LOGIN, "code": shown(node, secret)}) == (401, "bad_code")
    await node.post("/sessions", {**LOGIN, "code": codes[3]})
    assert (await node.get(PATH, token))["recovery_codes_left"] == 9
    await node.get("/wallet", token)  # the logins of before go on


async def test_turning_it_off_needs_a_fresh_login_and_that_a_code(node: Edge) -> None:
    _, token = await node.user("ann")
    secret, codes = await turned_on(node, token)
    node.clock.advance(600)
    for method, path in (("DELETE", PATH), ("POST", f"{PATH}/recovery_codes"), ("POST", PATH)):
        assert await node.refused(method, path, token=token) == (403, "reauthentication_required")
    word = {"password": PASSWORD}
    assert await node.refused("POST", AGAIN, word, token=token) == (401, "second_factor_required")
    assert await node.refused("POST", AGAIN, {**word, "code": "000000"}, token=token) == (401, "bad_code")
    assert (await node.ask("POST", AGAIN, {**word, "code": shown(node, secret)}, token=token)).status == 200
    fresh = (await node.post(f"{PATH}/recovery_codes", None, token))["recovery_codes"]
    assert await node.refused("POST", "/sessions", {**LOGIN, "code": codes[0]}) == (401, "bad_code")
    await node.post("/sessions", {**LOGIN, "code": fresh[0]})
    assert (await node.ask("DELETE", PATH, token=token)).status == 204
    assert await node.refused("DELETE", PATH, token=token) == (409, "second_factor_disabled")
    assert await node.refused("POST", f"{PATH}/recovery_codes", token=token) == (409, "second_factor_disabled")
    await node.post("/sessions", LOGIN)


async def test_guessing_at_codes_is_slowed_down_from_known_addresses_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with edge(tmp_path, limits=LimitSettings(commands_per_second=0, logins_per_minute=1000)) as node:
        _, token = await node.user("ann")
        secret, _ = await turned_on(node, token)
        monkeypatch.setattr(users_module, "verify_password", lambda stored, given: given == PASSWORD)
        told = [await node.refused("POST", "/sessions", {**LOGIN, "code": "12345x"}) for _ in range(22)]
        assert told[20:] == [(401, "bad_code"), (429, "rate_limited")]
        answer = await node.ask("POST", "/sessions", {**LOGIN, "code": shown(node, secret)}, client="192.0.2.9")
        assert answer.status == 429
        node.clock.advance(answer.json()["retry_after"])
        answer = await node.ask("POST", "/sessions", {**LOGIN, "code": shown(node, secret)}, client="192.0.2.9")
        assert answer.status == 201


async def test_a_thief_of_a_token_guesses_at_the_password_from_all_addresses_together(tmp_path: Path) -> None:
    async with edge(tmp_path, limits=LimitSettings(commands_per_second=0, logins_per_minute=2)) as node:
        _, token = await node.user("ann")
        wrong = {"password": "wrong horse"}
        told = [
            (await node.refused("POST", AGAIN, wrong, token=token, client=f"192.0.2.{each}"))[1] for each in range(3)
        ]
        assert told == ["bad_credentials", "bad_credentials", "rate_limited"]
        await node.post("/sessions", LOGIN)  # the user is not in the way


async def test_the_audit_log_tells_of_it_without_a_code(node: Edge) -> None:
    _, token = await node.user("ann")
    secret, codes = await turned_on(node, token)
    await node.refused("POST", "/sessions", {**LOGIN, "code": "12345x"})
    await node.post("/sessions", {**LOGIN, "code": codes[0]})
    node.core.users.failures.settle()
    connection = node.core.users._database.connection
    acts = [act for (act,) in connection.execute("SELECT act FROM audit").fetchall()]
    assert {"second_factor_enabled", "second_factor_failed", "recovery_code_used"} <= set(acts)
    rows = str(connection.execute("SELECT * FROM audit").fetchall())
    assert [each for each in (secret, "12345x", *codes) if each in rows] == []


async def test_a_right_password_without_a_code_is_in_the_audit_log_and_counts(tmp_path: Path) -> None:
    async with edge(tmp_path, limits=LimitSettings(commands_per_second=0, logins_per_minute=1000)) as node:
        _, token = await node.user("ann")
        await turned_on(node, token)
        for _ in range(FAILURES_FREE + 1):
            assert await node.refused("POST", "/sessions", LOGIN) == (401, "second_factor_required")
        assert await node.refused("POST", "/sessions", LOGIN, client="192.0.2.9") == (429, "rate_limited")
        node.core.users.failures.settle()
        rows = node.core.users._database.connection.execute("SELECT act, subject, actor FROM audit").fetchall()
        assert rows.count(("second_factor_missing", "ann", 1)) == 1


async def test_wrong_codes_from_all_addresses_together_are_few_and_known_addresses_have_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "CODES_AT_ONCE", 3)
    async with edge(tmp_path, limits=LimitSettings(commands_per_second=0, logins_per_minute=1000)) as node:
        _, token = await node.user("ann")
        secret, _ = await turned_on(node, token)

        async def tried(password: str, code: str, client: str) -> str:
            answer = await node.ask("POST", "/sessions", {**LOGIN, "password": password, "code": code}, client=client)
            return str(answer.json().get("code", "in"))

        for each in range(5):  # strangers without the password use up nothing
            assert await tried("wrong horse", "12345x", f"2001:db8:{each}::1") == "bad_credentials"
        told = [await tried(PASSWORD, "12345x", f"2001:db8:{each}::1") for each in range(5)]
        assert told == ["bad_code"] * 3 + ["rate_limited"] * 2
        assert await tried(PASSWORD, shown(node, secret), "2001:db8:9::1") == "rate_limited"
        for _ in range(5):  # at home, where right ones count for nothing
            node.clock.advance(30)
            assert await tried(PASSWORD, shown(node, secret), "127.0.0.1") == "in"
        word = {"password": PASSWORD, "code": "12345x"}
        told = [(await node.refused("POST", AGAIN, word, token=token))[1] for _ in range(4)]
        assert told == ["bad_code"] * 3 + ["rate_limited"]
        node.clock.advance(3600 / rates.CODES_PER_HOUR)
        assert await tried(PASSWORD, shown(node, secret), "2001:db8:9::1") == "in"
