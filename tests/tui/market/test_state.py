"""A market that is not open: what the texts say, and how the screen shows it."""

import msgspec
import pytest

from cryptex.client.models import Ticker
from cryptex.protocol.terms import MarketState, OrderType, TimeInForce
from cryptex.tui.ladder.ladder import Ladder
from cryptex.tui.market.state import auction_text, not_now, state_text
from cryptex.tui.ticket.form import Form
from tests.tui.pilots import Desk, desk, type_text
from tests.tui.scenes import BOOK, BTC, TICKER, book, ticker_in, ticker_view

UNTIL = "2026-11-22T15:45:03.123456Z"


def seen(**said: object) -> Ticker:
    view = msgspec.structs.replace(ticker_view(BTC), **said)
    return msgspec.convert(msgspec.to_builtins(view), Ticker, strict=False)


def test_a_state_says_until_when() -> None:
    assert state_text(seen(state=MarketState.HALTED, state_ends_at=UNTIL)) == "halted until 15:45:03"
    assert state_text(seen(state=MarketState.HALTED)) == "halted until resumed"
    assert state_text(seen()) == "open"


def test_an_auction_says_what_would_trade() -> None:
    assert auction_text(seen(state=MarketState.AUCTION), 2, 5) is None
    crossed = seen(state=MarketState.AUCTION, indicative_price="61234.50", indicative_volume="1.50000")
    assert auction_text(crossed, 2, 5) == "1.5 at 61,234.50"


@pytest.mark.parametrize("kind", OrderType)
def test_a_halted_market_takes_no_order(kind: OrderType) -> None:
    flaw = not_now(Form(type=kind), MarketState.HALTED)
    assert flaw is not None
    assert "cancels alone" in flaw.text
    assert not_now(Form(type=kind), MarketState.OPEN) is None


@pytest.mark.parametrize(
    ("form", "word"),
    [
        (Form(), None),
        (Form(time_in_force=TimeInForce.IOC), "ioc"),
        (Form(time_in_force=TimeInForce.FOK), "fok"),
        (Form(post_only=True), "post-only"),
        (Form(type=OrderType.MARKET, time_in_force=TimeInForce.IOC), "market"),
        (Form(type=OrderType.STOP, time_in_force=TimeInForce.FOK), None),
        (Form(type=OrderType.STOP_LIMIT, time_in_force=TimeInForce.IOC), None),
    ],
)
def test_an_auction_takes_what_waits(form: Form, word: str | None) -> None:
    flaw = not_now(form, MarketState.AUCTION)
    assert (flaw and flaw.text) == (word and f"auction: it takes no {word} orders")


async def test_a_halt_is_seen_everywhere_and_stops_the_ticket() -> None:
    async with desk((200, 50)) as on:
        await on.pilot.press("b")
        await enter(on, "61200", "0.5")
        on.exchange.say(TICKER, ticker_in(MarketState.HALTED, state_ends_at=UNTIL))
        await on.frame()
        assert "HALTED" in on.status()
        assert "halted until 15:45:03" in on.text("ladder")
        assert "halted" in row_of(on, BTC)
        assert "BTC-USDT: halted" in on.text("activity")
        assert "halted: it takes cancels alone" in button(on)
        await on.pilot.press("enter")
        assert "halted: it takes cancels alone" in on.outcome()
        assert on.exchange.called("place_order") == []
        on.exchange.say(TICKER, ticker_in(MarketState.OPEN, sequence=3, prev=2))
        await on.frame()
        assert "HALTED" not in on.status()
        assert "spread" in on.text("ladder")
        assert "Buy 0.5 BTC at 61,200.00" in button(on)


async def test_an_auction_shows_its_price_over_a_crossed_book() -> None:
    async with desk((200, 50)) as on:
        on.exchange.say(BOOK, book([("61240.00", "2.00000")], [("61230.00", "1.00000")], sequence=2, prev=1))
        crossed = {"indicative_price": "61235.00", "indicative_volume": "1.00000"}
        on.exchange.say(TICKER, ticker_in(MarketState.AUCTION, state_ends_at=UNTIL, **crossed))
        await on.frame()
        rows = on.text("ladder").splitlines()
        middle = next(y for y, row in enumerate(rows) if "auction until 15:45:03" in row)
        assert "1 at 61,235.00" in rows[middle]
        assert "61,230.00" in rows[middle - 1]
        assert "61,240.00" in rows[middle + 1]
        await on.pilot.press("l", "up", "up")  # the first brings the cursor to the best bid
        ladder = on.screen.query_one("#ladder", Ladder)
        assert ladder.cursor is not None
        assert ladder.cursor[0] == "sell", "up goes to the row above, whatever its price"
        await on.pilot.press("down")
        assert ladder.cursor[0] == "buy"


async def enter(on: Desk, price: str, size: str) -> None:
    for name, text in (("price", price), ("size", size)):
        on.screen.query_one(f"#{name}").focus()
        await type_text(on.pilot, text)


def button(on: Desk) -> str:
    return str(on.screen.query_one("#send").render())


def row_of(on: Desk, market: str) -> str:
    return next(row for row in on.text("markets").splitlines() if market in row)
