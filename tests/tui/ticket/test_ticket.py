"""The ticket under the hands of a user."""

from datetime import timedelta
from decimal import Decimal

import pytest
from textual.widgets import Input

from cryptex.protocol.terms import OrderType, SelfTradePrevention, Side, TimeInForce
from cryptex.tui.orders.confirm_screen import ConfirmScreen
from cryptex.tui.ticket.expiry_screen import ExpiryScreen
from cryptex.tui.ticket.parts import SendButton, Tag
from tests.tui.fake_exchange import MOMENT
from tests.tui.pilots import Desk, desk, type_text, until
from tests.tui.scenes import BOOK


def shown(on: Desk) -> list[str]:
    """Names of the rows that the ticket shows."""
    return [row.field for row in on.screen.desk.ticket.query("Row") if row.display]  # type: ignore[attr-defined]


async def placed(on: Desk) -> dict[str, object]:
    """Send, and return what went out."""
    await on.pilot.press("enter")
    if isinstance(on.app.screen, ConfirmScreen):
        await on.pilot.press("y")
    await until(on.pilot, lambda: bool(on.exchange.called("place_order")))
    return on.exchange.called("place_order")[-1]


async def test_rows_follow_the_type() -> None:
    async with desk((80, 24)) as on:
        assert shown(on) == ["side", "type", "price", "size", "time_in_force", "self_trade_prevention"]
        await on.pilot.press("o")
        assert shown(on) == ["side", "type", "size", "time_in_force", "self_trade_prevention"]
        await on.pilot.press("o", "o", "f", "f", "f")
        assert shown(on) == ["side", "type", "price", "stop_price", "size", "time_in_force", "expires"]
        await on.pilot.press("i")
        assert shown(on)[-1] == "self_trade_prevention"
        assert on.outcome()


async def test_after_a_turn_of_the_type_digits_go_into_the_first_field_whatever_stands_there() -> None:
    async with desk() as on:
        await on.pilot.press("b", *"61200", "escape", "b", "o", "o", "o", "o", *"61100", "tab", *"0.2")
        await on.pilot.pause()
        assert (on.field("price"), on.field("size")) == ("61100", "0.2")
        assert not on.exchange.called("place_order")


@pytest.mark.parametrize("tabs", [1, 2, 3])
async def test_a_number_that_is_typed_a_field_too_far_is_the_size_and_no_preset(tabs: int) -> None:
    async with desk() as on:
        await on.pilot.press("b", *"61200", "tab", "9", *("tab" for _ in range(tabs)), *"0", "full_stop", *"05")
        await on.pilot.pause()
        assert (on.field("price"), on.field("size")) == ("61200", "0.05")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: bool(on.exchange.called("place_order")))
        assert on.exchange.called("place_order")[-1]["size"] == Decimal("0.05")


async def test_good_till_date_is_typed_as_a_length_and_sent_as_a_time() -> None:
    async with desk() as on:
        await on.pilot.press("b", *"61200", "tab", "1", "e")
        await until(on.pilot, lambda: isinstance(on.app.screen, ExpiryScreen))
        on.app.screen.query_one(Input).value = ""
        await on.pilot.press("s", "o", "o", "n", "enter")
        assert isinstance(on.app.screen, ExpiryScreen)
        on.app.screen.query_one(Input).value = ""
        await on.pilot.press(*"90m")
        assert "17:10:03 UTC" in str(on.app.screen.query_one("#about").render())
        await on.pilot.press("enter")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert "17:10:03 UTC (90m)" in str(on.screen.query_one("#until").render())
        call = await placed(on)
        assert (call["time_in_force"], call["expires_at"]) == (TimeInForce.GTD, MOMENT + timedelta(minutes=90))


async def test_leaving_the_question_changes_nothing() -> None:
    async with desk() as on:
        await on.pilot.press("e", "escape")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert on.screen.desk.ticket.form.time_in_force is TimeInForce.GTC


@pytest.mark.parametrize(("presses", "mode"), enumerate(SelfTradePrevention))
async def test_self_trade_prevention_is_sent(presses: int, mode: SelfTradePrevention) -> None:
    async with desk() as on:
        await on.pilot.press("b", *"61200", "tab", "1", *"i" * presses)
        assert (await placed(on))["self_trade_prevention"] is mode


async def test_market_buy_by_quote() -> None:
    async with desk() as on:
        await on.pilot.press("b", "o", "U", *"500")
        await on.pilot.pause()
        assert "≈ 499" in on.outcome()
        call = await placed(on)
        assert (call["size"], call["quote_size"], call["type"]) == (None, Decimal(500), OrderType.MARKET)


@pytest.mark.parametrize(
    ("key", "size"), [("5", "0.37083"), ("6", "0.74167"), ("7", "1.11251"), ("8", "1.48335"), ("2", "0.00816")]
)
async def test_digits_outside_fields_size_the_order(key: str, size: str) -> None:
    async with desk() as on:
        on.screen.desk.ticket.fields.field("price").value = "61200"
        await on.pilot.press("l", key)
        assert on.field("size") == size
        await on.pilot.press("b", f"alt+{key}")
        assert (on.field("price"), on.field("size")) == ("61200", size)


