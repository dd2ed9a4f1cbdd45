"""Placing, triggering, amending: how an order comes to the book and what becomes of it there."""

from collections import deque
from typing import Final

from cryptex.engine.admission import BUY, FOK, IOC, Admission, Reason, not_now
from cryptex.engine.auction import Auction
from cryptex.engine.idempotency import same_request
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.market_states import MarketStates
from cryptex.engine.matching import Halt, Matching, dry_pass
from cryptex.engine.order import OPEN, PENDING, WorkingOrder
from cryptex.engine.orders import Orders
from cryptex.engine.seat import Seat
from cryptex.engine.triggers import TRIGGERS_PER_COMMAND_MAX
from cryptex.protocol.commands import PlaceOrder
from cryptex.protocol.events import (
    Event,
    OrderAccepted,
    OrderRejected,
    OrderRepeated,
    OrderTriggered,
)
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import EndReason

_HALT_REASONS: Final = {
    Halt.EMPTY: EndReason.NO_LIQUIDITY,
    Halt.LIMIT: EndReason.PRICE_BAND,
    Halt.SELF_TRADE: EndReason.SELF_TRADE,
    Halt.BREAKER: EndReason.HALTED,
}


class Trading:
    """The life of orders between admission and their end."""

    def __init__(self, orders: Orders, admission: Admission) -> None:
        self.orders = orders
        self.ledger = orders.ledger
        self.step = orders.step
        self.admission = admission
        self.reached: deque[WorkingOrder] = deque()
        """Stops that trades have reached and that have not run yet."""
        self.matching = Matching(orders, orders.ledger, self.reached)
        auction = Auction(self.matching, self.reached)
        self.states = MarketStates(auction, orders.deadlines, self.reached, orders.step)

    def place(self, request: PlaceOrder, seat: Seat) -> Event:
        """Admit an order and let it trade, rest or wait; return the answer.

        Every order comes this way, so what most of them need stands here in one piece.
        """
        orders, step = self.orders, self.step
        order_id = orders.next_id
        orders.next_id = order_id + 1
        order = WorkingOrder(order_id, request, seat, step.time_ns, step.sequence)
        reason = None if seat.market.is_open else not_now(order)
        if reason is None:
            reason = self.admission.admit(order)
        if reason is not None:
            return self._reject(order, reason)
        accepted = OrderAccepted(order_id, order.account_id, request)
        step.events.append(accepted)
        if order.held_units:
            self.ledger.hold(order, order.held_units)
        orders.live[order_id] = seat.account.orders[order_id] = order
        seat.open_orders += 1
        if request.client_order_id:
            seat.keys.open[request.client_order_id] = order
        if request.expires_ns:
            orders.deadlines.add(request.expires_ns, order_id, order.account_id)
        if request.connection_id:
            orders.tie_order(request.connection_id, order)
        if order.stop_ticks:
            seat.market.stops.of(order.side).add(order)
        else:
            self.execute(order, seat.market)
        return accepted

    def execute(self, order: WorkingOrder, market: LiveMarket) -> None:
        """Let a live order that is not waiting trade, and rest or end what is left."""
        time_in_force = order.request.time_in_force
        limit_ticks = order.price_ticks
        if not limit_ticks:
            limit_ticks = self.admission.reach_ticks(order.side, market)
        elif time_in_force is not IOC and time_in_force is not FOK:
            if order.side is BUY:
                best = market.asks.best
                if best is None or best.price_ticks > limit_ticks:
                    market.bids.add(order)
                    return
            else:
                best = market.bids.best
                if best is None or best.price_ticks < limit_ticks:
                    market.asks.add(order)
                    return
            if not market.is_open:
                market.book.own(order.side).add(order)
                return
        if time_in_force is FOK and not dry_pass(market, order, limit_ticks).complete:
            self.orders.cancel(order, EndReason.FOK)
            return
        self._finish(order, market, self.matching.match(market, order, limit_ticks))
        breaker = market.breaker
        if breaker is not None and breaker.tripped:
            self.states.trip(market)

    def _reject(self, order: WorkingOrder, reason: Reason) -> OrderRejected:
        self.orders.reject(order, reason.code)
        rejected = OrderRejected(order.order_id, order.account_id, order.request, *reason)
        self.step.events.append(rejected)
        return rejected

    def run_reached(self, budget: int = TRIGGERS_PER_COMMAND_MAX) -> int:
        """Run stops that were reached, each wholly, until none or no budget is left; return what is left of it."""
        reached = self.reached
        while reached and budget:
            order = reached.popleft()
            if order.status is PENDING:
                self._trigger(order)
                budget -= 1
        return budget

    def _trigger(self, order: WorkingOrder) -> None:
        orders = self.orders
        step, market = orders.step, order.live_market
        order.become(OPEN)
        order.updated_ns, order.sequence = step.time_ns, step.sequence
        step.events.append(OrderTriggered(order.order_id, order.account_id))
        if order.price_ticks and not self.admission.in_band(order.side, order.price_ticks, market):
            orders.cancel(order, EndReason.PRICE_BAND)
            return
        if not order.held_units and not self._hold_now(order):
            orders.cancel(order, EndReason.INSUFFICIENT_FUNDS)
            return
        self.execute(order, market)

    def _hold_now(self, order: WorkingOrder) -> bool:
        """Hold what a triggered order needs; return whether there is enough."""
        if self.admission.reserve(order) is not None:
            return False
        if order.held_units:
            self.ledger.hold(order, order.held_units)
        return True

    def _finish(self, order: WorkingOrder, market: LiveMarket, halt: Halt) -> None:
        orders = self.orders
        if halt is Halt.SELF_TRADE:
            orders.cancel(order, EndReason.SELF_TRADE)
        elif halt is Halt.DONE:
            self._finish_done(order)
        elif not order.price_ticks:
            orders.cancel(order, _HALT_REASONS[halt])
        elif halt is Halt.BREAKER and order.request.time_in_force is IOC:
            orders.cancel(order, EndReason.HALTED)
        elif order.request.time_in_force is IOC:
            orders.cancel(order, EndReason.IOC)
        elif order.request.time_in_force is FOK:
            orders.cancel(order, EndReason.FOK)
        else:
            market.book.own(order.side).add(order)

    def _finish_done(self, order: WorkingOrder) -> None:
        if order.filled_lots:
            self.orders.fill_up(order)
        else:
            self.orders.cancel(order, EndReason.NO_LIQUIDITY)

    def repeated(self, request: PlaceOrder, seat: Seat) -> OrderRepeated | Reason | None:
        """Return what a client_order_id that is in use leads to: the order it made, or a conflict."""
        record = seat.keys.find(request.client_order_id, self.step.time_ns)
        if record is None:
            return None
        order_id, first = record
        if isinstance(first, PlaceOrder) and same_request(first, request):
            return OrderRepeated(order_id, request.account_id)
        message = f"client_order_id {request.client_order_id} was used for order {order_id}, which is different"
        return Reason(Code.CLIENT_ORDER_ID_CONFLICT, message, {"order_id": order_id})
