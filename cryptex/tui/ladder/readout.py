"""What it takes to trade up to a level: size, notional, average price. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from cryptex.client.models import Level
from cryptex.protocol.terms import Side
from cryptex.tui.drawing import texts
from cryptex.tui.ladder.figures import brief
from cryptex.tui.model import Terms


class Readout(NamedTuple):
    """All that rests from the best level to a price."""

    size: Decimal
    notional: Decimal

    @property
    def average(self) -> Decimal | None:
        """Return the average price, or None where nothing rests."""
        return self.notional / self.size if self.size else None


def readout(levels: Sequence[Level], side: Side, price: Decimal) -> Readout:
    """Return what rests on a side up to a price and at it. `levels` are those of the side, best first."""
    size = notional = Decimal(0)
    for level in levels:
        if level.price < price if side is Side.BUY else level.price > price:
            break
        size += level.size
        notional += level.price * level.size
    return Readout(size, notional)


def readout_text(found: Readout, price: Decimal, terms: Terms, width: int) -> str:
    """Return what rests up to a price as a line, in as many words as there is room for."""
    if found.average is None:
        return texts.fitted(f"nothing rests up to {texts.number(price, terms.price_places)}", width)
    size = texts.split_zeros(texts.number(found.size, terms.size_places))[0]
    notional = texts.number(found.notional, 2)
    average = texts.number(found.average, terms.price_places)
    short = f"{brief(found.size)} for {brief(found.notional)}"
    choices = (
        f"up to here {size} {terms.base} for {notional} {terms.quote}, average {average}",
        f"{size} {terms.base} for {notional} {terms.quote}, average {average}",
        f"{size} for {notional}, average {average}",
        f"{size} for {notional} ⌀ {average}",
        f"{short} ⌀ {average}",
    )
    return next((text for text in choices if len(text) <= width), texts.fitted(choices[-1], width))
