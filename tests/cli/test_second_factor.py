"""The second factor as commands, and the code that a login asks for."""

import io

import pytest

from cryptex.protocol.problems import Code
from tests.cli.canned import Canned
from tests.cli.conftest import Cli


def wants_a_code(node: Canned, monkeypatch: pytest.MonkeyPatch, route: str) -> None:
    """Let a route refuse what comes without a code."""
    done = node.answers[route]
    node.refuse(route, Code.SECOND_FACTOR_REQUIRED, "give the code as well")
    ask = "cryptex.cli.passwords.ask_code"
    from cryptex.cli import passwords

    original = passwords.ask_code

    def asked(from_stdin: bool) -> str:
        code = original(from_stdin)
        node.answers[route] = done
        return code

    monkeypatch.setattr(ask, asked)


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *typed: str) -> None:
    """Let commands ask a person, who types these lines."""
    lines = list(typed)
    monkeypatch.setattr("cryptex.cli.passwords.can_ask", lambda: True)
    monkeypatch.setattr("cryptex.cli.second_factor.can_ask", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda *_: lines.pop(0))


def test_a_login_reads_the_code_from_the_second_line(cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    wants_a_code(node, monkeypatch, "POST /sessions")
    ended = cli("login", "alice", "--password-stdin", stdin="password123\n123 456\n")
    assert ended.code == 0, ended.err
    first, second = (each.fields for each in node.sent("POST"))
    assert first == {"username": "alice", "password": "password123"}
    assert second == {**first, "code": "123 456"}


def test_a_login_without_a_second_line_says_what_is_missing(cli: Cli, node: Canned) -> None:
    node.refuse("POST /sessions", Code.SECOND_FACTOR_REQUIRED, "give the code as well")
    ended = cli("login", "alice", "--password-stdin", stdin="password123\n")
    assert (ended.code, "one more line of stdin" in ended.err) == (2, True)


def test_a_person_is_asked_for_the_code(cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    wants_a_code(node, monkeypatch, "POST /sessions")
    on_a_terminal(monkeypatch, "password123")
    ended = cli("login", "alice", stdin="654321\n")
    assert (ended.code, "Code of your second factor" in ended.err) == (0, True)
    assert node.sent("POST")[-1].fields["code"] == "654321"


def test_an_older_login_with_a_second_factor_gives_both_again(
    cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants_a_code(node, monkeypatch, "POST /sessions/current/reauthentication")
    node.refuse("DELETE /users/me/second_factor", Code.REAUTHENTICATION_REQUIRED, "give the password again")
    on_a_terminal(monkeypatch, "password123")
    ended = cli("second-factor", "disable", "--yes", stdin="654321\n")
    assert [each.fields for each in node.sent("POST")] == [
        {"password": "password123"},
        {"password": "password123", "code": "654321"},
    ]
    assert len(node.sent("DELETE")) == 2
    assert ended.code == 4  # the canned node says so again


def test_a_person_sees_secret_and_picture_and_types_a_code(
    cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_terminal(monkeypatch)
    ended = cli("second-factor", "enable", stdin="123456\n")
    assert ended.code == 0, ended.err
    assert "ABCDEFGH" in ended.err
    assert "\u2580" in ended.err
    assert ended.out == "aaaa-bbbb-cccc-dddd\neeee-ffff-gggg-hhhh\n"
    assert "not shown again" in ended.err
    assert node.sent("POST")[-1].fields == {"code": "123456"}
    assert "\u2580" not in cli("second-factor", "enable", "--no-qr", stdin="123456\n").err


def test_a_script_confirms_in_a_second_call(cli: Cli, node: Canned) -> None:
    ended = cli("second-factor", "enable")
    assert ("ABCDEFGH" in ended.out, "--confirm CODE" in ended.err) == (True, True)
    assert cli("second-factor", "enable", "--confirm", "123456").code == 0
    assert [each.path for each in node.sent("POST")] == [
        "/users/me/second_factor",
        "/users/me/second_factor/confirmation",
    ]


@pytest.mark.parametrize("verb", ["disable", "recovery-codes"])
def test_what_ends_codes_asks_first(verb: str, cli: Cli, node: Canned) -> None:
    ended = cli("second-factor", verb)
    assert (ended.code, "--yes" in ended.err, node.seen) == (2, True, [])


def test_what_is_typed_is_read_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptex.cli.passwords import input_line

    monkeypatch.setattr("sys.stdin", io.StringIO(" 123 456 \nmore\n"))
    assert input_line("Code: ") == "123 456"
