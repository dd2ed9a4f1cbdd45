"""REST: orders and fills."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.http import Query, Resource, answer, read_body, whole_number
from cryptex.node.rest_access import Access
from cryptex.protocol.amounts import NO_AMOUNT
from cryptex.protocol.codec import decode_form
from cryptex.protocol.problems import invalid
from cryptex.protocol.requests import ID_MAX, AmendForm, PlaceForm, SimplePlaceForm
from cryptex.protocol.terms import CLIENT_ORDER_ID_LENGTH_MAX, OPEN_STATUSES, OrderStatus, Scope
from cryptex.protocol.views import CanceledList, OrderList, OrderView, SimpleOrderView


class _Probe(msgspec.Struct, frozen=True):
    cryptocurrency: msgspec.Raw = NO_AMOUNT


_SHORT_FORM: Final = b'"cryptocurrency"'
_probe_decoder: Final = msgspec.json.Decoder(_Probe)
_place_decoder: Final = msgspec.json.Decoder(PlaceForm)
_simple_decoder: Final = msgspec.json.Decoder(SimplePlaceForm)
_amend_decoder: Final = msgspec.json.Decoder(AmendForm)


class OrderRoutes:
    """Handlers of `/orders` and `/fills`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._trading = access.trading

    def routes(self) -> list[Route]:
        """Return the routes; the hottest comes first."""
        return [
            Route("/orders", Resource(POST=self.place, GET=self.orders, DELETE=self.cancel_all)),
            Route("/orders/by-client-id/{client_order_id:path}", Resource(GET=self.order_by_client_id)),
            Route("/orders/{id}", Resource(GET=self.order, PATCH=self.amend, DELETE=self.cancel)),
            Route("/fills", Resource(GET=self.fills)),
        ]

    async def place(self, request: Request) -> Response:
        """Place an order: 201, or 200 where its client_order_id had made it before."""
        account_id = await self._access.account(request, Scope.TRADE)
        Query(request)
        body = await read_body(request)
        await self._access.still(request)
        if _SHORT_FORM in body and bytes(decode_form(_probe_decoder, body).cryptocurrency):
            return await self._place_simple(account_id, body)
        command = self._access.gateway.place(account_id, decode_form(_place_decoder, body))
        order = await self._trading.place(command)
        return answer(order, 200 if order.duplicate else 201)

    async def _place_simple(self, account_id: int, body: bytes) -> Response:
        """Place an order in the short form of the original design, and answer in its words."""
        command, market = self._access.gateway.place_simple(account_id, decode_form(_simple_decoder, body))
        order = await self._trading.place(command)
        view = SimpleOrderView(
            id=order.id,
            user_id=order.user_id,
            cryptocurrency=market.base.symbol,
            amount=order.size or "",
            price=order.price,
            created_at=order.created_at,
            market=order.market,
            side=order.side,
            status=order.status,
        )
        return answer(view, 201)

    async def orders(self, request: Request) -> Response:
        """List orders, newest first. status=open means all that are alive; they are answered from memory."""
        account_id = await self._access.account(request, Scope.READ)
        query = Query(request, "status", "market", "limit", "before")
        status, limit, before = query.choice("status", OrderStatus), query.limit(), query.before()
        self._access.weigh(account_id, limit)
        market = self._access.gateway.market_name(query.text("market")) or None
        if status in OPEN_STATUSES:
            live = self._trading.open_orders(account_id, market)
            if status is not OrderStatus.OPEN:
                live = [order for order in live if order.status is status]
            return answer(_page(live, limit, before))
        await self._access.core.history_ready(account_id)
        read = self._access.core.history.orders
        run = self._trading.history_slots.run
        page = await run(read, account_id, status=status, market=market, limit=limit, before=before)
        return answer(self._trading.as_of_now(account_id, page))

    async def order(self, request: Request) -> Response:
        """Return one order."""
        account_id = await self._access.account(request, Scope.READ)
        Query(request)
        return answer(await self._trading.order(account_id, _id(request)))

    async def order_by_client_id(self, request: Request) -> Response:
        """Return the newest order with a client_order_id."""
        account_id = await self._access.account(request, Scope.READ)
        Query(request)
        client_order_id: str = request.path_params["client_order_id"]
        if not 0 < len(client_order_id) <= CLIENT_ORDER_ID_LENGTH_MAX or not _printable(client_order_id):
            raise invalid("client_order_id", f"a client_order_id is 1-{CLIENT_ORDER_ID_LENGTH_MAX} printable ASCII")
        return answer(await self._trading.order_by_client_id(account_id, client_order_id))

    async def amend(self, request: Request) -> Response:
        """Give an open order new values."""
        account_id = await self._access.account(request, Scope.TRADE)
        Query(request)
        form = await self._access.form(request, _amend_decoder)
        return answer(await self._trading.amend(account_id, _id(request), form))

    async def cancel(self, request: Request) -> Response:
        """Cancel an open order."""
        account_id = await self._access.account(request, Scope.TRADE)
        Query(request)
        return answer(await self._trading.cancel(account_id, _id(request)))

    async def cancel_all(self, request: Request) -> Response:
        """Cancel all open orders, in one market or all."""
        account_id = await self._access.account(request, Scope.TRADE)
        query = Query(request, "market")
        return answer(CanceledList(await self._trading.cancel_all(account_id, query.text("market"))))

    async def fills(self, request: Request) -> Response:
        """List fills, newest first."""
        account_id = await self._access.account(request, Scope.READ)
        query = Query(request, "market", "order_id", "limit", "before")
        limit, before = query.limit(), query.before()
        self._access.weigh(account_id, limit)
        order_id = query.integer("order_id", 1, ID_MAX)
        market = self._access.gateway.market_name(query.text("market")) or None
        await self._access.core.history_ready(account_id)
        read = self._access.core.history.fills
        run = self._trading.history_slots.run
        return answer(await run(read, account_id, market=market, order_id=order_id, limit=limit, before=before))


def _page(live: list[OrderView], limit: int, before: int | None) -> OrderList:
    newest = [order for order in reversed(live) if before is None or order.id < before]
    page = newest[:limit]
    return OrderList(page, page[-1].id if len(newest) > limit else None)


def _id(request: Request) -> int:
    return whole_number(request.path_params["id"], "id", 1, ID_MAX)


def _printable(text: str) -> bool:
    return text.isascii() and text.isprintable()
