"""Signed requests on REST and the websocket: what counts, for how long, once, and from where."""

import json
from pathlib import Path
from typing import Any

import pytest

from cryptex.node import rates, replays
from cryptex.node.clock import ManualClock
from cryptex.node.settings_file import LimitSettings
from cryptex.protocol.signing import AHEAD_MS_MAX
from cryptex.protocol.times import time_text
from tests.node import edge as edge_module
from tests.node.edge import Edge, edge, limit
from tests.node.signed import PUBLIC, new_signing_key, signed, signed_login

BUY = limit("BTC-USDT", "buy", "0.1", "100")
BODY = json.dumps(BUY).encode()
KINDS = pytest.mark.parametrize("kind", ["hmac", "ed25519"])


async def sent(node: Edge, headers: dict[str, str], method: str, target: str, body: bytes | None = None) -> Any:
    """Return status and code (or None) of a request."""
    answer = await node.ask(method, target, body, headers=headers)
    return answer.status, answer.json().get("code") if answer.status >= 400 else None


@KINDS
async def test_a_signature_speaks_for_the_user_with_the_keys_scopes(node: Edge, kind: str) -> None:
    user_id, token = await node.user("ann")
    key = await new_signing_key(node, token, kind, "read", "trade")
    answer = await node.ask("GET", "/users/me", headers=signed(node, key, "GET", "/users/me"))
    assert (answer.json()["id"], answer.json()["scopes"]) == (user_id, ["read", "trade"])
    for target in ("/orders?status=open&limit=5", "/orders/by-client-id/a%20b"):
        status, code = await sent(node, signed(node, key, "GET", target), "GET", target)
        assert (status, code) in ((200, None), (404, "unknown_order")), target
    assert await sent(node, signed(node, key, "POST", "/orders", BODY), "POST", "/orders", BODY) == (201, None)
    out = json.dumps({"asset": "USDT", "amount": "1", "address": "there"}).encode()
    path = "/wallet/withdrawals"
    assert await sent(node, signed(node, key, "POST", path, out), "POST", path, out) == (403, "forbidden")
    [seen] = (await node.get("/api_keys", token))["api_keys"]
    assert seen["last_used_at"] is not None


@KINDS
async def test_nothing_of_a_request_can_be_changed_on_the_way(node: Edge, kind: str) -> None:
    _, token = await node.user("ann")
    key, other = await new_signing_key(node, token, kind), await new_signing_key(node, token, kind)
    good = signed(node, key, "POST", "/orders", BODY)
    more = json.dumps({**BUY, "size": "9"}).encode()
    changes: list[tuple[dict[str, str], str, str, bytes | None]] = [
        (good, "POST", "/orders", more),
        (good, "POST", "/orders?x=1", BODY),
        (good, "DELETE", "/orders", None),
        (good, "POST", "/wallet/deposits", BODY),
        ({**good, "Cryptex-Timestamp": str(int(good["Cryptex-Timestamp"]) + 1)}, "POST", "/orders", BODY),
        ({**good, "Cryptex-Window": "60000"}, "POST", "/orders", BODY),
        ({**good, "Cryptex-Key": str(other["id"])}, "POST", "/orders", BODY),
        ({**good, "Cryptex-Key": "99"}, "POST", "/orders", BODY),
        ({**good, "Cryptex-Signature": good["Cryptex-Signature"][:-8] + "AAAAAA=="}, "POST", "/orders", BODY),
    ]
    if kind == "ed25519":  # both keys have one pair here, so that the id alone tells them apart
        assert other["public_key"] == key["public_key"] == PUBLIC
    for headers, method, target, body in changes:
        assert await sent(node, headers, method, target, body) == (401, "bad_signature"), (method, target)
    assert await sent(node, good, "POST", "/orders", BODY) == (201, None)


async def test_a_signature_counts_within_its_window(node: Edge) -> None:
    _, token = await node.user("ann")
    key = await new_signing_key(node, token, "hmac")
    node.clock.advance(60)
    for ahead_ms, window_ms, counts in [
        (0, 5000, True),
        (-5000, 5000, True),
        (-5001, 5000, False),
        (-59_000, 60_000, True),
        (1000, 5000, True),
        (1001, 5000, False),
    ]:
        headers = signed(node, key, "GET", "/wallet", ahead_ms=ahead_ms, window_ms=window_ms)
        expected = (200, None) if counts else (401, "timestamp_out_of_window")
        assert await sent(node, headers, "GET", "/wallet") == expected, (ahead_ms, window_ms)
    late = await node.ask("GET", "/wallet", headers=signed(node, key, "GET", "/wallet", ahead_ms=-7000))
    assert (late.json()["age_ms"], late.json()["time"][:4]) == (7000, "2026")
    default = signed(node, key, "GET", "/wallet")
    del default["Cryptex-Window"]
    assert await sent(node, default, "GET", "/wallet") == (200, None)


