"""The ladder under the hands of a user."""

from decimal import Decimal

import msgspec
import pytest
from textual import events
from textual.content import Content

from cryptex.client.subscription import FeedKey
from cryptex.protocol.channels import TradesMessage
from cryptex.protocol.terms import MarketState, Side
from cryptex.protocol.views import TradeView
from cryptex.tui.ladder.flash import FLASH_S
from cryptex.tui.ladder.rows import EDGE_ROWS
from cryptex.tui.ladder.settings import RECENTRE_AFTER_MAX, LadderSettings
from cryptex.tui.orders.confirm_screen import ConfirmScreen
from tests.tui.fake_exchange import order_view
from tests.tui.pilots import Desk, desk, until
from tests.tui.scenes import BOOK, BTC, ORDERS, TICKER, TRADES, book, levels, orders, ticker_in

LATER = "2026-11-22T15:40:04.000000Z"


def rows(on: Desk) -> list[str]:
    return on.text("ladder").splitlines()


def row(on: Desk, text: str) -> str:
    """Return the one row with a text, its spaces made single."""
    (found,) = [" ".join(line.split()) for line in rows(on) if text in line]
    return found


def prices(on: Desk) -> list[str]:
    """Return the prices of rows that stand still, from the top down."""
    return [next(text for text in line.split() if "," in text) for line in rows(on)[2:]]


def title(on: Desk) -> str:
    return Content.from_markup(str(on.screen.desk.ladder.border_title)).plain


async def aim(on: Desk, price: str) -> None:
    """Put the cursor on a level above the best bid."""
    await on.pilot.press("l", "down")
    for _ in range(40):
        if on.screen.desk.ladder.cursor == (Side.SELL, Decimal(price)):
            return
        await on.pilot.press("up")
    raise AssertionError("no such level")


async def test_grouping_by_keys_rounds_asks_up_and_bids_down_and_names_the_true_best() -> None:
    async with desk() as on:
        await on.pilot.press("l", *["plus"] * 5)
        await on.frame()
        assert title(on).endswith("BTC-USDT by 2")
        assert row(on, " / ") == "61,234.50 / 61,235.50 1.00"
        middle = next(y for y, line in enumerate(rows(on)) if " / " in line)
        assert "61,236.00" in rows(on)[middle - 1]
        assert "61,234.00" in rows(on)[middle + 1]
        await on.pilot.press("minus")
        await on.frame()
        assert title(on).endswith("BTC-USDT by 1")
        await on.pilot.press(*["minus"] * 9)
        await on.frame()
        assert title(on).endswith("BTC-USDT")


async def test_a_coarse_group_asks_for_a_deeper_book_and_shows_the_old_one_until_it_is_there() -> None:
    deep = FeedKey("book", BTC, depth=100)
    async with desk() as on:
        on.exchange.say(BOOK, book(levels(6123450, -150, 25), levels(6123550, 125, 25)))
        await on.frame()
        await on.pilot.press("l", *["plus"] * 8)
        await on.frame()
        assert deep in on.exchange.feeds
        assert title(on).endswith("by 20")
        assert "61,240.00" in on.text("ladder")
        assert "61,280.00" not in on.text("ladder")
        far = [(f"{61235 + 2 * i}.50", "1.00000") for i in range(40)]
        on.exchange.say(deep, book([("61234.50", "1.00000")], far))
        await on.frame()
        await on.frame()
        assert "61,280.00" in on.text("ladder")
        await until(on.pilot, lambda: {"key": BOOK} in on.exchange.called("unsubscribe"))
        on.exchange.say(deep, book([("61234.50", "0"), ("61234.00", "2.00000")], [], sequence=2, prev=1))
        await on.frame()
        assert row(on, " / ").startswith("61,234.00 / 61,235.50")


async def test_rows_hold_still_while_prices_move_and_recentre() -> None:
    async with desk() as on:
        await on.pilot.press("l", "h")
        await on.frame()
        assert "still" in title(on)
        before = prices(on)
        on.exchange.say(BOOK, book([("61235.00", "2.00000")], [], sequence=2, prev=1))
        await on.frame()
        assert prices(on) == before
        on.exchange.say(BOOK, book([("61239.75", "2.00000")], [("61250.00", "1.00000")]))
        await on.pilot.press("r")
        await on.frame()
        assert prices(on) != before
        await on.pilot.press("h")
        await on.frame()
        assert "still" not in title(on)
        middle = next(y for y, line in enumerate(rows(on)) if " / " in line)
        assert "61,250.00" in rows(on)[middle - 1]


