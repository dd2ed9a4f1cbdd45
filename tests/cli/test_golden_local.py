"""The golden files of commands whose data is not a canned node's answer: checks, nodes and figures.

What differs from run to run is written as a word: hashes, ids of processes, folders, measured times.
"""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from cryptex import __version__
from cryptex.cli.bench_load import Figures
from cryptex.cli.folders import NODE_FILE, NodeFile
from cryptex.cli.probe import Seen
from tests.cli.canned import Canned
from tests.cli.conftest import Cli
from tests.cli.golden import FORMS, expect
from tests.cli.live import LiveNode

WORDS = {
    r"\b[0-9a-f]{64}\b": "HASH",
    r"\b[0-9a-f]{16}\.\.\.": "HASH...",
    r"Python [0-9.]+": "Python 3",
    r"[0-9.]+ ms over REST": "1.0 ms over REST",
    re.escape(__version__): "VERSION",
}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    """Each of the four forms."""
    return str(request.param)


@pytest.fixture(name="same")
def _same(form: str, node: Canned, tmp_path: Path) -> Callable[[str, str], None]:
    """Compares a text with the golden file of this form."""

    def compare(name: str, text: str) -> None:
        words = {re.escape(str(tmp_path)): "FOLDER", re.escape(node.url): "http://NODE", **WORDS}
        for pattern, word in words.items():
            text = re.sub(pattern, word, text)
        expect(name, form, text)

    return compare


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node that traded and was stopped."""
    with LiveNode(tmp_path_factory.mktemp("stopped")) as node:
        node.trade()
    return node.folder


def test_check(form: str, same: Callable[[str, str], None], cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cryptex.cli.probe.probe", lambda *_: Seen(1.5, 0.001))
    monkeypatch.setenv("CRYPTEX_DATA_DIR", "/no/such/folder")
    ended = cli("check", "-o", form)
    assert ended.code == 0
    same("check", ended.out)


def test_bench(
    form: str, same: Callable[[str, str], None], cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = Figures(2.0, 10_000, 1.5, 12.25, 120.0, {"insufficient_funds": 2})
    monkeypatch.setattr("cryptex.cli.bench_run._measure", lambda *_: figures)
    ended = cli("bench", "--node", node.url, "--yes", "-o", form)
    assert (ended.code, ended.err) == (0, "Of the replies were refusals: 2 insufficient_funds.\n")
    same("bench", ended.out.replace(node.url, "http://127.0.0.1:7070"))


def test_node_verify_and_rebuild(
    form: str, same: Callable[[str, str], None], cli: Cli, stopped: Path, tmp_path: Path
) -> None:
    folder = str(shutil.copytree(stopped, tmp_path / "data"))
    verified, rebuilt = (cli("node", verb, "--data-dir", folder, "-o", form) for verb in ("verify", "rebuild"))
    assert (verified.code, rebuilt.code) == (0, 0)
    same("node_verify", verified.out)
    same("node_rebuild", rebuilt.out)


def test_node_audit(form: str, same: Callable[[str, str], None], cli: Cli, stopped: Path) -> None:
    ended = cli("node", "audit", "--data-dir", str(stopped), "-o", form)
    assert ended.code == 0
    plain = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "2026-11-22T15:40:03.123456Z", ended.out)
    same("node_audit", re.sub(r"\b[0-9a-f]{16}\b", "5e5510f00d5e5510", plain))


def test_node_admin(form: str, same: Callable[[str, str], None], cli: Cli, stopped: Path, tmp_path: Path) -> None:
    folder = str(shutil.copytree(stopped, tmp_path / "data"))
    for verb in ("add maker", "list", "remove maker"):
        ended = cli("node", "admin", *verb.split(), "--data-dir", folder, "-o", form)
        assert ended.code == 0
        plain = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "2026-11-22T15:40:03.123456Z", ended.out)
        same(f"node_admin_{verb.split()[0]}", plain)


def test_node_backup_and_restore(
    form: str, same: Callable[[str, str], None], cli: Cli, stopped: Path, tmp_path: Path
) -> None:
    file, folder = tmp_path / "monday.backup", tmp_path / "restored"
    backed_up = cli("node", "backup", str(file), "--data-dir", str(stopped), "-o", form)
    restored = cli("node", "restore", str(file), "--data-dir", str(folder), "-o", form)
    assert (backed_up.code, restored.code) == (0, 0)
    plain = re.sub(rf"\b{file.stat().st_size}\b", "12345", backed_up.out.replace(str(tmp_path), "/FOLDER"))
    same("node_backup", plain)
    plain = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "2026-11-22T15:40:03.123456Z", restored.out)
    same("node_restore", plain.replace(str(tmp_path), "/FOLDER"))


def test_node_stop(form: str, same: Callable[[str, str], None], cli: Cli, node: Canned, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        (tmp_path / NODE_FILE).write_bytes(msgspec.json.encode(NodeFile(process.pid, node.url)))
        ended = cli("node", "stop", "--data-dir", str(tmp_path), "-o", form)
        assert process.wait() == -signal.SIGTERM
    plain = ended.out.replace(str(tmp_path), "FOLDER").replace(node.url, "http://NODE")
    same("node_stop", plain.replace(str(process.pid), "4711"))


def test_node_start(form: str, same: Callable[[str, str], None], stopped: Path, tmp_path: Path) -> None:
    folder = str(shutil.copytree(stopped, tmp_path / "data"))
    command = [sys.executable, "-m", "cryptex", "node", "start", "--port", "0", "--data-dir", folder, "-o", form]
    with subprocess.Popen(
        [*command, "--until-stdin-ends"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert process.communicate(timeout=20)[0] == ""
    assert process.returncode == 0
    same("node_start", re.sub(r"127\.0\.0\.1:[0-9]+", "NODE", ready))


SIM = {
    "sim_list": "sim list",
    "sim_show": "sim show calm",
    "sim_check": "sim check flash-crash --set groups.makers.count=4",
    "sim_run": "sim run gode-sunder --duration 40s --seed 3",
}


@pytest.mark.parametrize("name", SIM)
def test_sim(name: str, form: str, same: Callable[[str, str], None], cli: Cli) -> None:
    ended = cli(*SIM[name].split(), "-o", form)
    assert ended.code == 0, ended.err
    same(name, ended.out)


def test_sim_report(form: str, same: Callable[[str, str], None], cli: Cli, tmp_path: Path) -> None:
    assert cli("sim", "run", "calm", "--duration", "20m", "--out", str(tmp_path)).code == 0
    ended = cli("sim", "report", str(tmp_path), "-o", form)
    assert ended.code == 0, ended.err
    same("sim_report", ended.out)