async def test_a_request_that_changes_something_counts_once(node: Edge) -> None:
    _, token = await node.user("ann")
    key = await new_signing_key(node, token, "hmac")
    place, read = signed(node, key, "POST", "/orders", BODY), signed(node, key, "GET", "/wallet")
    assert await sent(node, place, "POST", "/orders", BODY) == (201, None)
    node.clock.advance(5)
    assert await sent(node, place, "POST", "/orders", BODY) == (409, "replayed_request")
    node.clock.advance(0.001)
    assert await sent(node, place, "POST", "/orders", BODY) == (401, "timestamp_out_of_window")
    read = signed(node, key, "GET", "/wallet")
    for _ in range(2):
        assert await sent(node, read, "GET", "/wallet") == (200, None)
    assert len((await node.get("/orders", token))["orders"]) == 1


async def test_a_copy_does_not_outlive_a_restart_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with edge(tmp_path) as node:
        _, token = await node.user("ann")
        key = await new_signing_key(node, token, "ed25519")
        node.clock.advance(1)
        place = signed(node, key, "POST", "/orders", BODY, window_ms=60_000)
        assert await sent(node, place, "POST", "/orders", BODY) == (201, None)
        later = ManualClock(node.clock.now_ns() + 2 * 10**9)
    monkeypatch.setattr(edge_module, "ManualClock", lambda: later)
    async with edge(tmp_path) as node:
        assert await sent(node, place, "POST", "/orders", BODY) == (401, "timestamp_out_of_window")
        assert await sent(node, signed(node, key, "GET", "/wallet", ahead_ms=-2500), "GET", "/wallet") == (200, None)
        node.clock.advance(AHEAD_MS_MAX / 1000 + 0.001)
        assert await sent(node, signed(node, key, "POST", "/orders", BODY), "POST", "/orders", BODY) == (201, None)


async def test_a_copy_of_what_was_signed_ahead_of_time_does_not_outlive_a_quick_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with edge(tmp_path) as node:
        _, token = await node.user("ann")
        key = await new_signing_key(node, token, "hmac")
        place = signed(node, key, "POST", "/orders", BODY, ahead_ms=AHEAD_MS_MAX)
        assert await sent(node, place, "POST", "/orders", BODY) == (201, None)
        later = ManualClock(node.clock.now_ns() + 1)
    monkeypatch.setattr(edge_module, "ManualClock", lambda: later)
    async with edge(tmp_path) as node:
        answer = await node.ask("POST", "/orders", BODY, headers=place)
        assert (answer.status, answer.json()["retry_after"]) == (503, 1)
        fresh = await new_signing_key(node, token, "hmac")  # nobody can have used it before
        assert await sent(node, signed(node, fresh, "POST", "/orders", BODY), "POST", "/orders", BODY) == (201, None)
        async with node.socket() as socket:
            assert (await socket.refused("login", **signed_login(node, key)))["code"] == "unavailable"
            node.clock.advance(1.001)
            await socket.call("login", **signed_login(node, key))


async def test_a_clock_that_is_set_back_lets_no_copy_in_again(node: Edge) -> None:
    _, token = await node.user("ann")
    key = await new_signing_key(node, token, "hmac")
    place = signed(node, key, "POST", "/orders", BODY)
    assert await sent(node, place, "POST", "/orders", BODY) == (201, None)
    node.clock.advance(6)
    other = signed(node, key, "DELETE", "/orders")  # the window of the first is over: it is forgotten
    assert await sent(node, other, "DELETE", "/orders") == (200, None)
    node.clock.advance(-5)
    assert await sent(node, place, "POST", "/orders", BODY) == (401, "timestamp_out_of_window")
    assert await sent(node, other, "DELETE", "/orders") == (401, "timestamp_out_of_window")  # ahead by now
    assert await sent(node, signed(node, key, "GET", "/wallet"), "GET", "/wallet") == (200, None)
    assert await sent(node, signed(node, key, "DELETE", "/orders"), "DELETE", "/orders") == (200, None)


