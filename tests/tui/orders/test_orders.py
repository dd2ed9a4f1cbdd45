"""One's own orders under the hands of a user."""

import asyncio
from decimal import Decimal

import pytest

from cryptex.client.errors import outcome_unknown, unreachable
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import OrderStatus, Side
from cryptex.tui.orders.confirm_screen import ConfirmScreen
from tests.tui.fake_exchange import LATER, order_view, refusal
from tests.tui.pilots import Desk, desk, type_text, until
from tests.tui.scenes import BOOK, ORDERS, book, orders


def table(on: Desk) -> list[str]:
    return on.text("orders").splitlines()


def row(on: Desk, text: str) -> str:
    """Return the row with a text; empty where there is none."""
    return next((line for line in table(on) if text in line), "")


def said(on: Desk) -> str:
    return " ".join(note.text for note in on.screen.model.activity)


def asked(on: Desk) -> str:
    """Return what a question on the screen says."""
    is_asked = isinstance(on.app.screen, ConfirmScreen)
    return " ".join(str(static.render()) for static in on.app.screen.query("Static")) if is_asked else ""


async def order(on: Desk, price: str = "61200", size: str = "0.5") -> None:
    """Buy by limit."""
    await on.pilot.press("b", *price, "tab")
    await type_text(on.pilot, size)
    await on.pilot.press("enter")


async def test_a_row_in_flight_becomes_the_real_one() -> None:
    async with desk() as on:
        on.exchange.gate = asyncio.Event()
        await order(on)
        await until(on.pilot, lambda: "submitting" in row(on, "61,200.00"))
        on.exchange.gate.set()
        await until(on.pilot, lambda: "open" in row(on, "61,200.00"))
        key = on.exchange.called("place_order")[0]["client_order_id"]
        view = order_view(77, "buy", "61200.00", "0.50000", client_order_id=key, sequence=LATER)
        on.exchange.say(ORDERS, orders([view], sequence=LATER, prev=1))
        await on.frame()
        assert sum("61,200.00" in line for line in table(on)) == 1
        assert "77" in row(on, "61,200.00")


async def test_a_rejected_row_is_tried_again() -> None:
    async with desk() as on:
        on.exchange.answers["place_order"] = [refusal(Code.INSUFFICIENT_FUNDS, "this needs more")]
        await order(on)
        await until(on.pilot, lambda: "rejected" in row(on, "61,200.00"))
        assert "Y tries again" in on.outcome()
        assert (on.field("price"), on.field("size")) == ("61200", "0.5")
        await on.pilot.press("Y")
        await until(on.pilot, lambda: "open" in row(on, "61,200.00"))
        first, second = on.exchange.called("place_order")
        assert first["client_order_id"] != second["client_order_id"]
        assert (second["price"], second["size"]) == (Decimal(61200), Decimal("0.5"))
        assert on.field("size") == ""
        await on.pilot.press("Y")
        assert "no rejected order" in said(on)


async def test_a_rejected_row_is_edited_or_put_away() -> None:
    async with desk() as on:
        on.exchange.answers["place_order"] = [refusal(Code.WOULD_TAKE, "would trade at once")] * 2
        await on.pilot.press("l", "2", "B")
        await until(on.pilot, lambda: "rejected" in row(on, "rejected"))
        await on.pilot.press("f2", "up", "up", "up", "enter")
        assert on.screen.focused is not None
        assert on.screen.focused.id == "price"
        assert (on.field("price"), on.screen.desk.ticket.form.post_only) == ("61234.50", True)
        assert not row(on, "rejected")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: bool(row(on, "rejected")))
        await on.pilot.press("f2", "up", "up", "up", "up", "x")
        await until(on.pilot, lambda: not row(on, "rejected"))
        assert not on.exchange.called("cancel_order")


async def test_an_order_without_a_reply_is_canceled_by_its_key() -> None:
    async with desk() as on:
        on.exchange.gate = asyncio.Event()
        await order(on)
        await until(on.pilot, lambda: bool(row(on, "submitting")))
        await on.pilot.press("f2", "up", "up", "up", "up", "x")
        key = on.exchange.called("place_order")[0]["client_order_id"]
        await until(on.pilot, lambda: on.exchange.called("cancel_order") == [{"client_order_id": key}])
        on.exchange.gate.set()
        await until(on.pilot, lambda: not row(on, "61,200.00"))


