"""The book of a node as a bot sees it: the SDK's replica in whole ticks and lots."""

from collections.abc import Sequence
from decimal import Decimal

from cryptex.client.book_replica import BookReplica
from cryptex.client.models import Level
from cryptex.protocol.amounts import SCALE
from cryptex.protocol.market import Market


class Steps:
    """Turns a market's decimals into ticks, lots and atomic units, exactly."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def ticks(self, price: Decimal) -> int:
        """Return a price in ticks."""
        return int(price * SCALE) // self._market.tick_e8

    def lots(self, size: Decimal) -> int:
        """Return a size in lots."""
        return int(size * SCALE) // self._market.lot_e8

    def units(self, amount: Decimal, asset: str) -> int:
        """Return an amount of the base or the quote asset in atomic units."""
        market = self._market
        decimals = market.base.decimals if asset == market.base.symbol else market.quote.decimals
        return int(amount.scaleb(decimals))


class SocketBook:
    """The best levels of a node's book."""

    def __init__(self, replica: BookReplica, steps: Steps, start_ticks: int) -> None:
        """`start_ticks` stands for the mid as long as there is none."""
        self._replica = replica
        self._steps = steps
        self._last_mid = float(start_ticks)

    @property
    def best_bid(self) -> int | None:
        """The highest price somebody buys at, in ticks."""
        best = self._replica.best_bid
        return None if best is None else self._steps.ticks(best.price)

    @property
    def best_ask(self) -> int | None:
        """The lowest price somebody sells at, in ticks."""
        best = self._replica.best_ask
        return None if best is None else self._steps.ticks(best.price)

    @property
    def mid(self) -> float:
        """The middle of the best prices in ticks; where a side is empty, the last that was known."""
        bid, ask = self.best_bid, self.best_ask
        if bid is not None and ask is not None:
            self._last_mid = (bid + ask) / 2
        return self._last_mid

    def bids(self, levels: int) -> list[tuple[int, int]]:
        """Return the best levels of buyers as (price, size), best first."""
        return self._levels(self._replica.bids[:levels])

    def asks(self, levels: int) -> list[tuple[int, int]]:
        """Return the best levels of sellers as (price, size), best first."""
        return self._levels(self._replica.asks[:levels])

    def _levels(self, levels: Sequence[Level]) -> list[tuple[int, int]]:
        return [(self._steps.ticks(level.price), self._steps.lots(level.size)) for level in levels]
