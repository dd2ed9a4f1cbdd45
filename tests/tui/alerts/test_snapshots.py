"""What alerts look like. After a wanted change: pytest tests/tui/alerts --snapshot-update, and look at the pictures."""

from collections.abc import Callable

from textual.pilot import Pilot

from cryptex.tui.alerts.kept import condition_of
from tests.tui.fake_exchange import FakeExchange
from tests.tui.pilots import arrive, until
from tests.tui.scenes import BTC, terminal

Compare = Callable[..., bool]


def test_alerts(snap_compare: Compare) -> None:
    """The panel with one that has just fired, and its toast."""
    exchange = FakeExchange()
    app = terminal(exchange)
    app.NOTIFICATION_TIMEOUT = 600  # a slow machine must not see the toast go

    async def run(pilot: Pilot[None]) -> None:
        screen = await arrive(pilot, app, exchange)
        for market, rule in ((BTC, "price>62000"), (BTC, "price > 61000"), ("ETH-USDT", "change_percent<-5")):
            screen.model.alerts.add(market, condition_of(rule))
        await pilot.press("f5")
        screen.frame()
        await pilot.press("down")
        screen.frame()
        await until(pilot, lambda: bool(screen.query("Toast")))
        screen.frame()
        await pilot.pause()

    assert snap_compare(app, terminal_size=(120, 40), run_before=run)


def test_setting_an_alert(snap_compare: Compare) -> None:
    """The dialog, with a flaw."""
    exchange = FakeExchange()
    app = terminal(exchange)

    async def run(pilot: Pilot[None]) -> None:
        await arrive(pilot, app, exchange)
        await pilot.press("exclamation_mark", "end", "k")

    assert snap_compare(app, terminal_size=(80, 24), run_before=run)
