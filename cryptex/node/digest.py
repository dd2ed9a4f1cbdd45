"""What a batch changed, gathered for the markets and accounts that somebody watches."""

from collections.abc import Callable, Collection
from typing import Final

from cryptex.node.sequencer import Applied
from cryptex.protocol.events import (
    Fill,
    LevelChanged,
    MarketStateChanged,
    OrderAccepted,
    OrderAmended,
    OrderEnded,
    OrderReduced,
    OrderRejected,
    OrderTriggered,
    Posting,
    Trade,
)
from cryptex.protocol.terms import Side


class MarketChanges:
    """A market's changes: the prices whose levels changed, in ticks, and trades with their log time."""

    __slots__ = ("asks", "bids", "checksum", "trades")

    def __init__(self) -> None:
        self.bids: set[int] = set()
        self.asks: set[int] = set()
        self.trades: list[tuple[int, Trade]] = []
        self.checksum: int | None = None
        """The checksum of its book, once somebody has computed it: the same for every depth."""


class AccountChanges:
    """An account's changes: orders by id (the last to change last), fills with sequence and time, last postings."""

    __slots__ = ("fills", "orders", "postings")

    def __init__(self) -> None:
        self.orders: dict[int, None] = {}
        self.fills: list[tuple[int, int, Fill]] = []
        self.postings: dict[str, Posting] = {}


class Digest:
    """Folds the events of a batch. Events of what nobody watches cost one look-up."""

    def __init__(self, watched_markets: Collection[str], watched_accounts: Collection[int]) -> None:
        self.markets: dict[str, MarketChanges] = {}
        self.accounts: dict[int, AccountChanges] = {}
        self._watched_markets = watched_markets
        self._watched_accounts = watched_accounts

    def add(self, applied: Applied) -> None:
        """Fold in what one command did."""
        watched = self._watched_accounts
        for event in applied.events:
            kind = type(event)
            if kind in _OF_MARKETS:
                _OF_MARKETS[kind](self, applied, event)
            elif watched and kind in _OF_ACCOUNTS:
                _OF_ACCOUNTS[kind](self, applied, event)

    def _market(self, symbol: str) -> MarketChanges | None:
        if symbol not in self._watched_markets:
            return None
        changes = self.markets.get(symbol)
        if changes is None:
            changes = self.markets[symbol] = MarketChanges()
        return changes

    def _account(self, account_id: int) -> AccountChanges | None:
        if account_id not in self._watched_accounts:
            return None
        changes = self.accounts.get(account_id)
        if changes is None:
            changes = self.accounts[account_id] = AccountChanges()
        return changes

    def level(self, _applied: Applied, event: LevelChanged) -> None:
        """A level has another size."""
        changes = self._market(event.market)
        if changes is not None:
            (changes.bids if event.side is Side.BUY else changes.asks).add(event.price_ticks)

    def state(self, _applied: Applied, event: MarketStateChanged) -> None:
        """A market halted, went into an auction or opened: its topics look at it again."""
        self._market(event.market)

    def trade(self, applied: Applied, event: Trade) -> None:
        """Two orders met."""
        changes = self._market(event.market)
        if changes is not None:
            changes.trades.append((applied.time_ns, event))

    def fill(self, applied: Applied, event: Fill) -> None:
        """An order got something."""
        changes = self._account(event.account_id)
        if changes is not None:
            changes.fills.append((applied.sequence, applied.time_ns, event))
            changes.orders.pop(event.order_id, None)
            changes.orders[event.order_id] = None

    def posting(self, _applied: Applied, event: Posting) -> None:
        """Funds moved."""
        changes = self._account(event.account_id)
        if changes is not None:
            changes.postings[event.asset] = event

    def order(
        self,
        _applied: Applied,
        event: OrderAccepted | OrderRejected | OrderTriggered | OrderAmended | OrderReduced | OrderEnded,
    ) -> None:
        """An order changed."""
        changes = self._account(event.account_id)
        if changes is not None:
            changes.orders.pop(event.order_id, None)
            changes.orders[event.order_id] = None


_OF_MARKETS: Final[dict[type, Callable[..., None]]] = {
    LevelChanged: Digest.level,
    Trade: Digest.trade,
    MarketStateChanged: Digest.state,
}
_OF_ACCOUNTS: Final[dict[type, Callable[..., None]]] = {
    Fill: Digest.fill,
    Posting: Digest.posting,
    OrderAccepted: Digest.order,
    OrderRejected: Digest.order,
    OrderTriggered: Digest.order,
    OrderAmended: Digest.order,
    OrderReduced: Digest.order,
    OrderEnded: Digest.order,
}
"""By event type; each fold takes the type that it stands under."""
