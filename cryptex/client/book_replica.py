"""The replica of a book. Pure: no clock, no I/O."""

from collections.abc import Callable
from decimal import Decimal
from itertools import islice
from operator import neg

import msgspec
from sortedcontainers import SortedDict

from cryptex.client.chain import Gap, Replica
from cryptex.client.models import Level
from cryptex.protocol.channels import CHECKSUM_LEVELS, BookMessage, book_checksum
from cryptex.protocol.views import LevelView


class _Quote(msgspec.Struct, frozen=True, gc=False):
    """A level as numbers, and as the text that checksums are made of."""

    level: Level
    text: LevelView


class _BookSide:
    """One side of a book: price -> level, best first."""

    def __init__(self, key: Callable[[Decimal], Decimal] | None) -> None:
        self._quotes: SortedDict[Decimal, _Quote] = SortedDict(key)

    def __len__(self) -> int:
        return len(self._quotes)

    def copy(self) -> "_BookSide":
        twin = _BookSide(None)
        twin._quotes = self._quotes.copy()
        return twin

    def fold(self, changes: list[LevelView], *, replace: bool) -> None:
        if replace:
            self._quotes.clear()
        for text in changes:
            level = Level(Decimal(text[0]), Decimal(text[1]))
            if level.size:
                self._quotes[level.price] = _Quote(level, text)
            else:
                self._quotes.pop(level.price, None)

    def best(self) -> Level | None:
        return self._quotes.peekitem(0)[1].level if self._quotes else None

    def levels(self) -> list[Level]:
        return [quote.level for quote in self._quotes.values()]

    def top_text(self) -> list[LevelView]:
        return [quote.text for quote in islice(self._quotes.values(), CHECKSUM_LEVELS)]


class BookReplica(Replica[BookMessage]):
    """The best `depth` levels of each side of a market's book."""

    def __init__(self, market: str, depth: int) -> None:
        super().__init__()
        self.market = market
        self.depth = depth
        self._bids = _BookSide(neg)
        self._asks = _BookSide(None)

    @property
    def bids(self) -> list[Level]:
        """Levels of the buyers, best (highest) first."""
        return self._bids.levels()

    @property
    def asks(self) -> list[Level]:
        """Levels of the sellers, best (lowest) first."""
        return self._asks.levels()

    @property
    def best_bid(self) -> Level | None:
        """The highest price that is bid, in constant time."""
        return self._bids.best()

    @property
    def best_ask(self) -> Level | None:
        """The lowest price that is asked, in constant time."""
        return self._asks.best()

    def _fold(self, message: BookMessage) -> None:
        replace = message.type == "snapshot"
        self._bids.fold(message.bids or [], replace=replace)
        self._asks.fold(message.asks or [], replace=replace)
        if max(len(self._bids), len(self._asks)) > self.depth:
            raise Gap(f"more than {self.depth} levels on a side")
        if message.checksum is not None:
            checksum = book_checksum(self._bids.top_text(), self._asks.top_text())
            if checksum != message.checksum:
                raise Gap(f"checksum {checksum} is not {message.checksum} as the node says")