async def test_join_places_a_post_only_limit_with_the_current_size() -> None:
    async with desk() as on:
        await on.pilot.press("l", "B")
        assert "no size to join with" in on.outcome()
        await on.pilot.press("2", "S")
        await until(on.pilot, lambda: bool(on.exchange.called("place_order")))
        await on.pilot.press("B")
        await until(on.pilot, lambda: len(on.exchange.called("place_order")) == 2)
        ask, bid = on.exchange.called("place_order")
        assert (ask["side"], ask["price"], ask["size"], ask["post_only"]) == (
            Side.SELL,
            Decimal("61235.50"),
            Decimal("0.00816"),
            True,
        )
        assert (bid["side"], bid["price"], bid["size"]) == (Side.BUY, Decimal("61234.50"), Decimal("0.00816"))
        assert on.field("size") == "0.00816"


@pytest.mark.parametrize(("presses", "asks"), [(0, False), (1, True), (2, False)])
async def test_what_is_asked_about_is_chosen_by_key(presses: int, asks: bool) -> None:
    async with desk() as on:
        await on.pilot.press(*"C" * presses)
        await order(on)
        await on.pilot.pause()
        assert isinstance(on.app.screen, ConfirmScreen) is asks
        if asks:
            await on.pilot.press("enter", "n")
            assert not on.exchange.called("place_order")
            await on.pilot.press("enter", "y")
        await until(on.pilot, lambda: bool(on.exchange.called("place_order")))


async def test_a_risky_price_is_asked_about_with_its_reason() -> None:
    async with desk() as on:
        await order(on, "70000", "0.1")
        await until(on.pilot, lambda: isinstance(on.app.screen, ConfirmScreen))
        told = " ".join(str(static.render()) for static in on.app.screen.query("Static"))
        assert "Buy 0.1 BTC at 70,000.00?" in told
        assert "14.3 % above the best ask" in told


async def test_amend_in_the_ticket() -> None:
    async with desk() as on:
        on.exchange.gate = asyncio.Event()
        await on.pilot.press("a")
        assert not on.exchange.called("amend_order")
        await on.pilot.press("down", "a")
        ticket = on.screen.desk.ticket
        assert "amends #1044" in str(ticket.border_subtitle)
        assert (on.field("price"), on.field("size")) == ("61248.00", "0.50000")
        assert "nothing is changed yet" in str(on.screen.query_one("#send").render())
        await type_text(on.pilot, "61250")
        await on.pilot.pause()
        assert "goes to the end of the queue" in on.outcome()
        assert "Amend #1044: 0.5 BTC at 61,250.00" in str(on.screen.query_one("#send").render())
        await on.pilot.press("enter")
        await until(on.pilot, lambda: "amending" in row(on, "1044"))
        assert "61,250.00" in row(on, "1044")
        on.exchange.gate.set()
        await until(on.pilot, lambda: "open" in row(on, "1044"))
        assert on.exchange.called("amend_order") == [{"order_id": 1044, "price": Decimal(61250)}]
        assert "61,250.00" in row(on, "1044")
        assert ticket.order is None
        assert "amended #1044: 0.5 at 61,250.00" in on.outcome()
        assert on.screen.desk.orders.has_focus


async def test_a_smaller_size_keeps_its_place_and_escape_leaves() -> None:
    async with desk() as on:
        await order(on, "61111", "0.25")
        await until(on.pilot, lambda: "open #77" in on.outcome())
        await on.pilot.press("b", *"60000", "f2", "down", "down", "enter")
        await on.pilot.press("tab")
        await type_text(on.pilot, "0.2")
        await on.pilot.pause()
        assert "keeps its place" in on.outcome()
        await on.pilot.press("escape")
        assert on.screen.desk.ticket.order is None
        assert on.field("price") == "60000"


