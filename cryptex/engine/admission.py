"""Whether an order may live: checks in a fixed order, the funds last."""

from typing import Final, NamedTuple

from cryptex.engine.accounts import Balance
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.matching import dry_pass
from cryptex.engine.order import PENDING, WorkingOrder
from cryptex.engine.price_band import NO_LIMIT
from cryptex.engine.step import Step
from cryptex.protocol.market import Asset
from cryptex.protocol.problems import Code, Detail
from cryptex.protocol.terms import AMOUNT_LIMIT, EngineLimit, MarketState, OrderType, Side, TimeInForce

BUY: Final = Side.BUY
LIMIT: Final = OrderType.LIMIT
OPEN_ORDERS: Final = EngineLimit.OPEN_ORDERS_PER_MARKET
IOC: Final = TimeInForce.IOC
FOK: Final = TimeInForce.FOK


class Reason(NamedTuple):
    """Why something was refused: code, message for people, and details for programs."""

    code: Code
    message: str
    details: dict[str, Detail]


class Admission:
    """The engine's checks. Each returns None, or the reason to refuse."""

    def __init__(
        self,
        limits: dict[EngineLimit, int],
        assets: dict[str, Asset],
        step: Step,
    ) -> None:
        self.limits = limits
        self.assets = assets
        self.step = step

    def admit(self, order: WorkingOrder) -> Reason | None:
        """Check a new order; one that passes says in `held_units` what is to be held for it."""
        request, seat, side, price_ticks = order.request, order.seat, order.side, order.price_ticks
        market = seat.market
        if request.expires_ns and request.expires_ns <= self.step.time_ns:
            return expired()
        if price_ticks:
            notional_units = price_ticks * order.size_lots * market.notional_units
            if notional_units >= AMOUNT_LIMIT and side is not BUY:  # a buy has not the funds anyway
                return too_large()
        else:
            notional_units = self._notional_units(order)
        if notional_units < market.min_notional_units:
            return self.min_notional(market, notional_units)
        if market.has_band and price_ticks and not self.in_band(side, price_ticks, market):
            return self.out_of_band(side, market)
        limit = self.limits.get(OPEN_ORDERS, 0)
        if limit and seat.open_orders >= limit and can_wait(order):
            return too_many_open_orders(limit, market)
        if request.post_only and market.book.opposite(side).crosses(price_ticks):
            return would_take()
        if request.stop_ticks and market.stops.would_trigger(side, order.stop_ticks, market.last_price_ticks):
            return stop_would_trigger()
        if side is not BUY:
            units = order.size_lots * market.lot_units
        else:
            units = notional_units if price_ticks else self._cost_units(order, market)
        if units > order.funds.available:
            return self.insufficient(order.funds, units)
        order.held_units = units
        return None

    def reserve(self, order: WorkingOrder) -> Reason | None:
        """Note in `held_units` what the order needs, or say what is missing. Nothing moves yet."""
        market = order.live_market
        if order.side is not BUY:
            units = order.remaining_lots * market.lot_units
        elif order.price_ticks:
            units = order.price_ticks * order.remaining_lots * market.notional_units
        else:
            units = self._cost_units(order, market)
        if units > order.funds.available:
            return self.insufficient(order.funds, units)
        order.held_units = units
        return None

    def _cost_units(self, order: WorkingOrder, market: LiveMarket) -> int:
        """Return what a buy without a price holds: nothing while it waits by size."""
        if order.request.quote_units:
            return order.request.quote_units
        if order.status is PENDING:
            return 0
        return dry_pass(market, order, self.reach_ticks(BUY, market)).quote_units

    def reach_ticks(self, side: Side, market: LiveMarket) -> int:
        """Return the worst price that an order without its own may reach now."""
        if not market.has_band:
            return NO_LIMIT[side]
        return market.band.limit_ticks(market.definition, side, self.step.time_ns)

    def in_band(self, side: Side, price_ticks: int, market: LiveMarket) -> bool:
        """Return whether a price is not too aggressive."""
        limit_ticks = self.reach_ticks(side, market)
        return price_ticks <= limit_ticks if side is BUY else price_ticks >= limit_ticks

    def out_of_band(self, side: Side, market: LiveMarket) -> Reason:
        """Return the refusal of a price beyond the band."""
        limit = market.definition.price_text(self.reach_ticks(side, market))
        bound = "above" if side is BUY else "below"
        message = f"a {side} in {market.symbol} may not be {bound} {limit} now"
        return Reason(Code.PRICE_OUT_OF_BAND, message, {"limit": limit})

    def min_notional(self, market: LiveMarket, notional_units: int) -> Reason:
        """Return the refusal of an order that is too small."""
        text = market.definition.quote.text
        least = text(market.min_notional_units)
        message = f"price x size is {text(notional_units)} {market.quote}, less than {least}"
        return Reason(
            Code.MIN_NOTIONAL,
            message,
            {"min_notional": least, "notional": text(notional_units)},
        )

    def insufficient(self, funds: Balance, required_units: int) -> Reason:
        """Return the refusal for want of funds."""
        asset, text = funds.asset, self.assets[funds.asset].text
        required, available = text(required_units), text(funds.available)
        message = f"this needs {required} {asset}, available are {available}"
        details: dict[str, Detail] = {
            "asset": asset,
            "required": required,
            "available": available,
        }
        return Reason(Code.INSUFFICIENT_FUNDS, message, details)

    def _notional_units(self, order: WorkingOrder) -> int:
        """Return the notional of an order without a price; one that meets an empty book passes any limit."""
        request, market = order.request, order.live_market
        if request.quote_units:
            return request.quote_units
        price_ticks = order.stop_ticks
        if not price_ticks:
            best = market.book.opposite(order.side).best
            if best is None:
                return market.min_notional_units
            price_ticks = best.price_ticks
        return price_ticks * order.size_lots * market.notional_units


