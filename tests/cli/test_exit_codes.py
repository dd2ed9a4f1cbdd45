"""What goes wrong, what is said about it, and the exit code that follows."""

import re
import socket

import msgspec
import pytest

from cryptex.client.caller import READ_WAITS_S
from cryptex.protocol.problems import CATALOGUE, Code
from tests.cli.canned import Canned
from tests.cli.conftest import Cli


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        (Code.INSUFFICIENT_FUNDS, 1),
        (Code.TICK_SIZE, 1),
        (Code.INVALID_REQUEST, 1),
        (Code.UNAVAILABLE, 3),
        (Code.RATE_LIMITED, 3),
        (Code.INTERNAL_ERROR, 3),
        (Code.UNAUTHENTICATED, 4),
        (Code.FORBIDDEN, 4),
    ],
)
def test_each_family_of_problems_has_its_exit_code(code: Code, exit_code: int, cli: Cli, node: Canned) -> None:
    node.refuse("POST /orders", code, "no, because")
    ended = cli("buy", "BTC-USDT", "1", "--price", "1")
    assert (ended.code, ended.out) == (exit_code, "")
    assert ended.err.splitlines()[0] == f"error: no, because ({code.value})"
    assert len(ended.err.splitlines()) == 2


def test_json_puts_the_whole_problem_on_stderr(cli: Cli, node: Canned) -> None:
    node.refuse("POST /orders", Code.INSUFFICIENT_FUNDS, "not enough", required="5.00", available="1.00")
    ended = cli("buy", "BTC-USDT", "1", "--price", "1", "-o", "json")
    assert (ended.code, ended.out) == (1, "")
    assert msgspec.json.decode(ended.err) == {
        "type": "/docs/errors#insufficient_funds",
        "title": CATALOGUE[Code.INSUFFICIENT_FUNDS].title,
        "status": 422,
        "code": "insufficient_funds",
        "detail": "not enough",
        "retryable": False,
        "suggestion": CATALOGUE[Code.INSUFFICIENT_FUNDS].suggestion,
        "required": "5.00",
        "available": "1.00",
    }


def test_suggestions_speak_of_commands(cli: Cli, node: Canned) -> None:
    node.refuse("GET /markets/NO-SUCH/ticker", Code.UNKNOWN_MARKET, "there is no market NO-SUCH")
    assert cli("ticker", "NO-SUCH").err.splitlines()[1] == "`cryptex markets` lists what is traded."


@pytest.mark.parametrize("code", Code)
def test_no_suggestion_speaks_of_http(code: Code, cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cryptex.client.caller.sleep", lambda _: None)
    node.refuse("GET /wallet", code, "no")
    assert not re.search(r"(GET|POST|DELETE|PATCH) |Bearer|Allow", cli("wallet").err)


def test_who_asks_too_often_is_told_how_long_to_wait(cli: Cli, node: Canned) -> None:
    node.refuse("GET /wallet", Code.RATE_LIMITED, "too many requests", retry_after=7)
    ended = cli("wallet")
    assert (ended.code, ended.err.splitlines()[1]) == (3, "Wait 7 s, then try again.")


@pytest.mark.parametrize(
    ("line", "route"),
    [("fills --limit 5000", "GET /fills"), ("wallet", "GET /wallet"), ("order 42", "GET /orders/42")],
)
def test_a_read_is_asked_for_again_until_history_has_caught_up(
    line: str, route: str, cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = node.answers[route]
    node.refuse(route, Code.UNAVAILABLE, "history has not caught up")
    waits: list[float] = []
    monkeypatch.setattr("cryptex.client.caller.sleep", waits.append)
    ended = cli(*line.split())
    assert (ended.code, len(node.seen), waits) == (3, 5, [*READ_WAITS_S])
    monkeypatch.setattr("cryptex.client.caller.sleep", lambda _: node.answers.update({route: whole}))
    assert cli(*line.split(), "-o", "json").out == whole[1].decode() + "\n"
    node.refuse(route, Code.RATE_LIMITED, "too many requests", retry_after=7)
    assert (cli(*line.split()).code, len(node.seen)) == (3, 8)


def test_a_change_is_sent_once_and_health_is_asked_once(cli: Cli, node: Canned) -> None:
    node.refuse("DELETE /orders/42", Code.UNAVAILABLE, "the node is stopping")
    assert cli("cancel", "42").code == 3
    assert len(node.sent("DELETE")) == 1
    node.refuse("GET /health/ready", Code.UNAVAILABLE, "the node is stopping")
    asked = len(node.seen)
    assert cli("node", "status", "--node", node.url).code == 3
    assert len(node.seen) == asked + 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["book"],
        ["ticker", "--frobnicate"],
        ["book", "BTC-USDT", "--depth", "none"],
        ["book", "BTC-USDT", "--depth", "1001", "--watch"],
        ["buy", "BTC-USDT", "1", "--tif", "forever"],
        ["amend", "42"],
        ["order"],
        ["order", "42", "--client-order-id", "x"],
        ["cancel"],
        ["cancel-all"],
        ["register", "alice"],
        ["register", "alice", "--password-stdin"],
        ["sell", "BTC-USDT", "lots", "--dry-run"],
        ["demo"],
        ["--node", "ftp://nowhere", "markets"],
    ],
)
def test_a_wrong_command_line_ends_with_two_and_asks_nothing(arguments: list[str], cli: Cli, node: Canned) -> None:
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert ended.err.splitlines()[0].endswith("(usage)")
    assert "Value error" not in ended.err
    assert node.seen == []


def test_a_wrong_command_line_is_an_object_in_json(cli: Cli) -> None:
    assert msgspec.json.decode(cli("-o", "json", "book").err, type=dict[str, str])["code"] == "usage"


def test_a_node_that_is_not_there_ends_with_three(cli: Cli) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody else gets this port
        taken.bind(("127.0.0.1", 0))
        ended = cli("--node", f"http://127.0.0.1:{taken.getsockname()[1]}", "markets")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.splitlines()[0].endswith(": Connection refused (unavailable)")
    assert "cryptex node start" in ended.err


def test_nobody_logged_in_ends_with_four(cli: Cli, monkeypatch: pytest.MonkeyPatch, node: Canned) -> None:
    monkeypatch.delenv("CRYPTEX_TOKEN")
    ended = cli("wallet")
    assert ended.code == 4
    assert "cryptex login NAME" in ended.err
    assert node.seen == []


def test_interrupted_ends_with_130(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cryptex.cli.door.Door.read", interrupt)
    assert cli("markets") == (130, "", "")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert cli("markets") == (130, "", "\n")


def test_version_and_help_need_no_node(cli: Cli, node: Canned) -> None:
    assert cli("--version").out.startswith("cryptex 0.")
    for words in ([], ["--help"], ["node"], ["buy", "--help"], ["wallet", "deposit", "-h"]):
        ended = cli(*words)
        assert ended.code == 0
        assert ended.out.startswith("Usage: cryptex")
    assert node.seen == []
