"""A whale: rare orders that are much larger than the book at hand.

Gabaix, Gopikrishnan, Plerou and Stanley (2003), "A theory of power-law distributions in financial market fluctuations":
large moves come from the trades of the largest participants.
"""

from cryptex.sim.agents.base import (
    BUY,
    SELL,
    GroupSettings,
    NotNegative,
    Place,
    Positive,
    SizeSettings,
    size_lots,
    take,
    wait_s,
)
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.world import World


class WhaleSettings(GroupSettings, frozen=True, kw_only=True, tag="whale"):
    """One sweep of the book every `every_s` / attention, up to `reach_bps` beyond the best price."""

    every_s: Positive = 3600.0
    reach_bps: NotNegative = 50.0
    size: SizeSettings = SizeSettings(least=200.0, most=5000.0)

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return Whale(self, world)


class Whale(Bot):
    """Sweeps the book now and then, on a side by coin."""

    def __init__(self, settings: WhaleSettings, world: World) -> None:
        self._settings = settings
        self._world = world

    def on_start(self, ctx: Context) -> None:
        """Begin at a time of its own."""
        ctx.after(wait_s(ctx.rng, self._settings.every_s, self._world.attention))

    def on_timer(self, ctx: Context, name: str) -> None:
        """Sweep."""
        settings, rng = self._settings, ctx.rng
        side = BUY if rng.random() < 0.5 else SELL
        take(ctx, side, size_lots(ctx, settings.size, rng.random), settings.reach_bps)
        ctx.after(wait_s(rng, settings.every_s, self._world.attention))
