"""The yardstick of the engine benchmark: a bare book on SortedDict, without accounts, ledger, events or keys."""

from collections import deque

from sortedcontainers import SortedDict

Resting = list[int]
"""[order id, size left]; size 0 marks a canceled order."""


class BareBook:
    """Price-time matching and nothing else."""

    def __init__(self) -> None:
        self.sides: tuple[SortedDict[int, deque[Resting]], SortedDict[int, deque[Resting]]] = (
            SortedDict(),
            SortedDict(),
        )
        self.orders: dict[int, Resting] = {}
        self.trades = 0

    def place(self, order_id: int, side: int, price: int, size: int) -> None:
        """Match an order (side 0 buys, 1 sells) and rest what is left."""
        other = self.sides[1 - side]
        sign = 1 if side else -1
        while size and other:
            key, queue = other.peekitem(0)
            if (key > price) if side == 0 else (-key < price):
                break
            while queue and size:
                maker = queue[0]
                filled = min(size, maker[1])
                if filled:
                    maker[1] -= filled
                    size -= filled
                    self.trades += 1
                if not maker[1]:
                    queue.popleft()
                    self.orders.pop(maker[0], None)
            if not queue:
                del other[key]
        if size:
            resting = [order_id, size]
            self.orders[order_id] = resting
            levels = self.sides[side]
            queue = levels.get(price * sign)
            if queue is None:
                queue = levels[price * sign] = deque()
            queue.append(resting)

    def cancel(self, order_id: int) -> None:
        """Mark an order as gone; the queue drops it when it comes up."""
        resting = self.orders.pop(order_id, None)
        if resting is not None:
            resting[1] = 0
