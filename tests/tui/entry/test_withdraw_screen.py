"""Withdrawals: asked about before they leave, and each way in which one is refused or lost is said."""

import msgspec
from textual.widgets import Input

from cryptex.client.errors import outcome_unknown
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import ADDRESS_LENGTH_MAX, WithdrawalStatus
from cryptex.tui.drawing.card import Hints
from cryptex.tui.entry.withdraw_screen import WithdrawScreen
from cryptex.tui.trading_screen import TradingScreen
from tests.tui.entry.steps import told
from tests.tui.fake_exchange import FakeExchange, refusal
from tests.tui.pilots import Desk, desk, type_text, until

ADDRESS = "somewhere-else"


async def opened(on: Desk) -> None:
    """Open it by its key."""
    await on.pilot.press("W")
    await until(on.pilot, lambda: isinstance(on.app.screen, WithdrawScreen))
    await on.pilot.pause()


async def closed(on: Desk) -> None:
    """Wait until it is done."""
    await until(on.pilot, lambda: isinstance(on.app.screen, TradingScreen))


async def write(on: Desk, amount: str, address: str = ADDRESS) -> None:
    """Write amount and address, from the amount on, and press Enter after each."""
    for text in (amount, address):
        await on.pilot.press("ctrl+u")
        await type_text(on.pilot, text)
        await on.pilot.press("enter")


def amount(on: Desk) -> str:
    """Return what stands in the field of the amount."""
    return on.app.screen.query_one("#amount", Input).value


async def test_it_says_what_leaves_and_is_sent_by_the_next_enter() -> None:
    async with desk() as on:
        await opened(on)
        await write(on, "1,000.5")
        assert "Send 1000.5 USDT to somewhere-else? 90781.3314 USDT are available. ⏎ again sends it." in told(on.app)
        assert not on.exchange.called("withdraw")
        await on.pilot.press("enter")
        await closed(on)
        assert on.screen.model.activity[0].text == "withdrawal 3 of 1000.5 USDT to somewhere-else: approved"
    (sent,) = on.exchange.called("withdraw")
    assert (sent["asset"], sent["amount"], sent["address"]) == ("USDT", "1000.5", ADDRESS)
    assert sent["reference"].startswith("tui-")


async def test_what_was_changed_is_asked_about_again() -> None:
    async with desk() as on:
        await opened(on)
        await write(on, "5")
        await type_text(on.pilot, "-2")
        await on.pilot.press("enter")
        assert "to somewhere-else-2?" in told(on.app)
        assert not on.exchange.called("withdraw")
        await on.pilot.press("enter")
        await closed(on)
    assert on.exchange.called("withdraw")[0]["address"] == f"{ADDRESS}-2"


async def test_all_is_what_is_available_while_the_wallet_is_live() -> None:
    async with desk() as on:
        await opened(on)
        await write(on, "all")
        assert amount(on) == "90781.3314"
        await on.pilot.press("escape")
        await closed(on)
        on.exchange.drop()
        await on.frame()
        await opened(on)
        await write(on, "ALL")
        assert "The wallet is not live now." in told(on.app)
        await write(on, "7")
        assert "available" not in told(on.app)
    assert not on.exchange.called("withdraw")


async def test_what_is_missing_is_named_and_not_sent() -> None:
    async with desk() as on:
        await opened(on)
        await write(on, "1", "")
        assert "The address is missing" in told(on.app)
        await on.pilot.press("shift+tab", "ctrl+u", "enter", "enter")
        assert "The amount is missing" in told(on.app)
        await on.pilot.press("shift+tab", "ctrl+u")
        await type_text(on.pilot, "SOL")
        await on.pilot.press("enter")
        await write(on, "all")
        assert "No SOL is available." in told(on.app)
    assert not on.exchange.called("withdraw")


async def test_a_refusal_is_said_and_another_try_is_another_withdrawal() -> None:
    exchange = FakeExchange()
    exchange.answers["withdraw"] = [refusal(Code.WITHDRAWAL_LIMIT, "50000 USDT may leave in 24 hours, 0 are used")]
    async with desk(exchange=exchange) as on:
        await opened(on)
        await write(on, "60000")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: "50000 USDT may leave" in told(on.app))
        await write(on, "5")
        await on.pilot.press("enter")
        await closed(on)
    first, second = (sent["reference"] for sent in exchange.called("withdraw"))
    assert first != second


async def test_a_lost_answer_is_asked_for_again_under_the_same_reference() -> None:
    exchange = FakeExchange()
    exchange.answers["withdraw"] = [outcome_unknown("no answer")]
    async with desk(exchange=exchange) as on:
        await opened(on)
        await write(on, "5")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: "it never leaves twice" in told(on.app))
        await on.pilot.press("enter", "enter", "enter")
        await closed(on)
    first, second = (sent["reference"] for sent in exchange.called("withdraw"))
    assert first == second


async def test_one_that_an_admin_has_to_approve_says_so() -> None:
    exchange = FakeExchange()
    one = await exchange.withdraw("USDT", "5", ADDRESS)
    exchange.answers["withdraw"] = [msgspec.structs.replace(one, status=WithdrawalStatus.REQUESTED)]
    async with desk(exchange=exchange) as on:
        await opened(on)
        await write(on, "5")
        await on.pilot.press("enter")
        await closed(on)
        assert "waits for an admin's approval" in on.screen.model.activity[0].text


async def test_it_is_in_the_menu_of_the_account_and_the_mouse_sends_it() -> None:
    async with desk() as on:
        await on.pilot.press("u", "w")
        await until(on.pilot, lambda: isinstance(on.app.screen, WithdrawScreen))
        await type_text(on.pilot, "5")
        await on.pilot.press("enter")
        await type_text(on.pilot, ADDRESS)
        await on.pilot.click(Hints, offset=(3, 0))
        await on.pilot.click(Hints, offset=(3, 0))
        await closed(on)
    assert len(on.exchange.called("withdraw")) == 1


async def test_markup_in_an_address_is_text() -> None:
    async with desk() as on:
        await opened(on)
        await write(on, "5", "[bold]x[/bold]")
        assert "to [bold]x[/bold]?" in told(on.app)
        await on.pilot.press("ctrl+u")
        await type_text(on.pilot, "y" * (ADDRESS_LENGTH_MAX + 1))
        assert on.app.screen.query_one("#address", Input).value == "y" * ADDRESS_LENGTH_MAX
