"""What it takes to trade up to a level."""

from decimal import Decimal

import pytest

from cryptex.client.models import Level
from cryptex.protocol.terms import Side
from cryptex.tui.ladder.readout import Readout, readout, readout_text
from cryptex.tui.model import Terms
from tests.tui.fake_exchange import MARKETS

ASKS = [Level(Decimal(price), Decimal(size)) for price, size in (("100", "1"), ("101", "2"), ("104", "1"))]
BIDS = [Level(Decimal(price), Decimal(size)) for price, size in (("99", "1"), ("98", "3"))]
TERMS = Terms.of(MARKETS[0])


def test_sizes_add_up_from_the_best_level() -> None:
    assert readout(ASKS, Side.SELL, Decimal(101)) == (3, 302)
    assert readout(ASKS, Side.SELL, Decimal(101)).average == Decimal(302) / 3
    assert readout(BIDS, Side.BUY, Decimal(98)) == (4, 393)


def test_a_price_between_levels_takes_what_is_better() -> None:
    assert readout(ASKS, Side.SELL, Decimal(103)) == (3, 302)
    assert readout(BIDS, Side.BUY, Decimal("98.5")) == (1, 99)


def test_inside_the_spread_nothing_rests() -> None:
    found = readout(ASKS, Side.SELL, Decimal("99.5"))
    assert found.average is None
    assert readout_text(found, Decimal("99.5"), TERMS, 40) == "nothing rests up to 99.50"


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (90, "up to here 1.23456 BTC for 75,600.13 USDT, average 61,236.50"),
        (55, "1.23456 BTC for 75,600.13 USDT, average 61,236.50"),
        (45, "1.23456 for 75,600.13, average 61,236.50"),
        (33, "1.23456 for 75,600.13 ⌀ 61,236.50"),
        (32, "1.2345 for 75.6 k ⌀ 61,236.50"),
        (20, "1.2345 for 75.6 k ⌀…"),
    ],
)
def test_in_as_many_words_as_fit(width: int, text: str) -> None:
    found = Readout(Decimal("1.23456"), Decimal("1.23456") * Decimal("61236.5"))
    assert readout_text(found, Decimal(61237), TERMS, width) == text
