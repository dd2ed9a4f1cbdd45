"""The whole state as bytes and back, and its hash. Equal states give equal bytes."""

from hashlib import sha256
from typing import Final

import msgspec

from cryptex.engine.accounts import Account
from cryptex.engine.errors import InvariantBroken
from cryptex.engine.exchange import Exchange
from cryptex.engine.idempotency import KeyRecord
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.order import PENDING, WorkingOrder
from cryptex.engine.withdrawals_state import WithdrawalsState, load_withdrawals, withdrawals_state
from cryptex.protocol.market import Asset, Market
from cryptex.protocol.order import OrderRecord, record_of
from cryptex.protocol.terms import EngineLimit

RULES_VERSION: Final = 3
"""Changes whenever an old log would lead to another state, or an old build would read a new log in another way."""

RULES_REPLAYED: Final = frozenset({1, 2, RULES_VERSION})
"""Rules of logs that this build reads as the builds did that wrote them.

2 added market states, 3 withdrawals that take time; both kept the rest.
"""


class _AccountState(msgspec.Struct, array_like=True):
    account_id: int
    balances: list[tuple[str, int, int]]
    dead_man_ns: int
    closed_keys: list[KeyRecord]
    references: list[KeyRecord]


class _MarketState(msgspec.Struct, array_like=True):
    definition: Market
    last_price_ticks: int | None
    band_seconds: list[tuple[int, str, str]]
    bids: list[int]
    asks: list[int]
    auction_price_ticks: int | None
    state_ends_ns: int
    parked_stops: list[int]
    breaker_highs: list[tuple[int, int]]
    breaker_lows: list[tuple[int, int]]


class _State(msgspec.Struct, array_like=True):
    rules_version: int
    sequence: int
    time_ns: int
    epoch: int
    void_sequences: list[int]
    limits: list[tuple[EngineLimit, int]]
    assets: list[Asset]
    markets: list[_MarketState]
    accounts: list[_AccountState]
    registrations: list[tuple[str, int]]
    next_user_id: int
    next_bot_id: int
    orders: list[OrderRecord]
    reached: list[int]
    tied: list[tuple[int, int, list[int]]]
    next_order_id: int
    next_trade_id: int
    next_entry_id: int
    withdrawals: WithdrawalsState


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_State)


def dump(exchange: Exchange) -> bytes:
    """Return the state as bytes: queue order, stops, keys, counters, configuration and voids included."""
    accounts, orders = exchange.accounts_by, exchange.orders
    return _encoder.encode(
        _State(
            rules_version=RULES_VERSION,
            sequence=exchange.sequence,
            time_ns=exchange.time_ns,
            epoch=exchange.epoch,
            void_sequences=exchange.void_sequences,
            limits=sorted(exchange.limits.items()),
            assets=list(exchange.assets.values()),
            markets=[_market_state(market) for market in exchange.live_markets.values()],
            accounts=[_account_state(account) for _, account in sorted(accounts.by_id.items())],
            registrations=sorted(accounts.by_registration.items()),
            next_user_id=accounts.next_user_id,
            next_bot_id=accounts.next_bot_id,
            orders=[record_of(order) for _, order in sorted(orders.live.items())],
            reached=[order.order_id for order in exchange.trading.reached if order.status is PENDING],
            tied=[
                (connection_id, orders.tied_accounts.get(connection_id, 0), list(order_ids))
                for connection_id, order_ids in sorted(orders.tied.items())
            ],
            next_order_id=orders.next_id,
            next_trade_id=exchange.trading.matching.next_trade_id,
            next_entry_id=exchange.ledger.next_entry_id,
            withdrawals=withdrawals_state(exchange),
        )
    )


def load(data: bytes) -> Exchange:
    """Return the exchange that `dump` wrote. Raises ValueError for bytes that are not such a state."""
    try:
        state = _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise ValueError(f"not a snapshot of the engine: {error}") from error
    if state.rules_version != RULES_VERSION:
        raise ValueError(f"a snapshot of rules version {state.rules_version}; this build has {RULES_VERSION}")
    try:
        return _restore(state)
    except (LookupError, ArithmeticError, TypeError, AttributeError, InvariantBroken) as error:
        raise ValueError(f"a snapshot that contradicts itself: {error!r}") from error


def state_hash(exchange: Exchange) -> str:
    """Return the SHA-256 of the state as hexadecimal text."""
    return hash_of(dump(exchange))


def hash_of(data: bytes) -> str:
    """Return the hash of the state that `dump` wrote."""
    return sha256(data).hexdigest()


