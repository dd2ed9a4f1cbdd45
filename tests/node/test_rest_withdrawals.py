import asyncio
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cryptex.engine.network import DROPPED_ADDRESS, REFUSED_ADDRESS
from cryptex.node import withdrawing
from cryptex.node.settings import WithdrawalPolicy
from cryptex.node.verify import verify
from cryptex.protocol.commands import RequestWithdrawal, Tick
from tests.node.edge import PASSWORD, Edge, edge, limit

PATH = "/wallet/withdrawals"
FORM = {"asset": "USDT", "amount": "10", "address": "bc1q xyz"}
BLOCK_S = 5
PATIENCE_S = 5
CONFIRMATIONS = 3
POLICY = WithdrawalPolicy(
    automatic={"USDT": 100 * 10**8},
    daily={"USDT": 1_000 * 10**8},
    block_interval_ns=BLOCK_S * 10**9,
    confirmations=CONFIRMATIONS,
    allow_list_delay_ns=3600 * 10**9,
)


async def later(node: Edge, seconds: float) -> None:
    """Let log time pass, and a little more: the network began just after the clock. History has it then."""
    node.clock.advance(seconds + 0.001)
    await node.core.sequencer.submit(Tick())
    await node.core.history_ready()


async def usdt(node: Edge, token: str) -> tuple[str, str]:
    """Return what is available of USDT, and what is held."""
    lines = {line["asset"]: line for line in (await node.get("/wallet", token))["balances"]}
    return lines["USDT"]["available"], lines["USDT"]["held"]


async def test_a_withdrawal_is_held_then_broadcast_then_confirmed(node: Edge) -> None:
    _, token = await node.user("ann")
    asked = await node.post(PATH, {**FORM, "amount": 1000.5, "reference": "r1"}, token)
    assert (asked["kind"], asked["status"], asked["reference"], asked["txid"]) == ("withdrawal", "approved", "r1", None)
    assert asked["postings"] == [
        {"asset": "USDT", "account": "available", "change": "-1000.50000000", "balance": "98999.50000000"},
        {"asset": "USDT", "account": "held", "change": "1000.50000000", "balance": "1000.50000000"},
    ]
    [entry, *_] = (await node.get("/wallet/entries", token))["entries"]
    assert (entry["id"], entry["kind"], entry["reference"]) == (asked["entry_id"], "hold", f"withdrawal {asked['id']}")
    assert entry["postings"] == asked["postings"]
    assert await usdt(node, token) == ("98999.50000000", "1000.50000000")
    await later(node, BLOCK_S)
    seen = await node.get(f"{PATH}/{asked['id']}", token)
    assert (seen["status"], seen["confirmations"], seen["confirmations_required"]) == ("broadcast", 1, CONFIRMATIONS)
    assert len(seen["txid"]) == 64
    assert await usdt(node, token) == ("98999.50000000", "1000.50000000")
    await later(node, BLOCK_S * 2)
    done = await node.get(f"{PATH}/{asked['id']}", token)
    assert (done["status"], done["confirmations"], done["height"]) == ("confirmed", CONFIRMATIONS, seen["height"])
    assert await usdt(node, token) == ("98999.50000000", "0.00000000")
    [entry, *_] = (await node.get("/wallet/entries", token))["entries"]
    assert (entry["kind"], entry["reference"]) == ("withdrawal", "bc1q xyz")
    assert [line["account"] for line in entry["postings"]] == ["held"]


async def test_the_network_refuses_and_drops_its_test_addresses(node: Edge) -> None:
    _, token = await node.user("ann")
    refused = await node.post(PATH, {**FORM, "address": REFUSED_ADDRESS}, token)
    dropped = await node.post(PATH, {**FORM, "address": DROPPED_ADDRESS}, token)
    await later(node, BLOCK_S)
    seen = [await node.get(f"{PATH}/{each['id']}", token) for each in (refused, dropped)]
    assert [(each["status"], each["reason"]) for each in seen] == [("failed", "network_refused"), ("broadcast", None)]
    await later(node, BLOCK_S * 2)
    seen[1] = await node.get(f"{PATH}/{dropped['id']}", token)
    assert (seen[1]["status"], seen[1]["reason"]) == ("failed", "network_dropped")
    assert await usdt(node, token) == ("100000.00000000", "0.00000000")


