"""Alerts under the hands of a user: set, told, listed, deleted, kept."""

from pathlib import Path

import pytest
from textual.widgets import Input

from cryptex.protocol.channels import FillsMessage, TradesMessage
from cryptex.protocol.terms import Liquidity, Side
from cryptex.protocol.views import FillView, TradeView
from cryptex.tui.alerts.alert_screen import AlertScreen
from cryptex.tui.alerts.alerts import ALERT_PAUSE_S
from cryptex.tui.alerts.kept import FILE_NAME
from cryptex.tui.settings.terminal import FILE_NAME as SETTINGS_NAME
from tests.tui.fake_exchange import TIME, FakeExchange
from tests.tui.pilots import Desk, arrive, desk, until
from tests.tui.scenes import BTC, FILLS, TRADES, terminal


def trade(number: int, price: str, *, prev: int) -> TradesMessage:
    views = [TradeView(number, price, "0.10000", Side.BUY, TIME)]
    return TradesMessage(market=BTC, type="update", epoch=1, sequence=prev + 1, prev=prev, time=TIME, trades=views)


def fill(number: int) -> FillView:
    return FillView(
        id=number,
        trade_id=number,
        order_id=1041,
        client_order_id=None,
        market=BTC,
        side=Side.BUY,
        liquidity=Liquidity.MAKER,
        price="61227.00",
        size="0.10000",
        fee="0.00010000",
        fee_asset="BTC",
        sequence=number,
        time=TIME,
    )


def fills(*numbers: int, prev: int) -> FillsMessage:
    views = [fill(number) for number in numbers]
    return FillsMessage(type="update", epoch=1, sequence=prev + 1, prev=prev, time=TIME, fills=views)


def toasts(on: Desk) -> list[tuple[str, str]]:
    return [(each.title, each.message) for each in on.app._notifications]