def _restore(state: _State) -> Exchange:
    exchange = Exchange()
    exchange.step.sequence, exchange.step.time_ns = state.sequence, state.time_ns
    exchange.epoch = state.epoch
    exchange.void_sequences = state.void_sequences
    exchange.limits.update(state.limits)
    exchange.assets.update((asset.symbol, asset) for asset in state.assets)
    _load_accounts(exchange, state)
    for market_state in state.markets:
        _load_market(exchange, market_state)
    _load_orders(exchange, state)
    for market_state in state.markets:
        _load_book(exchange, market_state)
    _load_waiting(exchange, state)
    load_withdrawals(exchange, state.withdrawals)
    exchange.trading.matching.next_trade_id = state.next_trade_id
    exchange.ledger.next_entry_id = state.next_entry_id
    return exchange


def _account_state(account: Account) -> _AccountState:
    return _AccountState(
        account.account_id,
        [
            (asset, balance.available, balance.held)
            for asset, balance in sorted(account.balances.items())
            if balance.available or balance.held
        ],
        account.dead_man_ns,
        account.order_keys.kept(),
        account.references.kept(),
    )


def _market_state(market: LiveMarket) -> _MarketState:
    return _MarketState(
        market.definition,
        market.last_price_ticks,
        [(second, str(weight), str(lots)) for second, weight, lots in market.band.seconds],
        [order.order_id for level in market.book.bids for order in level],
        [order.order_id for level in market.book.asks for order in level],
        market.band.auction_price_ticks,
        market.state_ends_ns,
        [order.order_id for order in market.parked_stops if order.status is PENDING],
        list(market.breaker.highs) if market.breaker is not None else [],
        list(market.breaker.lows) if market.breaker is not None else [],
    )


def _load_accounts(exchange: Exchange, state: _State) -> None:
    accounts = exchange.accounts_by
    accounts.next_user_id, accounts.next_bot_id = state.next_user_id, state.next_bot_id
    accounts.by_registration.update(state.registrations)
    for account_state in state.accounts:
        account = Account(account_state.account_id)
        accounts.by_id[account.account_id] = account
        account.dead_man_ns = account_state.dead_man_ns
        for asset, available, held in account_state.balances:
            balance = account.balances[asset]
            balance.available, balance.held = available, held
        account.order_keys.restore(account_state.closed_keys)
        account.references.restore(account_state.references)
        if account.dead_man_ns:
            exchange.orders.deadlines.add(account.dead_man_ns, 0, account.account_id)


def _load_orders(exchange: Exchange, state: _State) -> None:
    orders = exchange.orders
    orders.next_id = state.next_order_id
    for plain in state.orders:
        account = exchange.accounts_by.by_id[plain.account_id]
        market = exchange.live_markets[plain.market]
        order = WorkingOrder.restored(plain, market.seat(account))
        orders.live[order.order_id] = account.orders[order.order_id] = order
        order.seat.open_orders += 1
        if order.request.client_order_id:
            account.order_keys.open[order.request.client_order_id] = order
        if order.request.expires_ns:
            orders.deadlines.add(order.request.expires_ns, order.order_id, order.account_id)
    for connection_id, account_id, order_ids in state.tied:
        orders.tied[connection_id] = dict.fromkeys(order_ids)
        if account_id:
            orders.tied_accounts[connection_id] = account_id


def _load_market(exchange: Exchange, state: _MarketState) -> None:
    market = LiveMarket(state.definition, exchange.accounts_by, exchange.changed)
    exchange.live_markets[market.symbol] = market
    market.last_price_ticks = state.last_price_ticks
    for second, weight_text, lots_text in state.band_seconds:  # sums of products may pass 64 bits
        weight, lots = int(weight_text), int(lots_text)
        market.band.seconds.append((second, weight, lots))
        market.band.weighted_ticks += weight
        market.band.size_lots += lots
    market.band.auction_price_ticks = state.auction_price_ticks
    market.state_ends_ns = state.state_ends_ns
    if state.state_ends_ns:
        exchange.orders.deadlines.add_market(state.state_ends_ns, market.symbol)
    if market.breaker is not None:
        market.breaker.highs.extend(state.breaker_highs)
        market.breaker.lows.extend(state.breaker_lows)


def _load_book(exchange: Exchange, state: _MarketState) -> None:
    market = exchange.live_markets[state.definition.symbol]
    for order_id in state.bids:
        market.book.bids.add(exchange.orders.live[order_id])
    for order_id in state.asks:
        market.book.asks.add(exchange.orders.live[order_id])


def _load_waiting(exchange: Exchange, state: _State) -> None:
    live, reached = exchange.orders.live, set(state.reached)
    for market in state.markets:
        parked = [live[order_id] for order_id in market.parked_stops]
        exchange.live_markets[market.definition.symbol].parked_stops.extend(parked)
        reached.update(market.parked_stops)
    exchange.trading.reached.extend(live[order_id] for order_id in state.reached)
    for order in live.values():
        if order.status is PENDING and order.order_id not in reached:
            exchange.live_markets[order.market].stops.of(order.side).add(order)
    exchange.changed.clear()
