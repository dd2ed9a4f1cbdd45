"""Candles for the chart's tests: a walk that is the same in every run."""

from collections.abc import Container
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec import structs

from cryptex.client.models import Candle
from cryptex.protocol.terms import INTERVAL_SECONDS, Interval
from cryptex.tui.chart.scene import Look
from cryptex.tui.chart.series import Series

END = datetime(2026, 11, 22, 15, 40, tzinfo=UTC)
"""When the newest candle of a walk begins."""
CENT = Decimal("0.01")
LOOK = Look(CENT, 2, 5, "BTC")


def candle(at: int, open_: str, high: str, low: str, close: str, volume: str = "1", *, seconds: int = 60) -> Candle:
    """Return the candle number `at`, counted from END."""
    prices = (Decimal(price) for price in (open_, high, low, close))
    return Candle(END + timedelta(seconds=at * seconds), *prices, Decimal(volume), 3)


def walk(
    count: int, interval: Interval = Interval.M1, *, holes: Container[int] = (), last: Decimal | None = None
) -> list[Candle]:
    """Return candles up to END, oldest first, without those whose number from the end is in `holes`.

    The walk begins at 61,234.50, or ends at `last`.
    """
    state, price, out = 7, 6_123_450, []
    for at in range(count):
        steps = []
        for _ in range(6):
            state = (state * 1_103_515_245 + 12_345) % 2**31
            steps.append((state >> 16) % 2_001 - 1_000)
        path = [price]
        for step in steps[:5]:
            path.append(path[-1] + step)
        price = path[-1]
        back = count - 1 - at
        if back in holes:
            continue
        cents = (path[0], max(path), min(path), path[-1])
        volume = Decimal(abs(steps[5]) + 20).scaleb(-3)
        time = END - timedelta(seconds=back * INTERVAL_SECONDS[interval])
        out.append(Candle(time, *(Decimal(value).scaleb(-2) for value in cents), volume, 4))
    return out if last is None else _lifted(out, last - out[-1].close)


def _lifted(candles: list[Candle], by: Decimal) -> list[Candle]:
    return [structs.replace(c, open=c.open + by, high=c.high + by, low=c.low + by, close=c.close + by) for c in candles]


def series(count: int = 300, interval: Interval = Interval.M1, *, holes: Container[int] = ()) -> Series:
    """Return a walk as a chart keeps it."""
    made = Series(interval)
    made.fold(walk(count, interval, holes=holes))
    return made
