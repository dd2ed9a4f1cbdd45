"""Whole reports: verdicts of whole markets, and the bytes of report.json."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cryptex.protocol.problems import Refusal
from cryptex.sim.report.model import Verdict
from cryptex.sim.report.write import judge, read_report, write_report
from tests.sim.report import tapes

PASS, FAIL, NOT_AVAILABLE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_AVAILABLE


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tapes.write_lively(tmp_path_factory.mktemp("lively"))


@pytest.fixture
def still(tmp_path: Path) -> Path:
    """A run of a few trades."""
    tapes.write_run(tmp_path)
    tapes.write_rows(tmp_path / "trades.csv", "timestamp,price,size,side,trade_id", ["1,100.00,1,buy,1"])
    return tmp_path


def damage(folder: Path, name: str, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file."""
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_lively_market_passes(lively: Path) -> None:
    report = write_report(lively)
    judged = {metric.name: metric.verdict for metric in report.metrics if metric.tier in (0, 1)}
    assert judged == dict.fromkeys(judged, PASS)
    assert [report.count(tier, PASS) for tier in (0, 1)] == [4, 8]
    for name in ("sign_hurst", "sign_decay", "impact_response", "impact_exponent", "placement_tail"):
        assert report.metric(name).verdict is PASS, name
    assert read_report(lively) == report


def test_zero_intelligence_has_no_clusters_no_tails_and_no_memory(tmp_path: Path) -> None:
    report = write_report(tapes.write_zero_intelligence(tmp_path))
    for name in ("volatility_clustering", "excess_kurtosis", "hill_exponent", "aggregational_gaussianity"):
        assert report.metric(name).verdict is FAIL, name
    assert report.metric("sign_hurst").verdict is FAIL
    assert report.metric("sign_decay").verdict is NOT_AVAILABLE
    assert report.metric("slow_decay").verdict is NOT_AVAILABLE
    assert report.metric("uncorrelated_returns").verdict is PASS
    assert report.metric("bid_ask_bounce").verdict is PASS
    assert report.count(0, PASS) == 4


def test_a_crossed_quote_fails(still: Path) -> None:
    tapes.write_rows(still / "quotes.csv", "timestamp,bid,ask", ["0,99.00,101.00", "5,101.00,101.00", "6,99.00,101.00"])
    crossed = write_report(still).metric("uncrossed")
    assert (crossed.value, crossed.verdict) == (1, FAIL)


def test_a_tape_out_of_order_and_off_the_grid_fails(still: Path) -> None:
    rows = ["2,100.00,1,buy,1", "1,100.005,1,buy,2"]
    tapes.write_rows(still / "trades.csv", "timestamp,price,size,side,trade_id", rows)
    report = write_report(still)
    assert report.metric("time_order").verdict is FAIL
    assert report.metric("tick_grid").verdict is FAIL
    assert report.metric("trades").verdict is FAIL


def test_what_cannot_be_computed_is_not_available(still: Path) -> None:
    report = write_report(still)
    assert report.metric("two_sided_time").verdict is NOT_AVAILABLE
    assert report.metric("two_sided_time").note == "the run has no quotes.csv"
    assert [report.count(tier, PASS) for tier in (1, 2)] == [0, 0]
    assert all(metric.note for metric in report.metrics if metric.value is None)
    tapes.write_run(still, tick_size=None)
    assert write_report(still).metric("tick_grid").verdict is NOT_AVAILABLE


def test_induced_values_are_reported_where_they_are(still: Path) -> None:
    assert "allocative_efficiency" not in {metric.name for metric in write_report(still).metrics}
    rows = ["1,a,buy,110,100", "1,b,sell,90,100", "1,c,buy,105,", "2,a,buy,110,", "2,b,sell,90,"]
    tapes.write_rows(still / "values.csv", "period,account,side,value,price", rows)
    report = write_report(still)
    assert [period.efficiency for period in report.periods] == [1, 0]
    efficiency, alpha = report.metric("allocative_efficiency"), report.metric("smith_alpha")
    assert (efficiency.value, efficiency.verdict) == (0.5, FAIL)
    assert alpha.value is not None
    assert alpha.verdict is NOT_AVAILABLE


def test_the_same_run_gives_the_same_bytes_in_any_process(lively: Path) -> None:
    imports = "import pathlib, sys; from cryptex.sim.report.write import write_report"
    script = f"{imports}; write_report(pathlib.Path(sys.argv[1]))"
    found = []
    for seed in ("0", "1"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script, str(lively)], check=True, env=environment)
        found.append((lively / "report.json").read_bytes())
    assert found[0] == found[1]
    assert found[0].endswith(b"}\n")


def test_a_bad_file_leaves_the_report_as_it_was(still: Path) -> None:
    write_report(still)
    before = (still / "report.json").read_bytes()
    damage(still, "trades.csv", "buy", "bought")
    with pytest.raises(Refusal, match=r"trades\.csv, line 2"):
        write_report(still)
    assert (still / "report.json").read_bytes() == before
    assert sorted(path.name for path in still.iterdir()) == ["report.json", "run.json", "trades.csv"]


@pytest.mark.parametrize("data", [None, b"{}", b"no"])
def test_no_report(data: bytes | None, tmp_path: Path) -> None:
    if data is not None:
        (tmp_path / "report.json").write_bytes(data)
    with pytest.raises(Refusal, match=r"report\.json"):
        read_report(tmp_path)


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (0.8, 0.8, None, PASS),
        (0.79, 0.8, None, FAIL),
        (5.0, 2, 5, PASS),
        (5.1, 2, 5, FAIL),
        (-1.0, None, 0.8, PASS),
        (None, 0.8, None, NOT_AVAILABLE),
        (1.0, None, None, NOT_AVAILABLE),
    ],
)
def test_judge(value: float | None, low: float | None, high: float | None, verdict: Verdict) -> None:
    assert judge(value, (low, high)) is verdict
