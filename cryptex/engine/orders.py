"""The orders that are alive: making them, resting them, and the one way in which an order ends."""

from typing import Final

from cryptex.engine.accounts import Account, Accounts
from cryptex.engine.deadlines import Deadline, Deadlines
from cryptex.engine.errors import InvariantBroken
from cryptex.engine.ledger import Ledger
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.order import CANCELED, FILLED, OPEN, PENDING, REJECTED, TRANSITIONS, WorkingOrder
from cryptex.engine.step import Step
from cryptex.protocol.commands import PlaceOrder
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
        step: Step,
    ) -> None:
        self.accounts = accounts
        self.ledger = ledger
        self.markets = markets
        self.step = step
        self.live: dict[int, WorkingOrder] = {}
        self.closed: dict[int, WorkingOrder] = {}
        self.next_id = 1
        self.tied: dict[int, dict[int, None]] = {}
        """Connections whose orders end with them, and those orders' ids."""
        self.tied_accounts: dict[int, int] = {}
        self.deadlines = Deadlines(self._is_current)

    def make(self, request: PlaceOrder, account: Account, market: LiveMarket) -> WorkingOrder:
        """Return a new order with the next id; it is not alive yet."""
        step = self.step
        order_id = self.next_id
        self.next_id = order_id + 1
        return WorkingOrder(
            order_id=order_id,
            account_id=request.account_id,
            request=request,
            side=request.side,
            status=PENDING if request.stop_ticks else OPEN,
            price_ticks=request.price_ticks,
            size_lots=request.size_lots,
            stop_ticks=request.stop_ticks,
            remaining_lots=request.size_lots,
            created_ns=step.time_ns,
            updated_ns=step.time_ns,
            sequence=step.sequence,
            account=account,
            live_market=market,
        )

    def begin(self, order: WorkingOrder) -> None:
        """Make an admitted order live."""
        request, order_id, account = order.request, order.order_id, order.account
        self.live[order_id] = account.orders[order_id] = order
        counts, symbol = account.open_counts, request.market
        counts[symbol] = counts.get(symbol, 0) + 1
        order.live_market.open_orders += 1
        if request.client_order_id:
            account.order_keys.open[request.client_order_id] = order
        if request.expires_ns:
            self.deadlines.add(request.expires_ns, order_id, account.account_id)
        if request.connection_id and self.tied_accounts.get(request.connection_id) == account.account_id:
            self.tied[request.connection_id][order_id] = None

    def end(self, order: WorkingOrder, status: OrderStatus, reason: EndReason) -> None:
        """End a live order: out of the book or the stops, its hold released, its key closing."""
        step, order_id, request = self.step, order.order_id, order.request
        account, market = order.account, order.live_market
        if order.level is not None:
            (market.bids if order.side is BUY else market.asks).remove(order)
        elif order.status is PENDING:
            market.stops.of(order.side).remove(order)
        canceled_lots = order.remaining_lots
        if canceled_lots:
            order.canceled_lots += canceled_lots
            order.remaining_lots = 0
        if status not in TRANSITIONS[order.status]:
            raise InvariantBroken(f"order {order_id} cannot go from {order.status} to {status}")
        order.status = status
        order.reason = reason
        order.updated_ns = step.time_ns
        order.sequence = step.sequence
        del self.live[order_id], account.orders[order_id]
        account.open_counts[request.market] -= 1
        market.open_orders -= 1
        self.closed[order_id] = order
        step.events.append(OrderEnded(order_id, order.account_id, status, reason, canceled_lots))
        if order.held_units:
            held_asset = market.quote if order.side is BUY else market.base
            self.ledger.release(account, held_asset, order.held_units, order_id)
            order.held_units = 0
        if request.client_order_id:
            account.order_keys.close(order, step.time_ns)
        if request.connection_id and request.connection_id in self.tied:
            self.tied[request.connection_id].pop(order_id, None)

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

    def untie(self, connection_id: int) -> list[int]:
        """End a connection's ties and return the ids of the orders that had them."""
        self.tied_accounts.pop(connection_id, None)
        return list(self.tied.pop(connection_id, ()))

    def _is_current(self, deadline: Deadline) -> bool:
        if deadline.order_id:
            return deadline.order_id in self.live
        return self.accounts.by_id[deadline.account_id].dead_man_ns == deadline.time_ns
