"""API keys and withdrawals: what is sent, and what is asked first."""

import base64
import json
import stat
from pathlib import Path

import pytest

from cryptex.protocol.api_keys import KeyKind, NewApiKeyView
from cryptex.protocol.codec import encode_json
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import Scope
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


def test_a_key_may_be_bound_to_addresses_and_sign(cli: Cli, node: Canned) -> None:
    cli("keys", "create", "bot", "--hmac", "--allow", "203.0.113.7", "--allow", "2001:db8::/32")
    (sent,) = node.sent("POST")
    assert sent.fields == {
        "label": "bot",
        "scopes": ["read"],
        "kind": "hmac",
        "allowed_addresses": ["203.0.113.7", "2001:db8::/32"],
    }


def test_a_pair_is_made_here_and_kept_like_a_login(
    cli: Cli, node: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = NewApiKeyView(2, "bot", (Scope.READ,), "2026-11-22T15:40:03Z", None, None, KeyKind.ED25519, "QUJD", (), None)
    node.answers["POST /api_keys"] = (201, encode_json(made))
    ended = cli("keys", "create", "bot", "--ed25519")
    assert ended.code == 0, ended.err
    (sent,) = node.sent("POST")
    assert len(base64.b64decode(str(sent.fields["public_key"]))) == 32
    assert "cryptex --profile bot whoami" in ended.err
    [path] = (tmp_path / "config" / "cryptex" / "tokens").glob("*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = json.loads(path.read_bytes())["token"]
    assert token.startswith("cxe_2_")
    assert token not in ended.out + ended.err + str(sent)
    monkeypatch.delenv("CRYPTEX_TOKEN")
    assert cli("--profile", "bot", "wallet").code == 0
    assert (node.seen[-1].path, node.seen[-1].token) == ("/wallet", None)  # it is signed; no token is sent
    again = cli("--profile", "bot", "keys", "create", "bot", "--ed25519")
    assert (again.code, "a profile 'bot' already" in again.err) == (2, True)


def test_the_pair_of_a_file_is_taken(cli: Cli, node: Canned, tmp_path: Path) -> None:
    file = tmp_path / "key.pub.pem"
    file.write_text("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\nAAAA\n-----END PUBLIC KEY-----\n")
    ended = cli("keys", "create", "bot", "--public-key", str(file))
    assert (ended.code, node.sent("POST")[0].fields["public_key"]) == (0, "MCowBQYDK2VwAyEAAAAA")
    file.write_text("-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n")
    for name in (str(file), str(tmp_path / "none")):
        ended = cli("keys", "create", "bot", "--public-key", name)
        assert (ended.code, "openssl pkey" in ended.err) == (2, True)
    assert len(node.sent("POST")) == 1


def test_one_way_of_signing_is_chosen(cli: Cli, node: Canned) -> None:
    ended = cli("keys", "create", "bot", "--hmac", "--ed25519")
    assert (ended.code, node.seen) == (2, [])
