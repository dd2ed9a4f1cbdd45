"""A chart's candles: the newest replaced, older ones put before, both bounded."""

from decimal import Decimal

from cryptex.protocol.terms import Interval
from cryptex.tui.chart import series as series_module
from cryptex.tui.chart.indicators import Study
from cryptex.tui.chart.series import BARS_MAX, Series, joined
from tests.tui.chart.candles import END, candle, series, walk


def test_the_newest_candle_is_replaced_and_the_next_appended() -> None:
    made = Series(Interval.M1)
    assert made.fold([candle(0, "1", "2", "1", "2"), candle(1, "2", "3", "2", "3")])
    assert made.fold([candle(1, "2", "5", "2", "5"), candle(2, "5", "5", "4", "4")])
    assert [bar.close for bar in made.bars] == [2, 5, 4]
    assert made.starts == [bar.start_s for bar in made.bars]


def test_what_is_the_same_changes_nothing() -> None:
    made = series(10)
    assert not made.fold(walk(10)[-3:])
    assert not made.fold([])


def test_a_candle_that_is_gone_goes() -> None:
    made = series(10)
    assert made.fold(walk(10)[:-2][-1:])
    assert len(made.bars) == 8


def test_a_changed_candle_costs_one_step_of_an_indicator() -> None:
    made = series(60)
    before = list(made.values(Study.SMA))
    made.fold([candle(0, "1", "1", "1", "1")])
    assert made.values(Study.SMA)[:-1] == before[:-1]
    assert made.values(Study.SMA)[-1] != before[-1]


def test_older_candles_are_put_before() -> None:
    whole, made = walk(30), Series(Interval.M1)
    made.fold(whole[-10:])
    assert made.prepend(reversed(whole[:22]))
    assert [bar.candle for bar in made.bars] == whole
    assert made.values(Study.SMA) == series(30).values(Study.SMA)
    assert not made.prepend(reversed(whole[:22]))


def test_history_is_bounded(monkeypatch: object) -> None:
    made = Series(Interval.M1)
    made.fold([candle(at, "1", "1", "1", "1") for at in range(100)])
    older = [candle(-at, "1", "1", "1", "1") for at in range(1, BARS_MAX + 50)]
    assert made.prepend(older)
    assert len(made.bars) == BARS_MAX
    assert made.is_full
    made.fold([candle(100, "1", "1", "1", "1")])
    assert len(made.bars) == BARS_MAX + 1 - series_module._BARS_DROPPED - 1
    assert made.bars[-1].start_s == END.timestamp() + 100 * 60
    assert len(made.values(Study.EMA)) == len(made.starts) == len(made.bars)


def test_neighbours_are_one_candle_in_decimals() -> None:
    made = series(3)
    one = joined(made.bars)
    candles = [bar.candle for bar in made.bars]
    assert (one.time, one.open, one.close) == (candles[0].time, candles[0].open, candles[-1].close)
    assert one.high == max(c.high for c in candles)
    assert one.low == min(c.low for c in candles)
    assert one.volume == candles[0].volume + candles[1].volume + candles[2].volume
    assert isinstance(one.volume, Decimal)
    assert one.trades == 12
