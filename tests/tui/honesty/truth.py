"""What the scripted server really has: a book and own orders, and what they were at every sequence."""

from decimal import Decimal
from random import Random

from cryptex.protocol.channels import BookMessage, OrdersMessage, book_checksum
from cryptex.protocol.terms import OrderStatus
from cryptex.protocol.views import LevelView, OrderView
from tests.tui.fake_exchange import TIME, order_view

MARKET = "BTC-USDT"
MIDDLE_CENTS = 6_000_000
LEVELS_MAX = 20
DEPTH = 25

Side = dict[int, int]
"""Size in hundredths by price in cents."""
Book = tuple[list[tuple[Decimal, Decimal]], list[tuple[Decimal, Decimal]]]
"""Bids and asks, best first."""
Moment = tuple[int, int]
"""Epoch and sequence."""


class BookTruth:
    """A book that changes by chance. Never more levels than the view has, so that nothing enters it or leaves it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._bids: Side = {MIDDLE_CENTS - 50 * i: 100 + i for i in range(1, 11)}
        self._asks: Side = {MIDDLE_CENTS + 50 * i: 100 + i for i in range(1, 11)}
        self.epoch, self.sequence = 1, 1
        self.was: dict[Moment, Book] = {}
        self._remember()

    @property
    def now(self) -> Book:
        """The book as it is."""
        return self.was[self.epoch, self.sequence]

    def snapshot(self) -> BookMessage:
        """Return the message that begins a subscription."""
        bids, asks = self._views()
        return self._message("snapshot", None, bids, asks)

    def step(self) -> BookMessage:
        """Change something, and return the message that says so."""
        prev = self.sequence
        bids = self._changed(self._bids, -1)
        asks = self._changed(self._asks, 1)
        self.sequence += self._random.randint(1, 3)
        self._remember()
        return self._message("update", prev, bids, asks)

    def restart(self) -> None:
        """Begin a new epoch, with a book that is another by now."""
        self.epoch += 1
        self._changed(self._bids, -1)
        self.sequence += 1
        self._remember()

    def _changed(self, side: Side, away: int) -> list[LevelView]:
        """Change up to three levels of a side; away from the middle there is always one."""
        out: list[LevelView] = []
        for _ in range(self._random.randint(0, 3)):
            price = MIDDLE_CENTS + away * 50 * self._random.randint(1, LEVELS_MAX)
            size = self._random.choice([0, self._random.randint(1, 999)])
            if size == 0 and (price not in side or len(side) == 1):
                continue
            if size:
                side[price] = size
            else:
                del side[price]
            out.append((_price(price), _size(size) if size else "0"))
        return out

    def _views(self) -> tuple[list[LevelView], list[LevelView]]:
        bids = [(_price(price), _size(self._bids[price])) for price in sorted(self._bids, reverse=True)]
        return bids, [(_price(price), _size(self._asks[price])) for price in sorted(self._asks)]

    def _message(self, kind: str, prev: int | None, bids: list[LevelView], asks: list[LevelView]) -> BookMessage:
        return BookMessage(
            market=MARKET,
            depth=DEPTH,
            type=kind,  # type: ignore[arg-type]  # one of the two
            epoch=self.epoch,
            sequence=self.sequence,
            prev=prev,
            time=TIME,
            bids=bids,
            asks=asks,
            checksum=book_checksum(*self._views()),
        )

    def _remember(self) -> None:
        bids, asks = self._views()
        self.was[self.epoch, self.sequence] = (_numbers(bids), _numbers(asks))


class OrdersTruth:
    """Own orders that come and go by chance."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._open: dict[int, OrderView] = {}
        self._next = 1
        self.epoch, self.sequence = 1, 1
        self.was: dict[Moment, list[int]] = {}
        self._remember()

    @property
    def now(self) -> list[int]:
        """Ids of the open orders, newest first."""
        return self.was[self.epoch, self.sequence]

    def snapshot(self) -> OrdersMessage:
        """Return the message that begins a subscription."""
        return self._message("snapshot", None, list(self._open.values()))

    def step(self) -> OrdersMessage:
        """Place an order or end one, and return the message that says so."""
        prev = self.sequence
        if self._open and self._random.random() < 0.5:
            view = self._open.pop(self._random.choice(list(self._open)))
            view = order_view(view.id, "buy", view.price, "1.00000", status=OrderStatus.CANCELED, sequence=prev + 1)
        else:
            view = order_view(self._next, "buy", _price(MIDDLE_CENTS - 50 * self._next), "1.00000", sequence=prev + 1)
            self._open[self._next] = view
            self._next += 1
        self.sequence += 1
        self._remember()
        return self._message("update", prev, [view])

    def restart(self) -> None:
        """Begin a new epoch; what expired meanwhile is gone."""
        self.epoch += 1
        self._open.clear()
        self.sequence += 1
        self._remember()

    def _message(self, kind: str, prev: int | None, views: list[OrderView]) -> OrdersMessage:
        given = {"epoch": self.epoch, "sequence": self.sequence, "prev": prev, "time": TIME, "orders": views}
        return OrdersMessage(type=kind, **given)  # type: ignore[arg-type]  # as the message wants them

    def _remember(self) -> None:
        self.was[self.epoch, self.sequence] = sorted(self._open, reverse=True)


def _numbers(views: list[LevelView]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(price), Decimal(size)) for price, size in views]


def _price(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _size(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}000"
