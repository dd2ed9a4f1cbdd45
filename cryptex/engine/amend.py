"""Amending: new values for a live order, all or nothing."""

from typing import NamedTuple

from cryptex.engine.admission import Admission, Reason, not_now, stop_would_trigger, too_large, would_take
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.order import PENDING, WorkingOrder
from cryptex.engine.trading import Trading
from cryptex.protocol.commands import AmendOrder
from cryptex.protocol.events import OrderAmended
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import AMOUNT_LIMIT, LIMIT_PRICED, MarketState, Side


class Values(NamedTuple):
    """What an amendment asks for, with what stays as it is filled in."""

    price_ticks: int
    size_lots: int
    stop_ticks: int
    remaining_lots: int


class Amending:
    """Checks an amendment and carries it out."""

    def __init__(self, trading: Trading, admission: Admission) -> None:
        self.trading = trading
        self.admission = admission

    def amend(self, command: AmendOrder, order: WorkingOrder) -> OrderAmended | Reason:
        """Give the order its new values, or say why it stays as it was."""
        market = order.live_market
        size_lots = command.size_lots or order.size_lots
        remaining_lots = size_lots - order.filled_lots - order.canceled_lots if size_lots else 0
        values = Values(
            command.price_ticks or order.price_ticks,
            size_lots,
            command.stop_ticks or order.stop_ticks,
            remaining_lots,
        )
        reason = self._form(command, order, values)
        if reason is not None:
            return reason
        if values[:3] == (order.price_ticks, order.size_lots, order.stop_ticks):
            return self._report(order, kept_priority=True)
        if not market.is_open:
            reason = _not_now(order, values, market)
            if reason is not None:
                return reason
        units = self._need_units(order, values, market)
        reason = self._rules(order, values, market) or self._funds(order, units)
        if reason is not None:
            return reason
        if order.status is PENDING:
            return self._change_waiting(order, values, units, market)
        if _keeps_priority(order, values):
            return self._shrink(order, values, units, market)
        return self._requeue(order, values, units, market)

    def _form(self, command: AmendOrder, order: WorkingOrder, values: Values) -> Reason | None:
        if command.price_ticks and order.request.type not in LIMIT_PRICED:
            return _invalid("price", f"a {order.request.type} order has no price to amend")
        if command.size_lots and not order.size_lots:
            return _invalid("size", "an order by quote_size has no size to amend")
        if command.size_lots and values.remaining_lots <= 0:
            return _invalid("size", "size must be above what is filled and canceled already")
        if command.stop_ticks and not order.stop_ticks:
            return _invalid("stop_price", f"a {order.request.type} order has no stop_price to amend")
        reached = (
            order.status is not PENDING or order in self.trading.reached or order in order.live_market.parked_stops
        )
        if command.stop_ticks and reached and command.stop_ticks != order.stop_ticks:
            return _invalid("stop_price", "this stop has triggered already")
        return None

    def _rules(self, order: WorkingOrder, values: Values, market: LiveMarket) -> Reason | None:
        admission = self.admission
        if values.size_lots:
            price_ticks = values.price_ticks or values.stop_ticks
            notional_units = price_ticks * values.remaining_lots * market.notional_units
            if order.filled_quote_units + notional_units >= AMOUNT_LIMIT:
                return too_large()
            if notional_units < market.min_notional_units:
                return admission.min_notional(market, notional_units)
        moved = values.price_ticks != order.price_ticks
        if moved and market.has_band and not admission.in_band(order.side, values.price_ticks, market):
            return admission.out_of_band(order.side, market)
        if moved and order.request.post_only and market.book.opposite(order.side).crosses(values.price_ticks):
            return would_take()
        if values.stop_ticks != order.stop_ticks and market.stops.would_trigger(
            order.side, values.stop_ticks, market.last_price_ticks
        ):
            return stop_would_trigger()
        return None

    def _need_units(self, order: WorkingOrder, values: Values, market: LiveMarket) -> int:
        if order.side is Side.SELL:
            return values.remaining_lots * market.lot_units
        if values.price_ticks:
            return values.price_ticks * values.remaining_lots * market.notional_units
        return order.held_units

    def _funds(self, order: WorkingOrder, units: int) -> Reason | None:
        more = units - order.held_units
        return self.admission.insufficient(order.funds, more) if more > order.funds.available else None

    def _take_on(self, order: WorkingOrder, values: Values, units: int) -> None:
        orders = self.trading.orders
        more = units - order.held_units
        if more > 0:
            orders.ledger.hold(order, more)
        elif more < 0:
            orders.ledger.release(order, -more)
        order.held_units = units
        order.price_ticks, order.size_lots, order.stop_ticks, order.remaining_lots = values
        order.updated_ns, order.sequence = orders.step.time_ns, orders.step.sequence

    def _change_waiting(
        self,
        order: WorkingOrder,
        values: Values,
        units: int,
        market: LiveMarket,
    ) -> OrderAmended:
        stops = market.stops.of(order.side)
        waiting = stops.remove(order)
        self._take_on(order, values, units)
        if waiting:
            stops.add(order)
        return self._report(order, kept_priority=True)

    def _shrink(
        self,
        order: WorkingOrder,
        values: Values,
        units: int,
        market: LiveMarket,
    ) -> OrderAmended:
        market.book.own(order.side).reduce(order, order.remaining_lots - values.remaining_lots)
        self._take_on(order, values, units)
        return self._report(order, kept_priority=True)

    def _requeue(
        self,
        order: WorkingOrder,
        values: Values,
        units: int,
        market: LiveMarket,
    ) -> OrderAmended:
        market.book.own(order.side).remove(order)
        self._take_on(order, values, units)
        report = self._report(order, kept_priority=False)
        self.trading.execute(order, market)
        return report

    def _report(self, order: WorkingOrder, *, kept_priority: bool) -> OrderAmended:
        report = OrderAmended(
            order.order_id,
            order.account_id,
            order.price_ticks,
            order.size_lots,
            order.stop_ticks,
            kept_priority,
        )
        self.trading.orders.step.events.append(report)
        return report


def _keeps_priority(order: WorkingOrder, values: Values) -> bool:
    return values.price_ticks == order.price_ticks and values.remaining_lots <= order.remaining_lots


def _not_now(order: WorkingOrder, values: Values, market: LiveMarket) -> Reason | None:
    """Return why a market that is not open refuses an amendment.

    None in a halt. In an auction one that goes to the tail is what a new order would be; a smaller size is welcome.
    """
    if market.state is MarketState.AUCTION and _keeps_priority(order, values):
        return None
    return not_now(order)


def _invalid(field: str, message: str) -> Reason:
    return Reason(Code.INVALID_REQUEST, message, {"field": field})
