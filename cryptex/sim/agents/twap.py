"""TWAP: a large order in equal parts over time.

Almgren and Chriss (2000), "Optimal execution of portfolio transactions": where risk does not count, equal parts in
equal times cost least.
"""

from cryptex.sim.agents.base import Place
from cryptex.sim.agents.execution import Execution, ExecutionSettings
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.world import World


class TwapSettings(ExecutionSettings, frozen=True, kw_only=True, tag="twap"):
    """A parent order in equal parts."""

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return Twap(self)


class Twap(Execution):
    """Has done the share of its order that the time which has passed is of its horizon."""

    def due_lots(self, ctx: Context) -> int:
        """Return how much should be done by now."""
        return int(self._total_lots * self.elapsed(ctx))