async def test_what_waits_for_an_admin_can_be_taken_back(tmp_path: Path) -> None:
    async with edge(tmp_path, withdrawals=POLICY) as node:
        _, token = await node.user("ann")
        _, other = await node.user("bob")
        asked = await node.post(PATH, {**FORM, "amount": "100.01"}, token)
        assert asked["status"] == "requested"
        path = f"{PATH}/{asked['id']}"
        assert await node.refused("DELETE", path, token=other) == (404, "unknown_withdrawal")
        canceled = await node.ask("DELETE", path, token=token)
        assert (canceled.status, canceled.json()["status"], canceled.json()["reason"]) == (200, "canceled", "user")
        assert await usdt(node, token) == ("100000.00000000", "0.00000000")
        again = await node.ask("DELETE", path, token=token)
        assert (again.status, again.json()["code"]) == (409, "withdrawal_decided")
        assert again.json()["withdrawal_status"] == "canceled"
        small = await node.post(PATH, FORM, token)
        late = await node.ask("DELETE", f"{PATH}/{small['id']}", token=token)
        assert (late.status, late.json()["withdrawal_status"]) == (409, "approved")


async def test_the_days_limit_says_what_is_used_and_when_there_is_room(tmp_path: Path) -> None:
    async with edge(tmp_path, withdrawals=POLICY) as node:
        _, token = await node.user("ann")
        await node.post(PATH, {**FORM, "amount": "1000"}, token)
        answer = await node.ask("POST", PATH, {**FORM, "amount": "0.00000001"}, token=token)
        problem = answer.json()
        assert (answer.status, problem["code"], problem["limit"]) == (422, "withdrawal_limit", "1000.00000000")
        assert problem["used"] == "1000.00000000"
        assert problem["room_at"].startswith("2026-01-02T00:00:00")
        answer = await node.ask("POST", PATH, {**FORM, "amount": "1000.1"}, token=token)
        assert answer.json()["room_at"] is None


async def test_withdrawals_are_listed_by_status_and_page_and_survive_a_restart(tmp_path: Path) -> None:
    async with edge(tmp_path, withdrawals=POLICY) as node:
        _, token = await node.user("ann")
        _, other = await node.user("bob")
        asked = [await node.post(PATH, {**FORM, "amount": amount}, token) for amount in ("10", "20", "900")]
        await node.post(PATH, FORM, other)
        await later(node, BLOCK_S)
    async with edge(tmp_path, withdrawals=POLICY) as node:
        node.clock.advance(BLOCK_S)
        page = await node.get(f"{PATH}?limit=2", token)
        assert [each["id"] for each in page["withdrawals"]] == [asked[2]["id"], asked[1]["id"]]
        rest = await node.get(f"{PATH}?before={page['next']}", token)
        assert [each["id"] for each in rest["withdrawals"]] == [asked[0]["id"]]
        assert "next" not in rest
        waiting = (await node.get(f"{PATH}?status=requested", token))["withdrawals"]
        assert [each["id"] for each in waiting] == [asked[2]["id"]]
        assert await node.refused("GET", f"{PATH}?status=lost", token=token) == (422, "invalid_request")
        assert await node.refused("GET", f"{PATH}/{asked[0]['id']}", token=other) == (404, "unknown_withdrawal")
        assert await node.refused("GET", f"{PATH}/99", token=other) == (404, "unknown_withdrawal")
        await later(node, BLOCK_S * 2)
        assert (await node.get(f"{PATH}/{asked[0]['id']}", token))["status"] == "confirmed"
    async with edge(tmp_path, withdrawals=POLICY) as node:  # memory has forgotten it, history has not
        assert node.core.exchange.withdrawal(asked[0]["id"]) is None
        assert (await node.get(f"{PATH}/{asked[0]['id']}", token))["status"] == "confirmed"
        [waiting] = (await node.get(f"{PATH}?status=requested", token))["withdrawals"]
        assert waiting["id"] == asked[2]["id"]
    found = [finding for finding in verify(tmp_path) if not finding.ok]
    assert not found


