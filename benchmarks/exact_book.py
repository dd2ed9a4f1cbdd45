"""A second yardstick: the bare book with nothing left behind, as a book that is read from must be."""

from collections import OrderedDict

from sortedcontainers import SortedDict

Queue = OrderedDict[int, int]
"""Size left by order id, in the order of arrival."""


class ExactBook:
    """Price-time matching and nothing else; a cancel takes the order out at once, and an empty level with it."""

    def __init__(self) -> None:
        self.sides: tuple[SortedDict[int, Queue], SortedDict[int, Queue]] = (SortedDict(), SortedDict())
        self.orders: dict[int, tuple[int, int]] = {}
        """(side, key of the level) of each resting order."""
        self.trades = 0

    def place(self, order_id: int, side: int, price: int, size: int) -> None:
        """Match an order (side 0 buys, 1 sells) and rest what is left."""
        other = self.sides[1 - side]
        limit = price if side == 0 else -price
        while size and other:
            key, queue = other.peekitem(0)
            if key > limit:
                break
            while queue and size:
                maker_id = next(iter(queue))
                filled = min(size, queue[maker_id])
                queue[maker_id] -= filled
                size -= filled
                self.trades += 1
                if not queue[maker_id]:
                    del queue[maker_id], self.orders[maker_id]
            if not queue:
                del other[key]
        if size:
            key = -limit
            levels = self.sides[side]
            queue = levels.get(key)
            if queue is None:
                queue = levels[key] = OrderedDict()
            queue[order_id] = size
            self.orders[order_id] = (side, key)

    def cancel(self, order_id: int) -> None:
        """Take an order out."""
        place = self.orders.pop(order_id, None)
        if place is not None:
            side, key = place
            queue = self.sides[side][key]
            del queue[order_id]
            if not queue:
                del self.sides[side][key]
