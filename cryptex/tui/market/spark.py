"""Sparklines: the closes of the last minutes in a few characters. Pure; the minute is an argument."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

MINUTES_MAX: Final = 60
"""Minutes of which the closes are kept."""
BARS: Final = "▁▂▃▄▅▆▇█"
_SECONDS_PER_MINUTE: Final = 60


class Sparkline(NamedTuple):
    """One character a minute, the newest at the right; and by how much the price moved over them."""

    text: str
    move: Decimal


class Spark:
    """The last price of each minute of a market."""

    def __init__(self) -> None:
        self._closes: dict[int, Decimal] = {}
        self._drawn: tuple[tuple[int, int], Sparkline] | None = None

    @property
    def newest(self) -> int | None:
        """The newest minute of which a price is known."""
        return max(self._closes, default=None)

    def take(self, time: datetime, price: Decimal) -> None:
        """Take the last price as of a time; an older one than is known changes nothing."""
        minute = minute_of(time)
        if minute >= (self.newest or 0) and self._closes.get(minute) != price:
            self._closes[minute] = price
            self._trim()

    def recall(self, closes: Iterable[tuple[datetime, Decimal]]) -> None:
        """Take closes of the past; what is known already stays."""
        self._closes = {minute_of(time): price for time, price in closes} | self._closes
        self._trim()

    def line(self, now_minute: int, width: int) -> Sparkline:
        """Return the last `width` minutes up to now. A minute without trades closes as the one before it."""
        if self._drawn is None or self._drawn[0] != (now_minute, width):
            self._drawn = ((now_minute, width), sparkline(self._closes_until(now_minute, width), width))
        return self._drawn[1]

    def _closes_until(self, now_minute: int, width: int) -> list[Decimal]:
        out: list[Decimal] = []
        first = now_minute - width + 1
        before = [minute for minute in self._closes if minute < first]
        close = self._closes[max(before)] if before else None
        for minute in range(first, now_minute + 1):
            close = self._closes.get(minute, close)
            if close is not None:
                out.append(close)
        return out

    def _trim(self) -> None:
        self._drawn = None
        if len(self._closes) > MINUTES_MAX:
            self._closes = dict(sorted(self._closes.items())[-MINUTES_MAX:])


def minute_of(time: datetime) -> int:
    """Return the minute, counted from the epoch."""
    return int(time.timestamp()) // _SECONDS_PER_MINUTE


def sparkline(closes: Sequence[Decimal], width: int) -> Sparkline:
    """Return closes as bars between their least and their greatest; a price that does not move is a low line."""
    if not closes:
        return Sparkline(" " * width, Decimal(0))
    low, reach = min(closes), max(closes) - min(closes)
    top = len(BARS) - 1
    text = "".join(BARS[int((close - low) * top / reach)] if reach else BARS[0] for close in closes)
    return Sparkline(text.rjust(width), closes[-1] - closes[0])
