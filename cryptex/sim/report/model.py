"""The shape of a report, and of the run.json that it starts from."""

from typing import Final

import msgspec

from cryptex.protocol.terms import Term
from cryptex.sim.induced import SessionSummary

BAR_S: Final = 30
"""Seconds of market time in a bar: what returns and volumes are counted over."""

Range = tuple[float | None, float | None]
"""The lowest and the highest accepted value, both included; None is no bound."""


class Verdict(Term):
    """What a metric says. What could not be computed, or has no accepted range, is never a pass."""

    PASS = "pass"  # noqa: S105 (a verdict)
    FAIL = "fail"
    NOT_AVAILABLE = "n/a"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """run.json, of which a report reads these fields; it may have more.

    `duration` is market time: seconds with up to 9 decimals, or text such as "8h" and "90m".
    `tick_size` is a decimal text; without it, whether prices stand on the grid is n/a.
    """

    scenario: str
    seed: int
    version: str
    duration: str
    state_hash: str
    market: str = ""
    tick_size: str | None = None
    sessions: tuple[SessionSummary, ...] = ()
    """The experiments with induced values, as the run itself counted them."""


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One fact about the market. `tier` 0 is a sane tape, 1 what a market must show, 2 what a good one shows."""

    tier: int | None
    name: str
    title: str
    value: float | None
    accepted: Range
    verdict: Verdict
    source: str
    note: str = ""
    """Why there is no value, or what the value was computed from."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A trading period of an induced-value scenario. Efficiency is realised / maximum surplus; alpha is in percent."""

    period: int
    units: int
    equilibrium_price: float | None
    mean_price: float | None
    efficiency: float | None
    alpha: float | None
    group: str = ""
    """Whose period it is, by the names of the accounts."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """report.json."""

    run: Run
    bar_s: int
    metrics: tuple[Metric, ...]
    periods: tuple[Period, ...] = ()

    def metric(self, name: str) -> Metric:
        """Return the metric of this name. Raises KeyError."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)

    def count(self, tier: int | None, verdict: Verdict) -> int:
        """Return how many metrics of a tier have a verdict."""
        return sum(metric.tier == tier and metric.verdict is verdict for metric in self.metrics)
