"""Sparklines from prices as they come, and from the past."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.tui.market.spark import BARS, MINUTES_MAX, Spark, minute_of, sparkline

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
prices = st.lists(st.decimals(0, 100_000, places=2), max_size=20)


def at(minute: int, second: int = 0) -> datetime:
    return NOON + timedelta(minutes=minute, seconds=second)


def drawn(spark: Spark, minute: int, width: int = 5) -> str:
    return spark.line(minute_of(at(minute)), width).text


def decimals(*values: int) -> list[Decimal]:
    return [Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("closes", "text", "move"),
    [
        ((), "     ", 0),
        ((5,), "    ▁", 0),
        ((5, 5, 5), "  ▁▁▁", 0),
        ((1, 8, 3, 4, 1), "▁█▃▄▁", 0),
        ((100, 107), "   ▁█", 7),
    ],
)
def test_bars_stand_between_the_least_and_the_greatest(closes: tuple[int, ...], text: str, move: int) -> None:
    assert sparkline(decimals(*closes), 5) == (text, move)


@given(prices)
def test_every_bar_is_one_of_the_bars(closes: list[Decimal]) -> None:
    text = sparkline(closes, 20).text
    assert len(text) == 20
    assert set(text) <= set(BARS) | {" "}


def test_a_minute_closes_with_its_last_price_and_silence_carries_it_on() -> None:
    spark = Spark()
    for minute, second, price in ((0, 0, 10), (0, 30, 17), (1, 5, 10), (4, 0, 14)):
        spark.take(at(minute, second), Decimal(price))
    assert drawn(spark, 4) == "█▁▁▁▅"
    assert drawn(spark, 6) == "▁▁███"


def test_what_came_late_changes_nothing() -> None:
    spark = Spark()
    spark.take(at(3), Decimal(10))
    spark.take(at(1), Decimal(99))
    assert drawn(spark, 3) == "    ▁"


def test_the_past_fills_what_is_not_known_yet() -> None:
    spark = Spark()
    spark.take(at(3), Decimal(10))
    assert drawn(spark, 3) == "    ▁"
    spark.recall((at(minute), Decimal(10 + 7 * minute)) for minute in range(4))
    assert drawn(spark, 3) == " ▁▄█▁", "the minute that was followed keeps what was seen"


def test_the_past_is_bounded() -> None:
    spark = Spark()
    spark.recall((at(-minute), Decimal(minute)) for minute in range(3 * MINUTES_MAX))
    assert len(spark.line(minute_of(at(0)), 200).text.strip()) == MINUTES_MAX
