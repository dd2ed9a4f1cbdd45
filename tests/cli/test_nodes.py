"""Asking for and stopping the node of a folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from cryptex.cli.folders import NODE_FILE, NodeFile, is_alive
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
    _leave(tmp_path, 4711, node.url)
    ended = cli("node", "status", "--data-dir", str(tmp_path), "-o", "json")
    assert msgspec.json.decode(ended.out) == {
        "url": node.url,
        "status": "ready",
        "epoch": 3,
        "sequence": 992,
        "version": "0.1.0",
        "data_dir": str(tmp_path),
        "pid": 4711,
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


def test_this_process_is_alive() -> None:
    assert is_alive(os.getpid())


def test_bad_settings_are_named(cli: Cli, tmp_path: Path) -> None:
    config = tmp_path / "node.toml"
    config.write_text("[node]\nprot = 1\n")
    ended = cli("node", "start", "--config", str(config), "--data-dir", str(tmp_path / "data"))
    assert ended.code == 2
    assert "node.prot" in ended.err
