"""Candles, tickers and recent trades, as folds over trades in log time."""

from datetime import UTC, datetime

import msgspec
import pytest

from cryptex.node.candles import CANDLES_KEPT_MAX, INTERVAL_NS, SUM_MAX, interval_start_ns
from cryptex.node.market_data import TRADES_KEPT_MAX, MarketData
from cryptex.protocol.events import MarketDefined, Trade
from cryptex.protocol.market import Asset, define_market
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, Interval, Side
from cryptex.protocol.times import time_ns, time_text

MONDAY_NS = time_ns("2026-11-23T00:00:00Z")
MINUTE_NS = 60 * NANOSECONDS_PER_SECOND
DAY_NS = 24 * 60 * MINUTE_NS
MARKET = define_market(
    Asset("BTC", "Bitcoin", 8),
    Asset("USDT", "Tether", 8),
    tick_size="0.01",
    lot_size="0.00001",
    min_notional="5",
    maker_fee="0",
    taker_fee="0",
    price_band=None,
    reference_price=None,
)


class Tape:
    """Market data of one market, and trades at will."""

    def __init__(self) -> None:
        self.data = MarketData()
        self.data.apply(1, MONDAY_NS, [MarketDefined(MARKET)])
        self.sequence = 1

    def trade(self, at_ns: int, price: str, size: str = "1") -> None:
        self.sequence += 1
        ticks, lots = MARKET.price_ticks(price), MARKET.size_lots(size)
        self.data.apply(self.sequence, at_ns, [Trade(self.sequence, MARKET.symbol, ticks, lots, Side.BUY)])

    def ticker(self, at_ns: int) -> list[str | None]:
        view = self.data.ticker(MARKET.symbol, None, None, at_ns)
        return [view.last, view.change, view.change_percent, view.high, view.low, view.volume, view.quote_volume]


@pytest.mark.parametrize(
    ("interval", "start"),
    [
        (Interval.M1, "2026-11-26T15:47:00Z"),
        (Interval.M5, "2026-11-26T15:45:00Z"),
        (Interval.M15, "2026-11-26T15:45:00Z"),
        (Interval.H1, "2026-11-26T15:00:00Z"),
        (Interval.H4, "2026-11-26T12:00:00Z"),
        (Interval.D1, "2026-11-26T00:00:00Z"),
        (Interval.W1, "2026-11-23T00:00:00Z"),
    ],
)
def test_intervals_begin_on_round_times_and_weeks_on_monday(interval: Interval, start: str) -> None:
    assert interval_start_ns(interval, time_ns("2026-11-26T15:47:12.5Z")) == time_ns(start)
    assert datetime.fromtimestamp(interval_start_ns(Interval.W1, 0) / 1e9, UTC).weekday() == 0


def test_candles_open_grow_and_leave_empty_intervals_out() -> None:
    tape = Tape()
    for at_ns, price, size in [
        (MONDAY_NS + 1, "100", "1"),
        (MONDAY_NS + 2, "103", "2"),
        (MONDAY_NS + MINUTE_NS - 1, "99", "1"),
        (MONDAY_NS + 3 * MINUTE_NS, "101", "0.5"),
    ]:
        tape.trade(at_ns, price, size)
    first, second = tape.data.candles(MARKET.symbol, Interval.M1, 10)
    assert first.time == time_text(MONDAY_NS)
    assert [first.open, first.high, first.low, first.close] == ["100.00", "103.00", "99.00", "99.00"]
    assert (first.volume, first.trades) == ("4.00000", 3)
    assert (second.time, second.open, second.volume) == (time_text(MONDAY_NS + 3 * MINUTE_NS), "101.00", "0.50000")
    [hour] = tape.data.candles(MARKET.symbol, Interval.H1, 10)
    assert (hour.open, hour.close, hour.trades) == ("100.00", "101.00", 4)
    assert tape.data.candles_since(MARKET.symbol, Interval.M1, 0)[0].quote_units == (100 + 206 + 99) * 10**8


def test_candles_come_in_pages_and_only_the_last_are_kept() -> None:
    tape = Tape()
    for minute in range(CANDLES_KEPT_MAX + 5):
        tape.trade(MONDAY_NS + minute * MINUTE_NS, "100")
    candles = tape.data.candles(MARKET.symbol, Interval.M1, 5_000)
    assert len(candles) == CANDLES_KEPT_MAX
    assert candles[0].time == time_text(MONDAY_NS + 5 * MINUTE_NS)
    before = MONDAY_NS + 8 * MINUTE_NS
    page = tape.data.candles(MARKET.symbol, Interval.M1, 2, before)
    assert [candle.time for candle in page] == [time_text(before - 2 * MINUTE_NS), time_text(before - MINUTE_NS)]
    assert len(tape.data.trades(MARKET.symbol, 5_000)) == TRADES_KEPT_MAX
    newest = tape.data.trades(MARKET.symbol, 2)
    assert [trade.id for trade in newest] == [tape.sequence - 1, tape.sequence]


