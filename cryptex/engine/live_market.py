"""A market inside the engine: its definition, state, book, waiting stops, last price, and who trades in it."""

from collections import deque

import msgspec

from cryptex.engine.accounts import Account, Accounts
from cryptex.engine.book import Book, Level
from cryptex.engine.circuit_breaker import Breaker
from cryptex.engine.order import WorkingOrder
from cryptex.engine.price_band import PriceBand, Reference
from cryptex.engine.seat import Seat
from cryptex.engine.triggers import Stops
from cryptex.protocol.market import Market
from cryptex.protocol.terms import FEE_ACCOUNT, MarketState, Side


class LiveMarket:
    """One market. The numbers of its definition that every order needs are kept at hand."""

    __slots__ = (
        "asks",
        "band",
        "base",
        "bids",
        "book",
        "breaker",
        "definition",
        "fees",
        "has_band",
        "is_open",
        "last_price_ticks",
        "lot_units",
        "maker_fee_e8",
        "min_notional_units",
        "notional_units",
        "parked_stops",
        "quote",
        "seats",
        "state_ends_ns",
        "stops",
        "symbol",
        "taker_fee_e8",
    )

    def __init__(self, definition: Market, accounts: Accounts, changed: list[Level]) -> None:
        """`changed` collects the levels of the book that a command changes."""
        self.symbol = definition.symbol
        self.book = Book(definition.symbol, changed)
        self.bids = self.book.bids
        self.asks = self.book.asks
        self.stops = Stops()
        self.band = PriceBand()
        self.breaker: Breaker | None = None
        self.last_price_ticks: int | None = None
        self.state_ends_ns = 0
        """When the state ends by itself; 0 where it does not."""
        self.parked_stops: deque[WorkingOrder] = deque()
        """Stops that were reached before a halt, in the order in which they run once the market is open."""
        self.define(definition)
        self.seats: dict[int, Seat] = {}
        """By account id; an account takes its seat with its first order."""
        self.fees = Seat(accounts.by_id[FEE_ACCOUNT], self)

    def define(self, definition: Market) -> None:
        """Take on a definition of the same two assets."""
        self.definition = definition
        self.base = definition.base.symbol
        self.quote = definition.quote.symbol
        self.lot_units = definition.lot_units
        self.notional_units = definition.notional_units
        self.min_notional_units = definition.min_notional_units
        self.maker_fee_e8 = definition.maker_fee_e8
        self.taker_fee_e8 = definition.taker_fee_e8
        self.has_band = definition.price_band_e8 is not None
        self.is_open = definition.state is MarketState.OPEN
        wanted = definition.breaker
        if wanted is None:
            self.breaker = None
        elif self.breaker is None or self.breaker.definition != wanted:
            self.breaker = Breaker(wanted)

    @property
    def state(self) -> MarketState:
        """What the market accepts."""
        return self.definition.state

    def enter(self, state: MarketState, ends_ns: int) -> None:
        """Change the state."""
        self.define(msgspec.structs.replace(self.definition, state=state))
        self.state_ends_ns = ends_ns

    def reference(self, now_ns: int) -> Reference | None:
        """Return what an auction's price should be near to: the band's reference, else the last price."""
        reference = self.band.reference(self.definition, now_ns)
        if reference is None and self.last_price_ticks is not None:
            return Reference(self.last_price_ticks, 1)
        return reference

    def set_auction_price(self, now_ns: int, price_ticks: int, size_lots: int) -> None:
        """Begin anew from the price of an auction: it is the last price, the band's reference and the breaker's."""
        self.last_price_ticks = price_ticks
        self.band.begin(now_ns, price_ticks, size_lots)
        if self.breaker is not None:
            self.breaker.note(now_ns, price_ticks)

    def seat(self, account: Account) -> Seat:
        """Return the account's seat."""
        seat = self.seats.get(account.account_id)
        if seat is None:
            seat = self.seats[account.account_id] = Seat(account, self)
        return seat

    @property
    def open_orders(self) -> int:
        """Live orders: resting, waiting, and reached ones whose turn has not come. O(accounts)."""
        return sum(seat.open_orders for seat in self.seats.values())

    def forget_prices(self) -> None:
        """Forget prices in ticks that have a new meaning."""
        self.last_price_ticks = None
        self.band.clear()
        if self.breaker is not None:
            self.breaker.clear()

    def held_asset(self, side: Side) -> str:
        """Return the asset that orders of a side hold."""
        return self.quote if side is Side.BUY else self.base