async def test_rows_that_stand_still_follow_a_price_that_runs_away() -> None:
    async with desk() as on:
        await on.pilot.press("l", "h")
        on.exchange.say(BOOK, book(levels(6223450, -150), levels(6223550, 125)))
        await on.frame()
        assert "62,234" in on.text("ladder")
        assert "61,23" not in "".join(prices(on))


async def test_in_an_auction_both_sides_are_apart_though_rows_stand_still() -> None:
    async with desk() as on:
        await on.pilot.press("l", "h")
        on.exchange.say(BOOK, book([("61240.00", "2.00000")], [("61230.00", "1.00000")], sequence=2, prev=1))
        on.exchange.say(TICKER, ticker_in(MarketState.AUCTION, state_ends_at="2026-11-22T15:45:03.000000Z"))
        await on.frame()
        middle = next(y for y, line in enumerate(rows(on)) if "auction" in line)
        assert "61,230.00" in rows(on)[middle - 1]
        assert "61,240.00" in rows(on)[middle + 1]


async def test_the_cursor_reads_out_what_it_takes() -> None:
    async with desk() as on:
        await aim(on, "61236.75")
        # 0.12 at 61235.50 and 0.40007 at 61236.75
        assert rows(on)[-1].split() == ["0.52007", "for", "31,847.25", "⌀", "61,236.46"]
        await on.pilot.press("escape")
        assert "⌀" not in on.text("ladder")
        assert on.screen.desk.ladder.has_focus


async def test_the_pointer_reads_out_too() -> None:
    async with desk() as on:
        y = next(y for y, line in enumerate(rows(on)) if "61,236.75" in line)
        await on.pilot.hover("#ladder", offset=(8, y + 1))
        assert "0.52007 for" in rows(on)[-1]
        await on.pilot.hover("#ladder", offset=(8, on.screen.desk.ladder.size.height))
        assert "⌀" not in on.text("ladder")
        await on.pilot.hover("#ladder", offset=(8, y + 1))
        assert "⌀" in on.text("ladder")
        await on.pilot.hover("#ticket", offset=(5, 5))
        assert "⌀" not in on.text("ladder")


async def test_buy_and_sell_at_the_cursor_take_its_price() -> None:
    async with desk() as on:
        await aim(on, "61236.75")
        await on.pilot.press("b")
        assert on.field("price") == "61236.75"
        assert on.screen.desk.ticket.form.side is Side.BUY
        await on.pilot.press("l", "s")
        assert on.screen.desk.ticket.form.side is Side.SELL
        assert on.field("price") == "61236.75"


async def test_without_a_cursor_the_price_is_left_alone() -> None:
    async with desk() as on:
        await on.pilot.press("l", "b")
        assert on.field("price") == ""


async def test_cancel_at_a_level_with_an_own_order() -> None:
    async with desk() as on:
        await aim(on, "61248.00")
        await on.pilot.press("x")
        await until(on.pilot, lambda: bool(on.exchange.called("cancel_order")))
        assert on.exchange.called("cancel_order") == [{"order_id": 1044}]
        assert on.screen.desk.ladder.has_focus


async def test_cancel_of_several_orders_of_a_level_asks() -> None:
    async with desk() as on:
        both = [order_view(i, "sell", "61248.00", "0.10000") for i in (1, 2)]
        on.exchange.say(ORDERS, orders(both))
        await on.frame()
        await aim(on, "61248.00")
        await on.pilot.press("x")
        await until(on.pilot, lambda: isinstance(on.app.screen, ConfirmScreen))
        await on.pilot.press("n", "x")
        await until(on.pilot, lambda: isinstance(on.app.screen, ConfirmScreen))
        assert not on.exchange.called("cancel_order")
        await on.pilot.press("y")
        await until(on.pilot, lambda: len(on.exchange.called("cancel_order")) == 2)


async def test_own_orders_say_their_size_and_what_is_ahead() -> None:
    async with desk() as on:
        mine = order_view(7, "sell", "61248.00", "0.05000", sequence=1)
        on.exchange.say(ORDERS, orders([mine]))
        await on.frame()
        own = row(on, "61,248.00")
        assert own.startswith("◆")
        size = Decimal(own.split()[2])
        assert size == Decimal("1.10007")
        assert own.endswith(" 0.05 ≤1.06")
        trade = TradeView(61, "61248.00", "0.05000", Side.BUY, LATER)
        sold = TradesMessage(market=BTC, type="update", epoch=1, sequence=2, prev=1, time=LATER, trades=[trade])
        on.exchange.say(TRADES, sold)
        await on.frame()
        assert row(on, "◆").endswith(" 0.05 ≤1.01")


