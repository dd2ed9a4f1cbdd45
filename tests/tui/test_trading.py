"""The trading screen under the hands of a user."""

import asyncio
from decimal import Decimal

import pytest
from textual.events import Key
from textual.widgets import Input

from cryptex.client.errors import outcome_unknown, unreachable
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import EndReason, OrderStatus, OrderType, Side, TimeInForce
from cryptex.tui.keys.help_screen import HelpScreen
from cryptex.tui.model import Link
from cryptex.tui.orders.confirm_screen import ConfirmScreen
from tests.tui.fake_exchange import order_view, refusal
from tests.tui.pilots import Desk, desk, type_text, until
from tests.tui.scenes import BOOK, BTC, ORDERS, book, orders


async def write_order(on: Desk, price: str = "61200", size: str = "0.5") -> None:
    """Fill the ticket: buy, limit."""
    await on.pilot.press("b")
    on.screen.query_one("#price", Input).value = price
    on.screen.query_one("#size", Input).value = size
    await on.pilot.pause()


async def test_ladder_shows_the_book_and_follows_it() -> None:
    async with desk() as on:
        rows = on.text("ladder").splitlines()
        middle = next(y for y, row in enumerate(rows) if "spread" in row)
        assert "61,235.50" in rows[middle - 1]
        assert "61,234.50" in rows[middle + 1]
        assert "spread 1.00" in rows[middle]
        on.exchange.say(BOOK, book([("61235.00", "2.00000")], [("61235.50", "0")], sequence=2, prev=1))
        await on.frame()
        rows = on.text("ladder").splitlines()
        assert "61,236.75" in rows[middle - 1]
        assert "61,235.00" in rows[middle + 1]
        assert "2.00000" in rows[middle + 1]


async def test_own_orders_are_marked_on_the_ladder() -> None:
    async with desk() as on:
        marked = [row for row in on.text("ladder").splitlines() if "◆" in row]
        assert len(marked) == 2
        assert "61,248.00" in marked[0]
        assert "61,227.00" in marked[1]


async def test_empty_side_says_so() -> None:
    async with desk() as on:
        on.exchange.say(BOOK, book([("61235.00", "2.00000")], []))
        await on.frame()
        assert "no asks" in on.text("ladder")
        assert "one side only" in on.text("ladder")


async def test_click_fills_price_and_side() -> None:
    async with desk() as on:
        rows = on.text("ladder").splitlines()
        y = next(y for y, row in enumerate(rows) if "61,239.25" in row)
        await on.pilot.click("#ladder", offset=(8, y + 1))
        await on.pilot.pause()
        assert on.field("price") == "61239.25"
        assert on.screen.desk.ticket.form.side is Side.BUY
        assert on.screen.focused is not None
        assert on.screen.focused.id == "size"


async def test_enter_on_a_level_fills_price() -> None:
    async with desk() as on:
        await on.pilot.press("l", "down", "down", "enter")
        await on.pilot.pause()
        assert on.field("price") == "61233.00"
        assert on.screen.desk.ticket.form.side is Side.SELL


async def test_cursor_keeps_its_price_when_the_book_moves() -> None:
    async with desk() as on:
        await on.pilot.press("l", "down", "down")
        on.exchange.say(BOOK, book([("61235.00", "2.00000")], [("61235.50", "0")], sequence=2, prev=1))
        await on.frame()
        await on.pilot.press("enter")
        await on.pilot.pause()
        assert on.field("price") == "61233.00"


async def test_submit_goes_from_submitting_to_open() -> None:
    async with desk() as on:
        on.exchange.gate = asyncio.Event()
        await write_order(on)
        assert "≈ 30,600.00 USDT" in on.outcome()
        await on.pilot.press("enter")
        await until(on.pilot, lambda: "submitting" in on.outcome())
        await on.pilot.press("enter")
        on.exchange.gate.set()
        await until(on.pilot, lambda: "open #77" in on.outcome())
        await on.pilot.press("enter")
        (call,) = on.exchange.called("place_order")
        assert (call["market"], call["side"], call["size"], call["price"]) == (
            BTC,
            Side.BUY,
            Decimal("0.5"),
            Decimal(61200),
        )
        assert (call["type"], call["time_in_force"], call["post_only"]) == (OrderType.LIMIT, TimeInForce.GTC, False)
        assert isinstance(call["client_order_id"], str)
        await on.frame()
        assert on.field("size") == ""
        assert "open #77" in on.text("activity")


async def test_rejection_is_said_in_words() -> None:
    async with desk() as on:
        on.exchange.answers["place_order"] = [refusal(Code.INSUFFICIENT_FUNDS, "needs 30600 USDT, 100 available")]
        await write_order(on)
        await on.pilot.press("enter")
        await until(on.pilot, lambda: "rejected: needs 30600 USDT" in on.outcome())
        await on.frame()
        assert "Lower the size" in " ".join(on.text("activity").split())


