"""Asking for and stopping the node of a folder."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from cryptex.cli.folders import NODE_FILE, NodeFile, is_alive
from cryptex.protocol.problems import Code
from tests.cli.canned import Canned
from tests.cli.conftest import Cli


def _leave(folder: Path, pid: int, url: str) -> None:
    (folder / NODE_FILE).write_bytes(msgspec.json.encode(NodeFile(pid, url)))


@pytest.fixture
def ended_pid() -> int:
    """The pid of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_status_asks_the_node_of_the_folder(cli: Cli, node: Canned, tmp_path: Path) -> None:
    _leave(tmp_path, os.getpid(), node.url)
    ended = cli("node", "status", "--data-dir", str(tmp_path), "-o", "json")
    assert msgspec.json.decode(ended.out) == {
        "url": node.url,
        "status": "ready",
        "epoch": 3,
        "sequence": 992,
        "version": "0.1.0",
        "data_dir": str(tmp_path),
        "pid": os.getpid(),
    }


def test_status_of_an_address(cli: Cli, node: Canned) -> None:
    ended = cli("node", "status", "--node", node.url)
    assert ended.code == 0
    assert "pid" not in ended.out


@pytest.mark.parametrize("verb", ["status", "stop"])
def test_a_folder_without_a_node(verb: str, cli: Cli, tmp_path: Path) -> None:
    ended = cli("node", verb, "--data-dir", str(tmp_path))
    assert ended.code == 3
    assert f"no node is running in {tmp_path}" in ended.err


@pytest.mark.parametrize("verb", ["status", "stop"])
def test_a_killed_node_is_not_running(verb: str, cli: Cli, tmp_path: Path, ended_pid: int) -> None:
    _leave(tmp_path, ended_pid, "http://127.0.0.1:9")
    ended = cli("node", verb, "--data-dir", str(tmp_path))
    assert ended.code == 3
    assert "no node is running" in ended.err


def test_stop_leaves_a_process_that_is_not_the_node_alone(cli: Cli, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        _leave(tmp_path, stranger.pid, "http://127.0.0.1:9")
        ended = cli("node", "stop", "--data-dir", str(tmp_path))
        assert stranger.poll() is None
        stranger.communicate(b"\n")
    assert ended.code == 3
    assert "does not answer" in ended.err


def test_stop_ends_the_process(cli: Cli, node: Canned, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        _leave(tmp_path, process.pid, node.url)
        assert cli("node", "stop", "--data-dir", str(tmp_path)).code == 0
        assert process.wait() == -signal.SIGTERM


def test_stop_of_another_address_is_refused(cli: Cli, node: Canned, tmp_path: Path) -> None:
    _leave(tmp_path, os.getpid(), node.url)
    assert cli("--node", "http://127.0.0.1:9", "node", "stop", "--data-dir", str(tmp_path)).code == 2


def _meanwhile(monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], object]) -> None:
    """Have a step happen each time a command waits, and none be left to wait for."""
    left = list(steps)
    monkeypatch.setattr("cryptex.cli.folders.sleep", lambda _seconds: left.pop(0)())


def test_status_waits_for_a_node_that_starts(
    cli: Cli, node: Canned, tmp_path: Path, ended_pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = node.answers["GET /health/ready"]
    node.refuse("GET /health/ready", Code.UNAVAILABLE, "the node is stopping")
    _meanwhile(
        monkeypatch,
        lambda: _leave(tmp_path, ended_pid, "http://127.0.0.1:9"),
        lambda: _leave(tmp_path, os.getpid(), node.url),
        lambda: node.answers.update({"GET /health/ready": ready}),
    )
    ended = cli("node", "status", "--wait", "--data-dir", str(tmp_path), "-o", "json")
    assert (ended.code, ended.err) == (0, "")
    assert msgspec.json.decode(ended.out)["pid"] == os.getpid()


def test_status_names_the_process_of_a_node_that_became_ready_meanwhile(
    cli: Cli, node: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRYPTEX_DATA_DIR", str(tmp_path))
    left = [None, NodeFile(os.getpid(), node.url)]
    monkeypatch.setattr("cryptex.cli.node_status.read_node_file", lambda _folder: left.pop(0))
    assert str(os.getpid()) in cli("node", "status").out


def test_status_names_the_process_that_answers_and_not_the_one_that_was_killed(
    cli: Cli, node: Canned, tmp_path: Path, ended_pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _leave(tmp_path, ended_pid, node.url)
    line = ("node", "status", "--wait", "--data-dir", str(tmp_path), "-o", "json")
    assert msgspec.json.decode(cli(*line).out)["pid"] is None  # the new node could not write its own
    left = [NodeFile(ended_pid, node.url), NodeFile(os.getpid(), node.url)]
    monkeypatch.setattr("cryptex.cli.node_status.read_node_file", lambda _folder: left.pop(0))
    assert msgspec.json.decode(cli(*line).out)["pid"] == os.getpid()


def test_status_waits_no_longer_than_it_shall(cli: Cli, tmp_path: Path) -> None:
    ended = cli("node", "status", "--wait", "0", "--data-dir", str(tmp_path))
    assert (ended.code, ended.out) == (3, "")
    assert f"no node is running in {tmp_path}; waited 0 s (unavailable)" in ended.err


def test_status_does_not_wait_for_what_never_will_be(cli: Cli, node: Canned) -> None:
    node.answers.pop("GET /health/ready")
    assert cli("node", "status", "--wait", "--node", node.url).code == 1
    assert cli("node", "status", "--wait", "--node", "nowhere").code == 2
    ended = cli("node", "status", "5")
    assert (ended.code, "--wait" in ended.err) == (2, True)


def test_status_of_a_named_node_is_not_that_of_the_folder(
    cli: Cli, node: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _leave(tmp_path, os.getpid(), "http://127.0.0.1:9")
    assert cli("node", "status", "--data-dir", str(tmp_path)).code == 3
    monkeypatch.setenv("CRYPTEX_DATA_DIR", str(tmp_path))
    for named in ([], ["--node", node.url], ["--node", node.url, "--data-dir", str(tmp_path)]):
        ended = cli("node", "status", *named)
        assert (ended.code, node.url in ended.out, "pid" in ended.out) == (0, True, False)
    _leave(tmp_path, os.getpid(), node.url)
    assert "pid" in cli("node", "status").out


def test_this_process_is_alive() -> None:
    assert is_alive(os.getpid())


def test_a_data_folder_that_can_not_be_is_named_with_what_to_do(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = cli("node", "start", "--data-dir", str(tmp_path / "file" / "x"), "--port", "0")
    assert ended.code == 1
    assert f"the data folder {tmp_path}/file/x can not be used" in ended.err
    assert "name another one with --data-dir" in ended.err
    assert "Errno" not in ended.err


def test_bad_settings_are_named(cli: Cli, tmp_path: Path) -> None:
    config = tmp_path / "node.toml"
    config.write_text("[node]\nprot = 1\n")
    ended = cli("node", "start", "--config", str(config), "--data-dir", str(tmp_path / "data"))
    assert ended.code == 2
    assert "node.prot" in ended.err
