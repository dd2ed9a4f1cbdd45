"""The chart on the trading screen, under the hands of a user."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import msgspec
import pytest
from textual.events import MouseScrollDown, MouseScrollUp

from cryptex.client.errors import unreachable
from cryptex.client.models import Candle, Page
from cryptex.client.subscription import FeedKey
from cryptex.protocol.channels import FillsMessage
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import Interval, Liquidity, Side
from cryptex.protocol.times import time_text
from cryptex.protocol.views import FillView
from cryptex.tui.chart.actions import CHART
from cryptex.tui.chart.chart import Chart
from cryptex.tui.chart.indicators import Study
from cryptex.tui.chart.source import DEPTH_LEVELS, FRAMES_PER_FOLD, PAGE_CANDLES
from cryptex.tui.chart.state import Older
from cryptex.tui.chart.view import ZOOM_START, ZOOMS, View
from cryptex.tui.keys.action import Place
from cryptex.tui.keys.registry import ACTIONS
from tests.tui.chart.candles import END, walk
from tests.tui.fake_exchange import TIME, order_view, refusal
from tests.tui.pilots import Desk, desk, until
from tests.tui.scenes import BOOK, BTC, CANDLES, FILLS, ORDERS, book, candles, levels, orders

DEEP = FeedKey("book", BTC, depth=DEPTH_LEVELS)
HOURS = FeedKey("candles", BTC, interval=Interval.H1)
WALK = walk(300)


bare_desk = partial(desk, past=())


async def fold(on: Desk) -> None:
    """Draw as many frames as it takes to see what came."""
    for _ in range(FRAMES_PER_FOLD):
        on.screen.frame()
    await on.pilot.pause()


def chart(on: Desk) -> Chart:
    return on.screen.desk.chart


async def see(on: Desk, shown: list[Candle] = WALK) -> None:
    """Let the candles come, and go to the chart."""
    await until(on.pilot, lambda: CANDLES in on.exchange.feeds)
    on.exchange.say(CANDLES, candles(shown))
    await fold(on)
    await on.pilot.press("c")


def test_no_key_that_works_anywhere_takes_one_of_the_chart() -> None:
    anywhere = {key for action in ACTIONS if action.place is Place.ANYWHERE for key in action.keys.split(",")}
    assert not [action for action in CHART if anywhere & set(action.keys.split(","))]


async def test_waiting_then_empty_then_candles() -> None:
    async with bare_desk() as on:
        assert "waiting for candles" in on.text("chart")
        await see(on, [])
        assert "no trades yet" in on.text("chart")
        assert "b buys, s sells: an order that meets another makes a trade" in on.text("chart")
        on.exchange.say(CANDLES, candles(WALK[-1:], sequence=2, prev=1))
        await fold(on)
        assert "C 61,107.37" in on.text("chart")


async def test_a_new_price_is_drawn_and_repaints_few_lines() -> None:
    async with bare_desk() as on:
        await see(on)
        assert "61,107.37 ▲" in on.text("chart")
        painted: list[int] = []
        plain = chart(on).refresh

        def counting(*regions: object, **given: object) -> object:
            painted.append(len(regions))
            return plain(*regions, **given)  # type: ignore[arg-type]

        chart(on).refresh = counting  # type: ignore[method-assign, assignment]
        on.exchange.say(
            CANDLES, candles([msgspec.structs.replace(WALK[-1], close=Decimal("61109.00"))], sequence=2, prev=1)
        )
        await fold(on)
        assert "61,109.00 ▲" in on.text("chart")
        assert sum(painted) <= 5
        painted.clear()
        await fold(on)
        assert painted == []


async def test_intervals_turn_by_key_and_by_click() -> None:
    async with bare_desk() as on:
        await see(on)
        await on.pilot.press("full_stop", "full_stop", "full_stop")
        await until(on.pilot, lambda: HOURS in on.exchange.feeds)
        await on.frame()
        assert "waiting for candles" in on.text("chart")
        on.exchange.say(HOURS, candles(walk(30, Interval.H1), key=HOURS))
        await fold(on)
        assert f"C {walk(30, Interval.H1)[-1].close:,.2f}" in on.text("chart")
        assert {"key": CANDLES} in on.exchange.called("unsubscribe")
        head = on.text("chart").splitlines()[0]
        await on.pilot.click("#chart", offset=(head.index("4h") + 2, 1))
        assert on.screen.model.chart.view.interval is Interval.H4
        await on.pilot.press("comma")
        assert on.screen.model.chart.view.interval is Interval.H1


async def test_zoom_by_key_and_wheel() -> None:
    async with bare_desk() as on:
        await see(on)
        await on.pilot.press("plus")
        assert "███" in on.text("chart")
        await on.pilot.press("minus", "minus")
        assert on.screen.model.chart.view.zoom == ZOOM_START - 1
        await on.pilot.press("equals_sign")
        assert on.screen.model.chart.view.zoom == ZOOM_START
        middle = chart(on).region.center
        wheel = (chart(on), *middle, 0, 0, 0, False, False, False)
        chart(on).post_message(MouseScrollDown(*wheel))
        await until(on.pilot, lambda: on.screen.model.chart.view.zoom == ZOOM_START - 1)
        chart(on).post_message(MouseScrollUp(*wheel))
        await until(on.pilot, lambda: on.screen.model.chart.view.zoom == ZOOM_START)


async def test_few_candles_fill_the_room_until_a_zoom_is_chosen() -> None:
    async with bare_desk() as on:
        await see(on, WALK[-5:])
        assert "█████" in on.text("chart")
        await on.pilot.press("n", "n", "d", "d", "home")
        assert on.screen.model.chart.view.zoom is None
        await on.pilot.press("minus")
        assert on.screen.model.chart.view.zoom == len(ZOOMS) - 2
        assert "█████" not in on.text("chart")


async def test_the_crosshair_moves_by_key_and_reads_out() -> None:
    async with bare_desk() as on:
        await see(on)
        await on.pilot.press("left", "left", "left")
        assert "22 Nov 15:38" in on.text("chart")
        assert f"O {WALK[-3].open:,.2f}" in on.text("chart")
        await on.pilot.press("right")
        assert "22 Nov 15:39" in on.text("chart")


async def test_the_crosshair_takes_the_chart_along_at_its_edge() -> None:
    async with bare_desk() as on:
        await see(on)
        sheet = chart(on)._sheet
        assert sheet is not None
        shown = len(sheet.slots)
        await on.pilot.press(*["left"] * (shown + 1))
        assert on.screen.model.chart.view.end_s == sheet.slots[-2].start_s
        assert "past, home: now" in on.text("chart")
        await on.pilot.press(*["right"] * (shown + 1))
        assert on.screen.model.chart.view.end_s is None


async def test_a_click_puts_the_crosshair_and_takes_it_away() -> None:
    async with bare_desk() as on:
        await see(on)
        sheet = chart(on)._sheet
        assert sheet is not None
        at = (sheet.columns[-6] + 2, 6)
        await on.pilot.click("#chart", offset=at)
        assert on.screen.model.chart.view.cursor_s == WALK[-6].time.timestamp()
        await on.pilot.click("#chart", offset=at)
        assert on.screen.model.chart.view.cursor_s is None


async def test_panned_back_it_says_so_and_stands_still() -> None:
    async with bare_desk() as on:
        await see(on)
        await on.pilot.press("pageup", "shift+left")
        before = on.text("chart").splitlines()[2:-1]
        assert "past, home: now" in on.text("chart")
        later = msgspec.structs.replace(WALK[-1], time=END + timedelta(minutes=1))
        on.exchange.say(CANDLES, candles([later], sequence=2, prev=1))
        await fold(on)
        assert on.text("chart").splitlines()[2:-1] == before
        await on.pilot.press("home")
        assert "22 Nov 15:41" in on.text("chart")
        assert "past" not in on.text("chart")


async def test_forward_comes_back_to_now() -> None:
    async with bare_desk() as on:
        await see(on)
        await on.pilot.press("pageup", "pagedown")
        assert on.screen.model.chart.view.end_s is None


async def test_older_candles_are_loaded_where_the_oldest_come_near() -> None:
    async with bare_desk() as on:
        on.exchange.answers["candles"] = [Page(WALK[-100:-20][::-1], "more"), Page(WALK[:-100][::-1])]
        await see(on, WALK[-20:])
        await until(on.pilot, lambda: len(on.exchange.called("candles")) == 1)
        first = on.exchange.called("candles")[0]
        assert first == {"market": BTC, "interval": Interval.M1, "limit": PAGE_CANDLES, "before": WALK[-20].time}
        await fold(on)
        series = on.screen.model.chart.series
        assert series is not None
        assert [bar.candle.time for bar in series.bars] == [candle.time for candle in WALK[-100:]]
        await on.pilot.press("pageup", "pageup")
        await until(on.pilot, lambda: len(on.exchange.called("candles")) == 2)
        await until(on.pilot, lambda: on.screen.model.chart.older is Older.ENDED)
        assert len(series.bars) == 300
        await on.pilot.press(*["pageup"] * 20)
        await fold(on)
        assert len(on.exchange.called("candles")) == 2


async def test_older_candles_that_can_not_be_had_are_asked_for_again_on_request() -> None:
    async with bare_desk() as on:
        on.exchange.answers["candles"] = [unreachable("no node"), Page(WALK[:-20][::-1])]
        await see(on, WALK[-20:])
        await until(on.pilot, lambda: on.screen.model.chart.older is Older.FAILED)
        await fold(on)
        assert "older candles can not be had now" in on.text("chart")
        await on.pilot.press("pageup")
        await until(on.pilot, lambda: on.screen.model.chart.older is Older.ENDED)
        assert len(on.exchange.called("candles")) == 2


async def test_a_page_for_another_interval_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bare_desk() as on:
        await see(on, WALK[-20:])
        await until(on.pilot, lambda: on.screen.model.chart.older is Older.ENDED)
        state, asked, answer = on.screen.model.chart, asyncio.Event(), asyncio.Event()

        async def slowly(*args: object, **given: object) -> Page[Candle]:
            asked.set()
            await answer.wait()
            return Page(WALK[:-20][::-1])

        monkeypatch.setattr(on.exchange, "candles", slowly)
        state.older = Older.WANTED
        on.screen.frame()
        await asked.wait()
        state.look_at(state.view.with_interval(Interval.M5))
        on.screen.frame()
        answer.set()
        await on.frame()
        assert state.series is None
        assert state.older is Older.THERE


async def test_a_lost_connection_dims_the_chart_and_the_snapshot_mends_it() -> None:
    async with bare_desk() as on:
        await see(on)
        on.exchange.drop()
        await fold(on)
        assert chart(on).stale
        assert "candles may be old" in on.text("chart")
        on.exchange.say(CANDLES, candles(WALK[-50:], sequence=9))
        await fold(on)
        series = on.screen.model.chart.series
        assert series is not None
        assert len(series.bars) == 300
        assert "candles may be old" not in on.text("chart")


async def test_the_chart_fades_alone_while_its_channel_is_out_of_touch() -> None:
    async with bare_desk() as on:
        await see(on)
        on.exchange.feeds[CANDLES].offline()
        on.exchange.now_s += 3
        await fold(on)
        assert chart(on).stale
        assert not on.screen.desk.ladder.stale
        assert "3 s old" in str(chart(on).border_subtitle)
        on.exchange.say(CANDLES, candles(WALK, sequence=5))
        await fold(on)
        assert not chart(on).stale


async def test_a_refusal_is_said() -> None:
    async with bare_desk() as on:
        await until(on.pilot, lambda: CANDLES in on.exchange.feeds)
        on.exchange.feeds[CANDLES].end(refusal(Code.UNKNOWN_MARKET, "BTC-USDT is gone"))
        await fold(on)
        assert "no candles: BTC-USDT is gone" in on.text("chart")


async def test_after_too_long_a_silence_old_candles_are_not_joined_to_new_ones() -> None:
    async with bare_desk() as on:
        await see(on, WALK[:100])
        on.exchange.drop()
        on.exchange.say(CANDLES, candles(WALK[200:], sequence=9))
        await fold(on)
        series = on.screen.model.chart.series
        assert series is not None
        assert [bar.candle.time for bar in series.bars] == [candle.time for candle in WALK[200:]]


async def test_indicators_by_key_and_by_click() -> None:
    async with bare_desk() as on:
        await see(on)
        await on.pilot.press("n")
        assert on.screen.model.chart.view.studies == {Study.SMA}
        head = on.text("chart").splitlines()[0]
        await on.pilot.click("#chart", offset=(head.index("RSI") + 2, 1))
        assert on.screen.model.chart.view.studies == {Study.SMA, Study.RSI}
        await on.pilot.press("A", "E", "V", "R", "R")
        assert on.screen.model.chart.view.studies == {Study.EMA, Study.VWAP, Study.RSI}


async def test_own_orders_and_fills_are_marked() -> None:
    async with bare_desk((200, 55)) as on:
        await see(on)
        on.exchange.say(ORDERS, orders([order_view(7, "sell", "61112.00", "1")], sequence=2, prev=1))
        await fold(on)
        assert "◆61,112.00 S" in on.text("chart")
        fill = {
            "id": 1, "trade_id": 1, "order_id": 1041, "client_order_id": None, "side": Side.BUY,
            "liquidity": Liquidity.MAKER, "price": "61227.00", "size": "0.1", "fee": "0", "fee_asset": "BTC",
            "sequence": 2, "time": time_text(int(WALK[-5].time.timestamp()) * 10**9 + 7),
        }  # fmt: skip
        fills = [FillView(market=BTC, **fill), FillView(market="ETH-USDT", **fill)]  # type: ignore[arg-type]
        on.exchange.say(FILLS, FillsMessage(type="update", epoch=1, sequence=2, prev=1, time=TIME, fills=fills))
        await fold(on)
        assert len(on.screen.model.chart.fills) == 1
        sheet = chart(on)._sheet
        assert sheet is not None
        x = sheet.columns[-5]
        assert any(line[x] == "▲" for line in on.text("chart").splitlines() if len(line) > x)


async def test_time_goes_on_while_nobody_trades() -> None:
    async with bare_desk() as on:
        await see(on)
        later = book([("61234.50", "7.00000")], [], sequence=2, prev=1)
        on.exchange.say(BOOK, msgspec.structs.replace(later, time="2026-11-22T15:43:10.000000Z"))
        await fold(on)
        sheet = chart(on)._sheet
        assert sheet is not None
        assert [slot.is_empty for slot in sheet.slots[-4:]] == [False, True, True, True]
        assert "22 Nov 15:40" in on.text("chart")


async def test_depth_is_followed_only_while_it_is_shown() -> None:
    async with bare_desk() as on:
        await see(on)
        await on.pilot.press("d")
        await fold(on)
        assert "waiting for the book" in on.text("chart")
        deep = book(levels(6_123_450, -150), levels(6_123_550, 125))
        on.exchange.say(DEEP, msgspec.structs.replace(deep, depth=DEPTH_LEVELS))
        await fold(on)
        assert "mid 61,235.00" in on.text("chart")
        await on.pilot.press("right", "right")
        assert "buy up to" in on.text("chart")
        await on.pilot.press("left", "left", "left", "left")
        assert "sell down to" in on.text("chart")
        await on.pilot.press("d")
        await until(on.pilot, lambda: {"key": DEEP} in on.exchange.called("unsubscribe"))
        assert "61,107.37 ▲" in on.text("chart")


async def test_another_market_has_its_own_candles() -> None:
    async with bare_desk() as on:
        await see(on)
        await on.pilot.press("pageup", "right_square_bracket")
        eth = FeedKey("candles", "ETH-USDT", interval=Interval.M1)
        await until(on.pilot, lambda: eth in on.exchange.feeds)
        await on.frame()
        assert "waiting for candles" in on.text("chart")
        assert not on.screen.model.chart.view.is_past


@pytest.mark.parametrize("size", [(80, 24), (200, 55)], ids=str)
async def test_it_has_a_place_in_every_layout(size: tuple[int, int]) -> None:
    async with bare_desk(size) as on:
        await on.pilot.press("c")
        await on.pilot.pause()
        assert chart(on).display
        assert chart(on).has_focus
        await see(on)
        assert "61,107.37" in on.text("chart")


async def test_interval_and_indicators_are_kept_for_the_next_time(tmp_path: Path) -> None:
    async with bare_desk(settings_folder=tmp_path) as on:
        await on.pilot.press("c", "full_stop", "R", "plus")
    async with bare_desk(settings_folder=tmp_path) as on:
        view = on.screen.model.chart.view
        assert view == View(interval=Interval.M5, studies=frozenset({Study.RSI}))
        (tmp_path / "terminal.toml").write_text("[chart")
        await on.pilot.press("c", "A")
        assert "terminal.toml is left as it is" in on.text("activity")
