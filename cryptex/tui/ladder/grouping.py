"""Prices put together by a step: asks round up, bids down, so that no group looks better than what is in it. Pure."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import Final

from cryptex.client.models import Level
from cryptex.protocol.requests import BOOK_DEPTHS
from cryptex.protocol.terms import Side

_SERIES: Final = (Decimal(1), Decimal(2), Decimal(5))
_FINEST: Final = Decimal("0.000001")
"""Steps between the tick and this part of the price tell nobody anything."""
_COARSEST: Final = Decimal("0.01")
_POWERS_MAX: Final = 18
DEPTH_MIN: Final = 25
"""Levels a side that the ladder follows while that is enough."""


@lru_cache(maxsize=64)
def steps(tick: Decimal, price: Decimal) -> tuple[Decimal, ...]:
    """Return the steps that are useful at a price: the tick, then 2, 5, 10, 20 ... ticks up to a hundredth of it."""
    series = (tick * first.scaleb(power) for power in range(_POWERS_MAX) for first in _SERIES)
    useful = [step for step in series if price * _FINEST <= step <= price * _COARSEST]
    return (tick, *(step for step in useful if step != tick))


def turned(step: Decimal, tick: Decimal, price: Decimal, by: int) -> Decimal:
    """Return the next coarser (`by` 1) or finer (-1) step; at either end the step stays."""
    choices = steps(tick, price)
    others = [s for s in choices if s > step] if by > 0 else [s for s in choices if s < step][::-1]
    return others[0] if others else step


def bucket(price: Decimal, side: Side, step: Decimal) -> Decimal:
    """Return the price of the group that a price belongs to."""
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return (price / step).to_integral_value(rounding) * step


def grouped(levels: Sequence[Level], side: Side, step: Decimal, tick: Decimal, rows: int) -> list[Level]:
    """Return the best `rows` groups, best first. One comparison and one addition a level."""
    if step == tick:
        return list(levels[:rows])
    out: list[Level] = []
    price, size = None, Decimal(0)
    for level in levels:
        if price is not None and (level.price >= price if side is Side.BUY else level.price <= price):
            size += level.size
            continue
        if price is not None:
            out.append(Level(price, size))
            if len(out) == rows:
                return out
        price, size = bucket(level.price, side, step), level.size
    return out if price is None else [*out, Level(price, size)]


def whole(groups: list[Level], levels: int, depth: int) -> list[Level]:
    """Return the groups without the last where the feed's depth may have cut it in two."""
    return groups[:-1] if levels >= depth and len(groups) > 1 else groups


def depth_for(depth: int, used: int, *, short: bool) -> int:
    """Return how deep a book should be of which `used` levels a side were shown.

    Deeper where rows stay empty that it might have filled (`short`); less deep once half of that would do.
    """
    if short:
        return next((more for more in BOOK_DEPTHS if more > depth), depth)
    return next(less for less in BOOK_DEPTHS if less == depth or (less >= DEPTH_MIN and less >= used * 2))


def step_for(spread: Decimal, tick: Decimal, price: Decimal, rows: int) -> Decimal:
    """Return the finest step with which a spread is at most `rows` rows wide."""
    choices = steps(tick, price)
    return next((step for step in choices if spread <= step * rows), choices[-1])