async def test_a_refused_amend_leaves_the_order_and_says_why() -> None:
    async with desk() as on:
        on.exchange.answers["amend_order"] = [refusal(Code.WOULD_TAKE, "a post_only order would trade at once")]
        await on.pilot.press("f2", "down", "a", *"61230", "enter")
        await until(on.pilot, lambda: "#1044 stays as it was" in on.outcome())
        assert "61,248.00" in row(on, "1044")
        assert on.field("price") == "61230"
        await on.pilot.press("backspace", "1", "enter")
        await until(on.pilot, lambda: len(on.exchange.called("amend_order")) == 2)


async def test_an_unknown_amend_is_resolved_by_asking_for_the_order() -> None:
    async with desk() as on:
        on.exchange.answers["amend_order"] = [outcome_unknown("no reply")]
        before = order_view(1044, "sell", "61248.00", "0.50000", post_only=True, sequence=1044)
        after = order_view(1044, "sell", "61250.00", "0.50000", post_only=True, sequence=LATER)
        on.exchange.answers["order"] = [unreachable("not connected"), before, after]
        await on.pilot.press("f2", "down", "a", *"61250", "enter")
        await until(on.pilot, lambda: "amended #1044" in on.outcome())
        assert len(on.exchange.called("amend_order")) == 1
        assert "outcome unknown" in said(on)
        assert "61,250.00" in row(on, "1044")


async def test_an_amend_that_never_arrived_is_said_not_to_have_happened() -> None:
    async with desk() as on:
        on.exchange.answers["amend_order"] = [outcome_unknown("no reply")]
        on.exchange.answers["order"] = [order_view(1044, "sell", "61248.00", "0.50000", sequence=1044)] * 3
        await on.pilot.press("f2", "down", "a", *"61250", "enter")
        await until(on.pilot, lambda: "#1044 was not amended" in on.outcome())
        assert "61,248.00" in row(on, "1044")


async def test_nudges_add_up_while_one_is_on_its_way() -> None:
    async with desk() as on:
        on.exchange.gate = asyncio.Event()
        await on.pilot.press("f2", "down", "plus", "plus", "plus", "minus", "plus")
        await until(on.pilot, lambda: bool(on.exchange.called("amend_order")))
        await on.frame()
        assert "61,248.03" in row(on, "1044")
        on.exchange.gate.set()
        await until(on.pilot, lambda: "amended #1044: 0.5 at 61,248.03" in said(on))
        prices = [call["price"] for call in on.exchange.called("amend_order")]
        assert prices[-1] == Decimal("61248.03")
        assert len(prices) <= 2
        assert "61,248.03" in row(on, "1044")


async def test_a_refused_nudge_is_forgotten() -> None:
    async with desk() as on:
        on.exchange.answers["amend_order"] = [refusal(Code.INSUFFICIENT_FUNDS, "this needs more")]
        await on.pilot.press("f2", "down", "down", "plus")
        await until(on.pilot, lambda: "#1041 stays as it was" in said(on))
        await on.frame()
        assert "61,227.00" in row(on, "1041")


async def test_a_waiting_stop_is_nudged_by_its_stop_price() -> None:
    async with desk() as on:
        await on.pilot.press("f2", "minus")
        await until(on.pilot, lambda: bool(on.exchange.called("amend_order")))
        assert on.exchange.called("amend_order") == [{"order_id": 1052, "stop_price": Decimal("59499.99")}]


async def test_an_order_that_ends_while_it_is_amended() -> None:
    async with desk() as on:
        await on.pilot.press("f2", "down", "a")
        view = order_view(1044, "sell", "61248.00", "0.50000", status=OrderStatus.FILLED, sequence=2000)
        on.exchange.say(ORDERS, orders([view], sequence=2000, prev=1))
        await on.frame()
        assert on.screen.desk.ticket.order is None
        assert "#1044 is no longer open" in on.outcome()


