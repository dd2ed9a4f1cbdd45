"""What accounts did lately, kept in memory: a fold over events that snapshots carry, so that a restart forgets nothing.

Closed orders stay at least until history has them.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from cryptex.node.fold_states import AccountState
from cryptex.protocol.events import Event, Fill, MarketDefined
from cryptex.protocol.order import Order, record_of

RECENT_MAX: Final = 100
"""Closed orders, and fills, that are kept of each account."""

ACCOUNTS_MAX: Final = 2_000
"""Accounts whose recent activity is kept; those quiet for longest are forgotten first, once history has them."""

UNPROJECTED_MAX: Final = 200_000
"""Closed orders that wait for the projector; beyond it the oldest are forgotten here (the journal has them)."""


FOLDED_BY_RECENT: Final[frozenset[type[Event]]] = frozenset({Fill, MarketDefined})
"""Most events are none of ours."""

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(list[AccountState])


class _Account:
    """One account's recent activity, oldest first."""

    def __init__(self) -> None:
        self.closed: deque[Order] = deque(maxlen=RECENT_MAX)
        self.fills: deque[tuple[int, int, Fill]] = deque(maxlen=RECENT_MAX)
        self.sequence = 0


class RecentActivity:
    """Folds batches as they are published; older activity is history's to tell."""

    def __init__(self) -> None:
        self._accounts: OrderedDict[int, _Account] = OrderedDict()
        self._closed_by_id: OrderedDict[int, Order] = OrderedDict()

    def apply(self, sequence: int, time_ns: int, events: Iterable[Event]) -> None:
        """Fold in the events of one command."""
        for event in events:
            if type(event) not in FOLDED_BY_RECENT:
                continue
            if isinstance(event, Fill):
                account = self._account(event.account_id, sequence)
                account.fills.append((sequence, time_ns, event))
            elif isinstance(event, MarketDefined) and event.steps_changed:
                self._forget_market(event.market.symbol)

    def add_closed(self, orders: Sequence[Order]) -> None:
        """Keep orders that ended or were rejected, in the order in which they did."""
        for order in orders:
            self._account(order.account_id, order.sequence).closed.append(order)
            self._closed_by_id[order.order_id] = order
        while len(self._closed_by_id) > UNPROJECTED_MAX:
            self._closed_by_id.popitem(last=False)

    def projected(self, cursor: int) -> None:
        """Let go of what history has by now and nobody is likely to ask for."""
        closed = self._closed_by_id
        while closed:
            order = next(iter(closed.values()))
            if order.sequence > cursor:
                break
            del closed[order.order_id]
        accounts = self._accounts
        while len(accounts) > ACCOUNTS_MAX and next(iter(accounts.values())).sequence <= cursor:
            accounts.popitem(last=False)

    def find_order(self, account_id: int, order_id: int) -> Order | None:
        """Return a closed order of this account that is still in memory."""
        order = self._closed_by_id.get(order_id)
        if order is not None:
            return order if order.account_id == account_id else None
        account = self._accounts.get(account_id)
        if account is None:
            return None
        return next((order for order in reversed(account.closed) if order.order_id == order_id), None)

    def closed_orders(self, account_id: int) -> list[Order]:
        """Return the account's last closed orders that are in memory, oldest end first."""
        account = self._accounts.get(account_id)
        return list(account.closed) if account is not None else []

    def fills(self, account_id: int) -> list[tuple[int, int, Fill]]:
        """Return the account's last fills that are in memory, oldest first, each with its sequence and log time."""
        account = self._accounts.get(account_id)
        return list(account.fills) if account is not None else []

    def dump(self) -> bytes:
        """Return what `load` needs."""
        return _encoder.encode(
            [
                AccountState(
                    account_id, account.sequence, [record_of(each) for each in account.closed], [*account.fills]
                )
                for account_id, account in self._accounts.items()
            ]
        )

    @classmethod
    def load(cls, data: bytes) -> "RecentActivity":
        """Return what `dump` wrote; history has all of it. Raises msgspec.DecodeError for other bytes."""
        recent = cls()
        for state in _decoder.decode(data):
            account = recent._account(state.account_id, state.sequence)
            account.closed.extend(state.closed)
            account.fills.extend(state.fills)
        return recent

    def _forget_market(self, symbol: str) -> None:
        """Its old ticks and lots mean nothing any more; history tells of them in the steps of their time."""
        for account in self._accounts.values():
            account.closed = deque((order for order in account.closed if order.market != symbol), RECENT_MAX)
            account.fills = deque((fill for fill in account.fills if fill[2].market != symbol), RECENT_MAX)
        for order in [order for order in self._closed_by_id.values() if order.market == symbol]:
            del self._closed_by_id[order.order_id]

    def _account(self, account_id: int, sequence: int) -> _Account:
        account = self._accounts.get(account_id)
        if account is None:
            account = self._accounts[account_id] = _Account()
        else:
            self._accounts.move_to_end(account_id)
        account.sequence = sequence
        return account
