"""What all agents have in common: their settings, their chance, and how sizes and waits are drawn."""

from __future__ import annotations

from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import msgspec

from cryptex.protocol.terms import Side, TimeInForce
from cryptex.sim.bot import Bot
from cryptex.sim.units import BASIS_POINT

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptex.sim.context import Context
    from cryptex.sim.world import World

BUY: Final = Side.BUY
SELL: Final = Side.SELL
IOC: Final = TimeInForce.IOC

GROUP_COUNT_MAX: Final = 1_000
Count = Annotated[int, msgspec.Meta(ge=0, le=GROUP_COUNT_MAX)]
Positive = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
NotNegative = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Tail = Annotated[float, msgspec.Meta(ge=1, le=10)]


class Place(NamedTuple):
    """Which agent: its group's name, and its number in it, from 0."""

    group: str
    number: int


class GroupSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="agent"):
    """A group of like agents. `start` and `stop` are from the beginning of the run; `funds` typical sizes each way.

    Sizes are shares of the market's typical size, distances basis points.
    """

    count: Count = 1
    latency_ms: NotNegative = 0.0
    start: str = "0s"
    stop: str = ""
    funds: NotNegative = 20_000.0
    """Typical sizes of base, and as much quote as they cost at the start."""

    def make(self, world: World, place: Place) -> Bot:
        """Return an agent of the group."""
        raise NotImplementedError

    def maker(self, world: World) -> Callable[[Place], Bot]:
        """Return what makes the agents of the group. Raises Refusal that names the key of what it needs and has not."""
        return partial(self.make, world)

    def agents(self, world: World) -> int:
        """Return how many there are at the start."""
        return self.count


class SizeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A size: Pareto with this tail, as a share of the typical size, capped."""

    least: Positive = 1.0
    tail: Tail = 1.6
    most: Positive = 200.0


def size_lots(ctx: Context, size: SizeSettings, random: Callable[[], float]) -> int:
    """Draw a size in lots."""
    share = size.least * (1.0 - random()) ** (-1.0 / size.tail)
    return ctx.lots(min(share, size.most))


def take(ctx: Context, side: Side, lots: int, reach_bps: float = 0.0) -> None:
    """Send an order that takes at the best price, or up to `reach_bps` beyond it; what is left then ends."""
    if side is BUY:
        ask = ctx.book.best_ask
        if ask is not None:
            ctx.buy(lots, int(ask * (1 + reach_bps * BASIS_POINT)), time_in_force=IOC)
    else:
        bid = ctx.book.best_bid
        if bid is not None:
            ctx.sell(lots, max(ceil(bid * (1 - reach_bps * BASIS_POINT)), 1), time_in_force=IOC)
