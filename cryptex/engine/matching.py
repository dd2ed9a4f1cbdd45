"""Matching: an arriving order meets resting ones by price, then time, at the resting order's price."""

from collections import deque
from enum import Enum, auto
from typing import Final, NamedTuple

from cryptex.engine.book import Level
from cryptex.engine.errors import InvariantBroken
from cryptex.engine.ledger import Ledger
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.money import fee_units, lots_affordable
from cryptex.engine.order import FILLED, PARTIALLY_FILLED, WorkingOrder
from cryptex.engine.orders import REASON_FILLED, Orders
from cryptex.protocol.events import Fill, OrderReduced, Trade
from cryptex.protocol.terms import EndReason, Liquidity, SelfTradePrevention, Side, TimeInForce

BUY: Final = Side.BUY
FOK: Final = TimeInForce.FOK
MAKER: Final = Liquidity.MAKER
TAKER: Final = Liquidity.TAKER
CANCEL_NEWEST: Final = SelfTradePrevention.CANCEL_NEWEST
CANCEL_OLDEST: Final = SelfTradePrevention.CANCEL_OLDEST
DECREMENT: Final = SelfTradePrevention.DECREMENT


class Halt(Enum):
    """Why matching stopped."""

    DONE = auto()
    """Nothing is left to trade."""
    EMPTY = auto()
    """The other side is empty."""
    LIMIT = auto()
    """The next level is beyond the price limit."""
    SELF_TRADE = auto()
    """Self-trade prevention ends the taker."""
    BREAKER = auto()
    """The last trade has tripped the market's breaker."""


class Reach(NamedTuple):
    """What an order would trade, without trading it: at what cost, and whether it would be wholly served."""

    quote_units: int
    complete: bool


class Matching:
    """The taker's way through the book."""

    def __init__(self, orders: Orders, ledger: Ledger, reached: deque[WorkingOrder]) -> None:
        """`reached` collects the stops that trades reach, in the order in which they run."""
        self.orders = orders
        self.ledger = ledger
        self.reached = reached
        self.next_trade_id = 1

    def match(self, market: LiveMarket, taker: WorkingOrder, limit_ticks: int) -> Halt:
        """Trade until nothing is left, the limit or the book's end is reached, or self-trade prevention stops it."""
        opposite = market.book.opposite(taker.side)
        sign = opposite.sign
        limit_key = limit_ticks * sign
        by_quote = taker.request.quote_units != 0
        tripped = False
        while True:
            if not (taker.held_units if by_quote else taker.remaining_lots):
                return Halt.DONE
            level = opposite.best
            if level is None:
                return Halt.EMPTY
            if level.price_ticks * sign > limit_key:
                return Halt.LIMIT
            maker = level.first
            if maker is None:
                raise InvariantBroken("an empty level in the book")
            wanted_lots = taker.remaining_lots
            if by_quote:
                wanted_lots = lots_affordable(taker.held_units, level.price_ticks * market.notional_units)
                if not wanted_lots:
                    return Halt.DONE
            if tripped:
                return Halt.BREAKER
            if maker.account_id != taker.account_id:
                lots = maker.remaining_lots
                tripped = self._trade(market, level, maker, taker, min(lots, wanted_lots))
            elif self._prevent(market, maker, taker, wanted_lots):
                return Halt.SELF_TRADE

    def _trade(self, market: LiveMarket, level: Level, maker: WorkingOrder, taker: WorkingOrder, lots: int) -> bool:
        """Trade lots of a maker; the taker's time and sequence are this command's already.

        Return whether the breaker stops the taker here. A fok order is all or nothing, so that nothing stops it.
        """
        price_ticks = maker.price_ticks
        lot_price_units = price_ticks * market.notional_units
        quote_units, base_units = lots * lot_price_units, lots * market.lot_units
        maker_buys = maker.side is BUY
        maker_fee = fee_units(base_units if maker_buys else quote_units, market.maker_fee_e8)
        taker_fee = fee_units(quote_units if maker_buys else base_units, market.taker_fee_e8)
        trade_id = self.next_trade_id
        self.next_trade_id = trade_id + 1
        append = self.orders.step.events.append
        append(Trade(trade_id, market.symbol, price_ticks, lots, taker.side))
        append(filled(2 * trade_id - 1, trade_id, maker, MAKER, price_ticks, lots, quote_units, maker_fee))
        append(filled(2 * trade_id, trade_id, taker, TAKER, price_ticks, lots, quote_units, taker_fee))
        if maker_buys:
            buyer, seller, base_fee, quote_fee = maker, taker, maker_fee, taker_fee
        else:
            buyer, seller, base_fee, quote_fee = taker, maker, taker_fee, maker_fee
        buyer_held = lots * buyer.price_ticks * market.notional_units if buyer.price_ticks else quote_units
        self.ledger.settle(trade_id, buyer.seat, seller.seat, base_units, quote_units, buyer_held, base_fee, quote_fee)
        buyer.held_units -= buyer_held
        seller.held_units -= base_units
        if taker.remaining_lots:
            taker.remaining_lots -= lots
        if taker.status is not PARTIALLY_FILLED:
            taker.become(PARTIALLY_FILLED)
        self._reduce(level, maker, lots)
        return self._note_price(market, price_ticks, lots) and taker.request.time_in_force is not FOK

    def _reduce(self, level: Level, maker: WorkingOrder, lots: int) -> None:
        """Take what was traded off a resting order, which ends with its last lot."""
        if lots == maker.remaining_lots:
            level.size_lots -= lots
            maker.remaining_lots = 0
            self.orders.end(maker, FILLED, REASON_FILLED)
            return
        level.side.reduce(maker, lots)
        step = self.orders.step
        maker.updated_ns, maker.sequence = step.time_ns, step.sequence
        if maker.status is not PARTIALLY_FILLED:
            maker.become(PARTIALLY_FILLED)

    def _note_price(self, market: LiveMarket, price_ticks: int, lots: int) -> bool:
        """Let band, stops and breaker know of a trade; return whether the breaker stops trading here."""
        now_ns = self.orders.step.time_ns
        market.last_price_ticks = price_ticks
        market.band.note(now_ns, price_ticks, lots)
        stops = market.stops
        if stops.buys.next_key is not None or stops.sells.next_key is not None:
            self.reached.extend(stops.reached_by(price_ticks))
        breaker = market.breaker
        return breaker is not None and breaker.note(now_ns, price_ticks)

    def _prevent(
        self,
        market: LiveMarket,
        maker: WorkingOrder,
        taker: WorkingOrder,
        wanted_lots: int,
    ) -> bool:
        """Keep an account from trading with itself; return whether the taker ends."""
        mode = taker.request.self_trade_prevention
        if mode is DECREMENT:
            return self._decrement(market, maker, taker, min(wanted_lots, maker.remaining_lots))
        if mode is not CANCEL_NEWEST:
            self.orders.cancel(maker, EndReason.SELF_TRADE)
        return mode is not CANCEL_OLDEST

    def _decrement(self, market: LiveMarket, maker: WorkingOrder, taker: WorkingOrder, lots: int) -> bool:
        quote_units = lots * maker.price_ticks * market.notional_units
        market.book.own(maker.side).reduce(maker, lots)
        self._shrink(market, maker, lots, quote_units)
        if taker.remaining_lots:
            taker.remaining_lots -= lots
        self._shrink(market, taker, lots, quote_units)
        if not maker.remaining_lots:
            self.orders.cancel(maker, EndReason.SELF_TRADE)
        return not (taker.held_units if taker.request.quote_units else taker.remaining_lots)

    def _shrink(self, market: LiveMarket, order: WorkingOrder, lots: int, quote_units: int) -> None:
        """Release what an order held for lots that will not trade. An order by quote amount gives up their cost."""
        step = self.orders.step
        if order.side is not BUY:
            units = lots * market.lot_units
        elif order.price_ticks:
            units = lots * order.price_ticks * market.notional_units
        else:
            units = quote_units if order.request.quote_units else 0
        order.canceled_lots += lots if order.size_lots else 0
        order.updated_ns, order.sequence = step.time_ns, step.sequence
        step.events.append(OrderReduced(order.order_id, order.account_id, lots))
        if units:
            self.ledger.release(order, units)
            order.held_units -= units


