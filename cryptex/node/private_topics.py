"""Channels of an account: its orders, fills and wallet."""

from cryptex.node.core import Core
from cryptex.node.digest import AccountChanges
from cryptex.node.topics import Stamp, Topic
from cryptex.protocol.channels import FillsMessage, OrdersMessage, WalletMessage
from cryptex.protocol.events import Fill
from cryptex.protocol.order import Order
from cryptex.protocol.render import balance_view, fill_view, order_view
from cryptex.protocol.views import FillView, OrderView


class AccountTopic(Topic[AccountChanges]):
    """A channel of an account."""

    def __init__(self, core: Core, stamp: Stamp, account_id: int) -> None:
        super().__init__(core, stamp)
        self.account_id = account_id


class OrdersTopic(AccountTopic):
    """Execution reports: every order that a batch changed, as it stands at the batch's end."""

    def snapshot(self) -> OrdersMessage:
        """Return the orders that ended lately and all that are alive."""
        orders = [*self.core.recent.closed_orders(self.account_id), *self.core.exchange.open_orders(self.account_id)]
        epoch, sequence, time = self.stamp
        views = self._views(orders)
        return OrdersMessage(type="snapshot", epoch=epoch, sequence=sequence, time=time, orders=views)

    def update(self, changes: AccountChanges, stamp: Stamp) -> OrdersMessage | None:
        """Return the orders that changed."""
        found = [self._find(order_id) for order_id in changes.orders]
        orders = [order for order in found if order is not None]
        if not orders:
            return None
        return OrdersMessage(
            type="update",
            epoch=stamp.epoch,
            sequence=stamp.sequence,
            time=stamp.time,
            prev=self.stamp.sequence,
            orders=self._views(orders),
        )

    def _find(self, order_id: int) -> Order | None:
        return self.core.exchange.order(order_id) or self.core.recent.find_order(self.account_id, order_id)

    def _views(self, orders: list[Order]) -> list[OrderView]:
        markets = self.core.exchange.markets
        return [order_view(order, markets[order.market]) for order in orders]


class FillsTopic(AccountTopic):
    """Own fills."""

    def snapshot(self) -> FillsMessage:
        """Return the last fills."""
        epoch, sequence, time = self.stamp
        fills = self._views(self.core.recent.fills(self.account_id))
        return FillsMessage(type="snapshot", epoch=epoch, sequence=sequence, time=time, fills=fills)

    def update(self, changes: AccountChanges, stamp: Stamp) -> FillsMessage | None:
        """Return the batch's fills."""
        if not changes.fills:
            return None
        return FillsMessage(
            type="update",
            epoch=stamp.epoch,
            sequence=stamp.sequence,
            time=stamp.time,
            prev=self.stamp.sequence,
            fills=self._views(changes.fills),
        )

    def _views(self, fills: list[tuple[int, int, Fill]]) -> list[FillView]:
        markets = self.core.exchange.markets
        return [fill_view(fill, markets[fill.market], sequence, time_ns) for sequence, time_ns, fill in fills]


class WalletTopic(AccountTopic):
    """Balances."""

    def snapshot(self) -> WalletMessage:
        """Return all balances."""
        epoch, sequence, time = self.stamp
        balances = [balance_view(*line) for line in self.core.exchange.balances(self.account_id)]
        return WalletMessage(type="snapshot", epoch=epoch, sequence=sequence, time=time, balances=balances)

    def update(self, changes: AccountChanges, stamp: Stamp) -> WalletMessage | None:
        """Return the balances that moved."""
        if not changes.postings:
            return None
        assets = self.core.exchange.assets
        moved = changes.postings.items()
        return WalletMessage(
            type="update",
            epoch=stamp.epoch,
            sequence=stamp.sequence,
            time=stamp.time,
            prev=self.stamp.sequence,
            balances=[balance_view(assets[symbol], line.available, line.held) for symbol, line in moved],
        )
