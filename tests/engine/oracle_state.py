"""What the naive exchange knows: orders, funds and trades, in plain lists and dicts, and how to look at them."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from cryptex.protocol.commands import PlaceOrder
from cryptex.protocol.market import SCALE, Market
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import EndReason, MarketState, OrderStatus, OrderType, Side

REFERENCE_WINDOW_SECONDS: Final = 300
SECOND_NS: Final = 10**9
OPEN: Final = (OrderStatus.PENDING, OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED)
LIMIT_LIKE: Final = (OrderType.LIMIT, OrderType.STOP_LIMIT)
STOP_LIKE: Final = (OrderType.STOP, OrderType.STOP_LIMIT)


class Standing:
    """An order as it stands."""

    def __init__(self, order_id: int, ask: PlaceOrder, now: int) -> None:
        self.id, self.ask, self.account, self.side = order_id, ask, ask.account_id, ask.side
        self.price, self.stop, self.size = ask.price_ticks, ask.stop_ticks, ask.size_lots
        self.remaining, self.budget = ask.size_lots, ask.quote_units
        self.filled = self.canceled = self.fee = self.spent = self.held = self.place = 0
        self.status = OrderStatus.PENDING if ask.type in STOP_LIKE else OrderStatus.OPEN
        self.reason: EndReason | None = None
        self.code: Code | None = None
        self.is_tied = self.rests = False
        self.closed_ns = self.closed_place = 0

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_by_quote(self) -> bool:
        return self.ask.quote_units > 0


@dataclass
class Deal:
    """A trade, with who met whom."""

    id: int
    market: str
    price: int
    lots: int
    side: Side
    maker_order: int
    taker_order: int
    time_ns: int


@dataclass
class State:
    """Orders, funds and trades."""

    now: int = 0
    open_orders_max: int = 1_000
    markets: dict[str, Market] = field(default_factory=dict)
    orders: dict[int, Standing] = field(default_factory=dict)
    trades: list[Deal] = field(default_factory=list)
    triggered: list[Standing] = field(default_factory=list)
    funds: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)
    priced_from: dict[str, int] = field(default_factory=dict)
    """The trade from which on a market's prices mean what they mean now."""
    phases: dict[str, tuple[MarketState, int]] = field(default_factory=dict)
    """What each market that is not open accepts, and until when (0: until it is resumed)."""
    tripped: set[str] = field(default_factory=set)
    judged_from: dict[str, int] = field(default_factory=dict)
    """The trade from which on a market's breaker looks at prices."""
    auctions: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The price of a market's last auction, and the first trade of it."""
    places: int = 0
    closings: int = 0

    # funds

    def balance(self, account: int, asset: str) -> tuple[int, int]:
        return self.funds.get((account, asset), (0, 0))

    def add(self, account: int, asset: str, units: int) -> None:
        free, held = self.balance(account, asset)
        self.funds[account, asset] = (free + units, held)

    def needs(self, order: Standing) -> int:
        """What an open order must hold: quote for a buy, base for a sell."""
        market = self.markets[order.ask.market]
        if order.side is Side.SELL:
            return order.remaining * market.lot_units
        if order.is_by_quote:
            return order.budget
        if order.ask.type in LIMIT_LIKE:
            return order.price * order.remaining * market.notional_units
        return 0

    def hold(self, order: Standing, units: int) -> None:
        """Make an order hold exactly so much."""
        market = self.markets[order.ask.market]
        asset = (market.quote if order.side is Side.BUY else market.base).symbol
        free, held = self.balance(order.account, asset)
        self.funds[order.account, asset] = (free + order.held - units, held - order.held + units)
        order.held = units

    def available(self, order: Standing) -> int:
        """What the account has to pay for an order: what is free and what this order holds already."""
        market = self.markets[order.ask.market]
        asset = (market.quote if order.side is Side.BUY else market.base).symbol
        return self.balance(order.account, asset)[0] + order.held

    # looking around

    def open_orders(self, account: int) -> list[Standing]:
        return [o for o in self.orders.values() if o.account == account and o.is_open]

    def resting(self, market: str, side: Side) -> list[Standing]:
        """A side of a book in price-time priority."""
        orders = [o for o in self.orders.values() if o.rests and o.ask.market == market and o.side is side]
        return sorted(orders, key=lambda o: (-o.price if side is Side.BUY else o.price, o.place))

    def facing(self, order: Standing) -> list[Standing]:
        return self.resting(order.ask.market, Side.SELL if order.side is Side.BUY else Side.BUY)

    def priced(self, market: str) -> list[Deal]:
        """A market's trades in its present ticks and lots."""
        return [trade for trade in self.trades[self.priced_from.get(market, 0) :] if trade.market == market]

    def last_price(self, market: str) -> int | None:
        return next((trade.price for trade in reversed(self.priced(market))), None)

    def state(self, market: str) -> MarketState:
        return self.phases.get(market, (MarketState.OPEN, 0))[0]

    def reference(self, market: Market) -> Fraction | None:
        """The volume-weighted price of the last five minutes, by whole seconds, else that of the last auction, else
        that of the definition, else the last. An auction begins it anew."""
        first = self.now // SECOND_NS - REFERENCE_WINDOW_SECONDS
        auction_price, first_trade = self.auctions.get(market.symbol, (None, 0))
        deals = [trade for trade in self.priced(market.symbol) if trade.time_ns // SECOND_NS > first]
        deals = [trade for trade in deals if trade.id > first_trade]
        if not deals:
            prices = (auction_price, market.reference_price_ticks, self.last_price(market.symbol))
            return next((Fraction(price) for price in prices if price is not None), None)
        return Fraction(sum(trade.price * trade.lots for trade in deals), sum(trade.lots for trade in deals))

    def in_band(self, order: Standing, price: int, reference: Fraction | None = None) -> bool:
        """Only the aggressive direction is checked: a buy too high, a sell too low."""
        market = self.markets[order.ask.market]
        if market.price_band_e8 is None:
            return True
        around = self.reference(market) if reference is None else reference
        assert around is not None, "a band needs a reference price"
        band = Fraction(market.price_band_e8, SCALE)
        return price <= around * (1 + band) if order.side is Side.BUY else price >= around * (1 - band)

    def crosses(self, order: Standing, price: int) -> bool:
        return price <= order.price if order.side is Side.BUY else price >= order.price


def reached(order: Standing, price: int) -> bool:
    """Whether a price reaches a stop: at or above for a buy, at or below for a sell."""
    return price >= order.stop if order.side is Side.BUY else price <= order.stop