async def test_flawed_form_is_not_sent() -> None:
    async with desk() as on:
        await write_order(on, "61200.001")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: "price must be a multiple of 0.01" in on.outcome())
        assert on.screen.focused is not None
        assert on.screen.focused.id == "price"
        assert not on.exchange.called("place_order")


async def test_unknown_outcome_is_resolved_by_client_order_id() -> None:
    async with desk() as on:
        on.exchange.answers["place_order"] = [outcome_unknown("no reply")]
        lost = unreachable("not connected")
        on.exchange.answers["order"] = [lost, lost, order_view(78, "buy", "61200.00", "0.50000")]
        await write_order(on)
        await on.pilot.press("enter")
        await until(on.pilot, lambda: "open #78" in on.outcome())
        key = on.exchange.called("place_order")[0]["client_order_id"]
        assert [call["client_order_id"] for call in on.exchange.called("order")] == [key] * 3
        await on.frame()
        assert "outcome unknown" in on.text("activity")


async def test_unknown_order_that_never_arrived_is_said_to_be_not_placed() -> None:
    async with desk() as on:
        on.exchange.answers["place_order"] = [outcome_unknown("no reply")]
        on.exchange.answers["order"] = [refusal(Code.UNKNOWN_ORDER, "no such order")] * 3
        await write_order(on)
        await on.pilot.press("enter")
        await until(on.pilot, lambda: "not placed" in on.outcome())


async def test_unfilled_market_order_says_why_it_ended() -> None:
    async with desk() as on:
        ended = {"type": OrderType.MARKET, "status": OrderStatus.CANCELED, "reason": EndReason.NO_LIQUIDITY}
        on.exchange.answers["place_order"] = [order_view(79, "sell", None, "0.50000", **ended)]
        await on.pilot.press("s", "o")
        await type_text(on.pilot, "0.5")
        await on.frame()
        assert "≈ 30," in on.outcome()
        await on.pilot.press("enter", "y")
        await until(on.pilot, lambda: "canceled #79 (no liquidity)" in on.outcome())
        (call,) = on.exchange.called("place_order")
        assert (call["type"], call["price"], call["time_in_force"]) == (OrderType.MARKET, None, TimeInForce.IOC)


async def test_stop_limit_sends_both_prices_and_shortcuts_work_while_typing() -> None:
    async with desk() as on:
        await on.pilot.press("s", "o", "o", "o", "b", "f")
        await type_text(on.pilot, "61300")
        await on.pilot.press("tab")
        await type_text(on.pilot, "61290")
        await on.pilot.press("up", "tab")
        await type_text(on.pilot, "0.1")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: "open #77" in on.outcome())
        (call,) = on.exchange.called("place_order")
        assert (call["side"], call["type"]) == (Side.BUY, OrderType.STOP_LIMIT)
        assert (call["price"], call["stop_price"]) == (Decimal(61300), Decimal("61290.01"))
        assert call["time_in_force"] is TimeInForce.IOC


async def test_post_only_is_sent() -> None:
    async with desk() as on:
        await write_order(on)
        await on.pilot.press("p", "enter")
        await until(on.pilot, lambda: "open #77" in on.outcome())
        assert on.exchange.called("place_order")[0]["post_only"] is True


async def test_x_goes_to_the_orders_and_then_cancels() -> None:
    async with desk() as on:
        await on.pilot.press("x")
        assert not on.exchange.called("cancel_order")
        await on.pilot.press("down", "x")
        await until(on.pilot, lambda: bool(on.exchange.called("cancel_order")))
        assert on.exchange.called("cancel_order") == [{"order_id": 1044}]
        on.exchange.say(ORDERS, orders([order_view(1044, "sell", "1", "1", status=OrderStatus.CANCELED)], prev=1))
        await on.frame()
        assert "1044" not in on.text("orders")
        assert "canceled #1044" in on.text("activity")


async def test_cancel_that_comes_too_late_says_so() -> None:
    async with desk() as on:
        on.exchange.answers["cancel_order"] = [refusal(Code.NOT_OPEN, "order 1052 is filled")]
        await on.pilot.press("x", "x")
        await until(on.pilot, lambda: any("order 1052 is filled" in n.text for n in on.screen.model.activity))


async def test_cancel_all_asks_first() -> None:
    async with desk() as on:
        await on.pilot.press("X")
        await until(on.pilot, lambda: isinstance(on.app.screen, ConfirmScreen))
        await on.pilot.press("enter", "n")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert not on.exchange.called("cancel_all")
        await on.pilot.press("X", "y")
        await until(on.pilot, lambda: bool(on.exchange.called("cancel_all")))
        assert on.exchange.called("cancel_all") == [{"market": None}]
        await until(on.pilot, lambda: any("canceled 3 orders" in n.text for n in on.screen.model.activity))


