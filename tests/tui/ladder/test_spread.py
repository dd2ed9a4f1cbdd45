"""The row between asks and bids."""

from decimal import Decimal

import pytest

from cryptex.client.models import Level
from cryptex.tui.ladder.spread import spread_line
from cryptex.tui.model import Depth, Terms
from tests.tui.fake_exchange import MARKETS

TERMS = Terms.of(MARKETS[0])
LAST = Decimal("61234.5")
BID, ASK = (Level(Decimal("61234.50"), Decimal(1)),), (Level(Decimal("61235.50"), Decimal(1)),)


def shown(depth: Depth, width: int, *, names_best: bool, direction: int = 1) -> str:
    line = spread_line(depth, TERMS, LAST, direction, width, names_best=names_best)
    text = "".join(span.text for span in line)
    assert len(text) == width
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("width", "names_best", "text"),
    [
        (50, False, "▲ 61,234.50 spread 1.00 0.2 bp"),
        (33, False, "▲ 61,234.50 spread 1.00 0.2 bp"),
        (29, False, "▲ 61,234.50 spread 1.00"),
        (60, True, "▲ 61,234.50 61,234.50 / 61,235.50 spread 1.00 0.2 bp"),
        (53, True, "▲ 61,234.50 61,234.50 / 61,235.50 spread 1.00"),
        (45, True, "▲ 61,234.50 61,234.50 / 61,235.50 1.00"),
        (33, True, "61,234.50 / 61,235.50 1.00"),
        (24, True, "61,234.50 / 61,235.50"),
    ],
)
def test_in_as_many_words_as_fit(width: int, names_best: bool, text: str) -> None:
    assert shown(Depth(BID, ASK), width, names_best=names_best) == text


@pytest.mark.parametrize("names_best", [False, True])
def test_a_side_that_is_missing(names_best: bool) -> None:
    assert shown(Depth((), ()), 40, names_best=names_best) == "▲ 61,234.50 empty book"
    assert "one side only" in shown(Depth(BID, ()), 40, names_best=names_best)


@pytest.mark.parametrize("width", range(20, 70))
def test_where_the_best_prices_are_said_so_is_the_side_that_is_missing(width: int) -> None:
    assert "61,234.50 / no asks" in shown(Depth(BID, ()), width, names_best=True)
    assert "no bids / 61,235.50" in shown(Depth((), ASK), width, names_best=True)


def test_direction_has_a_sign() -> None:
    assert shown(Depth(BID, ASK), 40, names_best=False, direction=-1).startswith("▼")
    assert shown(Depth(BID, ASK), 40, names_best=False, direction=0).startswith("•")
