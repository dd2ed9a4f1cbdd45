"""Stops: orders that wait until the last price reaches them."""

from typing import Final

from sortedcontainers import SortedDict

from cryptex.engine.errors import require
from cryptex.engine.order import WorkingOrder
from cryptex.protocol.terms import Side

TRIGGERS_PER_COMMAND_MAX: Final = 1_000
"""Triggered stops that run after one command; the rest are first at the next."""


class StopSide:
    """Waiting stops of one side by stop price. Keys are negated for sells, so the next to be reached is first."""

    __slots__ = ("next_key", "prices", "sign")

    def __init__(self, side: Side) -> None:
        self.sign: Final = 1 if side is Side.BUY else -1
        self.prices: SortedDict[int, dict[int, WorkingOrder]] = SortedDict()
        self.next_key: int | None = None

    def add(self, order: WorkingOrder) -> None:
        """Let a stop wait."""
        key = order.stop_ticks * self.sign
        orders = self.prices.get(key)
        if orders is None:
            orders = self.prices[key] = {}
            self._renew()
        orders[order.order_id] = order

    def remove(self, order: WorkingOrder) -> bool:
        """Take a stop out; return whether it was waiting (a reached one no longer is)."""
        key = order.stop_ticks * self.sign
        orders = self.prices.get(key)
        if orders is None or orders.pop(order.order_id, None) is None:
            return False
        if not orders:
            del self.prices[key]
            self._renew()
        return True

    def reached_by(self, price_ticks: int) -> list[WorkingOrder]:
        """Take out and return the stops that a trade at this price reaches, by order id."""
        key = price_ticks * self.sign
        reached: list[WorkingOrder] = []
        while self.next_key is not None and self.next_key <= key:
            reached.extend(self.prices.popitem(0)[1].values())
            self._renew()
        return reached

    def _renew(self) -> None:
        self.next_key = self.prices.peekitem(0)[0] if self.prices else None


class Stops:
    """The waiting stops of a market: buys trigger at or above their stop price, sells at or below it."""

    __slots__ = ("buys", "sells")

    def __init__(self) -> None:
        self.buys = StopSide(Side.BUY)
        self.sells = StopSide(Side.SELL)

    def of(self, side: Side) -> StopSide:
        """Return the stops of a side."""
        return self.buys if side is Side.BUY else self.sells

    def reached_by(self, price_ticks: int) -> list[WorkingOrder]:
        """Take out and return the stops that a trade at this price reaches, by order id."""
        buy_key, sell_key = self.buys.next_key, self.sells.next_key
        if (buy_key is None or buy_key > price_ticks) and (sell_key is None or sell_key > -price_ticks):
            return []
        reached = self.buys.reached_by(price_ticks) + self.sells.reached_by(price_ticks)
        reached.sort(key=_order_id)
        return reached

    def would_trigger(self, side: Side, stop_ticks: int, last_price_ticks: int | None) -> bool:
        """Return whether a stop would be reached by the last price already."""
        if last_price_ticks is None:
            return False
        return last_price_ticks >= stop_ticks if side is Side.BUY else last_price_ticks <= stop_ticks

    def check(self, last_price_ticks: int | None) -> None:
        """Raise InvariantBroken where a waiting stop is already reached."""
        for side in (self.buys, self.sells):
            first = side.prices.peekitem(0)[0] if side.prices else None
            require(first == side.next_key, "the next stop is not the first")
            if first is not None and last_price_ticks is not None:
                require(first > last_price_ticks * side.sign, "a reached stop still waits")


def _order_id(order: WorkingOrder) -> int:
    return order.order_id
