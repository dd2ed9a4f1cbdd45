"""Levels whose size changed a moment ago. Pure: the time is an argument."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from cryptex.protocol.terms import Side
from cryptex.tui.ladder.rows import Rung

FLASH_S: Final = 0.3

Key = tuple[Side, Decimal]


class Flashes:
    """Compares what is shown with what was shown before."""

    def __init__(self) -> None:
        self._sizes: dict[Key, Decimal] = {}
        self._until: dict[Key, float] = {}

    @property
    def lit(self) -> Mapping[Key, float]:
        """The levels that are lit, and until when."""
        return self._until

    def forget(self) -> None:
        """Begin anew: what comes next is no change."""
        self._sizes = {}
        self._until = {}

    def see(self, rungs: Iterable[Rung], now_s: float) -> None:
        """Light up the levels that are new or have another size than when they were last seen."""
        sizes = {(rung.side, rung.price): rung.size for rung in rungs if rung.size}
        before = self._sizes
        self._sizes = sizes
        if not before:
            return
        low, high = _reach(before)
        for key, size in sizes.items():
            # A level beyond what was shown did not change: it came into view.
            if before.get(key) != size and (key in before or low <= key[1] <= high):
                self._until[key] = now_s + FLASH_S

    def fade(self, now_s: float) -> None:
        """Put out what has been lit for long enough."""
        if self._until:
            self._until = {key: until for key, until in self._until.items() if until > now_s}


def _reach(sizes: dict[Key, Decimal]) -> tuple[Decimal, Decimal]:
    prices = [price for _, price in sizes]
    return min(prices), max(prices)
