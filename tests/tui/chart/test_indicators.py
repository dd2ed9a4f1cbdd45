"""Indicators against known values, and that a changed candle costs no more than itself."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.client.models import Candle
from cryptex.protocol.terms import Interval
from cryptex.tui.chart.indicators import Ema, Indicator, Rsi, Sma, Study, Vwap, indicator, session_of
from cryptex.tui.chart.series import Bar, bar_of
from tests.tui.chart.candles import candle

WILDER = (
    44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826,
    45.8931, 46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439,
)  # fmt: skip
"""The closes of the widely published example of a 14-period RSI."""


def bars(*closes: float, volumes: tuple[float, ...] = ()) -> list[Bar]:
    made = []
    for at, close in enumerate(closes):
        volume = volumes[at] if volumes else 1
        text = str(close)
        made.append(bar_of(candle(at, text, text, text, text, str(volume))))
    return made


def values(of: Indicator, over: list[Bar]) -> list[float | None]:
    of.extend(over)
    return of.values


def test_sma_is_the_mean_of_the_last_closes() -> None:
    assert values(Sma(3), bars(1, 2, 3, 7, 11)) == [None, None, 2, 4, 7]


def test_ema_begins_with_a_mean_and_weighs_the_newest() -> None:
    assert values(Ema(3), bars(1, 2, 3, 7, 11)) == [None, None, 2, 4.5, 7.75]


def test_vwap_weighs_prices_by_volume_and_begins_anew_with_the_day() -> None:
    over = bars(10, 20, 40, volumes=(1, 3, 4))
    assert values(Vwap(lambda _: 0), over) == [10, 17.5, 28.75]
    assert values(Vwap(lambda time: time.minute), over) == [10, 20, 40]


def test_vwap_has_nothing_to_say_without_volume() -> None:
    assert values(Vwap(lambda _: 0), bars(10, 20, volumes=(0, 2))) == [None, 20]


@pytest.mark.parametrize(
    ("interval", "later", "same"),
    [
        (Interval.H4, datetime(2026, 11, 22, 23, 59, tzinfo=UTC), True),
        (Interval.H4, datetime(2026, 11, 23, tzinfo=UTC), False),
        (Interval.D1, datetime(2026, 11, 30, tzinfo=UTC), True),
        (Interval.D1, datetime(2026, 12, 1, tzinfo=UTC), False),
        (Interval.W1, datetime(2026, 12, 31, tzinfo=UTC), True),
        (Interval.W1, datetime(2027, 1, 1, tzinfo=UTC), False),
    ],
)
def test_sessions_are_days_months_and_years(interval: Interval, later: datetime, same: bool) -> None:
    session = session_of(interval)
    assert (session(datetime(2026, 11, 22, tzinfo=UTC)) == session(later)) is same


def test_rsi_is_that_of_the_published_example() -> None:
    found = values(Rsi(14), bars(*WILDER))
    assert found[:14] == [None] * 14
    assert [round(value, 2) for value in found[14:] if value is not None] == [70.53, 66.32, 66.55, 69.41, 66.36, 57.97]


def test_rsi_at_its_ends() -> None:
    assert values(Rsi(2), bars(1, 2, 3))[-1] == 100
    assert values(Rsi(2), bars(3, 2, 1))[-1] == 0
    assert values(Rsi(2), bars(2, 2, 2))[-1] == 50


prices = st.lists(st.integers(1, 10_000), min_size=2, max_size=120)


@given(prices, st.sampled_from(Study), st.integers(0, 119), st.integers(1, 10_000))
def test_going_on_from_a_changed_candle_is_the_same_as_computing_all(
    closes: list[int], study: Study, at: int, price: int
) -> None:
    at %= len(closes)
    grown = indicator(study, Interval.M1)
    grown.extend(bars(*closes))
    closes[at] = price
    grown.cut(at)
    changed = bars(*closes)
    assert values(grown, changed) == values(indicator(study, Interval.M1), changed)


def test_only_what_is_missing_is_computed() -> None:
    seen: list[int] = []

    class Counting(Indicator):
        def _next(self, bars: object, at: int) -> float:
            seen.append(at)
            return at

    over = bars(1, 2, 3)
    counting = Counting()
    counting.extend(over)
    counting.cut(2)
    counting.extend(over)
    assert seen == [0, 1, 2, 2]


def test_a_candle_keeps_its_decimals() -> None:
    made: Candle = candle(0, "61234.50", "61240.00", "61230.00", "61235.00", "0.50000")
    assert bar_of(made).candle.close == Decimal("61235.00")