def can_wait(order: WorkingOrder) -> bool:
    """Return whether an order may stay open: a stop, or a limit that rests."""
    request = order.request
    if request.stop_ticks:
        return True
    return request.type is LIMIT and request.time_in_force is not IOC and request.time_in_force is not FOK


def not_now(order: WorkingOrder) -> Reason | None:
    """Return why a market that is not open does not take an order. In an auction all is taken that waits for its end.

    Stops wait too, whatever they become when they are reached.
    """
    request, market = order.request, order.live_market
    if market.state is MarketState.AUCTION:
        if can_wait(order) and (order.status is PENDING or not request.post_only):
            return None
        takes = "it takes gtc and gtd limit orders without post_only, stops, amendments and cancels"
        message = f"{market.symbol} is in an auction: {takes} until it opens"
    else:
        message = f"{market.symbol} is halted: it takes cancels alone"
    return Reason(Code.MARKET_HALTED, message, {"market": market.symbol, "state": market.state})


def expired() -> Reason:
    """Return the refusal of an order that would end before it began."""
    return Reason(Code.INVALID_REQUEST, "expires_at must be in the future", {"field": "expires_at"})


def too_large() -> Reason:
    """Return the refusal of an order whose price x size cannot be counted."""
    return Reason(Code.AMOUNT_TOO_LARGE, "price x size is larger than the exchange can count", {"field": "size"})


def too_many_open_orders(limit: int, market: LiveMarket) -> Reason:
    """Return the refusal of one open order too many."""
    message = f"the account has {limit} open orders in {market.symbol}, the most allowed"
    return Reason(Code.TOO_MANY_OPEN_ORDERS, message, {"limit": limit})


def would_take() -> Reason:
    """Return the refusal of a post-only order that would trade."""
    return Reason(Code.WOULD_TAKE, "a post_only order at this price would trade at once", {})


def stop_would_trigger() -> Reason:
    """Return the refusal of a stop that is reached already."""
    return Reason(
        Code.STOP_WOULD_TRIGGER,
        "the last price has already reached this stop price",
        {},
    )