async def test_a_key_that_may_not_do_it_takes_no_room_from_any_other(
    node: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "REMEMBERED_MAX", 2)
    _, token = await node.user("ann")
    soon = time_text(node.clock.now_ns() + 10**9)
    keys = {
        (403, "address_not_allowed"): await new_signing_key(node, token, "hmac", allowed_addresses=["203.0.113.1"]),
        (403, "forbidden"): await new_signing_key(node, token, "hmac", "read"),
        (401, "unauthenticated"): await new_signing_key(node, token, "hmac", expires_at=soon),
        (401, "bad_signature"): await new_signing_key(node, token, "hmac"),
        (429, "rate_limited"): await new_signing_key(node, token, "hmac"),  # one that may, and asks too often
    }
    revoked = keys[401, "bad_signature"]
    assert await sent(node, signed(node, revoked, "DELETE", "/orders"), "DELETE", "/orders") == (200, None)
    await node.ask("DELETE", f"/api_keys/{revoked['id']}", token=token)
    node.clock.advance(2)
    for expected, key in keys.items():
        for ahead_ms in range(3):
            headers = signed(node, key, "DELETE", "/orders", ahead_ms=ahead_ms)
            told = await sent(node, headers, "DELETE", "/orders")
        assert told == expected
        async with node.socket() as socket:
            await socket.reply(socket.start("login", **signed_login(node, key)))
    good = await new_signing_key(node, token, "hmac")
    assert await sent(node, signed(node, good, "POST", "/orders", BODY), "POST", "/orders", BODY) == (201, None)


async def test_a_key_in_the_wrong_place_counts_against_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "ADDRESS_REQUESTS_BURST", 4)
    async with edge(tmp_path, limits=LimitSettings(logins_per_minute=0)) as node:
        _, token = await node.user("ann")
        for kind in ("hmac", "bearer"):
            key = await new_signing_key(node, token, kind, allowed_addresses=["203.0.113.1"])
            told = []
            for ahead_ms in range(5):
                bearer = {"Authorization": f"Bearer {key['secret']}"}
                headers = bearer if kind == "bearer" else signed(node, key, "GET", "/wallet", ahead_ms=ahead_ms)
                answer = await node.ask("GET", "/wallet", headers=headers, client=f"192.0.2.{len(kind)}")
                told.append(answer.status)
            assert told == [403, 403, 403, 429, 429], kind


async def test_memory_of_requests_is_bounded(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "REMEMBERED_MAX", 2)
    _, token = await node.user("ann")
    key = await new_signing_key(node, token, "hmac")
    told = []
    for ahead_ms in range(3):
        headers = signed(node, key, "DELETE", "/orders", ahead_ms=ahead_ms)
        told.append(await sent(node, headers, "DELETE", "/orders"))
    assert told == [(200, None), (200, None), (429, "rate_limited")]
    node.clock.advance(5.1)
    assert await sent(node, signed(node, key, "DELETE", "/orders"), "DELETE", "/orders") == (200, None)


@KINDS
async def test_a_websocket_logs_in_by_a_signature_once(node: Edge, kind: str) -> None:
    user_id, token = await node.user("ann")
    key = await new_signing_key(node, token, kind)
    login = signed_login(node, key)
    async with node.socket() as socket, node.socket() as other:
        assert (await socket.call("login", **login))["user_id"] == user_id
        await socket.call("subscribe", channel="wallet")
        assert (await socket.call("order.place", **BUY))["status"] == "open"
        assert (await other.refused("login", **login))["code"] == "replayed_request"
        node.clock.advance(30)  # longer than it is known without asking the users store
        await socket.call("wallet.balances")
        await node.ask("DELETE", f"/api_keys/{key['id']}", token=token)
        assert await socket.closed() == 4401
        assert (await other.refused("login", **signed_login(node, key)))["code"] in ("unauthenticated", "bad_signature")


async def test_logins_of_odd_forms_are_refused(node: Edge) -> None:
    _, token = await node.user("ann")
    key = await new_signing_key(node, token, "hmac")
    login = signed_login(node, key)
    async with node.socket() as socket:
        for odd in (
            {},
            {"key": 1},
            {**login, "token": token},
            {**login, "signature": "?"},
            {**login, "window": 60_001},
        ):
            assert (await socket.refused("login", **odd))["code"] == "invalid_request", odd
        assert (await socket.refused("login", **{**login, "window": 60_000}))["code"] == "bad_signature"