@pytest.fixture(name="bells")
def _bells(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    rung: list[None] = []
    monkeypatch.setattr("cryptex.tui.app.CryptexTerminal.bell", lambda app: rung.append(None))
    return rung


async def ask(on: Desk, rule: str | None = None) -> None:
    """Press the key of alerts, and set a rule."""
    await on.pilot.press("exclamation_mark")
    await until(on.pilot, lambda: isinstance(on.app.screen, AlertScreen))
    await answer(on, rule)


async def answer(on: Desk, rule: str | None) -> None:
    """Type a rule, or take the one that is proposed, and set it."""
    if rule is not None:
        on.app.screen.query_one(Input).value = rule
    await on.pilot.press("enter")
    await until(on.pilot, lambda: on.app.screen is on.screen)


async def test_one_key_proposes_the_last_price_and_a_trade_above_it_is_told(bells: list[None]) -> None:
    async with desk() as on:
        await on.pilot.press("exclamation_mark")
        await until(on.pilot, lambda: isinstance(on.app.screen, AlertScreen))
        assert on.app.screen.query_one(Input).value == "price > 61234.50"
        await answer(on, None)
        await on.frame()
        assert toasts(on) == []
        on.exchange.say(TRADES, trade(61, "61240.00", prev=1))
        await on.frame()
        assert toasts(on) == [("Alert", "BTC-USDT price > 61234.50: 61,240.00")]
        assert len(bells) == 1
        assert "alert: BTC-USDT price > 61234.50: 61,240.00" in on.screen.model.activity[0].text
        await on.pilot.press("f5")
        await on.frame()
        (row,) = [line for line in on.text("alerts").splitlines() if "price" in line]
        assert row.startswith("✓ BTC-USDT")
        assert "61,240.00" in row


async def test_a_price_that_swings_around_the_bound_is_told_twice_a_minute_at_most(bells: list[None]) -> None:
    async with desk() as on:
        await ask(on, "price > 61235")
        for number, price in enumerate(["61236", "61234", "61237", "61234"], 61):
            on.exchange.say(TRADES, trade(number, f"{price}.00", prev=number - 60))
            await on.frame()
        assert len(bells) == 1
        on.exchange.now_s += ALERT_PAUSE_S
        on.exchange.say(TRADES, trade(65, "61238.00", prev=5))
        await on.frame()
        assert [text for _, text in toasts(on)] == [
            "BTC-USDT price > 61235: 61,236.00",
            "BTC-USDT price > 61235: 61,238.00",
        ]
        assert len(bells) == 2


async def test_a_flaw_is_said_while_typing_and_nothing_is_set() -> None:
    async with desk() as on:
        await on.pilot.press("exclamation_mark")
        await until(on.pilot, lambda: isinstance(on.app.screen, AlertScreen))
        screen = on.app.screen
        screen.query_one(Input).value = "prise > 5"
        await until(on.pilot, lambda: "'prise' is not a value of a market" in str(screen.query_one("#about").render()))
        await on.pilot.press("enter")
        assert on.app.screen is screen
        await on.pilot.press("escape")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert len(on.screen.model.alerts) == 0


async def test_an_alert_is_changed_and_deleted_in_its_row() -> None:
    async with desk() as on:
        await ask(on, "price > 70000")
        await ask(on, "spread > 500")
        await on.pilot.press("f5", "down", "enter")
        await until(on.pilot, lambda: isinstance(on.app.screen, AlertScreen))
        await answer(on, "price > 71000")
        assert [str(alert.rule) for alert in on.screen.model.alerts] == ["spread > 500", "price > 71000"]
        await on.frame()  # the row that is deleted is one that was seen
        await on.pilot.press("f5", "delete")
        await until(on.pilot, lambda: len(on.screen.model.alerts) == 1)
        await on.frame()
        assert "no alerts" not in on.text("alerts")
        await on.pilot.press("delete")
        await until(on.pilot, lambda: len(on.screen.model.alerts) == 0)
        await on.frame()
        assert "no alerts: ! sets one" in on.text("alerts")


async def test_the_empty_panel_names_the_key_in_force(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_NAME).write_text('[keys]\n"alerts.add" = "f8"\n')
    async with desk(settings_folder=tmp_path) as on:
        await on.pilot.press("f5")
        await on.frame()
        assert "no alerts: F8 sets one" in on.text("alerts")


async def test_the_same_alert_is_not_set_twice() -> None:
    async with desk() as on:
        await ask(on, "price > 70000")
        await ask(on, "price>70000")
        assert on.screen.model.activity[0].text == "alert: BTC-USDT price > 70000 is set already"
        assert len(on.screen.model.alerts) == 1


async def test_fills_are_told_together_and_only_while_that_is_wanted(bells: list[None]) -> None:
    async with desk() as on:
        on.exchange.say(FILLS, fills(1, 2, 3, prev=1))
        await on.frame()
        told = "bought 0.1 BTC at 61,227.00 (maker, #1041)"
        assert toasts(on) == [("Fill", f"{told}, and 2 more")]
        on.exchange.say(FILLS, fills(4, prev=2))
        await on.frame()
        assert len(bells) == 1, "not yet: the last toast is younger than a second"
        on.exchange.now_s += 1
        await on.frame()
        assert toasts(on)[1:] == [("Fill", told)]
        await on.pilot.press("f5", "enter")
        on.exchange.now_s += 1
        on.exchange.say(FILLS, fills(5, prev=3))
        await on.frame()
        assert len(bells) == 2
        assert "own fills" in on.text("alerts")
        assert "off" in on.text("alerts")


async def test_nothing_is_told_while_the_screen_is_stale(bells: list[None]) -> None:
    async with desk() as on:
        await ask(on, "price > 70000")
        await on.frame()
        on.exchange.drop()
        on.screen.model.set_trades([])
        await on.frame()
        assert not bells


async def test_alerts_are_kept_and_come_back(tmp_path: Path) -> None:
    exchange = FakeExchange()
    app = terminal(exchange, settings_folder=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        on = Desk(app, pilot, exchange, await arrive(pilot, app, exchange))
        await ask(on, "price > 70000")
        await ask(on, "volume>=2000")
        await on.pilot.press("f5", "enter")
        await until(pilot, lambda: not on.screen.model.alerts.on_fills)
    assert (tmp_path / FILE_NAME).read_text() == (
        'fills = false\n\n[markets]\nBTC-USDT = ["price > 70000", "volume >= 2000"]\n'
    )
    exchange = FakeExchange()
    app = terminal(exchange, settings_folder=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await arrive(pilot, app, exchange)
        assert [(a.market, str(a.rule)) for a in screen.model.alerts] == [
            (BTC, "price > 70000"),
            (BTC, "volume >= 2000"),
        ]
        assert not screen.model.alerts.on_fills


async def test_a_file_that_cannot_be_used_is_said_and_left_alone(tmp_path: Path) -> None:
    text = '[markets]\nBTC-USDT = ["prise > 5"]\n'
    (tmp_path / FILE_NAME).write_text(text)
    exchange = FakeExchange()
    app = terminal(exchange, settings_folder=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        on = Desk(app, pilot, exchange, await arrive(pilot, app, exchange))
        assert any("'prise' is not a value" in note.text for note in on.screen.model.activity)
        await ask(on, "price > 70000")
        assert "left as it is" in on.screen.model.activity[0].text
    assert (tmp_path / FILE_NAME).read_text() == text
