"""A verdict that can fail: a market of orders at random, on the real engine, has no volatility clustering."""

from pathlib import Path

from cryptex.sim import library
from cryptex.sim.report.model import Verdict
from cryptex.sim.report.write import write_report
from cryptex.sim.run import run

ZERO_INTELLIGENCE = """
duration = "4h"
[attention]
deviation = 0
[fundamental]
step_bps = 0
jump_bps = 0
[groups.liquidity]
agent = "liquidity"
count = 10
volatility_weight = 0
[groups.noise]
agent = "noise"
count = 10
every_s = 10
reach_bps = 1
"""


def test_a_market_of_zero_intelligence_fails(tmp_path: Path) -> None:
    path = tmp_path / "zero.toml"
    path.write_text(ZERO_INTELLIGENCE)
    run(library.load(str(path)), 1, tmp_path, lambda _done, _of: None)
    report = write_report(tmp_path)
    assert report.count(0, Verdict.PASS) == 4, "the tape is sane"
    assert report.metric("volatility_clustering").verdict is Verdict.FAIL
    assert report.metric("sign_hurst").verdict is Verdict.FAIL, "and its takers have no memory"
    assert report.metric("bid_ask_bounce").verdict is Verdict.PASS, "while what needs no intelligence is there"
