"""Profit from own fills, at average cost, fees included. Pure.

Each market has a position of its own, which begins at nothing with the first fill that is known. What was owned before,
or deposited, is no part of it: to sell that counts as sold ahead (a position below zero) until it is bought back. So
realised plus unrealised is exactly what the fills brought in, compared with having held.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, localcontext
from typing import Final, NamedTuple

from cryptex.client.models import Fill
from cryptex.protocol.terms import Side

_EXACT: Final = Context(prec=60)
"""Averages are quotients: with this many digits their error stays far below an atomic unit."""
_ZERO: Final = Decimal(0)

Rates = Callable[[str], Decimal | None]
"""What one of an asset is worth, or None where nobody knows."""


@dataclass(slots=True)
class Position:
    """What the fills of a market left: `size` of base that cost `cost` of quote (both below zero when sold ahead)."""

    size: Decimal = _ZERO
    cost: Decimal = _ZERO
    realised: Decimal = _ZERO
    fees: Decimal = _ZERO
    """In quote; those that were paid in base at the price of their fill."""

    @property
    def average(self) -> Decimal | None:
        """The price at which it stands even."""
        return self.cost / self.size if self.size else None

    def take(self, fill: Fill) -> None:
        """Let a fill change it."""
        with localcontext(_EXACT):
            base = fill.market.partition("-")[0]
            in_base = fill.fee if fill.fee_asset == base else _ZERO
            in_quote = _ZERO if in_base else fill.fee
            self.fees += in_quote + in_base * fill.price
            bought = fill.side is Side.BUY
            size = (fill.size if bought else -fill.size) - in_base
            paid = (1 if bought else -1) * fill.price * fill.size + in_quote
            self._move(size, paid)

    def _move(self, size: Decimal, paid: Decimal) -> None:
        """Add `size` for `paid`, both below zero for a sale; what goes against the position closes it at its cost."""
        if self.size * size < 0:
            closing = -self.size if abs(size) > abs(self.size) else size
            share, cost = paid * closing / size, self.cost * -closing / self.size
            self.realised -= share + cost
            self.size, self.cost = self.size + closing, self.cost - cost
            size, paid = size - closing, paid - share
        self.size += size
        self.cost += paid


class Profit(NamedTuple):
    """Sums in one asset; `unpriced` names the assets whose worth nobody knows, and which are left out."""

    realised: Decimal
    unrealised: Decimal
    fees: Decimal
    unpriced: tuple[str, ...]


class ProfitBook:
    """Positions folded from fills, oldest first."""

    def __init__(self, fills: Iterable[Fill] = ()) -> None:
        self.positions: dict[str, Position] = {}
        self.since: datetime | None = None
        self.count = 0
        for fill in fills:
            self.take(fill)

    def take(self, fill: Fill) -> None:
        """Add the next fill."""
        self.since = self.since or fill.time
        self.count += 1
        self.positions.setdefault(fill.market, Position()).take(fill)

    def profit(self, last: Mapping[str, Decimal | None], rate: Rates) -> Profit:
        """Return what it came to, by the last price of each market and the rates of their quotes."""
        realised = unrealised = fees = _ZERO
        unpriced: dict[str, None] = {}
        for market, position in self.positions.items():
            base, _, quote = market.partition("-")
            worth, price = rate(quote), last.get(market)
            if worth is None:
                unpriced[quote] = None
                continue
            realised += position.realised * worth
            fees += position.fees * worth
            if price is not None:
                unrealised += (position.size * price - position.cost) * worth
            elif position.size:
                unpriced[base] = None
        return Profit(realised, unrealised, fees, tuple(unpriced))
