"""Changing the password and ending logins, as commands."""

import pytest

from cryptex.protocol.problems import Code
from tests.cli.canned import Canned
from tests.cli.conftest import Cli
from tests.cli.test_second_factor import wants_a_code


def test_the_password_is_changed_from_two_lines(cli: Cli, node: Canned) -> None:
    ended = cli("password", "--password-stdin", stdin="old password\nnew password\n")
    assert (ended.code, ended.out) == (0, "")
    assert "your other logins have ended" in ended.err
    (sent,) = node.sent("POST")
    assert sent.fields == {"password": "old password", "new_password": "new password"}


def test_an_older_login_is_made_fresh_by_what_was_typed(
    cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants_a_code(node, monkeypatch, "POST /sessions/current/reauthentication")
    node.refuse("POST /users/me/password", Code.REAUTHENTICATION_REQUIRED, "give the password again")
    ended = cli("password", "--password-stdin", stdin="old password\nnew password\n654321\n")
    change = {"password": "old password", "new_password": "new password"}
    again = {"password": "old password"}
    assert [each.fields for each in node.sent("POST")] == [change, again, {**again, "code": "654321"}, change]
    assert ended.code == 4  # the canned node says so again


def test_one_line_is_not_enough(cli: Cli, node: Canned) -> None:
    ended = cli("password", "--password-stdin", stdin="old password\n")
    assert ended.code == 2
    assert "the present one, then the new one" in ended.err
    assert node.sent("POST") == []


def test_a_typing_error_changes_nothing(cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ["old password", "new password", "new passwort"]
    monkeypatch.setattr("getpass.getpass", lambda *_: typed.pop(0))
    monkeypatch.setattr("cryptex.cli.passwords.can_ask", lambda: True)
    ended = cli("password")
    assert ended.code == 2
    assert "differ" in ended.err
    assert node.sent("POST") == []


def test_ending_all_others_asks_first(cli: Cli, node: Canned) -> None:
    ended = cli("sessions", "revoke-others")
    assert ended.code == 2
    assert "--yes" in ended.err
    assert node.sent("DELETE") == []
