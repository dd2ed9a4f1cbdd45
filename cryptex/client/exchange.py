"""The exchange as a Python program sees it: trade, ask, and watch live data, over one connection that mends itself."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from cryptex.client.book_replica import BookReplica
from cryptex.client.caller import NODE_URL_DEFAULT, REQUEST_TIMEOUT_S
from cryptex.client.calls import (
    AMEND,
    BALANCES,
    CANCEL,
    CANCEL_AFTER,
    CANCEL_ALL,
    CANCEL_ON_DISCONNECT,
    GET_ORDER,
    OPEN_ORDERS,
    PLACE,
    Call,
    Params,
)
from cryptex.client.errors import AccessError, CryptexError
from cryptex.client.feeds import Feeds
from cryptex.client.forms import Amount, Fields, amend_fields, order_ref, place_fields
from cryptex.client.models import Balance, Order, Session
from cryptex.client.paging import Paging
from cryptex.client.replica import (
    CandlesReplica,
    FillsReplica,
    OrdersReplica,
    TickerReplica,
    TradesReplica,
    WalletReplica,
)
from cryptex.client.rest import RestClient
from cryptex.client.stream import ConnectionState, Stream
from cryptex.client.subscription import FeedKey, Subscription
from cryptex.client.timing import Timing
from cryptex.protocol.market import market_symbol
from cryptex.protocol.problems import Code, problem
from cryptex.protocol.requests import BOOK_DEPTH_DEFAULT
from cryptex.protocol.terms import Interval, OrderType, SelfTradePrevention, Side, TimeInForce

if TYPE_CHECKING:
    from cryptex.client.trust import NodeTrust

T = TypeVar("T")


class Exchange(Paging):
    """A cryptex exchange. Use it as `async with Exchange(url, token) as exchange:`.

    Orders and live data go over one websocket, which is needed for them; history and public data over REST, which
    works without. Raises the exceptions of `cryptex.client.errors`. `trust` is the fingerprint of the node, where it is
    an https one that is not known on this machine.
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
        timing = timing or Timing()
        rest = RestClient(url, token, request_timeout_s, trust=trust)
        super().__init__(rest, timing)
        self.url = url
        self.trust = rest.trust
        """What judges the node; None for plain http."""
        self._feeds = Feeds(timing)
        self._stream = Stream(url, token, self._feeds, timing, request_timeout_s, rest.trust)
        self._feeds.attach(self._stream)

    def __repr__(self) -> str:
        return f"Exchange({self.url!r}, {self.state})"

    @property
    def state(self) -> ConnectionState:
        """Where the connection stands: connecting, live, reconnecting or closed."""
        return self._stream.state

    @property
    def error(self) -> CryptexError | None:
        """Why the connection is closed, unless that was asked for."""
        return self._stream.error

    @property
    def latency_ms(self) -> float | None:
        """The last measured way to the node and back; None while not connected."""
        return self._stream.latency_ms

    def on_state(self, callback: Callable[[ConnectionState], None]) -> None:
        """Call back on each change of `state`."""
        self._stream.on_state(callback)

    async def connect(self) -> None:
        """Connect, in one attempt; after it succeeded, the connection comes back by itself until `close`."""
        await self._stream.connect()

    async def wait_live(self) -> None:
        """Wait until the connection is `live`, for example after the node restarted.

        Raises why it is closed, once it will not come back.
        """
        await self._stream.wait_live()

    async def close(self) -> None:
        """End the connection and all subscriptions."""
        await self._stream.close()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def login(self, username: str, password: str, code: str | None = None) -> Session:
        """Log in; from here on the exchange speaks for this user.

        Raises AccessError(second_factor_required) where a `code` of the second factor, or a recovery code, is missing.
        """
        session = await self._in_thread(partial(self._rest.login, username, password, code))
        await self.use_token(session.token)
        return session

    async def use_token(self, token: str) -> None:
        """Speak for the user of a token from here on. Raises AccessError for one that the node refuses."""
        await self._stream.use_token(token)
        self._rest.token = token

    async def logout(self) -> None:
        """End the session of the token; private subscriptions end, public ones go on."""
        # The connection first: the node closes it with the session, and it must not come back with a dead token.
        self._feeds.end_private(AccessError("logged out", problem(Code.UNAUTHENTICATED, "logged out")))
        await self._stream.use_token(None)
        await self._in_thread(self._rest.logout)

    async def place_order(
        self,
        market: str,
        side: Side | str,
        size: Amount | None = None,
        *,
        price: Amount | None = None,
        type: OrderType | str | None = None,  # noqa: A002 (the contract's word)
        quote_size: Amount | None = None,
        stop_price: Amount | None = None,
        time_in_force: TimeInForce | str | None = None,
        expires_at: datetime | str | None = None,
        post_only: bool = False,
        self_trade_prevention: SelfTradePrevention | str | None = None,
        client_order_id: str | None = None,
    ) -> Order:
        """Place an order: limit with a `price`, else market; stop_limit or stop with a `stop_price`.

        Where its reply is lost, OutcomeUnknownError has the `client_order_id`: the same call with it again, or
        `order`, tells what became of the order.
        """
        fields = place_fields(
            market,
            side,
            size,
            price=price,
            type=type,
            quote_size=quote_size,
            stop_price=stop_price,
            time_in_force=time_in_force,
            expires_at=expires_at,
            post_only=post_only,
            self_trade_prevention=self_trade_prevention,
            client_order_id=client_order_id,
        )
        return await self._call(PLACE, fields)

    async def amend_order(
        self,
        order_id: int | None = None,
        *,
        client_order_id: str | None = None,
        price: Amount | None = None,
        size: Amount | None = None,
        stop_price: Amount | None = None,
    ) -> Order:
        """Change an open order; `size` is the new total size."""
        changes = amend_fields(price=price, size=size, stop_price=stop_price)
        return await self._call(AMEND, order_ref(order_id, client_order_id) | changes)

    async def cancel_order(self, order_id: int | None = None, *, client_order_id: str | None = None) -> Order:
        """Cancel an open order."""
        return await self._call(CANCEL, order_ref(order_id, client_order_id))

    async def cancel_all(self, market: str | None = None) -> list[int]:
        """Cancel all open orders, of one market if given; return their ids."""
        result = await self._call(CANCEL_ALL, {} if market is None else {"market": market})
        return result.canceled

    async def order(self, order_id: int | None = None, *, client_order_id: str | None = None) -> Order:
        """Return an own order as it stands now."""
        return await self._call(GET_ORDER, order_ref(order_id, client_order_id))

    async def open_orders(self, market: str | None = None) -> list[Order]:
        """Return own open orders, by id."""
        result = await self._call(OPEN_ORDERS, {} if market is None else {"market": market})
        return result.orders

    async def balances(self) -> list[Balance]:
        """Return own balances."""
        result = await self._call(BALANCES, {})
        return result.balances

    async def cancel_after(self, seconds: int) -> datetime | None:
        """Cancel all open orders in so many seconds unless called again; 0 ends it. Return when it fires."""
        result = await self._call(CANCEL_AFTER, {"seconds": seconds})
        return result.fires_at

    async def cancel_on_disconnect(self, enabled: bool = True) -> None:
        """Tie the orders placed from here on to the connection: they are canceled when it ends.

        It is set again on each reconnect.
        """
        await self._call(CANCEL_ON_DISCONNECT, {"enabled": enabled})
        self._stream.cancel_on_disconnect = enabled

    async def ping(self) -> float:
        """Return the milliseconds to the node and back."""
        return await self._stream.ping()

    def watch_book(self, market: str, depth: int = BOOK_DEPTH_DEFAULT) -> Subscription[BookReplica]:
        """Follow the best `depth` (10, 25, 100 or 1000) levels of each side of a book."""
        market = market_symbol(market)
        return self._feeds.open(FeedKey("book", market, depth=depth), lambda: BookReplica(market, depth))

    def watch_trades(self, market: str) -> Subscription[TradesReplica]:
        """Follow the public trades of a market."""
        market = market_symbol(market)
        return self._feeds.open(FeedKey("trades", market), lambda: TradesReplica(market))

    def watch_ticker(self, market: str) -> Subscription[TickerReplica]:
        """Follow the ticker of a market."""
        market = market_symbol(market)
        return self._feeds.open(FeedKey("ticker", market), lambda: TickerReplica(market))

    def watch_candles(self, market: str, interval: Interval | str = Interval.M1) -> Subscription[CandlesReplica]:
        """Follow the candles of a market."""
        market, length = market_symbol(market), Interval(interval)
        return self._feeds.open(FeedKey("candles", market, interval=length), lambda: CandlesReplica(market, length))

    def watch_orders(self) -> Subscription[OrdersReplica]:
        """Follow own orders."""
        return self._feeds.open(FeedKey("orders"), OrdersReplica)

    def watch_fills(self) -> Subscription[FillsReplica]:
        """Follow own fills."""
        return self._feeds.open(FeedKey("fills"), FillsReplica)

    def watch_wallet(self) -> Subscription[WalletReplica]:
        """Follow own balances."""
        return self._feeds.open(FeedKey("wallet"), WalletReplica)

    async def _call(self, call: Call[T], fields: Fields) -> T:
        params: Params = {**fields}
        return await self._stream.call(call, params)
