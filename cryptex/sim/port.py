"""Where a bot's market is: the little that a context needs, in this process or behind a socket."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from cryptex.protocol.market import Market
from cryptex.protocol.terms import OrderType, Side, TimeInForce

T = TypeVar("T")


class NewOrder(NamedTuple):
    """An order as a bot sends it. `number` is the bot's own, counted from 1; `expires_ns` is simulated time."""

    number: int
    side: Side
    type: OrderType
    size_lots: int
    price_ticks: int
    time_in_force: TimeInForce
    post_only: bool
    expires_ns: int


class BookView(Protocol):
    """The book as a bot sees it, in ticks and lots."""

    @property
    def best_bid(self) -> int | None:
        """The highest price somebody buys at."""

    @property
    def best_ask(self) -> int | None:
        """The lowest price somebody sells at."""

    @property
    def mid(self) -> float:
        """The middle of the best prices in ticks; where a side is empty, the last that was known."""

    def bids(self, levels: int) -> list[tuple[int, int]]:
        """Return the best levels of buyers as (price, size), best first."""

    def asks(self, levels: int) -> list[tuple[int, int]]:
        """Return the best levels of sellers as (price, size), best first."""


class Port(Protocol):
    """A market, as far as one bot reaches it. Nothing here waits."""

    @property
    def market(self) -> Market:
        """The market's definition."""

    @property
    def book(self) -> BookView:
        """The book."""

    def now(self) -> int:
        """Return the time in nanoseconds."""

    def call_at(self, time_ns: int, call: Callable[[T], object], argument: T) -> None:
        """Call `call(argument)` at a time."""

    def place(self, order: NewOrder) -> None:
        """Send an order on its way."""

    def resize(self, number: int, size_lots: int) -> None:
        """Send a smaller total size of one of the bot's orders on its way."""

    def cancel(self, number: int) -> None:
        """Send the cancel of one of the bot's orders on its way."""

    def cancel_all(self) -> None:
        """Send the cancel of all open orders of the bot's account in its market on its way."""