async def test_the_order_of_another_market_is_amended_on_its_screen() -> None:
    async with desk() as on:
        view = order_view(1060, "buy", "3000.00", "2.0000", market="ETH-USDT", sequence=1060)
        on.exchange.say(ORDERS, orders([view], sequence=1060, prev=1))
        await on.frame()
        await on.pilot.press("f2", "up", "up", "up", "up", "a")
        await until(on.pilot, lambda: on.screen.model.market == "ETH-USDT")
        assert (on.field("price"), on.field("size")) == ("3000.00", "2.0000")
        assert on.screen.desk.ticket.order is not None


async def test_the_switches_are_confirmed_shown_and_renewed() -> None:
    async with desk() as on:
        assert "cancel on disconnect off" in table(on)[-1]
        await on.pilot.press("K", "M")
        await on.frame()
        await until(on.pilot, lambda: bool(on.exchange.called("cancel_after")))
        await on.frame()
        assert on.exchange.called("cancel_on_disconnect") == [{"enabled": True}]
        assert on.exchange.called("cancel_after") == [{"seconds": 60}]
        assert "cancel on disconnect on" in table(on)[-1]
        assert "dead man's switch in 60 s" in table(on)[-1]
        on.exchange.now_s += 25
        await on.frame()
        await until(on.pilot, lambda: len(on.exchange.called("cancel_after")) == 2)
        on.exchange.drop()
        on.exchange.now_s += 10
        await on.frame()
        assert "cancel on disconnect not confirmed" in table(on)[-1]
        assert "in 50 s" in table(on)[-1]
        on.exchange.state = "live"
        await on.frame()
        await until(on.pilot, lambda: len(on.exchange.called("cancel_on_disconnect")) == 2)
        await until(on.pilot, lambda: len(on.exchange.called("cancel_after")) == 3)
        await on.pilot.press("M", "K")
        await on.frame()
        await until(on.pilot, lambda: {"seconds": 0} in on.exchange.called("cancel_after"))
        await on.frame()
        assert "dead man's switch off" in table(on)[-1]


async def test_the_mouse_cancels_and_turns_switches() -> None:
    async with desk() as on:
        lines = table(on)
        y = next(y for y, line in enumerate(lines) if "1044" in line)
        await on.pilot.click("#orders", offset=(len(lines[y]) + 1, y + 1))
        await until(on.pilot, lambda: on.exchange.called("cancel_order") == [{"order_id": 1044}])
        await on.pilot.click("#orders", offset=(lines[-1].index("dead man") + 2, len(lines)))
        await until(on.pilot, lambda: bool(on.exchange.called("cancel_after")))


async def test_cancel_all_asks_without_a_count_where_the_list_is_not_known() -> None:
    async with desk() as on:
        on.exchange.drop()
        await on.frame()
        await on.pilot.press("X")
        await until(on.pilot, lambda: "Cancel all open orders, in every market?" in asked(on))
        await on.pilot.press("y")
        await until(on.pilot, lambda: bool(on.exchange.called("cancel_all")))
    async with desk() as on:
        on.screen.model.orders = None
        await on.pilot.press("X")
        await until(on.pilot, lambda: "Cancel all open orders, in every market?" in asked(on))


async def test_cancel_all_counts_what_is_known_from_replies_and_asks_for_what_is_on_its_way() -> None:
    async with desk() as on:
        on.exchange.say(ORDERS, orders([]))
        await order(on)
        await until(on.pilot, lambda: "open #77" in on.outcome())
        await on.pilot.press("X")
        await until(on.pilot, lambda: "Cancel your open order, in every market?" in asked(on))
        await on.pilot.press("n")
        on.exchange.gate = asyncio.Event()
        await order(on, "61100")
        await on.pilot.press("X")
        await until(on.pilot, lambda: "Cancel all open orders, in every market?" in asked(on))


async def test_the_same_order_is_not_sent_again_before_its_outcome_is_known() -> None:
    async with desk() as on:
        on.exchange.answers["place_order"] = [outcome_unknown("no reply")]
        on.exchange.answers["order"] = [refusal(Code.FORBIDDEN, "no")]
        await order(on)
        await until(on.pilot, lambda: "outcome still unknown" in on.outcome())
        await on.pilot.press("S")  # another order has its answer in between
        await until(on.pilot, lambda: "open #77" in on.outcome())
        await on.pilot.press("enter")
        await on.pilot.pause()
        assert "not sent again" in on.outcome()
        assert [call["side"] for call in on.exchange.called("place_order")] == [Side.BUY, Side.SELL]


