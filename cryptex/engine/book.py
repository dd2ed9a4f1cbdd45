"""The order book of a market: price levels in order, and within a level orders in the order of arrival."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sortedcontainers import SortedDict

from cryptex.engine.errors import InvariantBroken, require
from cryptex.engine.order import WorkingOrder
from cryptex.protocol.events import Event, LevelChanged
from cryptex.protocol.terms import Side

BUY: Final = Side.BUY


class Level:
    """All resting orders at one price: a doubly linked queue, so that any of them leaves in O(1)."""

    __slots__ = ("first", "last", "price_ticks", "side", "size_lots")

    def __init__(self, price_ticks: int, side: BookSide) -> None:
        self.price_ticks: Final = price_ticks
        self.side: Final = side
        self.size_lots = 0
        self.first: WorkingOrder | None = None
        self.last: WorkingOrder | None = None

    def __iter__(self) -> Iterator[WorkingOrder]:
        order = self.first
        while order is not None:
            following = order.next
            yield order
            order = following


class BookSide:
    """One side of a book. Keys are prices for asks and negated prices for bids, so the best is always first.

    `best` is kept at hand: reading it is O(1), adding and removing a level O(log levels). Each change of a level is
    noted in `changed`, which `report_levels` reads.
    """

    __slots__ = ("best", "changed", "levels", "market", "side", "sign")

    def __init__(self, market: str, side: Side, changed: list[Level]) -> None:
        self.market: Final = market
        self.side: Final = side
        self.sign: Final = -1 if side is BUY else 1
        self.levels: SortedDict[int, Level] = SortedDict()
        self.best: Level | None = None
        self.changed: Final = changed

    def add(self, order: WorkingOrder) -> None:
        """Rest an order at the tail of its price."""
        price_ticks = order.price_ticks
        key = price_ticks * self.sign
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = Level(price_ticks, self)
            best = self.best
            if best is None or key < best.price_ticks * self.sign:
                self.best = level
        order.level = level
        last = level.last
        if last is None:
            level.first = order
        else:
            order.previous = last
            last.next = order
        level.last = order
        level.size_lots += order.remaining_lots
        self.changed.append(level)

    def remove(self, order: WorkingOrder) -> None:
        """Take a resting order out, wherever in its queue it stands."""
        level = order.level
        if level is None:
            raise InvariantBroken(f"order {order.order_id} does not rest")
        previous, following = order.previous, order.next
        if previous is None:
            level.first = following
        else:
            previous.next = following
            order.previous = None
        if following is None:
            level.last = previous
        else:
            following.previous = previous
            order.next = None
        order.level = None
        level.size_lots -= order.remaining_lots
        self.changed.append(level)
        if level.first is None:
            self._drop(level)

    def reduce(self, order: WorkingOrder, lots: int) -> None:
        """Lower what remains of a resting order; it keeps its place."""
        level = order.level
        if level is None:
            raise InvariantBroken(f"order {order.order_id} does not rest")
        level.size_lots -= lots
        order.remaining_lots -= lots
        self.changed.append(level)

    def __iter__(self) -> Iterator[Level]:
        return iter(self.levels.values())

    def crosses(self, price_ticks: int) -> bool:
        """Return whether an order of the other side at this price would meet the best level."""
        best = self.best
        return best is not None and best.price_ticks * self.sign <= price_ticks * self.sign

    def depth(self, levels: int) -> list[tuple[int, int]]:
        """Return the best levels as (price in ticks, size in lots), best first."""
        values = self.levels.values()
        return [(level.price_ticks, level.size_lots) for level in values[:levels]]

    def _drop(self, level: Level) -> None:
        levels = self.levels
        del levels[level.price_ticks * self.sign]
        if level is self.best:
            self.best = levels.peekitem(0)[1] if levels else None

    def check(self) -> None:
        """Raise InvariantBroken unless the levels are whole and `best` is the best."""
        first = self.levels.peekitem(0)[1] if self.levels else None
        require(first is self.best, "the best level is not the first")
        for key, level in self.levels.items():
            orders = list(level)
            require(bool(orders), "a level without orders")
            require(key == level.price_ticks * self.sign, "a level under another price")
            require(
                level.size_lots == sum(order.remaining_lots for order in orders),
                "a level's size is not its orders'",
            )
            for order in orders:
                require(order.remaining_lots > 0, "an order rests with nothing left")
                require(
                    order.level is level and order.price_ticks == level.price_ticks,
                    "an order in another's level",
                )


class Book:
    """Both sides of a market."""

    __slots__ = ("asks", "bids")

    def __init__(self, market: str, changed: list[Level]) -> None:
        """`changed` collects the levels that changed, as often as they did."""
        self.bids = BookSide(market, Side.BUY, changed)
        self.asks = BookSide(market, Side.SELL, changed)

    def own(self, side: Side) -> BookSide:
        """Return the side where orders of `side` rest."""
        return self.bids if side is BUY else self.asks

    def opposite(self, side: Side) -> BookSide:
        """Return the side that orders of `side` trade against."""
        return self.asks if side is BUY else self.bids

    @property
    def is_crossed(self) -> bool:
        """Whether the best bid reaches the best ask, as it only may while the market is not open."""
        bid, ask = self.bids.best, self.asks.best
        return bid is not None and ask is not None and bid.price_ticks >= ask.price_ticks

    def check(self) -> None:
        """Raise InvariantBroken unless both sides are whole."""
        self.bids.check()
        self.asks.check()


def report_levels(changed: list[Level], events: list[Event]) -> None:
    """Append a LevelChanged for each price that changed: by side, and within it in the order of first change."""
    side = changed[0].side
    levels: dict[int, Level] = {}
    others: list[Level] = []
    for level in changed:
        if level.side is side:
            levels[level.price_ticks] = level
        else:
            others.append(level)
    for price_ticks, level in levels.items():
        events.append(LevelChanged(side.market, side.side, price_ticks, level.size_lots))
    if others:
        report_levels(others, events)
