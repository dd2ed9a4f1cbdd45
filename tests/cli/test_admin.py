"""`admin` and the SDK's AdminClient on a real node: what they do there, and what others are told."""

import json
from contextlib import suppress

import pytest

from cryptex.client.admin import AdminClient
from cryptex.client.errors import AccessError, InvalidRequestError, RefusedError
from cryptex.client.rest import RestClient
from cryptex.store.admins import Admins
from cryptex.store.users_database import UsersDatabase
from tests.cli.canned import Canned
from tests.cli.conftest import Cli
from tests.cli.live import PASSWORD, LiveNode

MARKET = "SOL-USDT"


@pytest.fixture
def chief(live: LiveNode) -> AdminClient:
    """An admin of the node, logged in."""
    client = AdminClient(live.url)
    with suppress(RefusedError):  # another test has done it
        client.register("chief", PASSWORD)
    client.login("chief", PASSWORD)
    database = UsersDatabase(live.folder)
    Admins(database, lambda: 1).give("chief")
    database.close()
    return client


def test_the_command_line_looks_after_users_and_markets(
    cli: Cli, live: LiveNode, chief: AdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    mallory = RestClient(live.url)
    mallory.register("mallory", PASSWORD)
    mallory.login("mallory", PASSWORD)
    mallory.place_order(MARKET, "buy", "1", price="10")
    monkeypatch.setenv("CRYPTEX_NODE", live.url)
    monkeypatch.setenv("CRYPTEX_TOKEN", chief.token or "")

    def run(*words: str) -> dict[str, object]:
        ended = cli("admin", *words, "-o", "json")
        assert ended.code == 0, ended.err
        answer: dict[str, object] = json.loads(ended.out)
        return answer

    done = run("disable", "mallory", "--reason", "stolen password", "--yes")
    assert done == {"disabled": "mallory", "ended_tokens": 1, "canceled_orders": 1, "rejected_withdrawals": 0}
    with pytest.raises(AccessError, match="disabled"):
        mallory.login("mallory", PASSWORD)
    assert run("enable", "mallory")["enabled"] == "mallory"
    mallory.login("mallory", PASSWORD)
    assert run("sessions-end", "mallory", "--yes")["ended"] == 1
    assert run("halt", MARKET, "--for", "5m", "--yes")["state"] == "halted"
    assert run("open", MARKET, "--yes")["state"] == "open"
    assert cli("admin", "auction", MARKET, "--yes").code == 1
    entries = run("audit", "--act", "user_disabled")["entries"]
    assert isinstance(entries, list)
    assert entries[0]["details"] == {"reason": "stolen password"}
    monkeypatch.setenv("CRYPTEX_TOKEN", mallory.login("mallory", PASSWORD).token)
    ended = cli("admin", "users")
    assert (ended.code, ended.out) == (4, "")
    assert "this is for admins" in ended.err


def test_the_sdk_does_the_same(live: LiveNode, chief: AdminClient) -> None:
    peter = RestClient(live.url)
    peter.register("peter", PASSWORD)
    peter.login("peter", PASSWORD)
    with pytest.raises(AccessError):
        AdminClient(live.url, peter.token).users()
    assert chief.users(limit=1)[0].username == "peter"
    assert chief.disable("peter", "a test").ended_tokens == 1
    assert chief.users(limit=1)[0].disabled_at is not None
    assert chief.enable("peter").disabled_at is None
    peter.login("peter", PASSWORD)
    peter.create_key("bot", ["read"])
    assert chief.end_sessions("peter", api_keys=True) == 2
    assert chief.halt(MARKET).state == "halted"
    assert chief.open(MARKET).state == "open"
    with pytest.raises(InvalidRequestError, match="auction_duration"):
        chief.auction(MARKET)
    newest = chief.audit(limit=2)
    assert [entry.act for entry in newest] == ["market_opened", "market_halted"]
    assert newest.next == newest[-1].sequence


def test_dangerous_commands_ask(cli: Cli, node: Canned) -> None:
    for words in ("disable mallory", "sessions-end mallory", "halt BTC-USDT", "open BTC-USDT", "auction BTC-USDT"):
        ended = cli("admin", *words.split())
        assert (ended.code, ended.out) == (2, "")
        assert "--yes" in ended.err
    assert node.seen == []


def test_where_there_is_more_it_says_so(cli: Cli) -> None:
    assert "--before 2" in cli("admin", "users").err
    assert "--before 7" in cli("admin", "audit").err
    assert cli("admin", "users", "-o", "json").err == ""
