"""REST: withdrawals, and the addresses at which an account receives funds."""

from functools import partial
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.http import Query, Resource, answer, whole_number
from cryptex.node.rates import address_of
from cryptex.node.rest_access import Access
from cryptex.node.withdrawing import Withdrawing
from cryptex.protocol.requests import ID_MAX, WithdrawalForm
from cryptex.protocol.terms import Scope, WithdrawalStatus

_decoder: Final = msgspec.json.Decoder(WithdrawalForm)


def withdrawal_routes(access: Access, withdrawing: Withdrawing) -> list[Route]:
    """Return the routes of withdrawals."""

    async def request_one(request: Request) -> Response:
        account_id = await access.account(request, Scope.WITHDRAW)
        Query(request)
        form = await access.form(request, _decoder)
        still = partial(access.still, request)
        withdrawal, repeated = await withdrawing.request(account_id, form, address_of(request.scope), still)
        return answer(withdrawal, 200 if repeated else 201)

    async def list_own(request: Request) -> Response:
        account_id = await access.account(request, Scope.READ)
        query = Query(request, "status", "limit", "before")
        status, limit, before = query.choice("status", WithdrawalStatus), query.limit(), query.before()
        access.weigh(account_id, limit)
        return answer(await withdrawing.page(account_id, status, limit, before))

    async def show(request: Request) -> Response:
        account_id = await access.account(request, Scope.READ)
        Query(request)
        return answer(await withdrawing.find(account_id, _id_of(request)))

    async def cancel(request: Request) -> Response:
        account_id = await access.account(request, Scope.WITHDRAW)
        Query(request)
        return answer(await withdrawing.cancel(account_id, _id_of(request), address_of(request.scope)))

    async def addresses(request: Request) -> Response:
        account_id = await access.account(request, Scope.READ)
        return answer(withdrawing.addresses(account_id, Query(request, "asset").text("asset")))

    return [
        Route("/wallet/withdrawals", Resource(POST=request_one, GET=list_own)),
        Route("/wallet/withdrawals/{id}", Resource(GET=show, DELETE=cancel)),
        Route("/wallet/addresses", Resource(GET=addresses)),
    ]


def _id_of(request: Request) -> int:
    return whole_number(request.path_params["id"], "id", 1, ID_MAX)
