"""The orders that are alive, and the one way in which an order ends."""

from typing import Final

from cryptex.engine.accounts import Accounts
from cryptex.engine.deadlines import Deadline, Deadlines
from cryptex.engine.errors import InvariantBroken
from cryptex.engine.ledger import Ledger
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.order import CANCELED, FILLED, PENDING, REJECTED, TRANSITIONS, WorkingOrder
from cryptex.engine.step import Step
from cryptex.protocol.events import OrderEnded
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import EndReason, OrderStatus, Side

BUY: Final = Side.BUY
REASON_FILLED: Final = EndReason.FILLED


class Orders:
    """Every live order by id; those that ended wait in `closed` until they are taken."""

    def __init__(
        self,
        accounts: Accounts,
        ledger: Ledger,
        markets: dict[str, LiveMarket],
        due_withdrawals: dict[int, int],
        step: Step,
    ) -> None:
        self.accounts = accounts
        self.ledger = ledger
        self.markets = markets
        self.due_withdrawals = due_withdrawals
        self.step = step
        self.live: dict[int, WorkingOrder] = {}
        self.closed: dict[int, WorkingOrder] = {}
        self.next_id = 1
        self.tied: dict[int, dict[int, None]] = {}
        """Connections whose orders end with them, and those orders' ids."""
        self.tied_accounts: dict[int, int] = {}
        self.deadlines = Deadlines(self._is_current)

    def end(self, order: WorkingOrder, status: OrderStatus, reason: EndReason) -> OrderEnded:
        """End a live order: out of the book or the stops, its hold released, its key closing."""
        step, order_id, request, seat = self.step, order.order_id, order.request, order.seat
        level = order.level
        if level is not None:
            level.side.remove(order)
        elif order.status is PENDING:
            seat.market.stops.of(order.side).remove(order)
        canceled_lots = order.remaining_lots
        if canceled_lots:
            order.canceled_lots += canceled_lots
            order.remaining_lots = 0
        if status not in TRANSITIONS[order.status]:
            raise InvariantBroken(f"order {order_id} cannot go from {order.status} to {status}")
        order.status = status
        order.reason = reason
        now_ns = order.updated_ns = step.time_ns
        order.sequence = step.sequence
        del self.live[order_id], seat.account.orders[order_id]
        seat.open_orders -= 1
        self.closed[order_id] = order
        ended = OrderEnded(order_id, order.account_id, status, reason, canceled_lots)
        step.events.append(ended)
        units = order.held_units
        if units:
            self.ledger.release(order, units)
            order.held_units = 0
        if request.client_order_id:
            seat.keys.close(request, order_id, now_ns)
        if self.tied and request.connection_id in self.tied:
            self.tied[request.connection_id].pop(order_id, None)
        return ended

    def cancel(self, order: WorkingOrder, reason: EndReason) -> None:
        """End a live order that did not fill."""
        self.end(order, CANCELED, reason)

    def fill_up(self, order: WorkingOrder) -> None:
        """End a live order that is filled."""
        self.end(order, FILLED, REASON_FILLED)

    def reject(self, order: WorkingOrder, code: Code) -> None:
        """Close an order that never became alive."""
        order.status = REJECTED
        order.reject_code = code
        order.canceled_lots, order.remaining_lots = order.remaining_lots, 0
        self.closed[order.order_id] = order

    def cancel_each(self, order_ids: list[int], reason: EndReason) -> None:
        """Cancel those of the orders that are alive, in the order given."""
        for order_id in order_ids:
            order = self.live.get(order_id)
            if order is not None:
                self.cancel(order, reason)

    def tie(self, connection_id: int, account_id: int) -> None:
        """Tie orders placed on a connection from now on to its life."""
        self.tied.setdefault(connection_id, {})
        self.tied_accounts[connection_id] = account_id

    def tie_no_more(self, connection_id: int) -> None:
        """Leave orders placed from now on alone; those placed while it was on stay tied."""
        self.tied_accounts.pop(connection_id, None)
        if not self.tied.get(connection_id, True):
            del self.tied[connection_id]

    def tie_order(self, connection_id: int, order: WorkingOrder) -> None:
        """Tie an order to the connection that it came on, where its account has asked for that."""
        if self.tied_accounts.get(connection_id) == order.account_id:
            self.tied[connection_id][order.order_id] = None

    def untie(self, connection_id: int) -> list[int]:
        """End a connection's ties and return the ids of the orders that had them."""
        self.tied_accounts.pop(connection_id, None)
        return list(self.tied.pop(connection_id, ()))

    def _is_current(self, deadline: Deadline) -> bool:
        if deadline.withdrawal_id:
            return self.due_withdrawals.get(deadline.withdrawal_id) == deadline.time_ns
        if deadline.market:
            return self.markets[deadline.market].state_ends_ns == deadline.time_ns
        if deadline.order_id:
            return deadline.order_id in self.live
        return self.accounts.by_id[deadline.account_id].dead_man_ns == deadline.time_ns
