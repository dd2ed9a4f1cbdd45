"""What assets are worth in one of them, by the last prices of the markets that are known. Pure."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from cryptex.client.models import Balance


class Priced(NamedTuple):
    """A market and its last price."""

    base: str
    quote: str
    last: Decimal | None


class Valuation(NamedTuple):
    """The worth of a wallet in `quote`: of each asset (None where it has no price) and together."""

    quote: str
    worth: Mapping[str, Decimal | None]
    total: Decimal

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What one has of, and nobody knows the price of."""
        return tuple(asset for asset, worth in self.worth.items() if worth is None)


def home_of(markets: Iterable[Priced]) -> str:
    """Return the asset in which most markets quote, the first of equals; empty without markets."""
    counted = Counter(market.quote for market in markets)
    return max(counted, key=lambda quote: counted[quote], default="")


def rates_in(quote: str, markets: Iterable[Priced]) -> dict[str, Decimal]:
    """Return what one of each asset is worth in `quote`, by the fewest markets that lead there."""
    steps: dict[str, list[tuple[str, Decimal]]] = {}
    for base, counter, last in markets:
        if last:
            steps.setdefault(counter, []).append((base, last))
            steps.setdefault(base, []).append((counter, 1 / last))
    rates = {quote: Decimal(1)}
    waiting = deque([quote])
    while waiting:
        known = waiting.popleft()
        for asset, price in steps.get(known, ()):
            if asset not in rates:
                rates[asset] = price * rates[known]
                waiting.append(asset)
    return rates


def value(balances: Iterable[Balance], quote: str, rates: Mapping[str, Decimal]) -> Valuation:
    """Return the worth of a wallet."""
    worth: dict[str, Decimal | None] = {}
    for balance in balances:
        rate = rates.get(balance.asset)
        worth[balance.asset] = Decimal(0) if not balance.balance else None if rate is None else balance.balance * rate
    return Valuation(quote, worth, sum((each for each in worth.values() if each is not None), Decimal(0)))
