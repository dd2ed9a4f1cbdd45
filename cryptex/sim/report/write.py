"""From a run's folder to its report, and report.json. The same files give the same bytes."""

import math
from pathlib import Path
from typing import Final

import msgspec

from cryptex.protocol.problems import invalid
from cryptex.sim.report.evidence import Evidence
from cryptex.sim.report.facts import Fact, facts_of
from cryptex.sim.report.model import BAR_S, Metric, Period, Range, Report, Verdict
from cryptex.sim.report.statistics import NotComputable

FILE_NAME: Final = "report.json"
DIGITS: Final = 6
"""Figures are written with this many significant digits: the last bits differ from processor to processor."""

_INDENT: Final = 2


def write_report(folder: Path) -> Report:
    """Compute the report of a run's folder, write it there as report.json, and return it.

    Raises Refusal, with the file and the line, where a file of the run is wrong; report.json then stays as it was.
    """
    report = compute_report(Evidence(folder))
    path = folder / FILE_NAME
    unfinished = path.with_name(FILE_NAME + ".new")
    try:
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=_INDENT) + b"\n")
        unfinished.replace(path)
    except OSError as error:
        raise invalid(FILE_NAME, f"{path} cannot be written: {error.strerror}") from None
    return report


def read_report(folder: Path) -> Report:
    """Return the report.json of a run's folder. Raises Refusal where it is not there, or is none."""
    path = folder / FILE_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except OSError as error:
        raise invalid(FILE_NAME, f"{path} cannot be read: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise invalid(FILE_NAME, f"{path} is not a report: {error}") from None


def compute_report(run: Evidence) -> Report:
    """Return every metric that applies to this run. Raises Refusal where a file of the run is wrong."""
    metrics = tuple(_metric(fact, run) for fact in facts_of(run))
    return Report(run=run.run, bar_s=BAR_S, metrics=metrics, periods=_periods(run))


def judge(value: float | None, accepted: Range) -> Verdict:
    """Return the verdict on a value, bounds included."""
    low, high = accepted
    if value is None or (low is None and high is None):
        return Verdict.NOT_AVAILABLE
    above = low is None or value >= low
    below = high is None or value <= high
    return Verdict.PASS if above and below else Verdict.FAIL


def _metric(fact: Fact, run: Evidence) -> Metric:
    value: float | None = None
    accepted: Range = (None, None)
    note = ""
    try:
        accepted = _accepted(fact, run)
        value = _rounded(fact.compute(run))
    except NotComputable as reason:
        note = str(reason)
    if value is not None and not math.isfinite(value):
        value, note = None, "the value is not finite"
    return Metric(
        tier=fact.tier,
        name=fact.name,
        title=fact.title,
        value=value,
        accepted=accepted,
        verdict=judge(value, accepted),
        source=fact.source,
        note=note,
    )


def _accepted(fact: Fact, run: Evidence) -> Range:
    low, high = fact.accepted(run) if callable(fact.accepted) else fact.accepted
    return None if low is None else _rounded(low), None if high is None else _rounded(high)


def _periods(run: Evidence) -> tuple[Period, ...]:
    if not run.has("values.csv"):
        return ()
    try:
        return tuple(_rounded_period(period) for period in run.periods)
    except NotComputable:
        return ()


def _rounded_period(period: Period) -> Period:
    figures = {
        name: _rounded(value) for name in Period.__struct_fields__ if isinstance(value := getattr(period, name), float)
    }
    return msgspec.structs.replace(period, **figures)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