def test_the_ticker_slides_over_24_hours() -> None:
    tape = Tape()
    assert tape.ticker(MONDAY_NS) == [None, None, None, None, None, "0.00000", "0.00000000"]
    tape.trade(MONDAY_NS, "100", "2")
    assert tape.ticker(MONDAY_NS) == ["100.00", "0.00", "0.00", "100.00", "100.00", "2.00000", "200.00000000"]
    tape.trade(MONDAY_NS + DAY_NS // 2, "90")
    tape.trade(MONDAY_NS + DAY_NS - MINUTE_NS, "97")
    at_ns = MONDAY_NS + DAY_NS - 1
    assert tape.ticker(at_ns) == ["97.00", "-3.00", "-3.00", "100.00", "90.00", "4.00000", "387.00000000"]
    at_ns += 1  # the first minute leaves; its price is now the price of 24 hours ago
    assert tape.ticker(at_ns) == ["97.00", "-3.00", "-3.00", "97.00", "90.00", "2.00000", "187.00000000"]
    at_ns = MONDAY_NS + 3 * DAY_NS
    assert tape.ticker(at_ns) == ["97.00", "0.00", "0.00", None, None, "0.00000", "0.00000000"]
    tape.trade(at_ns, "100")
    assert tape.ticker(at_ns) == ["100.00", "3.00", "3.09", "100.00", "100.00", "1.00000", "100.00000000"]


@pytest.mark.parametrize(
    ("first", "last", "percent"),
    [
        ("3", "4", "33.33"),
        ("3", "2", "-33.33"),
        ("300", "299.99", "0.00"),
        ("200", "200.01", "0.01"),
        ("1", "9", "800.00"),
    ],
)
def test_the_change_is_rounded_half_away_from_zero(first: str, last: str, percent: str) -> None:
    tape = Tape()
    tape.trade(MONDAY_NS, first)
    tape.trade(MONDAY_NS, last)
    assert tape.ticker(MONDAY_NS)[2] == percent


def test_the_ticker_carries_the_best_prices() -> None:
    view = Tape().data.ticker(MARKET.symbol, 12_345, 12_346, MONDAY_NS)
    assert (view.best_bid, view.best_ask, view.time) == ("123.45", "123.46", time_text(MONDAY_NS))


def test_other_steps_clear_the_market_and_another_fee_does_not() -> None:
    tape = Tape()
    tape.trade(MONDAY_NS, "100")
    tape.data.apply(9, MONDAY_NS + 1, [MarketDefined(msgspec.structs.replace(MARKET, maker_fee_e8=1))])
    assert len(tape.data.trades(MARKET.symbol, 10)) == 1
    tape.data.apply(10, MONDAY_NS + 2, [MarketDefined(MARKET, steps_changed=True)])
    assert tape.data.trades(MARKET.symbol, 10) == []
    assert tape.data.candles(MARKET.symbol, Interval.D1, 10) == []
    assert tape.data.drain() == {}


def test_a_dump_goes_on_where_it_was_taken() -> None:
    tape = Tape()
    for minute in range(3000):
        tape.trade(MONDAY_NS + minute * MINUTE_NS, str(100 + minute * 37 % 91), "0.5")
    copy = Tape()
    copy.data, copy.sequence = MarketData.load(tape.data.dump()), tape.sequence
    assert copy.data.dump() == tape.data.dump()
    for each in (tape, copy):
        each.trade(MONDAY_NS + 3001 * MINUTE_NS, "12")
    at_ns = MONDAY_NS + 3002 * MINUTE_NS
    assert copy.ticker(at_ns) == tape.ticker(at_ns)
    assert copy.data.dump() == tape.data.dump()


def test_drain_tells_which_markets_traded_and_since_when() -> None:
    tape = Tape()
    assert tape.data.drain() == {}
    tape.trade(MONDAY_NS + 5, "100")
    tape.trade(MONDAY_NS + 2 * MINUTE_NS, "101")
    assert tape.data.drain() == {MARKET.symbol: MONDAY_NS + 5}
    assert tape.data.drain() == {}
    tape.trade(MONDAY_NS + 2 * MINUTE_NS + 1, "101")
    since_ns = tape.data.drain()[MARKET.symbol]
    changed = tape.data.candles_since(MARKET.symbol, Interval.M1, since_ns)
    assert [candle.time_ns for candle in changed] == [MONDAY_NS + 2 * MINUTE_NS]
    assert [view.trades for view in tape.data.candle_views_since(MARKET.symbol, Interval.H1, since_ns)] == [3]


def test_sums_stop_at_what_can_be_stored() -> None:
    tape = Tape()
    huge = Trade(1, MARKET.symbol, 1, SUM_MAX, Side.SELL)
    for offset in range(3):
        tape.data.apply(2 + offset, MONDAY_NS + offset, [huge])
    [candle] = tape.data.candles_since(MARKET.symbol, Interval.W1, 0)
    assert candle.volume_lots == SUM_MAX
    assert candle.end_ns - candle.time_ns == INTERVAL_NS[Interval.W1]
    assert MarketData.load(tape.data.dump()).dump() == tape.data.dump()
    with pytest.raises(KeyError):
        tape.data.trades("NO-MARKET", 1)
    with pytest.raises(msgspec.DecodeError):
        MarketData.load(b"nonsense")
