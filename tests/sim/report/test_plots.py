"""The figures of runs."""

from pathlib import Path

import pytest

from cryptex.protocol.problems import Refusal
from cryptex.sim.report.plots import terminal_plots, write_plots
from tests.sim.report import tapes

NAMES = ["price", "memory", "tail", "signs", "impact"]


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tapes.write_lively(tmp_path_factory.mktemp("lively"))


def test_every_figure_in_the_terminal(lively: Path) -> None:
    text = terminal_plots(lively, 72)
    for title in ("Price", "Volume", "Memory of returns", "Tails of returns", "Memory of trade signs", "Impact"):
        assert f"\n{title}: " in f"\n{text}"
    assert max(map(len, text.splitlines())) <= 72


def test_every_figure_in_a_file_with_the_same_bytes(lively: Path) -> None:
    into = lively / "new" / "plots"
    paths, missing = write_plots(lively, into)
    assert (paths, missing) == ([into / f"{name}.svg" for name in NAMES], [])
    before = [path.read_bytes() for path in paths]
    write_plots(lively, into)
    assert [path.read_bytes() for path in paths] == before


def test_what_cannot_be_drawn_says_why_and_leaves_no_file(tmp_path: Path) -> None:
    tapes.write_run(tmp_path)
    tapes.write_rows(tmp_path / "trades.csv", "timestamp,price,size,side,trade_id", ["1,100.00,1,buy,1"])
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "signs.svg").write_text("of an earlier run")
    text = terminal_plots(tmp_path)
    assert "signs: 1 takers are fewer than 1000\n" in text
    assert "impact: the run has no quotes.csv\n" in text
    written = write_plots(tmp_path, tmp_path / "plots")
    assert written.paths == [tmp_path / "plots" / "price.svg"]
    assert "signs: 1 takers are fewer than 1000" in written.missing
    assert [path.name for path in (tmp_path / "plots").iterdir()] == ["price.svg"]


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path, lively: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="cannot be written"):
        write_plots(lively, tmp_path / "file")
