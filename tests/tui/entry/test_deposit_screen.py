"""Deposits: each way in which one is refused or lost is said, and none is made twice."""

from textual.pilot import Pilot
from textual.widgets import Input

from cryptex.client.errors import outcome_unknown
from cryptex.protocol.channels import WalletMessage
from cryptex.protocol.problems import Code
from cryptex.protocol.views import BalanceView
from cryptex.tui.drawing.card import Hints
from cryptex.tui.entry.deposit_screen import DepositScreen
from cryptex.tui.trading_screen import TradingScreen
from tests.tui.entry.steps import told
from tests.tui.fake_exchange import TIME, FakeExchange, refusal
from tests.tui.pilots import Desk, desk, type_text, until
from tests.tui.scenes import WALLET

ASSETS = ("BTC", "ETH", "SOL", "USDT")


async def opened(on: Desk) -> None:
    """Open the deposit by its key."""
    await on.pilot.press("D")
    await until(on.pilot, lambda: isinstance(on.app.screen, DepositScreen))
    await on.pilot.pause()


async def closed(on: Desk) -> None:
    """Wait until the deposit is done."""
    await until(on.pilot, lambda: isinstance(on.app.screen, TradingScreen))


def value(on: Desk, name: str) -> str:
    """Return what stands in a field."""
    return on.app.screen.query_one(f"#{name}", Input).value


async def again(pilot: Pilot[None], text: str) -> None:
    """Write another amount."""
    await pilot.press("ctrl+u")
    await type_text(pilot, text)
    await pilot.press("enter")


async def test_an_amount_is_deposited_and_told() -> None:
    async with desk() as on:
        await opened(on)
        assert value(on, "asset") == "USDT"
        await again(on.pilot, "1,000.5")
        await closed(on)
        assert on.screen.model.activity[0].text == "deposited 1000.5 USDT"
    (sent,) = on.exchange.called("deposit")
    assert (sent["asset"], sent["amount"]) == ("USDT", "1000.5")


async def test_assets_are_turned_by_arrows_or_typed() -> None:
    async with desk() as on:
        await opened(on)
        await on.pilot.press("down")
        assert value(on, "asset") == "BTC"
        await on.pilot.press("up", "up")
        assert value(on, "asset") == "SOL"
        await on.pilot.press("shift+tab", "ctrl+u")
        await type_text(on.pilot, "eth")
        await on.pilot.press("enter")
        await again(on.pilot, "2")
        await closed(on)
    assert on.exchange.called("deposit")[0]["asset"] == "ETH"


async def test_what_is_missing_or_unknown_is_named_and_not_sent() -> None:
    async with desk() as on:
        await opened(on)
        await on.pilot.press("enter")
        assert "The amount is missing" in told(on.app)
        await on.pilot.press("shift+tab", "ctrl+u")
        await type_text(on.pilot, "XYZ")
        await on.pilot.press("enter")
        await again(on.pilot, "1")
        assert "There is no asset XYZ here: BTC, ETH, SOL, USDT." in told(on.app)
        assert on.app.focused is on.app.screen.query_one("#asset")
    assert not on.exchange.called("deposit")


async def test_a_refusal_is_said_and_can_be_corrected() -> None:
    exchange = FakeExchange()
    exchange.answers["deposit"] = [refusal(Code.FAUCET_LIMIT, "the faucet gives at most 1000000 USDT at a time")]
    async with desk(exchange=exchange) as on:
        await opened(on)
        await again(on.pilot, "2000000")
        await until(on.pilot, lambda: "at most 1000000 USDT" in told(on.app))
        await again(on.pilot, "5")
        await closed(on)
    first, second = (sent["reference"] for sent in exchange.called("deposit"))
    assert first != second


async def test_a_node_without_a_faucet_says_so() -> None:
    exchange = FakeExchange()
    exchange.answers["deposit"] = [refusal(Code.FAUCET_DISABLED, "this node's faucet is off")]
    async with desk(exchange=exchange) as on:
        await opened(on)
        await again(on.pilot, "5")
        await until(on.pilot, lambda: "this node's faucet is off" in told(on.app))
        await on.pilot.press("escape")
        await closed(on)


async def test_a_lost_answer_is_asked_for_again_under_the_same_reference() -> None:
    exchange = FakeExchange()
    exchange.answers["deposit"] = [outcome_unknown("no answer"), outcome_unknown("no answer")]
    async with desk(exchange=exchange) as on:
        await opened(on)
        await again(on.pilot, "5")
        await until(on.pilot, lambda: "never deposits it twice" in told(on.app))
        await on.pilot.press("enter")
        await until(on.pilot, lambda: len(exchange.called("deposit")) == 2)
        await on.pilot.pause()
        await again(on.pilot, "6")
        await closed(on)
    first, second, third = (sent["reference"] for sent in exchange.called("deposit"))
    assert first == second != third


async def test_it_is_in_the_menu_of_the_account_and_the_mouse_sends_it() -> None:
    async with desk() as on:
        await on.pilot.press("u", "d")
        await until(on.pilot, lambda: isinstance(on.app.screen, DepositScreen))
        await type_text(on.pilot, "5")
        await on.pilot.click(Hints, offset=(3, 0))
        await closed(on)
    assert len(on.exchange.called("deposit")) == 1


async def test_an_empty_wallet_says_how_funds_are_had() -> None:
    async with desk() as on:
        assert "deposits some" not in on.text("wallet")
        nothing = [BalanceView(asset, "0.00000000", "0.00000000", "0.00000000") for asset in ASSETS]
        on.exchange.say(WALLET, WalletMessage(type="update", epoch=1, sequence=2, prev=1, time=TIME, balances=nothing))
        await on.frame()
        assert "no funds: D deposits some" in on.text("wallet")
