"""Metaorder splitters: large orders cut into many small ones of the same side.

Lillo, Mike and Farmer (2005), "Theory for long memory in supply and demand": where the lengths of split orders have a
power-law tail, the signs of trades have a long memory.
"""

from typing import Annotated

import msgspec

from cryptex.sim.agents.base import BUY, NotNegative, Place, Positive, SizeSettings, Tail, size_lots, take
from cryptex.sim.agents.recurring import Recurring, RecurringSettings, coin
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.world import World


class MetaorderSettings(RecurringSettings, frozen=True, kw_only=True, tag="metaorder"):
    """One child at the touch every `every_s` / attention; Pareto many children, at most `children_most`."""

    every_s: Positive = 12.0
    children_tail: Tail = 1.5
    children_most: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 400
    size: SizeSettings = SizeSettings()
    reach_bps: NotNegative = 0.0

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return MetaorderSplitter(self, world)


class MetaorderSplitter(Recurring[MetaorderSettings]):
    """Draws a side and a number of children, and takes at the touch until they are done; then draws anew."""

    def __init__(self, settings: MetaorderSettings, world: World) -> None:
        super().__init__(settings, world)
        self._left = 0
        self._side = BUY

    def act(self, ctx: Context) -> None:
        """Send the next child."""
        settings, rng = self.settings, ctx.rng
        if not self._left:
            self._side = coin(rng)
            children = (1.0 - rng.random()) ** (-1.0 / settings.children_tail)
            self._left = min(int(children), settings.children_most)
        take(ctx, self._side, size_lots(ctx, settings.size, rng.random), settings.reach_bps)
        self._left -= 1