async def test_the_last_trade_is_marked() -> None:
    async with desk() as on:
        trade = TradeView(61, "61236.75", "0.05000", Side.BUY, LATER)
        sold = TradesMessage(market=BTC, type="update", epoch=1, sequence=2, prev=1, time=LATER, trades=[trade])
        on.exchange.say(TRADES, sold)
        await on.frame()
        assert row(on, "▸").startswith("▸ 61,236.75")


async def test_a_changed_size_is_lit_for_a_moment_and_its_row_alone_is_drawn_again() -> None:
    async with desk() as on:
        ladder = on.screen.desk.ladder
        last = rows(on)[-1].split()[0].replace(",", "")
        on.exchange.say(BOOK, book([(last, "9.00000")], [], sequence=2, prev=1))
        await on.frame()
        assert ladder.stirs
        drawn: list[object] = []
        ladder.refresh = lambda *regions, **_: drawn.extend(regions)  # type: ignore[method-assign,assignment]
        on.screen.frame()
        assert not drawn
        on.exchange.now_s += FLASH_S + 0.01
        on.screen.frame()
        assert len(drawn) == 1
        assert not ladder.stirs


async def test_flashing_can_be_switched_off() -> None:
    async with desk() as on:
        await on.pilot.press("l", "n")
        on.exchange.say(BOOK, book([("61234.50", "9.00000")], [], sequence=2, prev=1))
        await on.frame()
        assert not on.screen.desk.ladder.stirs
        await on.pilot.press("n")
        on.exchange.say(BOOK, book([("61234.50", "8.00000")], [], sequence=3, prev=2))
        await on.frame()
        on.exchange.say(BOOK, book([("61234.50", "7.00000")], [], sequence=4, prev=3))
        await on.frame()
        assert on.screen.desk.ladder.stirs


async def test_stale_data_does_not_flash() -> None:
    async with desk() as on:
        on.exchange.say(BOOK, book([("61234.50", "9.00000")], [], sequence=2, prev=1))
        await on.frame()
        assert on.screen.desk.ladder.stirs
        on.exchange.drop()
        await on.frame()
        assert on.screen.desk.ladder.stale
        assert not on.screen.desk.ladder.stirs


async def test_another_market_begins_anew() -> None:
    async with desk() as on:
        await on.pilot.press("l", "plus", "down", "down")
        await on.pilot.press("right_square_bracket")
        await until(on.pilot, lambda: on.screen.model.market == "ETH-USDT")
        await on.frame()
        assert title(on).endswith("ETH-USDT")
        await on.pilot.press("left_square_bracket")
        await until(on.pilot, lambda: on.screen.model.market == BTC)
        on.exchange.say(BOOK, book(levels(6123450, -150), levels(6123550, 125)))
        await on.frame()
        assert title(on).endswith("by 0.1")
        assert on.screen.desk.ladder.cursor is None


async def test_the_wheel_moves_the_cursor_from_the_best_price_and_takes_the_focus_for_it() -> None:
    async with desk() as on:
        ladder = on.screen.desk.ladder
        on.screen.set_focus(None)
        scroll = {"widget": ladder, "x": 5, "y": 5, "delta_x": 0, "delta_y": 0, "button": 0}
        scroll |= {"shift": False, "meta": False, "ctrl": False}
        ladder.post_message(events.MouseScrollDown(**scroll))
        await on.pilot.pause()
        assert on.screen.focused is ladder
        assert ladder.aim == (Side.BUY, Decimal("61234.50"))
        ladder.post_message(events.MouseScrollUp(**scroll))
        await on.pilot.pause()
        assert ladder.aim == (Side.SELL, Decimal("61235.50"))
        ladder.post_message(events.MouseScrollDown(**scroll))
        await on.pilot.pause()
        assert ladder.aim == (Side.BUY, Decimal("61234.50"))


async def test_rows_that_stand_still_move_when_the_settings_say() -> None:
    async with desk() as on:
        on.screen.model.ladder.settings = LadderSettings(still=True, recentre_after=0)
        on.screen.desk.ladder.settle()
        first = prices(on)
        rows_shown = len(first)
        near = Decimal(first[1].replace(",", ""))
        on.exchange.say(BOOK, book([(f"{near - 1:f}", "1.00000")], [(f"{near:f}", "1.00000")]))
        await on.frame()
        assert prices(on) == first
        on.screen.model.ladder.settings = LadderSettings(still=True)
        await on.frame()
        on.screen.desk.ladder.show(stale=False)
        assert prices(on) != first
        assert len(prices(on)) == rows_shown


def test_the_edge_is_bounded() -> None:
    assert LadderSettings().recentre_after == EDGE_ROWS
    for rows_from_edge in (-1, RECENTRE_AFTER_MAX + 1):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"recentre_after": rows_from_edge}, LadderSettings)
