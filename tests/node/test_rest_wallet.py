import asyncio
from pathlib import Path

from cryptex.node.gateway import FAUCET_BALANCE_MAX
from tests.node.edge import Edge, edge


async def test_a_deposit_is_an_entry_and_moves_the_balance(node: Edge) -> None:
    _, token = await node.user("ann")
    entry = await node.post("/wallet/deposits", {"asset": "btc", "amount": 1.5, "reference": "r1"}, token)
    line = {"asset": "BTC", "account": "available", "change": "1.50000000", "balance": "1.50000000"}
    assert (entry["kind"], entry["reference"], entry["postings"]) == ("deposit", "r1", [line])
    entries = (await node.get("/wallet/entries", token))["entries"]
    assert entries[0] == entry
    assert [each["kind"] for each in entries] == ["deposit", "opening"]


async def test_a_deposit_with_the_same_reference_is_made_once(node: Edge) -> None:
    _, token = await node.user("ann")
    form = {"asset": "BTC", "amount": "1", "reference": "r1"}
    first = await node.post("/wallet/deposits", form, token)
    await node.post("/wallet/deposits", {"asset": "BTC", "amount": "1"}, token)
    again = await node.ask("POST", "/wallet/deposits", form, token=token)
    assert (again.status, again.json()) == (200, first)
    other = {**form, "amount": "2"}
    assert await node.refused("POST", "/wallet/deposits", other, token=token) == (409, "reference_conflict")
    balances = {line["asset"]: line["balance"] for line in (await node.get("/wallet", token))["balances"]}
    assert balances["BTC"] == "2.00000000"


async def test_deposits_that_are_refused(node: Edge) -> None:
    _, token = await node.user("ann")
    for form, expected in [
        ({"asset": "DOGE", "amount": "1"}, (404, "unknown_asset")),
        ({"asset": "BTC", "amount": "0"}, (422, "invalid_request")),
        ({"asset": "BTC", "amount": "-1"}, (422, "invalid_request")),
        ({"asset": "BTC", "amount": None}, (422, "invalid_request")),
        ({"asset": "BTC", "amount": "0.000000001"}, (422, "invalid_request")),
        ({"asset": "BTC", "amount": "999999999999999999"}, (422, "amount_too_large")),
        ({"asset": "BTC", "amount": "1", "reference": ""}, (422, "invalid_request")),
    ]:
        assert await node.refused("POST", "/wallet/deposits", form, token=token) == expected, form
    answer = await node.ask("POST", "/wallet/deposits", {"asset": "USDT", "amount": "1000000.01"}, token=token)
    assert (answer.status, answer.json()["code"]) == (422, "faucet_limit")
    assert answer.json()["maximum"] == "1000000.00000000"


async def test_the_faucet_fills_an_account_only_so_far(node: Edge) -> None:
    _, token = await node.user("ann")
    most = str(FAUCET_BALANCE_MAX // 10**8)
    form = {"asset": "BTC", "amount": most, "reference": "r"}
    first, *others = await asyncio.gather(
        *(node.ask("POST", "/wallet/deposits", {**form, "reference": str(number)}, token=token) for number in range(5))
    )
    assert (first.status, [answer.json()["code"] for answer in others]) == (201, ["faucet_limit"] * 4)
    again = await node.ask("POST", "/wallet/deposits", {**form, "reference": "0"}, token=token)
    assert again.status == 200, "a repetition brings nothing in"
    answer = await node.ask("POST", "/wallet/deposits", {"asset": "BTC", "amount": "1"}, token=token)
    assert (answer.status, answer.json()["code"]) == (422, "faucet_limit")
    assert answer.json()["maximum"].startswith("0.")
    await node.post("/wallet/deposits", {"asset": "BTC", "amount": answer.json()["maximum"]}, token)
    _, other = await node.user("bob")
    await node.post("/wallet/deposits", form, other)


async def test_a_faucet_may_be_off(tmp_path: Path) -> None:
    async with edge(tmp_path, faucet_enabled=False) as node:
        _, token = await node.user("ann")
        form = {"asset": "BTC", "amount": "1"}
        assert await node.refused("POST", "/wallet/deposits", form, token=token) == (403, "faucet_disabled")


async def test_entries_come_by_page(node: Edge) -> None:
    _, token = await node.user("ann", BTC="1", ETH="2")
    page = await node.get("/wallet/entries?limit=2", token)
    assert [entry["postings"][0]["asset"] for entry in page["entries"]] == ["ETH", "BTC"]
    rest = await node.get(f"/wallet/entries?before={page['next']}", token)
    assert [entry["kind"] for entry in rest["entries"]] == ["opening"]
    assert "next" not in rest


async def test_deposits_in_one_batch_tell_each_its_own_balance(node: Edge) -> None:
    _, token = await node.user("ann")
    into = [node.post("/wallet/deposits", {"asset": "USDT", "amount": "5"}, token) for _ in range(3)]
    told = {entry["id"]: entry for entry in await asyncio.gather(*into)}
    kept = (await node.get("/wallet/entries?limit=3", token))["entries"]
    assert kept == [told[entry_id] for entry_id in sorted(told, reverse=True)]
