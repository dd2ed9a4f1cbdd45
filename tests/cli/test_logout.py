"""Logging out where the credential is no login: a key never seems to have ended, and no private key is lost."""

import base64
from pathlib import Path

import pytest

from cryptex.cli.entrance import KeptLogins
from cryptex.client.session import TokenStore
from cryptex.client.signing import ed25519_token
from cryptex.protocol.problems import Code
from cryptex.tui.entry.entrance import KnownNode
from tests.cli.canned import Canned
from tests.cli.conftest import Cli

KEY = ed25519_token(7, base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("="))


@pytest.fixture
def signing(cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A command line without a token in its environment, and with a key that is kept as profile `bot`."""
    monkeypatch.delenv("CRYPTEX_TOKEN")
    TokenStore().save(node.url, "bot", KEY)
    return cli


def test_a_key_of_the_environment_has_no_session(cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRYPTEX_TOKEN", "cxh_3_secret")
    ended = cli("logout")
    assert (ended.code, node.seen) == (4, [])
    assert "this is API key 3, which has no session to end; it goes on working (forbidden)" in ended.err
    assert "`cryptex keys revoke 3`" in ended.err
    assert "has ended" not in ended.err


def test_a_key_that_is_sent_is_known_by_what_the_node_says(cli: Cli, node: Canned) -> None:
    node.refuse("DELETE /sessions/current", Code.FORBIDDEN, "an API key cannot manage keys or sessions")
    ended = cli("logout")
    assert (ended.code, "this is an API key" in ended.err, "`cryptex keys revoke ID`" in ended.err) == (4, True, True)
    assert "ended" not in ended.err.replace("has no session to end", "")


def test_a_node_that_is_not_trusted_ends_no_session(signing: Cli, node: Canned) -> None:
    TokenStore().save(node.url, "default", "token-1")
    node.refuse("DELETE /sessions/current", Code.NODE_CHANGED, "another key")
    assert signing("logout").code == 4
    assert TokenStore().load(node.url, "default") == "token-1"


def test_the_only_copy_of_a_private_key_is_deleted_with_yes_alone(signing: Cli, node: Canned) -> None:
    ended = signing("--profile", "bot", "logout")
    assert (ended.code, TokenStore().load(node.url, "bot")) == (2, KEY)
    assert f"signs with API key 7, which stays active at {node.url} until `cryptex keys revoke 7` ends" in ended.err
    assert "--yes" in ended.err
    ended = signing("--profile", "bot", "logout", "--yes")
    assert (ended.code, ended.out, TokenStore().load(node.url, "bot")) == (0, "", None)
    assert "Logged out" not in ended.err
    assert node.seen == []


def test_a_login_does_not_take_the_place_of_a_private_key(signing: Cli, node: Canned) -> None:
    ended = signing("--profile", "bot", "login", "alice", "--password-stdin", stdin="password123\n")
    assert (ended.code, TokenStore().load(node.url, "bot"), node.seen) == (2, KEY, [])
    assert "`cryptex --profile bot logout`" in ended.err


def test_the_terminal_leaves_a_private_key_where_it_is(tmp_path: Path) -> None:
    store, node = TokenStore(tmp_path, lambda: None), KnownNode("http://127.0.0.1:7070", "bot")
    store.save(node.url, node.profile, KEY)
    logins = KeptLogins(store)
    logins.forget(node)
    assert "keeps an API key" in logins.keep(node, "token-1")
    assert logins.load(node) == KEY


def test_a_refused_login_makes_no_profile(signing: Cli, node: Canned) -> None:
    node.refuse("POST /sessions", Code.BAD_CREDENTIALS, "wrong")
    ended = signing("--profile", "p3", "login", "alice", "--password-stdin", stdin="password123\n")
    assert f"There is no profile p3 yet: a login at {node.url} would make it." in ended.err
    assert "was made" not in ended.err
