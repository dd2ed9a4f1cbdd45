"""The list of markets: what each width shows, order, and many markets."""

from decimal import Decimal

import pytest

from cryptex.client.errors import unreachable
from cryptex.client.models import Ticker
from cryptex.tui.drawing.fitting import cells
from cryptex.tui.market.market_list import MarketList, columns_of
from cryptex.tui.market.spark import BARS
from cryptex.tui.model import MARKETS_MAX, TerminalModel
from tests.tui.fake_exchange import MOMENT, FakeExchange, market
from tests.tui.pilots import desk
from tests.tui.scenes import BTC


def many(count: int) -> TerminalModel:
    """Return a model of markets that rose by 0, 1, 2 ... percent."""
    model = TerminalModel()
    model.set_markets(market(f"C{number:02d}-USDT", "0.01", "0.001") for number in range(count))
    for number, name in enumerate(model.terms):
        price = Decimal(100 + number)
        zero = Decimal(0)
        model.set_ticker(Ticker(name, price, zero, Decimal(number), price, price, zero, zero, None, None, MOMENT))
    return model


def text(listing: MarketList, width: int, height: int) -> list[str]:
    lines = listing.lines(width, height)
    assert all(cells(line) <= width for line in lines)
    return ["".join(span.text for span in line) for line in lines]


@pytest.mark.parametrize(
    ("width", "expected"),
    [(30, (9, 10, 0, 0)), (34, (9, 9, 4, 0)), (46, (9, 9, 16, 0)), (57, (9, 9, 16, 11)), (70, (9, 22, 16, 11))],
)
def test_columns(width: int, expected: tuple[int, ...]) -> None:
    assert columns_of(width, 8, 9) == expected


@pytest.mark.parametrize("width", range(30, 90))
@pytest.mark.parametrize("longest", [7, 9, 20])
@pytest.mark.parametrize("price", [1, 9, 12])
def test_columns_fit(width: int, longest: int, price: int) -> None:
    columns = columns_of(width, longest, price)
    used = 2 + columns.name + columns.price + 9 + columns.volume + (columns.spark + 1 if columns.spark else 0)
    assert used == width or width < 36


def test_more_markets_than_rows_scroll_with_the_cursor() -> None:
    listing = MarketList(many(MARKETS_MAX))
    rows = text(listing, 40, 11)
    assert len(rows) == 11
    assert "C00-USDT" in rows[1]
    listing.action_move(MARKETS_MAX)
    assert f"C{MARKETS_MAX - 1}-USDT" in text(listing, 40, 11)[-1]


def test_by_change_the_greatest_rise_comes_first() -> None:
    listing = MarketList(many(12))
    listing.by_change = True
    rows = text(listing, 40, 13)
    assert [row.split()[0].strip("▸ ") for row in rows[1:4]] == ["C11-USDT", "C10-USDT", "C09-USDT"]
    assert "24 h ▼" in rows[0]


async def test_the_list_is_sorted_by_key_and_the_cursor_stays_with_its_market() -> None:
    async with desk() as on:
        await on.pilot.press("m", "down", "n")
        markets = on.screen.desk.markets
        assert markets.selected == "ETH-USDT"
        rows = on.text("markets").splitlines()[1:]
        assert [row.split("-")[0].strip(" ▸") for row in rows[:4]] == ["SOL", "BTC", "ETH", "ETH"]
        await on.pilot.press("n")
        assert "BTC-USDT" in on.text("markets").splitlines()[1]


async def test_sparklines_begin_with_the_past() -> None:
    async with desk((200, 55)) as on:
        row = next(row for row in on.text("markets").splitlines() if BTC in row)
        assert sum(row.count(bar) for bar in BARS) >= 5
        asked = on.exchange.called("newest_candles")
        assert [call["market"] for call in asked] == list(on.screen.model.terms)


async def test_a_node_that_does_not_answer_leaves_sparklines_to_grow() -> None:
    exchange = FakeExchange()
    exchange.answers["newest_candles"] = [unreachable("no node")] * 4
    async with desk((200, 55), exchange) as on:
        row = next(row for row in on.text("markets").splitlines() if BTC in row)
        assert sum(row.count(bar) for bar in BARS) == 1
