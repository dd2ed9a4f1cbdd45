"""What TWAP, VWAP and POV have in common: a parent order, cut into children that take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, Side
from cryptex.sim.agents.base import GroupSettings, NotNegative, Positive, take
from cryptex.sim.bot import Bot

if TYPE_CHECKING:
    from cryptex.sim.context import Context

SLICE: Final = "slice"


class ExecutionSettings(GroupSettings, frozen=True, kw_only=True):
    """A parent order of `size` typical sizes, worked over `horizon_s` by a child every `every_s`."""

    side: Side = Side.BUY
    size: Positive = 1000.0
    horizon_s: Positive = 3600.0
    every_s: Positive = 10.0
    reach_bps: NotNegative = 5.0
    """How far beyond the best price a child may take."""


class Execution(Bot):
    """Every few seconds takes what should be done by now and is not."""

    def __init__(self, settings: ExecutionSettings) -> None:
        self._settings = settings
        self._total_lots = 0
        self._start_ns = 0

    def on_start(self, ctx: Context) -> None:
        """Begin the parent order."""
        self._total_lots = ctx.lots(self._settings.size)
        self._start_ns = ctx.now
        ctx.every(self._settings.every_s, SLICE)

    def on_timer(self, ctx: Context, name: str) -> None:
        """Send the next child."""
        under_way = sum(order.remaining_lots for order in ctx.orders.values())
        missing = min(self.due_lots(ctx), self._total_lots) - abs(ctx.position) - under_way
        if missing > 0:
            take(ctx, self._settings.side, missing, self._settings.reach_bps)

    def elapsed(self, ctx: Context) -> float:
        """Return which share of the horizon has passed, at most 1."""
        return min((ctx.now - self._start_ns) / (self._settings.horizon_s * NANOSECONDS_PER_SECOND), 1.0)

    def due_lots(self, ctx: Context) -> int:
        """Return how much of the parent order should be done by now."""
        raise NotImplementedError
