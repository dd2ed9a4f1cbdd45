"""Reports in words."""

import pytest

from cryptex.sim.report.model import BAR_S, Metric, Period, Range, Report, Run, Verdict
from cryptex.sim.report.rows import accepted_text, figure, period_rows, report_rows, summary

RUN = Run(scenario="x", seed=1, version="0", duration="8h", state_hash="")


def metric(tier: int | None, name: str, value: float | None, verdict: Verdict, note: str = "") -> Metric:
    return Metric(
        tier=tier, name=name, title=name, value=value, accepted=(0.5, None), verdict=verdict, source="Cont", note=note
    )


REPORT = Report(
    run=RUN,
    bar_s=BAR_S,
    metrics=(
        metric(0, "trades", 276083.0, Verdict.PASS),
        metric(1, "hill", 0.25, Verdict.FAIL),
        metric(1, "clusters", None, Verdict.NOT_AVAILABLE, "nothing varies"),
        metric(None, "efficiency", 0.991, Verdict.PASS),
    ),
    periods=(
        Period(period=1, units=2, equilibrium_price=6.5, mean_price=6.25, efficiency=0.9912, alpha=7.6923),
        Period(period=2, units=0, equilibrium_price=None, mean_price=None, efficiency=None, alpha=None),
    ),
)


def test_rows() -> None:
    rows = report_rows(REPORT)
    assert rows[0] == ("0", "trades", "trades", "276083", ">= 0.5", "pass", "Cont", "")
    assert rows[2][3:] == ("-", ">= 0.5", "n/a", "Cont", "nothing varies")
    assert rows[3].tier == "-"


def test_periods_in_percent() -> None:
    assert period_rows(REPORT) == [("1", "2", "6.5", "6.25", "99.12", "7.69"), ("2", "0", "-", "-", "-", "-")]


def test_summary_names_what_did_not_pass() -> None:
    assert summary(REPORT).splitlines() == [
        "tier 0: 1 of 1 pass",
        "tier 1: 0 of 2 pass; failed: hill; n/a: clusters",
        "tier 2: 0 of 0 pass",
    ]


@pytest.mark.parametrize(
    ("accepted", "text"),
    [
        ((0.8, None), ">= 0.8"),
        ((None, 0.8), "<= 0.8"),
        ((-0.25, 0.15), "-0.25 to 0.15"),
        ((0, 0), "0"),
        ((None, None), "-"),
    ],
)
def test_accepted(accepted: Range, text: str) -> None:
    assert accepted_text(accepted) == text


@pytest.mark.parametrize(("value", "text"), [(None, "-"), (1e6, "1000000"), (0.0191558, "0.0191558"), (-3.0, "-3")])
def test_figure(value: float | None, text: str) -> None:
    assert figure(value) == text
