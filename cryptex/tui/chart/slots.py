"""Time as columns: which candles stand where, with the holes where nobody traded. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

HOLE_MAX: Final = 12
"""Empty intervals in a row that are drawn at full length; a longer hole is cut to one column."""


class Slot(NamedTuple):
    """An interval on the screen: candles from `first` to before `past`; none where nobody traded.

    `cut` says that it stands for a hole too long to draw.
    """

    start_s: int
    first: int
    past: int
    cut: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there were no trades."""
        return self.first == self.past


class Timeline(NamedTuple):
    """Beginnings of candles, oldest first; the length of an interval; where intervals are counted from; how late it is.

    Times are seconds since 1970.
    """

    starts: Sequence[int]
    length_s: int
    shift_s: int = 0
    now_s: int = 0
    """As far as is known; the newest candle may be later."""

    def floor(self, time_s: int) -> int:
        """Return the beginning of the interval that a time lies in."""
        return time_s - (time_s - self.shift_s) % self.length_s

    @property
    def newest_s(self) -> int:
        """The beginning of the interval that it is now. There are candles."""
        return self.floor(max(self.starts[-1], self.now_s))

    def slots(self, end_s: int | None, count: int) -> list[Slot]:
        """Return the `count` slots up to the one that begins at `end_s` (None: the newest), oldest first.

        There are fewer where the candles begin. O(count + candles in them).
        """
        starts, length_s = self.starts, self.length_s
        if not starts:
            return []
        start_s = self.newest_s if end_s is None else self.floor(max(end_s, starts[0]))
        past = bisect_right(starts, start_s + length_s - 1)
        out: list[Slot] = []
        while len(out) < count and past:
            first = past
            while first and starts[first - 1] >= start_s:
                first -= 1
            before_s = self.floor(starts[past - 1])
            if first == past and start_s - before_s > HOLE_MAX * length_s:
                out.append(Slot(start_s, past, past, cut=True))
                start_s = before_s
                continue
            out.append(Slot(start_s, first, past))
            past = first
            start_s -= length_s
        out.reverse()
        return out

    def moved(self, end_s: int | None, step: int, count: int) -> int | None:
        """Return the newest slot to show after a move by `step` slots of a view of `count`: back below zero.

        None follows the market. It does not move back beyond the first candle.
        """
        if step < 0:
            known = self.slots(end_s, count - step)
            return known[-1 - max(0, len(known) - count)].start_s if len(known) > count else end_s
        if end_s is None:
            return None
        start_s = self.floor(end_s)
        for _ in range(step):
            start_s = self._after(start_s)
            if start_s >= self.newest_s:
                return None
        return start_s

    def _after(self, start_s: int) -> int:
        """Return the slot after one; a hole that is cut is one slot."""
        following_s = start_s + self.length_s
        at = bisect_right(self.starts, following_s - 1)
        next_s = self.floor(self.starts[at]) if at < len(self.starts) else self.newest_s
        return next_s if next_s - following_s > HOLE_MAX * self.length_s else following_s
