"""What lights up, and for how long."""

from decimal import Decimal

from cryptex.protocol.terms import Side
from cryptex.tui.ladder.flash import FLASH_S, Flashes
from cryptex.tui.ladder.rows import Rung

ONE = Decimal(1)


def rung(price: int, size: int = 1, side: Side = Side.SELL) -> Rung:
    return Rung(side, Decimal(price), Decimal(size), ONE)


def lit(flashes: Flashes, *prices: int, side: Side = Side.SELL) -> list[int]:
    return [price for price in prices if (side, Decimal(price)) in flashes.lit]


def test_first_sight_is_no_change() -> None:
    flashes = Flashes()
    flashes.see([rung(100), rung(101)], 0)
    assert not flashes.lit


def test_a_changed_size_is_lit_until_its_time_is_over() -> None:
    flashes = Flashes()
    flashes.see([rung(100), rung(101)], 0)
    flashes.see([rung(100), rung(101, 2)], 1)
    assert lit(flashes, 100, 101) == [101]
    flashes.fade(1 + FLASH_S / 2)
    assert flashes.lit
    flashes.fade(1 + FLASH_S)
    assert not flashes.lit


def test_a_new_level_among_the_others_is_lit_and_one_that_came_into_view_is_not() -> None:
    flashes = Flashes()
    flashes.see([rung(100), rung(103)], 0)
    flashes.see([rung(100), rung(102), rung(103), rung(104)], 1)
    assert lit(flashes, 100, 102, 103, 104) == [102]


def test_a_level_whose_total_alone_changed_stays_dark() -> None:
    flashes = Flashes()
    flashes.see([rung(100)], 0)
    flashes.see([rung(100)._replace(total=Decimal(9))], 1)
    assert not flashes.lit


def test_both_sides_of_a_price_are_apart() -> None:
    flashes = Flashes()
    flashes.see([rung(100), rung(100, side=Side.BUY)], 0)
    flashes.see([rung(100), rung(100, 2, side=Side.BUY)], 1)
    assert not lit(flashes, 100)
    assert lit(flashes, 100, side=Side.BUY) == [100]


def test_forgetting_puts_all_out() -> None:
    flashes = Flashes()
    flashes.see([rung(100)], 0)
    flashes.see([rung(100, 2)], 0)
    flashes.forget()
    flashes.see([rung(100, 3)], 0)
    assert not flashes.lit