async def test_lost_connection_dims_the_data_and_says_its_age() -> None:
    async with desk() as on:
        assert "● live 3 ms" in on.status()
        on.exchange.drop()
        on.exchange.now_s += 12
        await on.frame()
        assert "reconnecting · 12 s old" in on.status()
        ladder = on.screen.desk.ladder
        assert ladder.stale
        assert "12 s old" in str(ladder.border_subtitle)
        assert "61,235.50" in on.text("ladder")
        on.exchange.state = "live"
        on.exchange.say(BOOK, book([("61235.00", "2.00000")], [("61236.00", "1.00000")]))
        await on.frame()
        assert "● live" in on.status()
        assert not ladder.stale
        assert [note.text for note in on.screen.model.activity] == [
            "live again",
            "reconnecting: prices and orders may be old",
        ]


async def test_silence_is_stale_even_while_connected() -> None:
    async with desk() as on:
        on.exchange.answers["ping"] = [unreachable("no pong")] * 1000
        on.exchange.now_s += 7
        await on.frame()
        assert on.screen.status_bar.connection.link is Link.STALE
        assert "stale · 7 s old" in on.status()


async def test_market_can_be_turned() -> None:
    async with desk() as on:
        await on.pilot.press("right_square_bracket")
        await until(on.pilot, lambda: on.screen.model.market == "ETH-USDT")
        await on.frame()
        assert "waiting for the book" in on.text("ladder")
        assert "ETH-USDT" in on.status()
        await until(on.pilot, lambda: len(on.exchange.called("unsubscribe")) == 3)
        await on.pilot.press("m", "up", "enter")
        await until(on.pilot, lambda: on.screen.model.market == BTC)


async def test_help_lists_keys_and_closes() -> None:
    async with desk((80, 24)) as on:
        await on.pilot.press("question_mark")
        await until(on.pilot, lambda: isinstance(on.app.screen, HelpScreen))
        await on.pilot.press("q")
        await until(on.pilot, lambda: on.app.screen is on.screen)


@pytest.mark.parametrize("keys", [("q",), ("ctrl+q",), ("b", "q")])
async def test_quit_closes_the_connection(keys: tuple[str, ...]) -> None:
    async with desk() as on:
        await on.pilot.press(*keys)
        await until(on.pilot, lambda: on.exchange.closed > 0)
    assert on.app.return_code == 0
    assert on.exchange.state == "closed"


async def test_frames_without_news_draw_nothing() -> None:
    async with desk() as on:
        drawn: list[object] = []
        for panel in on.screen.desk.panels.values():
            panel.refresh = lambda *regions, **_: drawn.append(regions)  # type: ignore[method-assign,assignment]
        on.screen.frame()
        assert not drawn
        on.exchange.say(BOOK, book([("61234.50", "9.00000")], [], sequence=2, prev=1))
        on.screen.frame()
        assert len(drawn) == 1


@pytest.mark.parametrize("size", [(50, 20), (60, 30), (80, 24), (120, 40), (200, 55)])
async def test_no_panel_is_cut(size: tuple[int, int]) -> None:
    async with desk(size) as on:
        for key in ("l", "b", "f2", "m", "t", "w", "f7", "z", "escape"):
            await on.pilot.press(key)
            await on.pilot.pause()
            shown = [child for child in on.screen.desk.children if child.display]
            assert on.screen.focused is not None
            assert any(child in shown for child in on.screen.focused.ancestors_with_self), key
            area = sum(child.region.area for child in shown)
            assert area == on.screen.desk.region.area
            assert all(on.screen.desk.region.contains_region(child.region) for child in shown)


async def test_a_burst_of_keys_is_obeyed_in_its_order() -> None:
    async with desk() as on:
        for key in ("b", *"61200", "tab", *"0", "full_stop", *"5", "enter"):
            character = "." if key == "full_stop" else key if len(key) == 1 else None
            on.app.post_message(Key(key, character))
        await until(on.pilot, lambda: "open #77" in on.outcome())
        (call,) = on.exchange.called("place_order")
        assert (call["size"], call["price"]) == (Decimal("0.5"), Decimal(61200))


async def test_the_same_keys_mean_the_same_order_though_the_price_stays_filled() -> None:
    async with desk() as on:
        for price in ("61200", "61100"):
            await on.pilot.press("b", *price, "tab", "2", "enter")
            await until(on.pilot, lambda: "open #" in on.outcome())
        calls = on.exchange.called("place_order")
        assert [(call["size"], call["price"]) for call in calls] == [(2, 61200), (2, 61100)]


async def test_too_small_a_screen_says_so_and_recovers() -> None:
    async with desk((80, 24)) as on:
        await on.pilot.resize_terminal(40, 12)
        await until(on.pilot, lambda: not on.screen.desk.ladder.display)
        assert "at least 43 x 15" in str(on.screen.desk.render())
        await on.pilot.resize_terminal(120, 40)
        await until(on.pilot, lambda: on.screen.desk.ladder.display)
        await on.frame()
        assert "61,235.50" in on.text("ladder")


async def test_cancel_all_without_orders_asks_nothing() -> None:
    async with desk() as on:
        on.exchange.say(ORDERS, orders([]))
        await on.frame()
        await on.pilot.press("X")
        await until(on.pilot, lambda: bool(on.screen.model.activity))
        assert on.app.screen is on.screen
