"""A run's folder, read once: what every metric is computed from."""

from functools import cached_property
from pathlib import Path

from cryptex.protocol.amounts import scaled
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.sim.report import bars, decode, impact, signs, surplus, tape
from cryptex.sim.report.model import BAR_S, Period, Run
from cryptex.sim.report.statistics import NotComputable, Real


class Evidence:
    """The tape of a run. Only run.json and trades.csv must be there; each property raises NotComputable, or Refusal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run: Run = decode.read_run(folder / "run.json")
        self.end_ns = decode.run_ns(self.run)
        self.trades = tape.read_trades(folder / "trades.csv")

    @cached_property
    def quotes(self) -> tape.Quotes:
        """The best prices."""
        return tape.read_quotes(self._file("quotes.csv"))

    @cached_property
    def orders(self) -> tape.Orders:
        """The limit orders."""
        return tape.read_orders(self._file("orders.csv"))

    @cached_property
    def periods(self) -> list[Period]:
        """The trading periods of an induced-value scenario."""
        return surplus.periods(decode.read_values(self._file("values.csv")))

    @property
    def groups(self) -> list[str]:
        """The groups with induced values, in the order of their periods; none where the periods cannot be told."""
        try:
            return list(dict.fromkeys(period.group for period in self.periods))
        except NotComputable:
            return [""]

    def periods_of(self, group: str) -> list[Period]:
        """Return the trading periods of a group."""
        return [period for period in self.periods if period.group == group]

    @cached_property
    def tick(self) -> int:
        """The tick in 1e-8."""
        if self.run.tick_size is None:
            raise NotComputable("run.json has no tick_size")
        return scaled(self.run.tick_size, "tick_size")

    @cached_property
    def bars(self) -> bars.Bars:
        """The tape in bars of BAR_S seconds."""
        return bars.cut(self.trades, self.end_ns, BAR_S * NANOSECONDS_PER_SECOND)

    @cached_property
    def returns(self) -> Real:
        """Changes of the log price, one a bar."""
        return self.bars.returns

    @cached_property
    def takers(self) -> signs.Takers:
        """The orders that took."""
        return signs.takers(self.trades)

    @cached_property
    def responses(self) -> tuple[Real, Real]:
        """The response of the mid to each taker, and its size."""
        return impact.responses(self.quotes, self.takers)

    def has(self, name: str) -> bool:
        """Return whether the folder has this file."""
        return (self.folder / name).is_file()

    def _file(self, name: str) -> Path:
        if not self.has(name):
            raise NotComputable(f"the run has no {name}")
        return self.folder / name
