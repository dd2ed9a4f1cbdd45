"""Scenarios for nodes, as the command line takes and refuses them."""

from pathlib import Path

import pytest

from cryptex.cli.simulated import simulated_by
from cryptex.node.settings import load_settings
from cryptex.protocol.codec import encode_json
from cryptex.protocol.views import HealthView, SimulationView
from tests.cli.canned import Canned
from tests.cli.conftest import Cli

KNOWN = "calm, execution, flash-crash, flash-crash-breaker, gode-sunder, market-making, news-shock, replay, "
KNOWN += "smith-zip, spoofing, volatile"
NOT_LIVE = "Run it with `cryptex sim run`; a node takes one of traders, such as calm.\n"
LIST = "`cryptex sim list` names those of the house; a file is named by a path that ends in .toml.\n"
REFUSED = {
    "nope": f"there is no scenario nope; there are {KNOWN} (unknown_scenario)\n{LIST}",
    "nope.toml": f"there is no file nope.toml (unknown_scenario)\n{LIST}",
    "gode-sunder": f"gode-sunder is an experiment with induced values (scenario_not_live)\n{NOT_LIVE}",
    "replay": f"replay plays a tape with prices of its own (scenario_not_live)\n{NOT_LIVE}",
}


@pytest.mark.parametrize("command", ["node start", "demo --no-tui"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_scenario_that_does_not_run_here_is_refused_by_name(
    command: str, name: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = cli(*command.split(), "--data-dir", "data", "--scenario", name)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"error: --scenario: {REFUSED[name]}"
    assert not Path("data").exists(), "nothing was begun"


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_of_settings_that_names_one_is_told_its_key(
    name: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("node.toml").write_text(f'[simulation]\nscenario = "{name}"\n')
    ended = cli("node", "start", "--data-dir", "data", "--config", "node.toml")
    assert (ended.code, ended.err) == (1, f"error: simulation.scenario: {REFUSED[name]}")


def test_a_scenario_of_ones_own_is_checked_before_the_node_starts(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "calm"\n[groups.noise]\ncounts = 3\n')
    ended = cli("node", "start", "--data-dir", str(tmp_path / "data"), "--scenario", str(path))
    assert ended.code == 1
    assert ended.err.startswith("error: --scenario: there is no key groups.noise.counts (invalid_scenario)\n")


@pytest.mark.parametrize("seed", ["-1", "1000000001", "x"])
def test_a_seed_is_a_number(seed: str, cli: Cli) -> None:
    assert cli("node", "start", "--seed", seed).code == 2


def test_flags_win_over_the_file_and_the_file_over_the_scenario(tmp_path: Path) -> None:
    config = tmp_path / "node.toml"
    config.write_text('[simulation]\nscenario = "volatile"\nseed = 3\n')
    for flags, expected in (
        ({}, ("volatile", 3)),
        ({"seed": 0}, ("volatile", 0)),
        ({"scenario": "calm"}, ("calm", 3)),
        ({"scenario": ""}, None),
    ):
        _, traders = simulated_by(load_settings(config, data_dir=tmp_path, **flags), "--scenario")  # type: ignore[arg-type]
        assert (traders and (traders.simulation.scenario, traders.simulation.seed)) == expected
    _, traders = simulated_by(load_settings(data_dir=tmp_path, scenario="calm"), "--scenario")
    assert traders is not None
    assert traders.simulation.seed == 7, "the scenario's own"


def test_status_says_that_a_node_is_simulated(cli: Cli, node: Canned) -> None:
    view = HealthView("ready", 3, 992, "0.1.0", SimulationView("calm", 7))
    node.answers["GET /health/ready"] = (200, encode_json(view))
    assert cli("--node", node.url, "node", "status").out.splitlines()[-2:] == ["scenario  calm", "seed      7"]
