"""POV: a large order as a share of everybody's volume.

Kirilenko, Kyle, Samadi and Tuzun (2017), "The flash crash: high-frequency trading in an electronic market": a seller
with 9 % of the volume as its target and no regard for the price. It sells the more, the more the others trade with
each other what it has sold them.
"""

from cryptex.sim.agents.base import Place, Share
from cryptex.sim.agents.execution import Execution, ExecutionSettings
from cryptex.sim.bot import Bot, TapeTrade
from cryptex.sim.context import Context
from cryptex.sim.world import World


class PovSettings(ExecutionSettings, frozen=True, kw_only=True, tag="pov"):
    """A parent order at `participation` of the volume since it began; `horizon_s` does not count."""

    participation: Share = 0.1

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return Pov(self)


class Pov(Execution):
    """Has done its share of the volume that it has seen."""

    def __init__(self, settings: PovSettings) -> None:
        super().__init__(settings)
        self._participation = settings.participation
        self._volume_lots = 0

    def on_trade(self, ctx: Context, trade: TapeTrade) -> None:
        """Count the volume."""
        self._volume_lots += trade.size_lots

    def due_lots(self, ctx: Context) -> int:
        """Return how much should be done by now."""
        return int(self._volume_lots * self._participation)
