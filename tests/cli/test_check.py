"""`cryptex check`: what it finds, what it advises, and how it ends."""

import json
from pathlib import Path

import pytest

from cryptex.cli.probe import Seen
from cryptex.client.errors import unreachable
from cryptex.protocol.codec import encode_json
from cryptex.protocol.problems import Code
from cryptex.protocol.views import HealthView
from tests.cli.canned import Canned
from tests.cli.conftest import Cli
from tests.cli.live import LiveNode


@pytest.fixture(autouse=True)
def _socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The canned node has no websocket."""
    monkeypatch.setattr("cryptex.cli.probe.probe", lambda *_: Seen(1.5, 0.001))


def _checks(text: str) -> dict[str, dict[str, str]]:
    return {each["check"]: each for each in json.loads(text)["checks"]}


def test_all_that_works_is_said(cli: Cli) -> None:
    ended = cli("check", "-o", "json")
    checks = _checks(ended.out)
    assert ended.code == 0
    assert {name for name, each in checks.items() if each["status"] == "bad"} == set()
    assert "alice may read, trade, withdraw" in checks["login"]["detail"]
    assert checks["clock"]["status"] == checks["websocket"]["status"] == "ok"
    assert checks["data folder"]["suggestion"] == "`cryptex node start` makes it."


def test_what_is_worth_knowing_is_a_note(
    cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("cryptex.cli.probe.probe", lambda *_: Seen(1.5, -30.0))
    monkeypatch.delenv("CRYPTEX_TOKEN")
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    monkeypatch.setenv("CRYPTEX_DATA_DIR", str(folder))
    node.answers["GET /health/ready"] = (200, encode_json(HealthView("ready", 3, 992, "9.9.9")))
    ended = cli("check", "-o", "json")
    notes = {name for name, each in _checks(ended.out).items() if each["status"] == "note"}
    assert (ended.code, notes) == (0, {"node version", "clock", "login", "keyring", "data folder"})
    assert f"data folder: chmod 700 {folder}" in cli("check").err


def test_a_node_that_cannot_be_reached_ends_with_3_after_all_checks(cli: Cli) -> None:
    ended = cli("check", "--node", "http://127.0.0.1:1", "-o", "json")
    checks = _checks(ended.out)
    assert (ended.code, checks["node"]["status"]) == (3, "bad")
    assert "cryptex node start" in checks["node"]["suggestion"]
    assert "keyring" in checks


def test_a_login_that_does_not_hold_ends_with_4(cli: Cli, node: Canned) -> None:
    node.refuse("GET /users/me", Code.UNAUTHENTICATED, "the token is not valid")
    ended = cli("check", "-o", "json")
    assert (ended.code, _checks(ended.out)["login"]["status"]) == (4, "bad")


def test_a_websocket_that_does_not_work_is_said(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Seen:
        raise unreachable("the websocket does not answer")

    monkeypatch.setattr("cryptex.cli.probe.probe", refuse)
    ended = cli("check")
    assert ended.code == 3
    assert "the websocket does not answer" in ended.out


def test_a_real_node_is_probed(live: LiveNode) -> None:
    with live.start("check", "-o", "json", token=live.maker.token) as process:
        out, _ = process.communicate(timeout=20)
    checks = _checks(out)
    assert process.returncode == 0
    assert {checks[name]["status"] for name in ("node", "websocket", "clock", "login", "data folder")} == {"ok"}
