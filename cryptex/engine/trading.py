"""Placing, triggering, amending: how an order comes to the book and what becomes of it there."""

from collections import deque
from typing import Final

from cryptex.engine.accounts import Account
from cryptex.engine.admission import BUY, FOK, IOC, Admission, Reason
from cryptex.engine.idempotency import same_request
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.matching import Halt, Matching, dry_pass
from cryptex.engine.order import OPEN, PENDING, WorkingOrder
from cryptex.engine.orders import Orders
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
}


class Trading:
    """The life of orders between admission and their end."""

    def __init__(self, orders: Orders, admission: Admission) -> None:
        self.orders = orders
        self.admission = admission
        self.reached: deque[WorkingOrder] = deque()
        """Stops that trades have reached and that have not run yet."""
        self.matching = Matching(orders, orders.ledger, self.reached)

    def place(self, request: PlaceOrder, account: Account, market: LiveMarket) -> Event:
        """Admit an order and let it trade, rest or wait; return the answer."""
        orders = self.orders
        order = orders.make(request, account, market)
        events = orders.step.events
        place = len(events)
        reason = self.admission.admit(order)
        if reason is not None:
            orders.reject(order, reason.code)
            rejected = OrderRejected(order.order_id, order.account_id, request, *reason)
            events.append(rejected)
            return rejected
        accepted = OrderAccepted(order.order_id, order.account_id, request)
        events.insert(place, accepted)
        orders.begin(order)
        if request.stop_ticks:
            market.stops.of(order.side).add(order)
        else:
            self.execute(order, market)
        return accepted

    def execute(self, order: WorkingOrder, market: LiveMarket) -> None:
        """Let a live order that is not waiting trade, and rest or end what is left."""
        time_in_force = order.request.time_in_force
        limit_ticks = order.price_ticks
        if not limit_ticks:
            limit_ticks = self.admission.reach_ticks(order.side, market)
        elif time_in_force is not IOC and time_in_force is not FOK:
            own, opposite = (market.bids, market.asks) if order.side is BUY else (market.asks, market.bids)
            best = opposite.best
            if best is None or best.price_ticks * opposite.sign > limit_ticks * opposite.sign:
                own.add(order)
                return
        if time_in_force is FOK and not dry_pass(market, order, limit_ticks).complete:
            self.orders.cancel(order, EndReason.FOK)
            return
        self._finish(order, market, self.matching.match(market, order, limit_ticks))

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
        if not order.held_units and self.admission.place_hold(order) is not None:
            orders.cancel(order, EndReason.INSUFFICIENT_FUNDS)
            return
        self.execute(order, market)

    def _finish(self, order: WorkingOrder, market: LiveMarket, halt: Halt) -> None:
        orders = self.orders
        if halt is Halt.SELF_TRADE:
            orders.cancel(order, EndReason.SELF_TRADE)
        elif halt is Halt.DONE:
            self._finish_done(order)
        elif not order.price_ticks:
            orders.cancel(order, _HALT_REASONS[halt])
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

    def repeated(self, request: PlaceOrder, account: Account) -> OrderRepeated | Reason | None:
        """Return what a client_order_id that is in use leads to: the order it made, or a conflict."""
        record = account.order_keys.find(request.client_order_id, self.orders.step.time_ns)
        if record is None:
            return None
        order_id, first = record
        if isinstance(first, PlaceOrder) and same_request(first, request):
            return OrderRepeated(order_id, account.account_id)
        message = f"client_order_id {request.client_order_id} was used for order {order_id}, which is different"
        return Reason(Code.CLIENT_ORDER_ID_CONFLICT, message, {"order_id": order_id})