async def test_enter_twice_says_that_the_first_is_on_its_way() -> None:
    async with desk() as on:
        on.exchange.gate = asyncio.Event()
        await order(on)
        await on.pilot.press("enter")
        assert "not sent again: the same order is on its way" in on.outcome()
        assert len(on.exchange.called("place_order")) == 1


async def test_trying_again_weighs_the_order_anew_and_asks() -> None:
    async with desk() as on:
        on.exchange.answers["place_order"] = [refusal(Code.INSUFFICIENT_FUNDS, "this needs more")]
        await order(on)
        await until(on.pilot, lambda: "rejected" in row(on, "61,200.00"))
        on.exchange.say(BOOK, book([("50000.00", "1.00000")], [("50001.00", "1.00000")]))
        await on.frame()
        await on.pilot.press("Y")
        await until(on.pilot, lambda: "22.4 % above the best ask" in asked(on))
        await on.pilot.press("n")
        assert len(on.exchange.called("place_order")) == 1


async def test_trying_again_in_another_market_asks_whatever_is_set() -> None:
    async with desk() as on:
        on.exchange.answers["place_order"] = [refusal(Code.INSUFFICIENT_FUNDS, "this needs more")]
        await order(on)
        await until(on.pilot, lambda: "rejected" in row(on, "61,200.00"))
        await on.pilot.press("C", "C", "right_square_bracket")
        await until(on.pilot, lambda: on.screen.model.market == "ETH-USDT")
        await on.pilot.press("Y")
        await until(on.pilot, lambda: "BTC-USDT is not the market on the screen" in asked(on))


async def test_trying_again_twice_does_not_send_an_older_one() -> None:
    async with desk() as on:
        on.exchange.answers["place_order"] = [refusal(Code.INSUFFICIENT_FUNDS, "this needs more")] * 2
        for price in ("61200", "61100"):
            await order(on, price)
            await until(on.pilot, lambda price=price: bool(row(on, f"{int(price):,}.00")))  # type: ignore[misc]
            await until(on.pilot, lambda: "rejected" in on.outcome())
        on.exchange.gate = asyncio.Event()
        await on.pilot.press("Y", "Y")
        await until(on.pilot, lambda: "choose the row of an older one" in said(on))
        assert [call["price"] for call in on.exchange.called("place_order")] == [61200, 61100, 61100]


@pytest.mark.parametrize("error", [outcome_unknown("no reply"), refusal(Code.UNKNOWN_ORDER, "no such order")])
async def test_a_cancel_that_failed_can_be_tried_again(error: Exception) -> None:
    async with desk() as on:
        on.exchange.gate = asyncio.Event()
        on.exchange.answers["cancel_order"] = [error]
        await order(on)
        await until(on.pilot, lambda: bool(row(on, "submitting")))
        await on.pilot.press("f2", "up", "up", "up", "up", "x")
        await until(on.pilot, lambda: "cancel: " in said(on))
        await on.frame()
        assert row(on, "submitting")
        await on.pilot.press("x")
        await until(on.pilot, lambda: len(on.exchange.called("cancel_order")) == 2)


@pytest.mark.parametrize("answers", [[], [refusal(Code.UNKNOWN_ORDER, "no such order")]])
async def test_canceling_an_order_that_nobody_asks_for_puts_it_away(answers: list[object]) -> None:
    async with desk() as on:
        on.exchange.answers["place_order"] = [outcome_unknown("no reply")]
        on.exchange.answers["order"] = [refusal(Code.FORBIDDEN, "no")]
        on.exchange.answers["cancel_order"] = answers
        await order(on)
        await until(on.pilot, lambda: "outcome still unknown" in on.outcome())
        await on.frame()
        assert row(on, "unknown")
        await on.pilot.press("f2", "up", "up", "up", "up", "x")
        await until(on.pilot, lambda: not row(on, "61,200.00"))