async def test_a_share_follows_the_price_and_the_side_until_a_size_is_typed() -> None:
    async with desk() as on:
        await on.pilot.press("8")
        assert (on.field("price"), on.field("size")) == ("61234.50", "1.48251")
        await on.pilot.press("b", *"60000")
        await until(on.pilot, lambda: on.field("size") == "1.51302")
        await on.pilot.press("s")
        assert on.field("size") == "0.50418"
        await on.pilot.press("tab", *"1")
        await on.pilot.press("b", *"50000")
        await on.pilot.pause()
        assert on.field("size") == "1"


async def test_prices_of_the_market_by_one_key() -> None:
    async with desk() as on:
        seen = []
        for _ in range(4):
            await on.pilot.press("g")
            seen.append((on.field("price"), str(on.screen.query_one("#price_unit").render())))
        assert seen == [("61234.50", "own"), ("61235.00", "mid"), ("61235.50", "far"), ("61234.50", "last")]
        await on.pilot.press("s")
        assert str(on.screen.query_one("#price_unit").render()) == "USDT"


async def test_the_estimate_says_average_slippage_and_what_is_left() -> None:
    async with desk() as on:
        await on.pilot.press("b", *"61300", "tab", *"1")
        await on.pilot.pause()
        foot = on.outcome()
        assert "avg 61,237" in foot
        assert "bp" in foot
        assert "leaves 29,481.331 USDT" in foot


async def test_warnings_stand_in_the_ticket() -> None:
    async with desk() as on:
        await on.pilot.press("b", *"61300", "tab", *"2")
        await on.pilot.pause()
        assert "! needs 122,600.00 USDT, has 90,781.33" in on.outcome()
        await on.pilot.press("p", "b", *"70000")
        await on.pilot.pause()
        assert "! post-only would take at 61,235.50" in on.outcome()


async def test_the_mouse_turns_unit_price_and_expiry() -> None:
    async with desk() as on:
        await on.pilot.click("#price_unit")
        assert on.field("price") == "61234.50"
        await on.pilot.press("b", "o")
        await on.pilot.click("#size_unit")
        assert on.screen.desk.ticket.form.by_quote
        await on.pilot.press("o", "f", "f")
        await on.pilot.pause()
        await on.pilot.click("#until")
        await until(on.pilot, lambda: isinstance(on.app.screen, ExpiryScreen))


async def test_a_used_size_stays_as_a_hint_and_the_arrows_start_from_it() -> None:
    async with desk() as on:
        await on.pilot.press("b", *"61200", "tab")
        await type_text(on.pilot, "0.5")
        await placed(on)
        await until(on.pilot, lambda: "open #77" in on.outcome())
        field = on.screen.desk.ticket.fields.field("size")
        assert (field.value, field.placeholder) == ("", "0.5")
        await on.pilot.press("up")
        assert on.field("size") == "0.50001"


async def test_side_and_type_by_mouse_and_arrows() -> None:
    async with desk() as on:
        await on.pilot.click("#side", offset=(9, 0))
        assert on.screen.desk.ticket.form.side is Side.SELL
        await on.pilot.click("#type", offset=(9, 0))
        assert on.screen.desk.ticket.form.type is OrderType.MARKET
        on.screen.query_one("#self_trade_prevention").focus()
        await on.pilot.press("right")
        assert on.screen.desk.ticket.form.self_trade_prevention is SelfTradePrevention.CANCEL_OLDEST


async def out_of_touch(on: Desk, age_s: float) -> None:
    """Let the book lose an update, a while ago."""
    on.exchange.feeds[BOOK].offline()
    on.exchange.now_s += age_s
    await on.frame()


async def test_a_book_that_is_out_of_touch_is_a_warning_and_the_figures_fade() -> None:
    async with desk() as on:
        await on.pilot.press("b", *"61240", "tab", *"0.5")
        await on.pilot.pause()
        assert not on.screen.desk.ticket.has_class("stale")
        await out_of_touch(on, 7)
        assert "! the book is 7 s old" in on.outcome()
        assert on.screen.desk.ticket.has_class("stale")
        await on.pilot.press("enter")
        assert isinstance(on.app.screen, ConfirmScreen)


async def test_no_price_is_taken_from_a_book_that_is_out_of_touch() -> None:
    async with desk() as on:
        await out_of_touch(on, 7)
        await on.pilot.press("g")
        await on.pilot.pause()
        assert "no price taken: the book is 7 s old" in on.outcome()
        assert on.field("price") == ""
        await on.pilot.press("2", "B")
        await on.pilot.pause()
        assert "not joined: the book is 7 s old" in on.outcome()
        assert not on.exchange.called("place_order")


async def test_the_button_says_both_prices_of_a_stop_limit_where_there_is_little_room() -> None:
    async with desk((43, 40)) as on:
        await on.pilot.press("b", "o", "o", "o", *"61200", "tab", *"61234.5", "tab", *"0.12345")
        await on.pilot.pause()
        button = on.screen.query_one(SendButton)
        told = " ".join(" ".join(button.render_line(y).text for y in range(button.size.height)).split())
        assert told == "▲ Buy 0.12345 BTC stop 61,234.50 at 61,200.00"


async def test_a_flaw_is_told_whole_where_there_is_little_room() -> None:
    async with desk((43, 40)) as on:
        await on.pilot.press("b", *"61200.001", "enter")
        await on.pilot.pause()
        assert "✗ price must be a multiple of 0.01" in on.outcome()


async def test_a_unit_stands_whole_beside_its_field() -> None:
    async with desk() as on:
        tag = on.screen.query_one("#size_unit", Tag)
        tag.tell("LONGCOIN")
        await on.pilot.pause()
        assert tag.render_line(0).text.strip() == "LONGCOIN"
