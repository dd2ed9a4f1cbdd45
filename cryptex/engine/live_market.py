"""A market inside the engine: its definition, book, waiting stops, last price, and who trades in it."""

from cryptex.engine.accounts import Account, Accounts
from cryptex.engine.book import Book, Level
from cryptex.engine.price_band import PriceBand
from cryptex.engine.seat import Seat
from cryptex.engine.triggers import Stops
from cryptex.protocol.market import Market
from cryptex.protocol.terms import FEE_ACCOUNT, Side


class LiveMarket:
    """One market. The numbers of its definition that every order needs are kept at hand."""

    __slots__ = (
        "asks",
        "band",
        "base",
        "bids",
        "book",
        "definition",
        "fees",
        "has_band",
        "last_price_ticks",
        "lot_units",
        "maker_fee_e8",
        "min_notional_units",
        "notional_units",
        "quote",
        "seats",
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
        self.last_price_ticks: int | None = None
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

    def held_asset(self, side: Side) -> str:
        """Return the asset that orders of a side hold."""
        return self.quote if side is Side.BUY else self.base
