"""The circuit breaker: whether a trade has moved the price too far, too fast."""

from collections import deque
from typing import Final

from cryptex.protocol.amounts import SCALE
from cryptex.protocol.market import CircuitBreaker
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

SecondPrice = tuple[int, int]
"""(second since 1970, price in ticks)."""


class Breaker:
    """The highest and the lowest prices of the window, by whole seconds, so that what is kept is bounded by its length.

    A trade in any second from `halt_window_seconds` ago on counts: at least the whole window, and less than a second
    more. `tripped` says that the market is to halt.
    """

    __slots__ = ("definition", "highs", "lows", "tripped")

    def __init__(self, definition: CircuitBreaker) -> None:
        self.definition: Final = definition
        self.highs: deque[SecondPrice] = deque()
        """Prices that no later one reaches, oldest and so highest first: one a second at most."""
        self.lows: deque[SecondPrice] = deque()
        self.tripped = False

    def note(self, time_ns: int, price_ticks: int) -> bool:
        """Judge a trade against those of the window, count it, and return whether the breaker is tripped. O(1)."""
        second = time_ns // NANOSECONDS_PER_SECOND
        oldest = second - self.definition.halt_window_seconds
        highs, lows = self.highs, self.lows
        while highs and highs[0][0] < oldest:
            highs.popleft()
        while lows and lows[0][0] < oldest:
            lows.popleft()
        move_e8, price_e8 = self.definition.halt_move_e8, price_ticks * SCALE
        if highs and price_e8 < highs[0][1] * (SCALE - move_e8):
            self.tripped = True
        if lows and price_e8 > lows[0][1] * (SCALE + move_e8):
            self.tripped = True
        while highs and highs[-1][1] <= price_ticks:
            highs.pop()
        if not highs or highs[-1][0] != second:
            highs.append((second, price_ticks))
        while lows and lows[-1][1] >= price_ticks:
            lows.pop()
        if not lows or lows[-1][0] != second:
            lows.append((second, price_ticks))
        return self.tripped

    def clear(self) -> None:
        """Forget all trades."""
        self.highs.clear()
        self.lows.clear()
        self.tripped = False