async def test_a_withdrawal_with_the_same_reference_is_asked_for_once(tmp_path: Path) -> None:
    form = {**FORM, "reference": "r1"}
    async with edge(tmp_path) as node:
        _, token = await node.user("ann")
        answers = await asyncio.gather(*(node.ask("POST", PATH, form, token=token) for _ in range(8)))
        assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
        [first] = {answer.body for answer in answers}
        await later(node, BLOCK_S * 4)
    async with edge(tmp_path) as node:  # the reference is in the log, and so is what came of it
        node.clock.advance(BLOCK_S * 4)
        again = await node.ask("POST", PATH, form, token=token)
        assert (again.status, again.json()["id"]) == (200, msgspec.json.decode(first)["id"])
        assert again.json()["status"] == "confirmed"
        for other in ({"amount": "11"}, {"address": "bc1p"}, {"asset": "BTC"}):
            answer = await node.ask("POST", PATH, {**form, **other}, token=token)
            assert (answer.status, answer.json()["code"]) == (409, "reference_conflict"), other
        deposit = {"asset": "USDT", "amount": "10", "reference": "r1"}
        assert await node.refused("POST", "/wallet/deposits", deposit, token=token) == (409, "reference_conflict")
        assert await usdt(node, token) == ("99990.00000000", "0.00000000")


async def test_many_at_once_spend_a_balance_once(node: Edge) -> None:
    _, token = await node.user("ann", BTC="1")
    order = limit("BTC-USDT", "sell", "0.3", "60000")
    asks: list[Any] = []
    for _ in range(8):
        asks.append(node.ask("POST", PATH, {**FORM, "asset": "BTC", "amount": "0.3"}, token=token))
        asks.append(node.ask("POST", "/orders", order, token=token))
    answers = await asyncio.gather(*asks)
    assert [answer.status for answer in answers].count(201) == 3
    assert {answer.json()["code"] for answer in answers if answer.status != 201} == {"insufficient_funds"}


async def test_withdrawals_that_are_refused(node: Edge) -> None:
    _, token = await node.user("ann")
    await node.post("/orders", limit("BTC-USDT", "buy", "1", "60000"), token)
    for change, expected in [
        ({"asset": "DOGE"}, (404, "unknown_asset")),
        ({"amount": "0"}, (422, "invalid_request")),
        ({"amount": "-1"}, (422, "invalid_request")),
        ({"amount": None}, (422, "invalid_request")),
        ({"amount": "0.000000001"}, (422, "invalid_request")),
        ({"amount": "999999999999999999"}, (422, "amount_too_large")),
        ({"address": ""}, (422, "invalid_request")),
        ({"address": "x" * 129}, (422, "invalid_request")),
        ({"address": "caf\u00e9"}, (422, "invalid_request")),
        ({"address": "a\n"}, (422, "invalid_request")),
        ({"address": None}, (422, "invalid_request")),
        ({"reference": ""}, (422, "invalid_request")),
        ({"asset": "BTC"}, (422, "insufficient_funds")),
    ]:
        assert await node.refused("POST", PATH, {**FORM, **change}, token=token) == expected, change
    held = await node.ask("POST", PATH, {**FORM, "amount": "40000.01"}, token=token)
    assert (held.status, held.json()["code"]) == (422, "insufficient_funds")
    assert (held.json()["required"], held.json()["available"]) == ("40000.01000000", "40000.00000000")
    await node.post(PATH, {**FORM, "amount": "40000", "address": "x" * 128}, token)


async def test_to_anothers_deposit_address_it_arrives_and_typing_errors_are_caught(node: Edge) -> None:
    _, token = await node.user("ann")
    _, other = await node.user("bob")
    listed = (await node.get("/wallet/addresses", other))["addresses"]
    assert [each["asset"] for each in listed] == ["BTC", "ETH", "SOL", "USDT"]
    [only] = (await node.get("/wallet/addresses?asset=usdt", other))["addresses"]
    assert only == listed[3]
    assert await node.refused("GET", "/wallet/addresses?asset=DOGE", token=other) == (404, "unknown_asset")
    address = only["address"]
    for wrong in (address[:-1] + ("q" if address[-1] != "q" else "p"), listed[0]["address"]):
        answer = await node.ask("POST", PATH, {**FORM, "address": wrong}, token=token)
        assert (answer.status, answer.json()["code"], answer.json()["field"]) == (422, "invalid_request", "address")
    await node.post(PATH, {**FORM, "address": address}, token)
    async with node.socket(other) as socket:
        await socket.call("subscribe", channel="wallet")
        await socket.message()
        await later(node, BLOCK_S * 3)
        [moved] = (await socket.message())["balances"]
        assert moved["available"] == "100010.00000000"
    [entry, *_] = (await node.get("/wallet/entries", other))["entries"]
    assert (entry["kind"], len(entry["reference"])) == ("deposit", 64)


