"""Prices people think in: round ones."""

from math import ceil, floor

from cryptex.sim.context import Context


class Grid:
    """Rounds prices away from the market to whole steps; a step is never less than a tick."""

    __slots__ = ("_step_ticks",)

    def __init__(self, ctx: Context, step_bps: float) -> None:
        """A step is so many basis points of the mid as it is now."""
        self._step_ticks = max(1, round(ctx.bps(step_bps)))

    def below(self, ticks: float) -> int:
        """Return the highest price of the grid that is not above."""
        step = self._step_ticks
        return floor(ticks / step) * step

    def above(self, ticks: float) -> int:
        """Return the lowest price of the grid that is not below."""
        step = self._step_ticks
        return max(ceil(ticks / step) * step, step)
