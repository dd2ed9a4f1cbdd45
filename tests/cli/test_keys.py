"""API keys and withdrawals: what is sent, and what is asked first."""

import pytest

from cryptex.protocol.problems import Code
from tests.cli.canned import Canned
from tests.cli.conftest import Cli


def test_a_key_may_read_unless_more_is_asked_for(cli: Cli, node: Canned) -> None:
    cli("keys", "create", "bot")
    cli("keys", "create", "bot", "--scope", "trade", "--expires", "2030-01-01T00:00:00Z")
    first, second = (each.fields for each in node.sent("POST"))
    assert first == {"label": "bot", "scopes": ["read"]}
    assert second == {"label": "bot", "scopes": ["trade"], "expires_at": "2030-01-01T00:00:00Z"}


def test_the_secret_is_shown_once_and_said_so(cli: Cli) -> None:
    ended = cli("keys", "create", "bot")
    assert "cxk_secret" in ended.out
    assert "not shown again" in ended.err
    assert "cxk_secret" not in cli("keys", "list").out


def test_revoking_and_withdrawing_need_yes(cli: Cli, node: Canned) -> None:
    for arguments in (["keys", "revoke", "2"], ["wallet", "withdraw", "USDT", "10", "there"]):
        ended = cli(*arguments)
        assert (ended.code, ended.out) == (2, "")
        assert "--yes" in ended.err
    assert node.seen == []


def test_a_lost_withdrawal_is_sent_again_with_its_reference(cli: Cli, node: Canned) -> None:
    node.answers["POST /wallet/withdrawals"] = Canned.HANG_UP
    ended = cli("wallet", "withdraw", "usdt", "10", "there", "--yes")
    first, second = node.sent("POST")
    assert (ended.code, first.fields) == (5, second.fields)
    assert first.fields["asset"] == "USDT"
    assert first.fields["address"] == "there"
    assert first.fields["reference"]


def test_an_older_login_is_asked_for_its_password_and_goes_on(
    cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = node.answers["POST /api_keys"]
    node.refuse("POST /api_keys", Code.REAUTHENTICATION_REQUIRED, "give the password again")

    def typed(*_: object) -> str:
        node.answers["POST /api_keys"] = done
        return "password123"

    monkeypatch.setattr("getpass.getpass", typed)
    ended = cli("keys", "create", "bot")
    assert (ended.code, "cryptex login NAME --password-stdin" in ended.err) == (4, True)
    monkeypatch.setattr("cryptex.cli.passwords.can_ask", lambda: True)
    ended = cli("keys", "create", "bot")
    assert (ended.code, "cxk_secret" in ended.out) == (0, True)
    assert [each.path for each in node.sent("POST")[1:]] == [
        "/api_keys",
        "/sessions/current/reauthentication",
        "/api_keys",
    ]
    assert node.sent("POST")[2].fields == {"password": "password123"}
