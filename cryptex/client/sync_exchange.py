"""The exchange without async, for notebooks and plain scripts: the same methods, which wait."""

import weakref
from collections.abc import Callable, Coroutine, Iterator
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from cryptex.client.background import Background
from cryptex.client.caller import NODE_URL_DEFAULT, REQUEST_TIMEOUT_S
from cryptex.client.chain import Replica
from cryptex.client.errors import CryptexError
from cryptex.client.exchange import Exchange
from cryptex.client.paging import Rows
from cryptex.client.stream import ConnectionState
from cryptex.client.subscription import Subscription
from cryptex.client.sync_subscription import SyncSubscription
from cryptex.client.timing import Timing

if TYPE_CHECKING:
    from cryptex.client.trust import NodeTrust

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=Replica[Any])


def _waiting(
    method: Callable[Concatenate[Exchange, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate["SyncExchange", P], T]:
    """Return an async method of Exchange as one that waits; its parameters, types and docstring stay."""

    @wraps(method)
    def call(self: "SyncExchange", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._background.run(method(self._exchange, *args, **kwargs))

    return call


def _row_by_row(
    method: Callable[Concatenate[Exchange, P], Rows[T]],
) -> Callable[Concatenate["SyncExchange", P], Iterator[T]]:
    """Return a method of Exchange that gives rows as one that gives an ordinary iterator."""

    @wraps(method)
    def call(self: "SyncExchange", /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        rows = method(self._exchange, *args, **kwargs)
        while page := self._background.run(rows.page()):
            yield from page

    return call


def _watching(
    method: Callable[Concatenate[Exchange, P], Subscription[R]],
) -> Callable[Concatenate["SyncExchange", P], SyncSubscription[R]]:
    """Return a `watch_` method of Exchange as one whose subscription waits."""

    @wraps(method)
    def call(self: "SyncExchange", /, *args: P.args, **kwargs: P.kwargs) -> SyncSubscription[R]:
        async def watch() -> Subscription[R]:  # subscribing begins a task, so it happens in the loop
            return method(self._exchange, *args, **kwargs)

        return SyncSubscription(self._background.run(watch()), self._background, self)

    return call


class SyncExchange:
    """An `Exchange` whose methods wait. Use it as `with SyncExchange(url, token) as exchange:`.

    In a notebook, call `connect` in one cell and `close` in the last one; one that is forgotten is closed when it is
    collected or when Python ends. The connection lives in a thread of its own, so it keeps up with live data between
    cells. All methods may be called from several threads. Once closed, it stays closed: make another one.
    """

    def __init__(
        self,
        url: str = NODE_URL_DEFAULT,
        token: str | None = None,
        *,
        request_timeout_s: float = REQUEST_TIMEOUT_S,
        timing: Timing | None = None,
        trust: "NodeTrust | str | None" = None,
    ) -> None:
        self._exchange = Exchange(url, token, request_timeout_s=request_timeout_s, timing=timing, trust=trust)
        self._background = Background(self._exchange.close)
        weakref.finalize(self, self._background.stop)

    def __repr__(self) -> str:
        return f"SyncExchange({self.url!r}, {self.state})"

    def close(self) -> None:
        """End the connection, all subscriptions and the thread."""
        self._background.stop()

    def __enter__(self) -> Self:
        try:
            self.connect()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The node's address."""
        return self._exchange.url

    @property
    def state(self) -> ConnectionState:
        """Where the connection stands: connecting, live, reconnecting or closed."""
        return self._exchange.state

    @property
    def error(self) -> CryptexError | None:
        """Why the connection is closed, unless that was asked for."""
        return self._exchange.error

    @property
    def latency_ms(self) -> float | None:
        """The last measured way to the node and back; None while not connected."""
        return self._exchange.latency_ms

    def on_state(self, callback: Callable[[ConnectionState], None]) -> None:
        """Call back on each change of `state`, in the exchange's own thread: the callback must not wait for it."""
        self._exchange.on_state(callback)

    connect = _waiting(Exchange.connect)
    wait_live = _waiting(Exchange.wait_live)
    login = _waiting(Exchange.login)
    use_token = _waiting(Exchange.use_token)
    logout = _waiting(Exchange.logout)
    register = _waiting(Exchange.register)
    me = _waiting(Exchange.me)
    reauthenticate = _waiting(Exchange.reauthenticate)
    second_factor = _waiting(Exchange.second_factor)
    begin_second_factor = _waiting(Exchange.begin_second_factor)
    confirm_second_factor = _waiting(Exchange.confirm_second_factor)
    disable_second_factor = _waiting(Exchange.disable_second_factor)
    renew_recovery_codes = _waiting(Exchange.renew_recovery_codes)
    change_password = _waiting(Exchange.change_password)
    sessions = _waiting(Exchange.sessions)
    revoke_session = _waiting(Exchange.revoke_session)
    end_other_sessions = _waiting(Exchange.end_other_sessions)
    create_key = _waiting(Exchange.create_key)
    keys = _waiting(Exchange.keys)
    revoke_key = _waiting(Exchange.revoke_key)
    ping = _waiting(Exchange.ping)
    health = _waiting(Exchange.health)

    place_order = _waiting(Exchange.place_order)
    amend_order = _waiting(Exchange.amend_order)
    cancel_order = _waiting(Exchange.cancel_order)
    cancel_all = _waiting(Exchange.cancel_all)
    cancel_after = _waiting(Exchange.cancel_after)
    cancel_on_disconnect = _waiting(Exchange.cancel_on_disconnect)
    order = _waiting(Exchange.order)
    open_orders = _waiting(Exchange.open_orders)

    balances = _waiting(Exchange.balances)
    deposit = _waiting(Exchange.deposit)
    withdraw = _waiting(Exchange.withdraw)
    withdrawals = _waiting(Exchange.withdrawals)
    withdrawal = _waiting(Exchange.withdrawal)
    cancel_withdrawal = _waiting(Exchange.cancel_withdrawal)
    deposit_addresses = _waiting(Exchange.deposit_addresses)
    allow_list = _waiting(Exchange.allow_list)
    switch_allow_list = _waiting(Exchange.switch_allow_list)
    allow_address = _waiting(Exchange.allow_address)
    disallow_address = _waiting(Exchange.disallow_address)

    markets = _waiting(Exchange.markets)
    assets = _waiting(Exchange.assets)
    market_data = _waiting(Exchange.market_data)
    ticker = _waiting(Exchange.ticker)
    tickers = _waiting(Exchange.tickers)
    book = _waiting(Exchange.book)
    trades = _waiting(Exchange.trades)
    candles = _waiting(Exchange.candles)
    orders = _waiting(Exchange.orders)
    fills = _waiting(Exchange.fills)
    entries = _waiting(Exchange.entries)

    all_orders = _row_by_row(Exchange.all_orders)
    all_fills = _row_by_row(Exchange.all_fills)
    all_entries = _row_by_row(Exchange.all_entries)
    all_trades = _row_by_row(Exchange.all_trades)
    all_candles = _row_by_row(Exchange.all_candles)

    watch_book = _watching(Exchange.watch_book)
    watch_trades = _watching(Exchange.watch_trades)
    watch_ticker = _watching(Exchange.watch_ticker)
    watch_candles = _watching(Exchange.watch_candles)
    watch_orders = _watching(Exchange.watch_orders)
    watch_fills = _watching(Exchange.watch_fills)
    watch_wallet = _watching(Exchange.watch_wallet)
