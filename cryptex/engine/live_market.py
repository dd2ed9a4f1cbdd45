"""A market inside the engine: its definition, book, waiting stops and last price."""

from cryptex.engine.book import Book, BookSide
from cryptex.engine.price_band import PriceBand
from cryptex.engine.triggers import Stops
from cryptex.protocol.market import Market
from cryptex.protocol.terms import Side


class LiveMarket:
    """One market. The numbers of its definition that every order needs are kept at hand."""

    __slots__ = (
        "asks",
        "band",
        "base",
        "bids",
        "book",
        "definition",
        "has_band",
        "last_price_ticks",
        "lot_units",
        "maker_fee_e8",
        "min_notional_units",
        "notional_units",
        "open_orders",
        "quote",
        "stops",
        "symbol",
        "taker_fee_e8",
    )

    def __init__(self, definition: Market, touched: list[BookSide]) -> None:
        self.symbol = definition.symbol
        self.book = Book(definition.symbol, touched)
        self.bids = self.book.bids
        self.asks = self.book.asks
        self.stops = Stops()
        self.band = PriceBand()
        self.last_price_ticks: int | None = None
        self.open_orders = 0
        """Live orders: resting, waiting, and reached ones whose turn has not come."""
        self.define(definition)

    def define(self, definition: Market) -> None:
        """Take on a definition."""
        self.definition = definition
        self.base = definition.base.symbol
        self.quote = definition.quote.symbol
        self.lot_units = definition.lot_units
        self.notional_units = definition.notional_units
        self.min_notional_units = definition.min_notional_units
        self.maker_fee_e8 = definition.maker_fee_e8
        self.taker_fee_e8 = definition.taker_fee_e8
        self.has_band = definition.price_band_e8 is not None

    def forget_prices(self) -> None:
        """Forget prices in ticks that have a new meaning."""
        self.last_price_ticks = None
        self.band.clear()

    def held_asset(self, side: Side) -> str:
        """Return the asset that orders of a side hold."""
        return self.quote if side is Side.BUY else self.base
