"""What others may ask of the exchange between commands. Nothing here changes it."""

from collections.abc import Iterator

from cryptex.engine.audit import check
from cryptex.engine.market_states import OPEN_PHASE, Phase
from cryptex.engine.network import Network
from cryptex.engine.state import State
from cryptex.engine.uncrossing import uncrossing
from cryptex.protocol.market import Asset, Market
from cryptex.protocol.order import Order
from cryptex.protocol.terms import MarketState
from cryptex.protocol.withdrawal import Withdrawal


class Reads(State):
    """The exchange as its readers see it. Asset amounts are atomic units, prices ticks, sizes lots."""

    @property
    def sequence(self) -> int:
        """Sequence of the last command."""
        return self.step.sequence

    @property
    def time_ns(self) -> int:
        """Log time of the last command."""
        return self.step.time_ns

    @property
    def assets(self) -> dict[str, Asset]:
        """Assets by symbol, in the order of their definition."""
        return self.configuration.assets

    def definition(self, symbol: str) -> Market:
        """Return the definition of a market that exists. O(1)."""
        return self.live_markets[symbol].definition

    @property
    def markets(self) -> dict[str, Market]:
        """Definitions of the markets by symbol, in order."""
        return {symbol: market.definition for symbol, market in self.live_markets.items()}

    def market(self, symbol: str) -> Market | None:
        """Return a market's definition."""
        market = self.live_markets.get(symbol)
        return None if market is None else market.definition

    def check(self) -> None:
        """Raise InvariantBroken where a rule that always holds does not. O(state)."""
        check(
            self.accounts_by,
            self.ledger,
            self.orders,
            self.live_markets,
            self.trading.reached,
            self.withdrawals,
        )

    def depth(self, market: str, levels: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Return the best bids and asks as (price in ticks, size in lots), best first."""
        book = self.live_markets[market].book
        return book.bids.depth(levels), book.asks.depth(levels)

    def best(self, market: str) -> tuple[int | None, int | None]:
        """Return the best bid and the best ask in ticks."""
        bid, ask = (
            self.live_markets[market].book.bids.best,
            self.live_markets[market].book.asks.best,
        )
        return (
            None if bid is None else bid.price_ticks,
            None if ask is None else ask.price_ticks,
        )

    def market_state(self, market: str) -> tuple[MarketState, int]:
        """Return what a market accepts, and when that ends by itself (0 where it does not)."""
        live = self.live_markets[market]
        return live.state, live.state_ends_ns

    def phase(self, market: str) -> Phase:
        """Return the state of a market. O(1); in an auction O(crossed levels x log)."""
        live = self.live_markets[market]
        if live.is_open:
            return OPEN_PHASE
        found = uncrossing(live.book, live.reference(self.time_ns)) if live.state is MarketState.AUCTION else None
        return Phase(live.state, live.state_ends_ns, found)

    def last_price_ticks(self, market: str) -> int | None:
        """Return the price of the last trade."""
        return self.live_markets[market].last_price_ticks

    def order(self, order_id: int) -> Order | None:
        """Return a live order, or one that ended since the last `take_closed`."""
        return self.orders.live.get(order_id) or self.orders.closed.get(order_id)

    def order_id_for(self, account_id: int, client_order_id: str) -> int | None:
        """Return the order that a key of the account stands for."""
        account = self.accounts_by.by_id.get(account_id)
        record = None if account is None else account.order_keys.find(client_order_id, self.time_ns)
        return None if record is None else record[0]

    def entry_id_for(self, account_id: int, reference: str) -> int | None:
        """Return the ledger entry that a reference of the account stands for."""
        account = self.accounts_by.by_id.get(account_id)
        record = None if account is None else account.references.find(reference, self.time_ns)
        return None if record is None else record[0]

    def open_orders(self, account_id: int, market: str = "") -> list[Order]:
        """Return the live orders of an account by id, in one market or in all."""
        account = self.accounts_by.by_id.get(account_id)
        orders: list[Order] = [] if account is None else list(account.orders.values())
        return [order for order in orders if order.market == market] if market else orders

    def balances(self, account_id: int) -> list[tuple[Asset, int, int]]:
        """Return (asset, available, held) of every asset, in atomic units."""
        account = self.accounts_by.by_id.get(account_id)
        held = {} if account is None else account.balances
        rows = [(asset, held.get(asset.symbol)) for asset in self.assets.values()]
        return [
            (asset, 0, 0) if balance is None else (asset, balance.available, balance.held) for asset, balance in rows
        ]

    def balance(self, account_id: int, asset: str) -> tuple[int, int]:
        """Return what an account has of an asset, available and held, in atomic units."""
        account = self.accounts_by.by_id.get(account_id)
        balance = None if account is None else account.balances.get(asset)
        return (0, 0) if balance is None else (balance.available, balance.held)

    def accounts(self) -> Iterator[int]:
        """Yield the ids of users' accounts."""
        return self.accounts_by.user_ids()

    def account_for(self, registration_key: str) -> int | None:
        """Return the account that a registration opened."""
        return self.accounts_by.by_registration.get(registration_key)

    def withdrawal(self, withdrawal_id: int) -> Withdrawal | None:
        """Return a withdrawal that is alive or ended lately."""
        return self.withdrawals.find(withdrawal_id)

    @property
    def network(self) -> Network:
        """The simulated network. Nobody but the engine changes it."""
        return self.withdrawal_rules.network

    def take_closed(self) -> list[Order]:
        """Return the orders that ended or were rejected since the last call; the engine forgets them."""
        closed: list[Order] = list(self.orders.closed.values())
        self.orders.closed.clear()
        return closed