async def test_addresses_stay_after_a_restart_and_differ_between_exchanges(tmp_path: Path) -> None:
    async with edge(tmp_path / "one") as node:
        _, token = await node.user("ann")
        before = await node.get("/wallet/addresses", token)
    async with edge(tmp_path / "one") as node:
        assert await node.get("/wallet/addresses", token) == before
    async with edge(tmp_path / "two") as node:
        _, token = await node.user("ann")
        assert await node.get("/wallet/addresses", token) != before


async def test_other_settings_count_from_the_next_start_on(tmp_path: Path) -> None:
    async with edge(tmp_path, withdrawals=POLICY) as node:
        _, token = await node.user("ann")
        assert (await node.post(PATH, {**FORM, "amount": "101"}, token))["status"] == "requested"
        height = node.core.exchange.network.height(node.core.exchange.time_ns)
    other = msgspec.structs.replace(POLICY, automatic={"USDT": 500 * 10**8}, confirmations=1)
    async with edge(tmp_path, withdrawals=other) as node:
        assert node.core.exchange.network.height(node.core.exchange.time_ns) >= height
        asked = await node.post(PATH, {**FORM, "amount": "102"}, token)
        assert (asked["status"], asked["confirmations_required"]) == ("approved", 1)


async def test_with_the_allow_list_on_withdrawals_go_to_its_addresses_alone(tmp_path: Path) -> None:
    path = "/wallet/allow_list"
    async with edge(tmp_path, withdrawals=POLICY) as node:
        _, token = await node.user("ann")
        assert await node.get(path, token) == {"enabled": False, "ends_at": None, "addresses": []}
        on = await node.ask("PATCH", path, {"enabled": True}, token=token)
        assert (on.status, on.json()["enabled"]) == (200, True)
        refused = await node.ask("POST", PATH, FORM, token=token)
        assert (refused.status, refused.json()["code"]) == (422, "withdrawal_address_not_allowed")
        entry = {"asset": "usdt", "address": FORM["address"], "label": "mine"}
        added = await node.post(path, entry, token)
        assert (added["asset"], added["usable_at"]) == ("USDT", "2026-01-01T01:00:00.000000Z")
        assert (await node.ask("POST", path, entry, token=token)).status == 200
        waiting = await node.ask("POST", PATH, FORM, token=token)
        assert (waiting.json()["code"], waiting.json()["usable_at"]) == (
            "withdrawal_address_not_allowed",
            added["usable_at"],
        )
        await later(node, 3600)
        assert (await node.post(PATH, FORM, token))["status"] == "approved"
        stale = await node.ask("PATCH", path, {"enabled": False}, token=token)
        assert (stale.status, stale.json()["code"]) == (403, "reauthentication_required")
        assert (await node.ask("DELETE", f"{path}/{added['id']}", token=token)).status == 403
        await node.ask("POST", "/sessions/current/reauthentication", {"password": PASSWORD}, token=token)
        off = await node.ask("PATCH", path, {"enabled": False}, token=token)
        assert (off.json()["enabled"], off.json()["ends_at"]) == (True, "2026-01-01T02:00:00.001000Z")
        assert (await node.ask("DELETE", f"{path}/{added['id']}", token=token)).status == 204
        assert await node.refused("POST", PATH, FORM, token=token) == (422, "withdrawal_address_not_allowed")
        assert await node.refused("DELETE", f"{path}/{added['id']}", token=token) == (404, "unknown_address")
        assert await node.refused("POST", path, {**entry, "address": "cxusdt1" + "q" * 32}, token=token) == (
            422,
            "invalid_request",
        )
        await later(node, 3600)
        await node.post(PATH, FORM, token)


