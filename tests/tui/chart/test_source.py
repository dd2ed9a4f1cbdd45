"""What the chart asks of the exchange, without a screen."""

import asyncio
from datetime import timedelta

import pytest

from cryptex.client.models import Candle, Page
from cryptex.client.subscription import FeedKey
from cryptex.protocol.terms import Interval
from cryptex.tui.chart.source import FRAMES_PER_FOLD, ChartSource
from cryptex.tui.chart.state import ChartState, Older
from tests.tui.chart.candles import END, walk
from tests.tui.fake_exchange import FakeExchange
from tests.tui.scenes import BTC, CANDLES, candles


class Scene:
    """A source and what it works on; `changes` counts what the screen would have to draw."""

    def __init__(self) -> None:
        self.changes = 0
        self.exchange = FakeExchange(state="live")
        self.state = ChartState(self._changed)
        self.source = ChartSource(self.exchange, self.state)  # type: ignore[arg-type]
        self.source.turn(BTC)

    def _changed(self) -> None:
        self.changes += 1

    def fold(self, frames: int = FRAMES_PER_FOLD) -> None:
        for _ in range(frames):
            self.source.fold()


def shown() -> Scene:
    """Return a scene in which the chart is seen and candles came."""
    scene = Scene()
    scene.state.is_wanted = True
    scene.fold(1)
    scene.exchange.say(CANDLES, candles(walk(50)))
    scene.fold()
    return scene


def test_nothing_is_asked_before_the_chart_was_seen() -> None:
    scene = Scene()
    scene.fold()
    assert scene.exchange.feeds == {}
    scene.state.is_wanted = True
    scene.fold(1)
    assert set(scene.exchange.feeds) == {CANDLES, FeedKey("fills")}


async def test_the_first_candles_are_drawn_in_the_next_frames_and_then_five_times_a_second() -> None:
    scene = shown()
    assert scene.state.series is not None
    assert len(scene.state.series.bars) == 50
    scene.changes = 0
    later = walk(1)[0]
    for number in range(2 * FRAMES_PER_FOLD):
        fresh = Candle(END + timedelta(minutes=1), later.open, later.high, later.low, later.close, later.volume, number)
        scene.exchange.say(CANDLES, candles([fresh], sequence=2 + number, prev=1 + number))
        scene.fold(1)
    assert scene.changes == 2
    scene.fold()
    assert scene.changes == 2, "and not at all where nothing came"
    assert scene.state.series.bars[-1].candle.trades == 2 * FRAMES_PER_FOLD - 1


async def test_closing_ends_every_subscription_and_what_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = shown()
    asked = asyncio.Event()

    async def never(*args: object, **given: object) -> Page[Candle]:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(scene.exchange, "candles", never)
    scene.state.want_older()
    scene.fold()
    await asked.wait()
    scene.state.look_at(scene.state.view.with_interval(Interval.H1))
    scene.fold()
    await scene.source.close()
    ended = [call["key"] for call in scene.exchange.called("unsubscribe")]
    assert sorted(map(str, ended)) == sorted(map(str, scene.exchange.feeds))


async def test_a_defect_comes_up_in_the_next_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = shown()

    async def broken(*args: object, **given: object) -> Page[Candle]:
        raise ZeroDivisionError

    monkeypatch.setattr(scene.exchange, "candles", broken)
    scene.state.want_older()
    scene.fold()
    assert scene.state.older is Older.LOADING
    await asyncio.sleep(0)
    with pytest.raises(ZeroDivisionError):
        scene.fold()
    await scene.source.close()