def dry_pass(market: LiveMarket, taker: WorkingOrder, limit_ticks: int) -> Reach:
    """Return what an order would trade now, under the same rules as the real pass.

    Own orders end it (cancel_newest, cancel_both), are passed over (cancel_oldest), or use up what is wanted without
    serving it (decrement). An order by quote amount is served when what is left does not buy another lot.
    """
    opposite = market.book.opposite(taker.side)
    limit_key = limit_ticks * opposite.sign
    mode = taker.request.self_trade_prevention
    by_quote = taker.request.quote_units != 0
    left = taker.held_units if by_quote else taker.remaining_lots
    cost_units, decremented = 0, False
    for level in opposite:
        if level.price_ticks * opposite.sign > limit_key:
            break
        lot_price_units = level.price_ticks * market.notional_units
        for maker in level:
            wanted_lots = lots_affordable(left, lot_price_units) if by_quote else left
            if not wanted_lots:
                return Reach(cost_units, cost_units > 0 and not decremented)
            own = maker.account_id == taker.account_id
            if own and mode is CANCEL_OLDEST:
                continue
            if own and mode is not DECREMENT:
                return Reach(cost_units, False)
            lots = min(wanted_lots, maker.remaining_lots)
            left -= lots * lot_price_units if by_quote else lots
            if own:
                decremented = True
            else:
                cost_units += lots * lot_price_units
            if lots < maker.remaining_lots:
                return Reach(cost_units, cost_units > 0 and not decremented)
    return Reach(cost_units, not left and not decremented)


def filled(
    fill_id: int,
    trade_id: int,
    order: WorkingOrder,
    liquidity: Liquidity,
    price_ticks: int,
    lots: int,
    quote_units: int,
    paid_fee_units: int,
) -> Fill:
    """Add a trade to an order's totals and return its fill."""
    order.filled_lots += lots
    order.filled_quote_units += quote_units
    order.fee_units += paid_fee_units
    return Fill(
        fill_id,
        trade_id,
        order.order_id,
        order.account_id,
        order.request.client_order_id,
        order.market,
        order.side,
        liquidity,
        price_ticks,
        lots,
        paid_fee_units,
    )
