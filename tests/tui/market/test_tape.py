"""The tape under the hands of a user."""

from decimal import Decimal
from pathlib import Path

from cryptex.protocol.channels import FillsMessage, TradesMessage
from cryptex.protocol.terms import Liquidity, Side
from cryptex.protocol.views import FillView, TradeView
from cryptex.tui.drawing.theme import Ground
from cryptex.tui.market.tape import Tape
from cryptex.tui.settings.terminal import FILE_NAME
from tests.tui.fake_exchange import TIME
from tests.tui.pilots import Desk, desk
from tests.tui.scenes import BTC, FILLS, TRADES

SIZE = (200, 55)


def trade(on: Desk, *views: TradeView, sequence: int = 2) -> None:
    on.exchange.say(
        TRADES,
        TradesMessage(
            market=BTC, type="update", epoch=1, sequence=sequence, prev=sequence - 1, time=TIME, trades=list(views)
        ),
    )


def sold(trade_id: int, price: str = "61230.00", size: str = "0.10000") -> TradeView:
    return TradeView(trade_id, price, size, Side.SELL, "2026-11-22T15:40:01.000000Z")


def tape(on: Desk) -> Tape:
    found = on.screen.query_one("#tape")
    assert isinstance(found, Tape)
    return found


def rows(on: Desk) -> list[str]:
    return on.text("tape").splitlines()


async def test_it_names_the_key_in_force(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[keys]\n"focus.leave" = "f8"\n')
    async with desk(SIZE, settings_folder=tmp_path) as on:
        await on.pilot.press("t")
        assert "stopped; F8 goes on" in rows(on)[0]


async def test_it_stands_still_while_it_has_the_focus_and_says_what_came() -> None:
    async with desk(SIZE) as on:
        await on.pilot.press("t")
        newest = rows(on)[1]
        assert "stopped; esc goes on" in rows(on)[0]
        trade(on, sold(61), sold(62))
        await on.frame()
        assert rows(on)[1] == newest
        assert "stopped, 2 new" in rows(on)[0]
        await on.pilot.press("escape")
        await on.frame()
        assert "UTC" in rows(on)[0]
        assert "15:40:01  ▼" in rows(on)[1]


async def test_the_newest_trades_are_on_top_however_many_came() -> None:
    async with desk(SIZE) as on:
        for turn in range(3):
            trade(on, *(sold(61 + 40 * turn + i, f"{61000 + turn}.00") for i in range(40)), sequence=2 + turn)
            await on.frame()
            assert f"{61000 + turn:,}.00" in rows(on)[1]
        await on.pilot.press("t", "down", "escape")
        trade(on, sold(200, "62000.00"), sequence=5)
        await on.frame()
        assert "62,000.00" in rows(on)[1]


async def test_a_price_goes_to_the_ticket_on_the_side_that_rested() -> None:
    async with desk(SIZE) as on:
        await on.pilot.press("t", "down", "enter")
        await on.pilot.pause()
        assert on.field("price") == "61234.76"
        assert on.screen.desk.ticket.form.side is Side.BUY


async def test_turning_to_another_market_while_it_stands_still_shows_that_market() -> None:
    async with desk(SIZE) as on:
        await on.pilot.press("t", "right_square_bracket")
        await on.frame()
        assert "waiting for trades" in on.text("tape")


async def test_trades_of_one_order_become_one_row() -> None:
    async with desk(SIZE) as on:
        trade(on, sold(61), sold(62, size="0.20000"), sold(63, "61229.00"))
        await on.frame()
        await on.pilot.press("t", "space")
        assert "61,229.00" in rows(on)[1]
        assert "2x 0.3" in rows(on)[2]
        await on.pilot.press("space")
        assert "2x" not in on.text("tape")


async def test_own_trades_are_marked() -> None:
    async with desk(SIZE) as on:
        assert "◆" not in on.text("tape")
        fill = FillView(
            id=5,
            trade_id=59,
            order_id=1,
            client_order_id=None,
            market=BTC,
            side=Side.BUY,
            liquidity=Liquidity.MAKER,
            price="61234.76",
            size="0.06923",
            fee="0.00007",
            fee_asset="BTC",
            sequence=9,
            time=TIME,
        )
        on.exchange.say(FILLS, FillsMessage(type="update", epoch=1, sequence=2, prev=1, time=TIME, fills=[fill]))
        await on.frame()
        assert [row[8:11] for row in rows(on)[1:4]] == ["  ▼", " ◆▲", "  ▼"]


async def test_the_bar_is_the_share_of_the_greatest_size_and_big_trades_are_bold() -> None:
    async with desk(SIZE) as on:
        trade(on, sold(61, size="40.00000"), sold(62, size="10.00000"))
        await on.frame()
        first, second = tape(on).lines(40, 20)[1:3]
        bars = [sum(len(span.text) for span in line if span.ground is Ground.SELL_BAR) for line in (first, second)]
        assert bars[1] == 14
        assert bars[0] == bars[1] // 4
        assert all(any(span.bold and "," in span.text for span in line) for line in (first, second))
        assert Decimal(40) == max(row.size for row in tape(on)._prints.values())