async def test_admins_see_what_waits_and_decide_and_nobody_approves_their_own(tmp_path: Path) -> None:
    async with edge(tmp_path, withdrawals=POLICY) as node:
        _, chief = await node.user("chief")
        node.core.users.admins.give("chief")
        _, token = await node.user("ann")
        asked = [await node.post(PATH, {**FORM, "amount": amount}, token) for amount in ("101", "102", "5")]
        own = await node.post(PATH, {**FORM, "amount": "103"}, chief)
        assert await node.refused("GET", "/admin/withdrawals", token=token) == (403, "forbidden")
        listed = (await node.get("/admin/withdrawals", chief))["withdrawals"]
        assert [(each["id"], each["username"]) for each in listed] == [
            (own["id"], "chief"),
            (asked[1]["id"], "ann"),
            (asked[0]["id"], "ann"),
        ]
        approved, rejected = (f"/admin/withdrawals/{each['id']}" for each in asked[:2])
        answer = await node.ask("POST", f"{approved}/approve", token=chief)
        assert (answer.status, answer.json()["status"], answer.json()["decided_by"]) == (200, "approved", 1)
        answer = await node.ask("POST", f"{rejected}/reject", token=chief)
        assert (answer.json()["status"], answer.json()["reason"]) == ("rejected", "admin")
        for again in (f"{approved}/approve", f"{approved}/reject"):
            assert await node.refused("POST", again, token=chief) == (409, "withdrawal_decided")
        assert await node.refused("POST", f"{rejected}/approve", token=chief) == (404, "unknown_withdrawal")
        assert await node.refused("POST", "/admin/withdrawals/99/approve", token=chief) == (404, "unknown_withdrawal")
        mine = f"/admin/withdrawals/{own['id']}"
        assert await node.refused("POST", f"{mine}/approve", token=chief) == (403, "forbidden")
        assert (await node.ask("POST", f"{mine}/reject", token=chief)).status == 200
        assert await usdt(node, token) == ("99894.00000000", "106.00000000")
        await later(node, BLOCK_S * 3)
        assert (await node.get(f"{PATH}/{asked[0]['id']}", token))["status"] == "confirmed"
        done = (await node.get("/admin/withdrawals?status=confirmed", chief))["withdrawals"]
        assert {each["id"] for each in done} == {asked[0]["id"], asked[2]["id"]}
        acts = [entry["act"] for entry in (await node.get("/admin/audit?limit=1000", chief))["entries"]]
        assert acts.count("withdrawal_requested") == 4
        assert (acts.count("withdrawal_approved"), acts.count("withdrawal_rejected")) == (1, 2)


