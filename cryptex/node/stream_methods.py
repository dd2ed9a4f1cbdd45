"""The websocket's methods: each takes its params apart and answers now or, for commands, when they are durable."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Final, TypeVar

import msgspec

from cryptex.node.channel import AccountKey, Key, MarketKey
from cryptex.node.feed import PRIVATE
from cryptex.node.order_reply import OrderReply
from cryptex.node.rates import ROWS_PER_TOKEN
from cryptex.node.sequencer import Reply
from cryptex.node.stream import Method, Stream
from cryptex.protocol.channels import (
    CancelAfterResult,
    CancelOnDisconnectResult,
    LoginResult,
    PongResult,
    SubscribeResult,
)
from cryptex.protocol.codec import decode_form
from cryptex.protocol.commands import AmendOrder, CancelOrder
from cryptex.protocol.problems import Code, Refusal, invalid
from cryptex.protocol.requests import (
    BOOK_DEPTH_DEFAULT,
    BOOK_DEPTHS,
    AmendParams,
    CancelAfterParams,
    CancelAllParams,
    CancelOnDisconnectParams,
    LoginParams,
    NoParams,
    OpenOrdersParams,
    OrderRef,
    PlaceForm,
    Request,
    SubscribeParams,
)
from cryptex.protocol.terms import Interval, Scope
from cryptex.protocol.views import BalanceList, CanceledList, OrderList, OrderView

P = TypeVar("P")
Work = Coroutine[object, object, object]


def _now(form: type[P], call: Callable[[Stream, P], Awaitable[object]]) -> Method:
    """Return a method that is answered before the next request is read."""
    decoder = msgspec.json.Decoder(form)

    async def method(stream: Stream, request: Request) -> None:
        stream.reply(request.id, await call(stream, decode_form(decoder, request.params)))

    return Method(method)


def _private(scope: Scope, form: type[P], call: Callable[[Stream, int, P], Awaitable[object]]) -> Method:
    """Return a method like `_now` for a logged-in account with a scope."""
    decoder = msgspec.json.Decoder(form)

    async def method(stream: Stream, request: Request) -> None:
        params = decode_form(decoder, request.params)
        stream.reply(request.id, await call(stream, await stream.account(scope), params))

    return Method(method)


def _later(
    scope: Scope,
    form: type[P],
    call: Callable[[Stream, int, P], Awaitable[Work]],
    begin: Callable[[Stream, Request], bool] | None = None,
) -> Method:
    """Return a method for an account with a scope; its work is begun in turn and answered when it is done."""
    decoder = msgspec.json.Decoder(form)

    async def method(stream: Stream, request: Request) -> None:
        params = decode_form(decoder, request.params)
        ends = stream.identity.ends
        account_id = await stream.account(scope)
        work = await call(stream, account_id, params)
        stream.begin(request.id, _still(stream, scope, account_id, ends, work))
        await asyncio.sleep(0)  # so that its command is sent before the next request is looked at

    return Method(method, begin)


async def _still(stream: Stream, scope: Scope, account_id: int, ends: int, work: Work) -> object:
    """Do the work of an account, unless its token is among those that ended since there were `ends` of them.

    Nothing is awaited between the last look at the token and the work: who was disabled meanwhile sends nothing more.
    """
    try:
        while stream.identity.ends != ends:
            ends = stream.identity.ends
            if await stream.account(scope) != account_id:
                raise Refusal(Code.UNAUTHENTICATED, "this connection has logged in as somebody else meanwhile")
    except BaseException:
        work.close()
        raise
    return await work


async def _login(stream: Stream, params: LoginParams) -> LoginResult:
    credential = await stream.log_in(params)
    return LoginResult(credential.user_id, credential.username, stream.trading.core.epoch)


async def _ping(stream: Stream, _params: NoParams) -> PongResult:
    stream.heard = True
    core = stream.trading.core
    return PongResult(core.epoch, core.exchange.sequence)


async def _subscribe(stream: Stream, request: Request) -> None:
    params = decode_form(_subscribe_decoder, request.params)
    keys, markets = await _keys(stream, params)
    stream.check_room(keys)
    stream.weigh(len(keys) * max(params.depth, ROWS_PER_TOKEN))

    def answer(resumed: bool) -> None:
        stream.reply(request.id, SubscribeResult(params.channel, markets, resumed))

    await stream.subscribe(keys, params.since, answer)


async def _unsubscribe(stream: Stream, params: SubscribeParams) -> SubscribeResult:
    keys, markets = await _keys(stream, params)
    stream.unsubscribe(keys)
    return SubscribeResult(params.channel, markets)


async def _keys(stream: Stream, params: SubscribeParams) -> tuple[list[Key], list[str]]:
    """Return what a subscription names, and its markets as they are written. Raises Refusal."""
    if params.channel in PRIVATE:
        if params.markets:
            raise invalid("markets", f"{params.channel} takes no markets")
        return [AccountKey(params.channel, await stream.account(Scope.READ))], []
    if not params.markets:
        raise invalid("markets", f"{params.channel} needs markets")
    depth = params.depth if params.channel == "book" else BOOK_DEPTH_DEFAULT
    if depth not in BOOK_DEPTHS:
        raise invalid("depth", f"depth must be one of {', '.join(map(str, BOOK_DEPTHS))}")
    interval = params.interval if params.channel == "candles" else Interval.M1
    markets = list(dict.fromkeys(stream.trading.gateway.market(name).symbol for name in params.markets))
    return [MarketKey(params.channel, market, depth, interval) for market in markets], markets


async def _place(stream: Stream, account_id: int, form: PlaceForm) -> Work:
    connection_id = stream.connection_id if stream.tied else 0
    return stream.trading.place(stream.trading.gateway.place(account_id, form, connection_id))


def _begin_place(stream: Stream, request: Request) -> bool:
    """Place an order and leave its reply to the sequencer: most of what a busy node does."""
    form = decode_form(_place_decoder, request.params)
    account_id = stream.account_now(Scope.TRADE)
    if account_id is None:
        return False
    trading = stream.trading
    command = trading.gateway.place(account_id, form, stream.connection_id if stream.tied else 0)
    trading.core.sequencer.send(command, OrderReply(stream, request.id, trading.placed, trading.placed_before))
    stream.in_flight.enter()
    return True


def _begin_amend(stream: Stream, request: Request) -> bool:
    """Amend an order that is open now."""
    params = decode_form(_amend_decoder, request.params)
    account_id = stream.account_now(Scope.TRADE)
    if account_id is None:
        return False
    order_id = stream.trading.live_id(account_id, params)
    order = None if order_id is None else stream.trading.live(account_id, order_id)
    if order is None:
        return False
    _begin_change(stream, request, order.order_id, stream.trading.gateway.amend(order, params))
    return True


def _begin_cancel(stream: Stream, request: Request) -> bool:
    """Cancel an order whose id is known now."""
    ref = decode_form(_ref_decoder, request.params)
    account_id = stream.account_now(Scope.TRADE)
    order_id = None if account_id is None else stream.trading.live_id(account_id, ref)
    if account_id is None or order_id is None:
        return False
    _begin_change(stream, request, order_id, CancelOrder(account_id, order_id))
    return True


def _begin_change(stream: Stream, request: Request, order_id: int, command: AmendOrder | CancelOrder) -> None:
    trading = stream.trading

    def unchanged(_reply: Reply) -> Awaitable[OrderView]:
        return trading.unchanged(command.account_id, order_id)

    trading.core.sequencer.send(command, OrderReply(stream, request.id, trading.changed, unchanged))
    stream.in_flight.enter()


async def _amend(stream: Stream, account_id: int, params: AmendParams) -> Work:
    order_id = await _order_id(stream, account_id, params)
    return stream.trading.amend(account_id, order_id, params)


async def _cancel(stream: Stream, account_id: int, params: OrderRef) -> Work:
    return stream.trading.cancel(account_id, await _order_id(stream, account_id, params))


async def _get(stream: Stream, account_id: int, params: OrderRef) -> Work:
    return stream.trading.order(account_id, await _order_id(stream, account_id, params))


async def _order_id(stream: Stream, account_id: int, ref: OrderRef | AmendParams) -> int:
    """Return the order that a request names. Its key may be that of a place which is still on its way."""
    found = stream.trading.live_id(account_id, ref)
    if found is not None:
        return found
    await stream.settled()
    return await stream.trading.order_id(account_id, ref)


async def _cancel_all(stream: Stream, account_id: int, params: CancelAllParams) -> Work:
    stream.trading.gateway.market_name(params.market)

    async def work() -> CanceledList:
        return CanceledList(await stream.trading.cancel_all(account_id, params.market))

    return work()


async def _cancel_after(stream: Stream, account_id: int, params: CancelAfterParams) -> Work:
    async def work() -> CancelAfterResult:
        return CancelAfterResult(await stream.trading.cancel_after(account_id, params))

    return work()


async def _cancel_on_disconnect(stream: Stream, account_id: int, params: CancelOnDisconnectParams) -> Work:
    stream.tied = stream.tied or params.enabled

    async def work() -> CancelOnDisconnectResult:
        enabled = params.enabled
        await stream.trading.cancel_on_disconnect(account_id, stream.connection_id, enabled=enabled)
        return CancelOnDisconnectResult(enabled)

    return work()


async def _open_orders(stream: Stream, account_id: int, params: OpenOrdersParams) -> OrderList:
    return OrderList(stream.trading.open_orders(account_id, params.market))


async def _balances(stream: Stream, account_id: int, _params: NoParams) -> BalanceList:
    return BalanceList(stream.trading.balances(account_id))


_subscribe_decoder: Final = msgspec.json.Decoder(SubscribeParams)
_place_decoder: Final = msgspec.json.Decoder(PlaceForm)
_amend_decoder: Final = msgspec.json.Decoder(AmendParams)
_ref_decoder: Final = msgspec.json.Decoder(OrderRef)

METHODS: Final[dict[str, Method]] = {
    "order.place": _later(Scope.TRADE, PlaceForm, _place, _begin_place),
    "order.amend": _later(Scope.TRADE, AmendParams, _amend, _begin_amend),
    "order.cancel": _later(Scope.TRADE, OrderRef, _cancel, _begin_cancel),
    "order.cancel_all": _later(Scope.TRADE, CancelAllParams, _cancel_all),
    "order.get": _later(Scope.READ, OrderRef, _get),
    "orders.open": _private(Scope.READ, OpenOrdersParams, _open_orders),
    "wallet.balances": _private(Scope.READ, NoParams, _balances),
    "cancel_after": _later(Scope.TRADE, CancelAfterParams, _cancel_after),
    "cancel_on_disconnect": _later(Scope.TRADE, CancelOnDisconnectParams, _cancel_on_disconnect),
    "login": _now(LoginParams, _login),
    "ping": _now(NoParams, _ping),
    "subscribe": Method(_subscribe),
    "unsubscribe": _now(SubscribeParams, _unsubscribe),
}
