"""Following what is one's own: orders, fills and balances."""

from typing import Final

import msgspec

from cryptex.cli.common import Run
from cryptex.cli.live import ROWS_DEFAULT, Watch, view_of, watch
from cryptex.cli.order_tables import FILL_SHEET, ORDER_SHEET, fills_table, orders_table
from cryptex.cli.output import Output
from cryptex.cli.wallet_tables import BALANCE_SHEET, balances_table
from cryptex.client.models import Fill, Order
from cryptex.client.replica import FillsReplica, OrdersReplica, WalletReplica
from cryptex.client.subscription import Subscription
from cryptex.protocol.views import BalanceView, FillView, OrderView

_FILLS_MISSED: Final = "Fills may have been missed while out of touch; `cryptex fills` has them."


def watch_orders(run: Run, market: str | None, *, every: bool, limit: int | None) -> None:
    """Follow own orders: the open ones and, with `every`, the last `limit` that ended."""
    ended = (limit or ROWS_DEFAULT) if every else 0
    watch(run, lambda exchange: OrdersWatch(run.out, exchange.watch_orders(), market, ended), private=True)


def watch_fills(run: Run, market: str | None, order_id: int | None, limit: int | None) -> None:
    """Follow own fills, beginning with the newest `limit`."""
    begin = (market, order_id, limit or ROWS_DEFAULT)
    watch(run, lambda exchange: FillsWatch(run.out, exchange.watch_fills(), *begin), private=True)


def watch_wallet(run: Run) -> None:
    """Follow own balances."""
    watch(run, lambda exchange: WalletWatch(run.out, exchange.watch_wallet()), private=True)


class OrdersWatch(Watch):
    """A row each time an order changed; it begins with those that are open."""

    sheet = ORDER_SHEET

    def __init__(self, out: Output, subscription: Subscription[OrdersReplica], market: str | None, ended: int) -> None:
        super().__init__([subscription])
        self._out = out
        self._replica = subscription.replica
        self._market = market
        self._ended = ended
        self._told: dict[int, Order] | None = None

    def changes(self) -> list[msgspec.Struct]:
        """Return the orders that changed, by the sequence of their change."""
        now = {each.id: each for each in [*self._replica.closed, *self._replica.open] if self._wants(each)}
        if self._told is None:
            changed = self._shown()
        else:
            changed = [each for each in now.values() if self._told.get(each.id) != each]
        self._told = now
        return [view_of(each, OrderView) for each in sorted(changed, key=lambda order: (order.sequence, order.id))]

    def draw(self) -> str:
        """Return the open orders, newest first, and those that ended lately where they are wanted."""
        orders = sorted(self._shown(), key=lambda order: -order.id)
        return orders_table(self._out, [view_of(each, OrderView) for each in orders])

    def _shown(self) -> list[Order]:
        ended = [each for each in self._replica.closed if self._wants(each)][: self._ended]
        return [*ended, *(each for each in self._replica.open if self._wants(each))]

    def _wants(self, order: Order) -> bool:
        return self._market in (None, order.market)


class FillsWatch(Watch):
    """A row a fill."""

    sheet = FILL_SHEET

    def __init__(
        self,
        out: Output,
        subscription: Subscription[FillsReplica],
        market: str | None,
        order_id: int | None,
        limit: int,
    ) -> None:
        super().__init__([subscription])
        self._out = out
        self._replica = subscription.replica
        self._market = market
        self._order_id = order_id
        self._limit = limit
        self._last: int | None = None

    def changes(self) -> list[msgspec.Struct]:
        """Return the new fills; at first the newest `limit`."""
        if self._last is None:
            fills = self._newest()
        else:
            fills = [each for each in self._replica.after(self._last) if self._wants(each)]
        self._last = self._replica.fills[-1].id if self._replica.fills else self._last or 0
        return [view_of(each, FillView) for each in fills]

    def draw(self) -> str:
        """Return the newest fills, newest first."""
        return fills_table(self._out, [view_of(each, FillView) for each in reversed(self._newest())])

    def missed(self) -> str:
        """Return a word where the fills go on after a gap."""
        fills = self._replica.fills
        return _FILLS_MISSED if self._last and fills and fills[0].id > self._last else ""

    def _newest(self) -> list[Fill]:
        return [each for each in self._replica.fills if self._wants(each)][-self._limit :]

    def _wants(self, fill: Fill) -> bool:
        return self._market in (None, fill.market) and self._order_id in (None, fill.order_id)


class WalletWatch(Watch):
    """A row each time a balance changed; it begins with all."""

    sheet = BALANCE_SHEET

    def __init__(self, out: Output, subscription: Subscription[WalletReplica]) -> None:
        super().__init__([subscription])
        self._out = out
        self._replica = subscription.replica
        self._told: dict[str, BalanceView] = {}

    def changes(self) -> list[msgspec.Struct]:
        """Return the balances that changed."""
        balances = self._balances()
        changed: list[msgspec.Struct] = [each for each in balances if self._told.get(each.asset) != each]
        self._told = {each.asset: each for each in balances}
        return changed

    def draw(self) -> str:
        """Return all balances."""
        return balances_table(self._out, self._balances())

    def _balances(self) -> list[BalanceView]:
        return [view_of(each, BalanceView) for each in self._replica.balances.values()]
