"""Data that cannot be printed, and Ctrl-C: what was done is said all the same. In processes with real descriptors."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cryptex.cli.folders import read_node_file, wait_until
from tests.cli.canned import Canned
from tests.cli.conftest import Cli

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="/dev/full"), pytest.mark.usefixtures("cli")]

CRYPTEX = f'"{sys.executable}" -m cryptex'
BUY = "buy BTC-USDT 0.5 --price 60000 --client-order-id mine-1"
PLACED = "Order 42 was placed: `cryptex order 42` shows it."
PATIENCE_S = 20


def _shell(line: str) -> "subprocess.CompletedProcess[str]":
    """Run a shell's line that ends with the exit code of `cryptex`; the fixture `cli` has set its environment."""
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def _unread(*arguments: str) -> tuple[int, str]:
    """Run `cryptex` with a pipe whose reader has left; return exit code and stderr."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "cryptex", *arguments],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    finally:
        os.close(writer)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_reader_that_leaves_is_no_error_and_an_order_is_told(form: str) -> None:
    assert _unread(*BUY.split(), "-o", form) == (0, f"{PLACED}\n")


def test_a_reader_that_leaves_is_told_nothing_about_what_it_only_read() -> None:
    assert _unread("markets") == (0, "")
    assert _unread("--help") == (0, "")


@pytest.mark.parametrize("target", ["> /dev/full", ">&-"])
def test_an_order_whose_data_cannot_be_written_is_told_and_ends_with_5(target: str) -> None:
    ended = _shell(f"{CRYPTEX} {BUY} {target}")
    assert ended.returncode == 5
    error, told = ended.stderr.splitlines()
    assert error.startswith("error: stdout cannot be written: ")
    assert error.endswith(" (output)")
    assert told == PLACED


def test_in_json_it_is_a_problem() -> None:
    problem = json.loads(_shell(f"{CRYPTEX} {BUY} -o json > /dev/full").stderr)
    assert (problem["code"], problem["suggestion"]) == ("output", PLACED)


@pytest.mark.parametrize("words", ["markets", "orders -o csv", "--help", "book --help", "--version"])
def test_data_that_cannot_be_written_ends_with_1(words: str) -> None:
    ended = _shell(f"{CRYPTEX} {words} > /dev/full")
    assert ended.returncode == 1
    assert ended.stderr == "error: stdout cannot be written: No space left on device (output)\n"


@pytest.mark.parametrize("target", ["2> /dev/full", "2>&-"])
def test_a_stderr_that_cannot_be_written_changes_no_exit_code(target: str, node: Canned) -> None:
    assert _shell(f"env -u CRYPTEX_TOKEN {CRYPTEX} wallet {target}").returncode == 4
    assert _shell(f"{CRYPTEX} nonsense {target}").returncode == 2
    assert _shell(f"{CRYPTEX} markets {target}").returncode == 0


def test_a_stdin_that_is_not_there_asks_nobody(node: Canned) -> None:
    assert _shell(f"{CRYPTEX} cancel-all <&-").returncode == 2
    assert node.seen == []


def test_a_node_serves_whoever_reads_its_ready_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "cryptex", "node", "start", "--port", "0", "--data-dir", str(tmp_path / "d")]
        command += ["--encryption", "off"]
        with subprocess.Popen([*command, "--until-stdin-ends"], stdin=subprocess.PIPE, stdout=full) as process:
            assert wait_until(lambda: read_node_file(tmp_path / "d") is not None, PATIENCE_S)
            process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0


def _interrupted(node: Canned, *arguments: str) -> tuple[int, str]:
    """Press Ctrl-C while the node has a request and does not answer; return exit code and stderr."""
    with subprocess.Popen(
        [sys.executable, "-m", "cryptex", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert node.holding.wait(PATIENCE_S)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=PATIENCE_S)
    assert out == ""
    return process.returncode, said


@pytest.mark.parametrize("lost", [False, True])
def test_ctrl_c_on_an_order_says_how_to_find_it(lost: bool, node: Canned) -> None:
    node.answers["POST /orders"] = Canned.HANG_UP if lost else Canned.HOLD
    node.answers["GET /orders/by-client-id/mine-1"] = Canned.HOLD
    code, said = _interrupted(node, *BUY.split())
    assert code == 130
    error, suggestion = said.splitlines()
    assert error == "error: interrupted; it is not known whether the order was placed (interrupted)"
    assert "`cryptex order --client-order-id mine-1`" in suggestion


def test_ctrl_c_names_the_key_that_was_made_up_in_json(node: Canned) -> None:
    node.answers["POST /orders"] = Canned.HOLD
    code, said = _interrupted(node, "sell", "BTC-USDT", "0.5", "--price", "60000", "-o", "json")
    (sent,) = node.sent("POST")
    problem = json.loads(said)
    assert (code, problem["code"]) == (130, "interrupted")
    assert problem["client_order_id"] == sent.fields["client_order_id"]


@pytest.mark.parametrize(
    ("route", "arguments", "words"),
    [
        ("POST /wallet/deposits", ["wallet", "deposit", "BTC", "1", "--reference", "r 1"], "--reference 'r 1'"),
        ("POST /wallet/withdrawals", ["wallet", "withdraw", "BTC", "1", "x", "--yes"], "--reference "),
        ("DELETE /orders/43", ["cancel", "42", "43"], "Canceled: 42."),
        ("PATCH /orders/42", ["amend", "42", "--size", "1"], "`cryptex order 42`"),
        ("DELETE /orders", ["cancel-all", "--yes"], "`cryptex orders`"),
        ("POST /api_keys", ["keys", "create", "bot"], "`cryptex keys list`"),
    ],
)
def test_ctrl_c_on_other_changes_says_where_to_look(route: str, arguments: list[str], words: str, node: Canned) -> None:
    node.answers[route] = Canned.HOLD
    code, said = _interrupted(node, *arguments)
    assert code == 130
    assert "it is not known whether" in said.splitlines()[0]
    assert words in said


def test_ctrl_c_between_the_answer_and_its_printing_tells_of_the_order(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cryptex.cli.output.write_data", interrupt)
    ended = cli(*BUY.split())
    assert (ended.code, ended.err.splitlines()) == (130, ["error: interrupted (interrupted)", PLACED])
