"""A report as rows of text, for tables and CSV."""

from typing import Final, NamedTuple

from cryptex.sim.report.model import Metric, Range, Report, Verdict

NOTHING: Final = "-"
PERCENT_DECIMALS: Final = 2
_TIERS: Final = (0, 1, 2)


class MetricRow(NamedTuple):
    """A metric in words. `name` is for programs, `title` for people."""

    tier: str
    name: str
    title: str
    value: str
    accepted: str
    verdict: str
    source: str
    note: str


class PeriodRow(NamedTuple):
    """A trading period of an induced-value scenario; efficiency and alpha in percent."""

    period: str
    units: str
    equilibrium_price: str
    mean_price: str
    efficiency: str
    alpha: str


def report_rows(report: Report) -> list[MetricRow]:
    """Return a row for each metric, in the order of the report."""
    return [_metric_row(metric) for metric in report.metrics]


def period_rows(report: Report) -> list[PeriodRow]:
    """Return a row for each trading period; none where no values were induced."""
    return [
        PeriodRow(
            str(period.period),
            str(period.units),
            figure(period.equilibrium_price),
            figure(period.mean_price),
            _percent(None if period.efficiency is None else 100 * period.efficiency),
            _percent(period.alpha),
        )
        for period in report.periods
    ]


def summary(report: Report) -> str:
    """Return how many metrics of each tier passed, and which failed, as a line for each tier."""
    return "\n".join(_tier(report, tier) for tier in _TIERS)


def accepted_text(accepted: Range) -> str:
    """Return an accepted range as a person writes it."""
    low, high = accepted
    if low is None:
        return NOTHING if high is None else f"<= {figure(high)}"
    if high is None:
        return f">= {figure(low)}"
    return figure(low) if low == high else f"{figure(low)} to {figure(high)}"


def figure(value: float | None) -> str:
    """Return a figure with its significant digits and no others, never in powers of ten where it can be helped."""
    if value is None:
        return NOTHING
    return f"{value:.0f}" if value == int(value) else f"{value:.6g}"


def _metric_row(metric: Metric) -> MetricRow:
    return MetricRow(
        NOTHING if metric.tier is None else str(metric.tier),
        metric.name,
        metric.title,
        figure(metric.value),
        accepted_text(metric.accepted),
        metric.verdict.value,
        metric.source,
        metric.note,
    )


def _tier(report: Report, tier: int) -> str:
    metrics = [metric for metric in report.metrics if metric.tier == tier]
    line = f"tier {tier}: {report.count(tier, Verdict.PASS)} of {len(metrics)} pass"
    for verdict, words in ((Verdict.FAIL, "failed"), (Verdict.NOT_AVAILABLE, "n/a")):
        names = [metric.name for metric in metrics if metric.verdict is verdict]
        line += f"; {words}: {', '.join(names)}" if names else ""
    return line


def _percent(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.{PERCENT_DECIMALS}f}"
