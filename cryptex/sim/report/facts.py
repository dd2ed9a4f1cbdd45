"""The catalogue of metrics: name, how it is computed, what is accepted, and who found it."""

from collections.abc import Callable
from typing import Final, NamedTuple

from cryptex.sim.report import impact, placement, returns, signs, surplus, tape, volatility
from cryptex.sim.report.evidence import Evidence
from cryptex.sim.report.model import Range

TRADES_MIN: Final = 500
FACT: Final = "Cont 2001, fact {}"
TAPE: Final = "rules of the exchange"


class Fact(NamedTuple):
    """A metric. `compute` raises NotComputable; `accepted` may depend on the run; it is for runs that have `file`."""

    tier: int | None
    name: str
    title: str
    compute: Callable[[Evidence], float]
    accepted: Range | Callable[[Evidence], Range]
    source: str
    file: str = "trades.csv"


def _out_of_time(run: Evidence) -> float:
    others = [run.quotes.time_ns] if run.has("quotes.csv") else []
    return tape.out_of_time(run.trades.time_ns, *others)


def _off_grid(run: Evidence) -> float:
    quotes = [run.quotes.bid, run.quotes.ask] if run.has("quotes.csv") else []
    return tape.off_grid(run.tick, run.trades.price, *quotes)


def _heavy(run: Evidence) -> Range:
    return returns.excess_kurtosis_min(run.bars.trades_per_bar), 1_000


_NONE: Final[Range] = (0, 0)
EFFICIENT: Final[Range] = (0.95, 1)
BUDGETED: Final = "zi-c"
"""The agents whose efficiency is judged."""

FACTS: Final = (
    Fact(0, "time_order", "rows out of time order", _out_of_time, _NONE, TAPE),
    Fact(0, "tick_grid", "prices off the tick grid", _off_grid, _NONE, TAPE),
    Fact(0, "uncrossed", "quotes with bid >= ask", lambda run: tape.crossed(run.quotes), _NONE, TAPE),
    Fact(0, "trades", "trades", lambda run: len(run.trades.price), (TRADES_MIN, None), "enough to judge by"),
    Fact(
        1,
        "uncorrelated_returns",
        "share of lags 2-20 without autocorrelation of returns",
        lambda run: returns.uncorrelated_share(run.returns),
        (0.8, None),
        FACT.format(1),
    ),
    Fact(
        1,
        "lag_one",
        "lag-1 autocorrelation of returns",
        lambda run: returns.lag_one(run.returns),
        (-0.25, 0.15),
        FACT.format(1),
    ),
    Fact(
        1,
        "excess_kurtosis",
        "excess kurtosis of returns",
        lambda run: returns.excess_kurtosis(run.returns),
        _heavy,
        FACT.format(2),
    ),
    Fact(
        1,
        "hill_exponent",
        "Hill exponent of the top 2.5 % of abs returns",
        lambda run: returns.tail_exponent(run.returns),
        (2, 5),
        "Cont 2001, fact 2; Gopikrishnan et al. 1998",
    ),
    Fact(
        1,
        "volatility_clustering",
        "mean autocorrelation of abs returns, lags 1-20",
        lambda run: volatility.clustering(run.returns),
        (0.03, None),
        FACT.format(6),
    ),
    Fact(
        1,
        "aggregational_gaussianity",
        "kurtosis at 10-20 bars / at 1 bar",
        lambda run: returns.aggregation_ratio(run.returns),
        (None, 0.8),
        FACT.format(4),
    ),
    Fact(
        1,
        "bid_ask_bounce",
        "lag-1 autocorrelation of price changes, trade to trade",
        lambda run: signs.bounce(run.trades.price),
        (-0.5, -0.02),
        "Roll 1984",
    ),
    Fact(
        1,
        "two_sided_time",
        "share of time with bid and ask",
        lambda run: tape.two_sided_share(run.quotes, run.end_ns),
        (0.9, None),
        "a market to trade on",
    ),
    Fact(
        2,
        "slow_decay",
        "exponent of the autocorrelation of abs returns",
        lambda run: volatility.slow_decay(run.returns),
        (0.1, 0.6),
        FACT.format(8),
    ),
    Fact(
        2,
        "sign_decay",
        "exponent of the autocorrelation of trade signs",
        lambda run: signs.sign_decay(run.takers.sign),
        (0.2, 0.95),
        "Lillo and Farmer 2004",
    ),
    Fact(
        2,
        "sign_hurst",
        "Hurst exponent of trade signs",
        lambda run: signs.sign_hurst(run.takers.sign),
        (0.55, 0.95),
        "Lillo and Farmer 2004",
    ),
    Fact(
        2,
        "volume_volatility",
        "rank correlation of volume and abs return",
        lambda run: volatility.volume_correlation(run.returns, run.bars.volume[1:]),
        (0.1, None),
        FACT.format(10),
    ),
    Fact(
        2,
        "impact_response",
        "mean response of the mid to a taker, in standard errors",
        lambda run: impact.response_t(run.responses[0]),
        (3, None),
        "Lillo, Farmer and Mantegna 2003",
    ),
    Fact(
        2,
        "impact_exponent",
        "exponent of the response in the taker's size",
        lambda run: impact.size_exponent(*run.responses),
        (0.05, 0.8),
        "Lillo, Farmer and Mantegna 2003",
    ),
    Fact(
        2,
        "placement_tail",
        "Hill exponent of distances behind the best price",
        lambda run: placement.tail_exponent(run.orders),
        (0.5, 2.5),
        "Zovko and Farmer 2002; Bouchaud et al. 2002",
    ),
)
"""The metrics of a tape, in the order of the report."""


def facts_of(run: Evidence) -> list[Fact]:
    """Return the metrics that apply to a run: those of its tape, then those of each of its experiments."""
    facts = [fact for fact in FACTS if run.has(fact.file)]
    if run.has("values.csv"):
        groups = run.groups
        for group in groups:
            facts += _experiment(run, group, f".{group}" if len(groups) > 1 else "")
    return facts


def _experiment(run: Evidence, group: str, suffix: str) -> list[Fact]:
    """Return the metrics of one group with induced values. Only traders with a budget must be efficient."""
    agents = [session.agent for session in run.run.sessions if session.group == group]
    accepted: Range = EFFICIENT if agents in ([], [BUDGETED]) else (None, None)
    of_group = f", {group}" if suffix else ""
    return [
        Fact(
            None,
            f"allocative_efficiency{suffix}",
            f"realised / maximum surplus{of_group}",
            lambda run: surplus.mean_efficiency(run.periods_of(group)),
            accepted,
            "Gode and Sunder 1993",
        ),
        Fact(
            None,
            f"smith_alpha{suffix}",
            f"Smith's alpha in percent{of_group}",
            lambda run: surplus.mean_alpha(run.periods_of(group)),
            (None, None),
            "Smith 1962",
        ),
    ]
