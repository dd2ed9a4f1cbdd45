"""The whole ladder as a picture: levels in, lines out."""

from decimal import Decimal

from cryptex.client.models import Level
from cryptex.protocol.terms import Side
from cryptex.tui.drawing.panel import Line
from cryptex.tui.drawing.theme import Ground
from cryptex.tui.ladder.picture import Picture, Scene, lay, rung_at
from cryptex.tui.ladder.rows import Book, top_price
from cryptex.tui.ladder.state import Own
from cryptex.tui.model import Depth, Terms
from tests.tui.fake_exchange import market

TERMS = Terms.of(market("ETH-BTC", "1", "0.1"))
BIDS, ASKS = "99:1 97:2.5", "101:0.5 102:3 105:4"


def depth(bids: str = BIDS, asks: str = ASKS) -> Depth:
    sides = [tuple(Level(*map(Decimal, level.split(":"))) for level in side.split()) for side in (bids, asks)]
    return Depth(sides[0], sides[1])


def scene(shown: Depth, **said: object) -> Scene:
    usual = Scene(TERMS, shown, None, Decimal(101), 1, (Side.SELL, Decimal(101)), {}, None, None, {}, names_best=False)
    return usual._replace(**said)


def drawn(
    shown: Depth, height: int, *, width: int = 33, step: int = 1, holds_still: bool = False, **said: object
) -> list[Line]:
    book = Book()
    book.take(shown.bids, shown.asks, 25, TERMS.tick, Decimal(step))
    seen = scene(shown, **said)
    top = top_price(None, book, height - 2) if holds_still else None
    return Picture().draw(lay(book, top, height, has_foot=seen.has_foot), seen, width, height)


def texts(lines: list[Line]) -> list[str]:
    """Return what lines say: bars left out, spaces made single."""
    return [" ".join("".join(span.text for span in line).replace("▐", " ").split()) for line in lines]


def test_asks_over_bids() -> None:
    assert texts(drawn(depth(), 9)) == [
        "Price BTC Size ETH Total",
        "105 4.0 7.5",
        "102 3.0 3.5",
        "▸ 101 0.5 0.5",
        "▲ 101 spread 2 202.0 bp",
        "99 1.0 1.0",
        "97 2.5 3.5",
        "",
        "",
    ]


def test_both_sides_have_bars_of_one_scale() -> None:
    bars = {
        text[0]: sum(len(span.text) for span in line if span.ground in (Ground.BUY_BAR, Ground.SELL_BAR))
        for line in drawn(depth(), 9, width=75)
        if (text := "".join(span.text for span in line).split())
    }
    assert (bars["105"], bars["102"], bars["97"], bars["99"]) == (75, 35, 35, 10)


def test_grouped_rows_and_the_true_best_prices() -> None:
    assert texts(drawn(depth(), 7, step=5, names_best=True)) == [
        "Price BTC Size ETH Total",
        "",
        "105 7.5 7.5",
        "▲ 101 99 / 101 spread 2",
        "95 3.5 3.5",
        "",
        "",
    ]


def test_rows_that_stand_still_have_the_spread_above_them() -> None:
    assert texts(drawn(depth(), 9, holds_still=True, names_best=True)) == [
        "Price BTC Size ETH Total",
        "▲ 101 99 / 101 spread 2",
        "103",
        "102 3.0 3.5",
        "▸ 101 0.5 0.5",
        "100",
        "99 1.0 1.0",
        "98",
        "97 2.5 3.5",
    ]


def test_a_side_that_is_empty_says_so() -> None:
    assert texts(drawn(depth(asks=""), 9))[2:5] == ["no asks", "", "▲ 101 one side only"]
    assert texts(drawn(depth(bids=""), 9))[4:] == ["▲ 101 one side only", "", "", "no bids", ""]


def test_a_side_that_is_empty_says_what_to_do_where_there_is_a_row_for_it() -> None:
    assert texts(drawn(depth(asks=""), 9, advice="s sells"))[2:4] == ["no asks", "s sells"]
    assert texts(drawn(depth(bids=""), 9, advice="b buys"))[7:] == ["no bids", "b buys"]
    assert texts(drawn(depth(asks=""), 4, advice="s sells"))[:3] == [
        "Price BTC Size ETH Total",
        "no asks",
        "▲ 101 one side only",
    ]


def test_rows_that_stand_still_say_between_them_which_side_is_empty() -> None:
    assert texts(drawn(depth(asks=""), 9, holds_still=True, names_best=True))[1] == "99 / no asks one side only"
    assert texts(drawn(depth(bids=""), 9, holds_still=True, names_best=True))[1] == "no bids / 101 one side only"


def test_the_last_line_says_what_it_takes_to_trade_up_to_the_cursor() -> None:
    lines = drawn(depth(), 9, aim=(Side.SELL, Decimal(102)))
    assert texts(lines)[-1] == "3.5 for 356.50, average 102"
    assert len(lines) == 9
    assert {span.ground for span in lines[2]} == {Ground.SELL_CURSOR}


def test_the_pointer_goes_before_the_cursor() -> None:
    lines = drawn(depth(), 9, aim=(Side.SELL, Decimal(102)), pointer_y=6)
    assert texts(lines)[-1] == "3.5 for 341.50, average 98"
    assert {span.ground for span in lines[6]} == {Ground.RAISED}


def test_own_orders_are_marked() -> None:
    own = {(Side.BUY, Decimal(97)): Own(Decimal("0.5"), Decimal(2), (1,))}
    assert texts(drawn(depth(), 9, own=own))[6] == "◆ 97 2.5 0.5 ≤ 2"
    assert texts(drawn(depth(), 9, own=own, width=60))[6] == "◆ 97 2.5 3.5 0.5 ≤ 2 ahead"


def test_a_line_knows_what_stands_on_it() -> None:
    shown = depth()
    book = Book()
    book.take(shown.bids, shown.asks, 25, TERMS.tick, TERMS.tick)
    laid = lay(book, None, 9, has_foot=False)
    found = [rung_at(laid, y) for y in range(-1, 10)]
    assert [rung and int(rung.price) for rung in found] == [None, None, 105, 102, 101, None, 99, 97, None, None, None]


def test_what_did_not_change_is_the_same_line() -> None:
    book = Book()
    picture = Picture()
    seen = []
    for shown in (depth(), depth(bids="99:1 97:2.6")):
        book.take(shown.bids, shown.asks, 25, TERMS.tick, TERMS.tick)
        seen.append(picture.draw(lay(book, None, 9, has_foot=False), scene(shown), 33, 9))
    before, after = seen
    assert [y for y in (1, 2, 3, 5, 6) if before[y] is not after[y]] == [6]
