"""VWAP: a large order spread as volume is expected to be.

Berkowitz, Logue and Noser (1988), "The total cost of transactions on the NYSE": the volume-weighted average price as
what an execution is measured by; who trades in proportion to volume gets it.
"""

from typing import Annotated

import msgspec

from cryptex.sim.agents.base import Place
from cryptex.sim.agents.execution import Execution, ExecutionSettings
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.world import World

_Volume = Annotated[float, msgspec.Meta(gt=0, le=1e6)]
Profile = Annotated[tuple[_Volume, ...], msgspec.Meta(min_length=1, max_length=1000)]


class VwapSettings(ExecutionSettings, frozen=True, kw_only=True, tag="vwap"):
    """`profile`: the volume that is expected in equal parts of the horizon; only proportions count."""

    profile: Profile = (1.4, 1.1, 0.9, 0.8, 0.8, 0.9, 1.1, 1.4)

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return Vwap(self)


class Vwap(Execution):
    """Has done the share of its order that the volume expected by now is of all."""

    def __init__(self, settings: VwapSettings) -> None:
        super().__init__(settings)
        self._profile = settings.profile

    def due_lots(self, ctx: Context) -> int:
        """Return how much should be done by now."""
        parts, profile = self.elapsed(ctx) * len(self._profile), self._profile
        whole = int(parts)
        expected = sum(profile[:whole])
        if whole < len(profile):
            expected += profile[whole] * (parts - whole)
        return int(self._total_lots * expected / sum(profile))