async def test_what_is_still_being_committed_is_decided_by_nobody_and_nothing_is_left_unaudited(tmp_path: Path) -> None:
    async with edge(tmp_path, withdrawals=POLICY) as node:
        user_id, chief = await node.user("chief")
        node.core.users.admins.give("chief")
        gate, begun, append = threading.Event(), threading.Event(), node.core.journal.append

        def slow(*arguments: Any) -> None:
            begun.set()
            gate.wait()
            append(*arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(node.core.journal, "append", slow)
            asked = node.core.sequencer.enqueue(RequestWithdrawal(user_id, "USDT", 101 * 10**8, "mine"))
            await asyncio.to_thread(begun.wait)
            deciding = [
                asyncio.create_task(node.ask("POST", f"/admin/withdrawals/1/{verb}", token=chief))
                for verb in ("approve", "reject")
            ]
            answered, _ = await asyncio.wait(deciding, timeout=PATIENCE_S)
            gate.set()
            await asked
        assert len(answered) == len(deciding), "what is not there yet keeps no admin waiting"
        answers = [await each for each in deciding]
        assert [(each.status, each.json()["code"]) for each in answers] == [(404, "unknown_withdrawal")] * 2
        assert node.core.exchange.withdrawals.live[1].status == "requested"


async def test_requests_under_way_when_their_user_is_disabled_move_nothing(tmp_path: Path) -> None:
    """They were let in before, and wait for the look at the allow-list while the disable is done and answered."""
    async with edge(tmp_path, withdrawals=POLICY) as node:
        _, chief = await node.user("chief")
        node.core.users.admins.give("chief")
        _, token = await node.user("ann")
        key = (await node.post("/api_keys", {"label": "out", "scopes": ["withdraw"]}, token))["secret"]
        gate, begun, check = threading.Event(), threading.Event(), node.core.users.allow_lists.check

        def slow(*arguments: Any) -> None:
            begun.set()
            gate.wait()
            check(*arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(node.core.users.allow_lists, "check", slow)
            many = [asyncio.create_task(node.ask("POST", PATH, FORM, token=each)) for each in (token, key) * 20]
            await asyncio.to_thread(begun.wait)
            assert (await node.ask("POST", "/admin/users/ann/disable", {}, token=chief)).status == 200
            gate.set()
            answers = [await each for each in many]
        assert {(each.status, each.json()["code"]) for each in answers} == {(401, "unauthenticated")}
        assert node.core.exchange.withdrawals.next_id == 1


async def test_a_crowd_that_waits_for_the_allow_list_keeps_nothing_out_of_the_audit_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One looks, another fills the queue: what comes after it is refused, and a cancel is audited all the same."""
    monkeypatch.setattr(withdrawing, "LISTS_WAITING_MAX", 1)
    async with edge(tmp_path, withdrawals=POLICY) as node:
        _, token = await node.user("ann")
        large = await node.post(PATH, {**FORM, "amount": "101"}, token)
        gate, begun, check = threading.Event(), threading.Event(), node.core.users.allow_lists.check

        def slow(*arguments: Any) -> None:
            begun.set()
            gate.wait()
            check(*arguments)

        monkeypatch.setattr(node.core.users.allow_lists, "check", slow)
        try:
            looking = asyncio.create_task(node.ask("POST", PATH, FORM, token=token))
            assert await asyncio.to_thread(begun.wait, PATIENCE_S)
            more = [asyncio.create_task(node.ask("POST", PATH, FORM, token=token)) for _ in range(2)]
            [turned_away], [waits] = await asyncio.wait(more, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
            assert (await turned_away).json()["code"] == "unavailable"
            canceling = asyncio.create_task(node.ask("DELETE", f"{PATH}/{large['id']}", token=token))
            answered, _ = await asyncio.wait([canceling], timeout=PATIENCE_S)
            acts = node.core.users.admins.audited(1, None, None, []).entries
        finally:
            gate.set()
        assert [(await each).status for each in (looking, waits)] == [201, 201]
        assert answered, "no look at a list keeps a note waiting"
        assert (await canceling).status == 200
        assert [(each.act, each.subject) for each in acts] == [("withdrawal_canceled", str(large["id"]))]


async def test_a_request_that_is_sent_again_is_answered_whatever_the_allow_list_says_by_then(tmp_path: Path) -> None:
    async with edge(tmp_path, withdrawals=POLICY) as node:
        _, token = await node.user("ann")
        form = {**FORM, "reference": "r1"}
        first = await node.post(PATH, form, token)
        await node.ask("PATCH", "/wallet/allow_list", {"enabled": True}, token=token)
        again = await node.ask("POST", PATH, form, token=token)
        assert (again.status, again.json()) == (200, first)
        for other in ({**form, "amount": "11"}, {**form, "reference": "r2"}):
            assert await node.refused("POST", PATH, other, token=token) == (422, "withdrawal_address_not_allowed")


async def test_the_allow_list_takes_a_deposit_address_in_capitals_as_the_same(tmp_path: Path) -> None:
    async with edge(tmp_path, withdrawals=POLICY) as node:
        _, token = await node.user("ann")
        address = (await node.get("/wallet/addresses?asset=usdt", token))["addresses"][0]["address"]
        await node.ask("PATCH", "/wallet/allow_list", {"enabled": True}, token=token)
        entry = {"asset": "USDT", "address": address.upper()}
        added = await node.post("/wallet/allow_list", entry, token)
        same = await node.ask("POST", "/wallet/allow_list", {**entry, "address": address}, token=token)
        assert (same.status, same.json()["id"], added["address"]) == (200, added["id"], address)
        await later(node, 3600)
        for each in (address, address.upper()):
            await node.post(PATH, {**FORM, "address": each}, token)
