"""What `cryptex sim` says to what it cannot do, and what a run leaves behind."""

from pathlib import Path

import msgspec
import pytest

from cryptex.sim.report import numerics
from tests.cli.conftest import Cli

FILES = {"trades.csv", "quotes.csv", "orders.csv", "balances.csv", "run.json"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("show nope", "there is no scenario nope; there are calm"),
        ("check calm --set groups.noise.colour=red", "there is no key groups.noise.colour"),
        ("run calm --duration soon", "duration must be a number and ms, s, m, h or d"),
        ("run calm --set groups.noise.funds=1e9 --duration 1s", "beyond what the exchange can count"),
        ("run replay --set groups.tape.file=/none --duration 1s", "groups.tape.file: there is no file /none"),
        ("check replay --set groups.tape.file=/none", "groups.tape.file: there is no file /none"),
        ("run calm --bot my_bot.py", "'my_bot.py' is not FILE:CLASS"),
        ("run calm --bot none.py:MyBot", "groups.mybot.bot: there is no Python file none.py"),
        ("report /none", "run.json"),
        ("report /none", "`cryptex sim run calm --out DIR` writes such a folder."),
        ("run calm --duration 1s --out /dev/null", "/dev/null cannot be a folder for a run: File exists"),
        ("check /dev/null/mine.toml", "/dev/null/mine.toml cannot be read: Not a directory"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(words: str, said: str, cli: Cli) -> None:
    ended = cli("sim", *words.split())
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err
    assert ended.err.startswith("error: ")


def test_a_damaged_tape_is_named(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "tape.csv"
    path.write_text("timestamp,price,size,side\n1.0,60000.00,x,buy\n")
    ended = cli("sim", "run", "replay", "--set", f"groups.tape.file={path}")
    assert ended.code == 1
    assert "tape.csv, line 2" in ended.err


def test_a_run_leaves_its_tape_and_its_report(cli: Cli, tmp_path: Path) -> None:
    ended = cli("sim", "run", "calm", "--duration", "1m", "--out", str(tmp_path / "new" / "run"))
    assert ended.code == 0
    assert {path.name for path in (tmp_path / "new" / "run").iterdir()} == {*FILES, "report.json"}
    assert "of market time in" in ended.err
    assert "tier 0: " in ended.err


def test_without_numpy_a_run_says_how_to_get_its_report(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numerics, "MODULES", ("a_module_that_is_not_there",))
    ended = cli("sim", "run", "calm", "--duration", "10s", "--out", str(tmp_path))
    assert ended.code == 0
    assert {path.name for path in tmp_path.iterdir()} >= FILES
    assert not (tmp_path / "report.json").exists()
    assert "cryptex[sim]" in ended.err
    assert cli("sim", "report", str(tmp_path)).code == 1


def test_a_folder_of_an_earlier_run_is_replaced(cli: Cli, tmp_path: Path) -> None:
    assert cli("sim", "run", "smith-zip", "--duration", "40s", "--out", str(tmp_path)).code == 0
    assert (tmp_path / "values.csv").exists()
    assert cli("sim", "run", "calm", "--duration", "10s", "--out", str(tmp_path)).code == 0
    assert not (tmp_path / "values.csv").exists()


def test_what_a_bot_prints_and_how_it_failed_is_on_stderr(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "my_bot.py"
    path.write_text(
        "from cryptex.sim.bot import Bot\n"
        "class Loud(Bot):\n"
        "    def on_start(self, ctx):\n        print('here I am')\n"
        "class Failing(Bot):\n"
        "    def on_start(self, ctx):\n        self.never_set\n"
    )
    ended = cli("sim", "run", "calm", "--duration", "10s", "--bot", f"{path}:Loud", "-o", "json")
    assert ended.code == 0
    assert ended.err.startswith("here I am\n")
    (bot,) = msgspec.json.decode(ended.out)["bots"]
    assert (bot["account"], bot["fills"], bot["profit"]) == ("loud-0", 0, "0.00000000")
    table = cli("sim", "run", "calm", "--duration", "10s", "--bot", f"{path}:Loud").out
    assert table.splitlines()[-1].split() == ["loud-0", "0", "0", "0", "0.00000000", "0.00000000", "0.00000000"]
    failed = cli("sim", "run", "calm", "--bot", f"{path}:Failing")
    assert (failed.code, failed.out) == (1, "")
    assert "error: my_bot.py, line 7: AttributeError" in failed.err


def test_a_report_draws_its_figures_in_files_and_on_a_terminal(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("sim", "run", "calm", "--duration", "5m", "--out", str(tmp_path)).code == 0
    ended = cli("sim", "report", str(tmp_path), "--plots", str(tmp_path / "plots"))
    assert ended.code == 0
    assert [path.name for path in sorted((tmp_path / "plots").iterdir())] == ["impact.svg", "signs.svg"]
    assert f"In {tmp_path / 'plots'}: signs.svg, impact.svg." in ended.err
    assert "Not drawn: price: 10 bars with prices are fewer than 100." in ended.err
    assert "Memory of trade signs" not in ended.out
    monkeypatch.setattr("cryptex.cli.output._is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "90")
    drawn = cli("sim", "report", str(tmp_path)).out
    assert "\nMemory of trade signs: autocorrelation\n" in drawn
    assert "\nImpact: mean response" in drawn


def test_an_experiment_is_reported_beside_its_paper(cli: Cli, tmp_path: Path) -> None:
    assert cli("sim", "run", "gode-sunder", "--duration", "302s", "--out", str(tmp_path)).code == 0
    ended = cli("sim", "report", str(tmp_path))
    rows = {row[0]: row for row in map(str.split, ended.out.splitlines()) if row}
    assert [rows[f"market-1-{agent}"][5] for agent in ("zi-c", "zi-u")] == ["99.90", "90.00"]
    judged = [line for line in ended.out.splitlines() if "maximum surplus, market-1-zi-" in line]
    assert [("pass" in line, "n/a" in line) for line in judged] == [(True, False), (False, True)]