async def test_headers_of_odd_forms_are_refused(node: Edge) -> None:
    _, token = await node.user("ann")
    key = await new_signing_key(node, token, "hmac")
    good = signed(node, key, "GET", "/wallet")
    for change in (
        {"Cryptex-Key": "x"},
        {"Cryptex-Timestamp": "now"},
        {"Cryptex-Window": "60001"},
        {"Cryptex-Window": "0"},
        {"Cryptex-Signature": "x" * 200},
        {"Cryptex-Signature": ""},
    ):
        assert await sent(node, {**good, **change}, "GET", "/wallet") == (401, "bad_signature"), change
    both = {**good, "Authorization": f"Bearer {token}"}
    assert await sent(node, both, "GET", "/wallet") == (401, "unauthenticated")


async def test_what_signs_is_no_token(node: Edge) -> None:
    _, token = await node.user("ann")
    key = await new_signing_key(node, token, "hmac")
    assert key["secret"].startswith(f"cxh_{key['id']}_")
    assert await node.refused("GET", "/wallet", token=key["secret"]) == (401, "unauthenticated")
    bearer = await node.post("/api_keys", {"label": "bot"}, token)
    assert bearer["scopes"] == ["read"]
    assert await sent(node, signed(node, bearer, "GET", "/wallet"), "GET", "/wallet") == (401, "bad_signature")


async def test_guessing_at_signatures_is_slowed_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "ADDRESS_REQUESTS_BURST", 3)
    async with edge(tmp_path, limits=LimitSettings(logins_per_minute=0)) as node:
        _, token = await node.user("ann")
        key = await new_signing_key(node, token, "hmac")
        good = signed(node, key, "GET", "/wallet")
        bad = {**good, "Cryptex-Key": "99"}
        for _ in range(5):
            assert await sent(node, good, "GET", "/wallet") == (200, None)
        told = [await sent(node, bad, "GET", "/wallet") for _ in range(3)]
        assert told[-1] == (429, "rate_limited")


HERE, THERE = "203.0.113.7", "198.51.100.1"


@pytest.mark.parametrize("kind", ["bearer", "hmac"])
async def test_a_key_is_used_from_its_addresses_alone(node: Edge, kind: str) -> None:
    _, token = await node.user("ann")
    key = await new_signing_key(node, token, kind, allowed_addresses=["203.0.113.0/24", "2001:db8::1"])
    assert key["allowed_addresses"] == ["203.0.113.0/24", "2001:db8::1/128"]

    async def status(client: str) -> int:
        headers = (
            {"Authorization": f"Bearer {key['secret']}"} if kind == "bearer" else signed(node, key, "GET", "/wallet")
        )
        return (await node.ask("GET", "/wallet", headers=headers, client=client)).status

    told = [await status(each) for each in (HERE, "::ffff:203.0.113.9", "2001:db8::1", THERE, "2001:db8::2", "unix")]
    assert told == [200, 200, 200, 403, 403, 403]
    login = {"token": key["secret"]} if kind == "bearer" else signed_login(node, key)
    async with node.socket() as socket:  # from 127.0.0.1
        assert (await socket.refused("login", **login))["code"] == "address_not_allowed"
        assert (await socket.refused("wallet.balances"))["code"] == "unauthenticated"


FORMS: list[dict[str, object]] = [
    {"kind": "rsa"},
    {"kind": "ed25519"},
    {"kind": "ed25519", "public_key": "AAAA"},
    {"kind": "ed25519", "public_key": "?"},
    {"kind": "hmac", "public_key": PUBLIC},
    {"public_key": PUBLIC},
    {"allowed_addresses": ["here"]},
    {"allowed_addresses": ["203.0.113.7/24"]},
    {"allowed_addresses": ["fe80::1%eth0"]},
    {"allowed_addresses": ["fe80::1%a,0.0.0.0/0"]},
    {"allowed_addresses": "203.0.113.7"},
    {"allowed_addresses": ["203.0.113.7"] * 21},
]


@pytest.mark.parametrize("change", FORMS)
async def test_keys_that_are_refused(node: Edge, change: dict[str, object]) -> None:
    _, token = await node.user("ann")
    assert await node.refused("POST", "/api_keys", {"label": "bot", **change}, token=token) == (422, "invalid_request")


async def test_an_ipv4_address_written_as_ipv6_is_itself(node: Edge) -> None:
    _, token = await node.user("ann")
    form = {"label": "bot", "allowed_addresses": ["::ffff:203.0.113.7", "::ffff:198.51.100.0/120", "2001:db8::/32"]}
    key = await node.post("/api_keys", form, token)
    assert key["allowed_addresses"] == ["203.0.113.7/32", "198.51.100.0/24", "2001:db8::/32"]
    for client, status in ((HERE, 200), ("198.51.100.9", 200), ("192.0.2.1", 403)):
        answer = await node.ask("GET", "/wallet", token=key["secret"], client=client)
        assert answer.status == status, client
