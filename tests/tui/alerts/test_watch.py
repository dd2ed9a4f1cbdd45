"""Which alerts fire, frame by frame."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from cryptex.client.models import Ticker, Trade
from cryptex.protocol.terms import Side
from cryptex.tui.alerts.kept import condition_of
from cryptex.tui.alerts.watch import AlertWatch
from cryptex.tui.model import TerminalModel
from tests.tui.fake_exchange import MARKETS, MOMENT
from tests.tui.scenes import ticker_view


class Scene:
    """A model of BTC-USDT with alerts, and what fires at each look."""

    def __init__(self, *rules: str, market: str = "BTC-USDT") -> None:
        self.model = TerminalModel()
        self.model.set_markets(MARKETS)
        for rule in rules:
            assert self.model.alerts.add(market, condition_of(rule)) == ""
        self._watch = AlertWatch(self.model)
        self._trades: list[Trade] = []

    def trade(self, *prices: str) -> None:
        for price in prices:
            number = len(self._trades) + 1
            moment = MOMENT + timedelta(seconds=number)
            self._trades.insert(0, Trade(number, Decimal(price), Decimal(1), Side.BUY, moment))
        self.model.set_trades(self._trades)

    def ticker(self, market: str, **said: str) -> None:
        view = msgspec.structs.replace(ticker_view(market), **said)
        self.model.set_ticker(msgspec.convert(view, Ticker, from_attributes=True))

    def look(self, *, live: bool = True) -> list[str]:
        time = f"{datetime(2026, 11, 22, tzinfo=UTC):%H:%M:%S}"
        return [f"{fired.alert.rule}: {fired.value}" for fired in self._watch.look(live=live, time=time)]


def test_every_trade_of_the_chosen_market_counts_and_each_only_once() -> None:
    scene = Scene("price>100")
    scene.trade("99", "100")
    assert scene.look() == []
    scene.trade("101", "99")
    assert scene.look() == ["price > 100: 101"]
    assert scene.look() == []
    scene.trade("102", "103", "99", "104")
    assert scene.look() == ["price > 100: 102", "price > 100: 104"]


def test_it_fires_at_once_where_it_is_true_already() -> None:
    scene = Scene("price>100")
    scene.trade("99", "150")
    assert scene.look() == ["price > 100: 150"]
    scene.model.alerts.add("BTC-USDT", condition_of("price<200"))
    assert scene.look() == ["price < 200: 150"]
    assert [alert.fired_at for alert in scene.model.alerts] == ["00:00:00", "00:00:00"]


def test_nothing_fires_on_old_data_and_what_is_true_afterwards_does() -> None:
    scene = Scene("price>100", "price<50")
    scene.trade("90")
    assert scene.look() == []
    scene.trade("40")
    assert scene.look(live=False) == []
    scene.trade("101")
    assert scene.look() == ["price > 100: 101"], "the 40 is over"


def test_other_markets_and_values_are_read_from_tickers() -> None:
    scene = Scene("price>=3310", "spread<=0.5", "change_percent<0", "volume>9000", market="ETH-USDT")
    assert scene.look() == []
    scene.ticker("ETH-USDT", best_bid="3310.00", best_ask="3310.50")
    fired = ["price >= 3310: 3310.42", "spread <= 0.5: 0.50", "change_percent < 0: -0.84", "volume > 9000: 9120.4410"]
    assert scene.look() == fired
    assert scene.look() == []
    scene.ticker("ETH-USDT", last="3309.00", best_bid="3308.00", best_ask="3310.50")
    assert scene.look() == []
    scene.ticker("ETH-USDT", last="3311.00", best_bid="3310.25", best_ask="3310.50")
    assert scene.look() == ["price >= 3310: 3311.00", "spread <= 0.5: 0.25"]


def test_turning_to_another_market_does_not_mix_their_trades() -> None:
    scene = Scene("price>100")
    scene.trade("90")
    assert scene.look() == []
    scene.model.choose("ETH-USDT")
    scene.trade("3000")
    assert scene.look() == []
