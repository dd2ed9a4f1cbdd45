"""The naive exchange's rules for one order: admission, matching, self-trade prevention, amendment, end."""

from fractions import Fraction
from math import ceil

from cryptex.protocol.commands import AmendOrder
from cryptex.protocol.market import SCALE, Market
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import (
    FEE_ACCOUNT,
    EndReason,
    MarketState,
    OrderStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.engine.oracle_state import LIMIT_LIKE, SECOND_NS, STOP_LIKE, Deal, Standing, State, reached

STP = SelfTradePrevention


class OrderBooks(State):
    """The rules that move orders, funds and trades."""

    # admission

    def refusal(self, order: Standing) -> Code | None:
        """Why a new order is rejected, in the order of the rules; None when it is not."""
        ask = order.ask
        if not self.is_taken_now(order):
            return Code.MARKET_HALTED
        if ask.expires_ns and ask.expires_ns <= self.now:
            return Code.INVALID_REQUEST
        mine = [o for o in self.open_orders(order.account) if o.ask.market == ask.market and o is not order]
        can_rest = ask.type in STOP_LIKE or (
            ask.type is OrderType.LIMIT and ask.time_in_force in (TimeInForce.GTC, TimeInForce.GTD)
        )
        checks = [
            (self.too_small(order), Code.MIN_NOTIONAL),
            (ask.type in LIMIT_LIKE and not self.in_band(order, order.price), Code.PRICE_OUT_OF_BAND),
            (can_rest and len(mine) >= self.open_orders_max, Code.TOO_MANY_OPEN_ORDERS),
            (ask.post_only and self.would_take(order), Code.WOULD_TAKE),
            (self.would_trigger(order), Code.STOP_WOULD_TRIGGER),
            (not self.can_pay(order), Code.INSUFFICIENT_FUNDS),
        ]
        return next((code for is_wrong, code in checks if is_wrong), None)

    def is_taken_now(self, order: Standing) -> bool:
        """A halted market takes no order, an auction those that wait: limits that may rest, and stops of any kind."""
        state, ask = self.state(order.ask.market), order.ask
        if state is MarketState.AUCTION and order.status is not OrderStatus.PENDING:
            may_rest = ask.time_in_force in (TimeInForce.GTC, TimeInForce.GTD)
            return ask.type in LIMIT_LIKE and may_rest and not ask.post_only
        return state is not MarketState.HALTED

    def too_small(self, order: Standing) -> bool:
        market, ask = self.markets[order.ask.market], order.ask
        if ask.quote_units:
            return ask.quote_units < market.min_notional_units
        if ask.type is OrderType.MARKET:
            facing = self.facing(order)
            return bool(facing) and facing[0].price * ask.size_lots * market.notional_units < market.min_notional_units
        price = order.stop if ask.type is OrderType.STOP else order.price
        return price * order.remaining * market.notional_units < market.min_notional_units

    def would_take(self, order: Standing) -> bool:
        facing = self.facing(order)
        return bool(facing) and self.crosses(order, facing[0].price)

    def would_trigger(self, order: Standing) -> bool:
        last = self.last_price(order.ask.market)
        return order.ask.type in STOP_LIKE and last is not None and reached(order, last)

    def can_pay(self, order: Standing) -> bool:
        """Whether the account can pay: the hold, or the dry pass where a buy by size has no limit price."""
        runs_by_size = order.status is not OrderStatus.PENDING and not order.is_by_quote
        if runs_by_size and order.side is Side.BUY and order.ask.type not in LIMIT_LIKE:
            return self.dry_cost(order) <= self.available(order)
        return self.needs(order) <= self.available(order)

    def reachable(self, order: Standing) -> list[Standing]:
        """The resting orders within an order's limit price or, for a market order, within the price band."""
        if order.ask.type in LIMIT_LIKE:
            return [o for o in self.facing(order) if self.crosses(order, o.price)]
        return [o for o in self.facing(order) if self.in_band(order, o.price)]

    def dry_cost(self, order: Standing) -> int:
        """What a buy by size would pay if it ran now."""
        notional = self.markets[order.ask.market].notional_units
        left, cost = order.remaining, 0
        for maker in self.reachable(order):
            lots = min(left, maker.remaining)
            if maker.account == order.account:
                if order.ask.self_trade_prevention in (STP.CANCEL_NEWEST, STP.CANCEL_BOTH):
                    break
                left -= lots if order.ask.self_trade_prevention is STP.DECREMENT else 0
                continue
            left -= lots
            cost += lots * maker.price * notional
        return cost

    def can_fill(self, order: Standing) -> bool:
        """Whether a FOK order would be filled wholly, by the rules of the real pass."""
        notional = self.markets[order.ask.market].notional_units
        left, budget = order.remaining, order.budget
        for maker in self.reachable(order):
            most = budget // (maker.price * notional) if order.is_by_quote else left
            if most == 0:
                return budget < order.budget
            if maker.account == order.account:
                if order.ask.self_trade_prevention is STP.CANCEL_OLDEST:
                    continue
                return False
            lots = min(most, maker.remaining)
            left, budget = left - lots, budget - lots * maker.price * notional
            if lots < maker.remaining or (budget if order.is_by_quote else left) == 0:
                return True
        return False

    # life

    def start(self, order: Standing) -> None:
        """Take an admitted order in: a stop waits, everything else runs."""
        self.hold(order, self.needs(order))
        if order.status is not OrderStatus.PENDING:
            self.run(order)

    def trigger(self, order: Standing) -> None:
        """A reached stop becomes a live order, if price band and funds let it."""
        order.status = OrderStatus.OPEN
        if order.ask.type is OrderType.STOP_LIMIT and not self.in_band(order, order.price):
            self.end(order, EndReason.PRICE_BAND)
        elif not self.can_pay(order):
            self.end(order, EndReason.INSUFFICIENT_FUNDS)
        else:
            self.run(order)

    def run(self, order: Standing) -> None:
        """Let an order trade where the market is open; a market whose breaker that tripped halts after it."""
        market = self.markets[order.ask.market]
        if self.state(market.symbol) is MarketState.OPEN:
            self.run_open(order)
        else:
            self.rest(order)
        if market.symbol in self.tripped and market.breaker is not None:
            self.halt(market.symbol, self.now + market.breaker.halt_duration_ns)

    def halt(self, market: str, until: int) -> None:
        self.phases[market] = (MarketState.HALTED, until)
        self.judged_from[market] = len(self.trades)
        self.tripped.discard(market)

    def rest(self, order: Standing) -> None:
        self.places += 1
        order.place, order.rests = self.places, True

    def run_open(self, order: Standing) -> None:
        """Match an order and deal with what is left of it."""
        if order.ask.time_in_force is TimeInForce.FOK and not self.can_fill(order):
            self.end(order, EndReason.FOK)
            return
        stopped = self.match(order)
        if not order.is_open:
            return
        if order.ask.type not in LIMIT_LIKE:
            self.end(order, stopped or EndReason.NO_LIQUIDITY)
        elif order.ask.time_in_force is TimeInForce.IOC:
            self.end(order, EndReason.HALTED if stopped is EndReason.HALTED else EndReason.IOC)
        elif order.ask.time_in_force is TimeInForce.FOK:
            self.end(order, EndReason.FOK)
        else:
            self.rest(order)

    def match(self, taker: Standing) -> EndReason | None:
        """Meet the facing side until nothing is left of the taker or it can go no further."""
        market = self.markets[taker.ask.market]
        reference = None if market.price_band_e8 is None else self.reference(market)
        while taker.is_open and (facing := self.facing(taker)):
            maker = facing[0]
            if taker.ask.type in LIMIT_LIKE:
                if not self.crosses(taker, maker.price):
                    return None
            elif not self.in_band(taker, maker.price, reference):
                return EndReason.PRICE_BAND
            cost_of_lot = maker.price * market.notional_units
            most = taker.budget // cost_of_lot if taker.is_by_quote else taker.remaining
            if most == 0:
                self.end_spent(taker)
            elif market.symbol in self.tripped and taker.ask.time_in_force is not TimeInForce.FOK:
                return EndReason.HALTED
            elif maker.account == taker.account:
                self.prevent(taker, maker, min(most, maker.remaining))
            else:
                self.trade(taker, maker, min(most, maker.remaining))
        return None

    def end_spent(self, taker: Standing) -> None:
        """An order by quote amount cannot buy one more lot."""
        if taker.filled:
            self.end(taker, EndReason.FILLED, OrderStatus.FILLED)
        else:
            self.end(taker, EndReason.NO_LIQUIDITY)

    def prevent(self, taker: Standing, maker: Standing, lots: int) -> None:
        """An order would meet its own account: the taker's mode says what happens."""
        mode = taker.ask.self_trade_prevention
        if mode in (STP.CANCEL_OLDEST, STP.CANCEL_BOTH):
            self.end(maker, EndReason.SELF_TRADE)
        if mode in (STP.CANCEL_NEWEST, STP.CANCEL_BOTH):
            self.end(taker, EndReason.SELF_TRADE)
        if mode is STP.DECREMENT:
            price = maker.price * self.markets[taker.ask.market].notional_units
            for order in (taker, maker):
                if order.is_by_quote:
                    order.budget -= lots * price
                else:
                    order.remaining -= lots
                    order.canceled += lots
                if order.remaining == 0 and not (order.is_by_quote and order.budget):
                    self.end(order, EndReason.SELF_TRADE)
                elif order.held:
                    self.hold(order, self.needs(order))

    def trade(self, taker: Standing, maker: Standing, lots: int, auction_price: int = 0) -> None:
        """One match at the maker's price or that of an auction, where both pay the taker's fee.

        Each pays, each receives less its fee, holds shrink to what is needed.
        """
        market = self.markets[taker.ask.market]
        price = auction_price or maker.price
        cost, size = price * lots * market.notional_units, lots * market.lot_units
        deal = Deal(len(self.trades) + 1, market.symbol, price, lots, taker.side, maker.id, taker.id, self.now)
        self.trades.append(deal)
        if self.is_too_far(market, price):
            self.tripped.add(market.symbol)
        for order in (taker, maker):
            rate = market.taker_fee_e8 if order is taker or auction_price else market.maker_fee_e8
            pays, receives = (cost, size) if order.side is Side.BUY else (size, cost)
            paid, received = (market.quote, market.base) if order.side is Side.BUY else (market.base, market.quote)
            fee = ceil(Fraction(receives * rate, SCALE))
            self.hold(order, 0)
            self.add(order.account, paid.symbol, -pays)
            self.add(order.account, received.symbol, receives - fee)
            self.add(FEE_ACCOUNT, received.symbol, fee)
            order.filled, order.fee, order.spent = order.filled + lots, order.fee + fee, order.spent + cost
            if order.is_by_quote:
                order.budget -= cost
            else:
                order.remaining -= lots
            order.status = OrderStatus.PARTIALLY_FILLED
            self.hold(order, self.needs(order))
            if order.remaining == 0 and order.budget == 0:
                self.end(order, EndReason.FILLED, OrderStatus.FILLED)
        waiting = [o for o in self.orders.values() if o.status is OrderStatus.PENDING and o.ask.market == market.symbol]
        self.triggered += [o for o in waiting if o not in self.triggered and reached(o, price)]

    def is_too_far(self, market: Market, price: int) -> bool:
        """Whether a price is further than the breaker allows from any other of its window, by whole seconds."""
        breaker = market.breaker
        if breaker is None:
            return False
        first = self.now // SECOND_NS - breaker.halt_window_seconds
        deals = self.trades[self.judged_from.get(market.symbol, 0) :]
        prices = [t.price for t in deals if t.market == market.symbol and t.time_ns // SECOND_NS >= first]
        move = Fraction(breaker.halt_move_e8, SCALE)
        return any(abs(price - other) > move * other for other in prices)

    def end(self, order: Standing, reason: EndReason, status: OrderStatus = OrderStatus.CANCELED) -> None:
        """An order ends: what was left of it is canceled, what it held is free."""
        self.hold(order, 0)
        order.status, order.reason = status, reason
        order.canceled, order.remaining, order.rests = order.canceled + order.remaining, 0, False
        self.closings += 1
        order.closed_ns, order.closed_place = self.now, self.closings

    def cancel_many(self, orders: list[Standing], reason: EndReason) -> None:
        for order in orders:
            if order.is_open:
                self.end(order, reason)

    def amend(self, order: Standing, asked: AmendOrder) -> Code | None:
        """Change an order, or say why not; a refused amend leaves it as it was."""
        old = (order.price, order.size, order.stop, order.remaining)
        price, size, stop = asked.price_ticks or old[0], asked.size_lots or old[1], asked.stop_ticks or old[2]
        is_pending = order.status is OrderStatus.PENDING
        still_waits = is_pending and order not in self.triggered
        if (asked.price_ticks and order.ask.type not in LIMIT_LIKE) or (stop != old[2] and not still_waits):
            return Code.INVALID_REQUEST
        if (asked.size_lots and order.is_by_quote) or (not order.is_by_quote and size <= order.filled + order.canceled):
            return Code.INVALID_REQUEST
        if (price, size, stop) == old[:3]:
            return None
        keeps_place = price == old[0] and size <= old[1] and self.state(order.ask.market) is MarketState.AUCTION
        if not keeps_place and not self.is_taken_now(order):
            return Code.MARKET_HALTED
        left = order.remaining if order.is_by_quote else size - order.filled - order.canceled
        order.price, order.size, order.stop, order.remaining = price, size, stop, left
        checks = [
            (not order.is_by_quote and self.too_small(order), Code.MIN_NOTIONAL),
            (price != old[0] and not self.in_band(order, price), Code.PRICE_OUT_OF_BAND),
            (order.ask.post_only and self.would_take(order), Code.WOULD_TAKE),
            (still_waits and self.would_trigger(order), Code.STOP_WOULD_TRIGGER),
            (self.needs(order) > self.available(order), Code.INSUFFICIENT_FUNDS),
        ]
        code = next((code for is_wrong, code in checks if is_wrong), None)
        if code:
            order.price, order.size, order.stop, order.remaining = old
            return code
        self.hold(order, self.needs(order))
        if not is_pending and (price != old[0] or size > old[1]):
            order.rests = False
            self.run(order)
        return None
