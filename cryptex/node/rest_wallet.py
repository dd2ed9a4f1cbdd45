"""REST: the wallet, deposits from the faucet, and ledger entries."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.http import Query, Resource, answer
from cryptex.node.rest_access import Access
from cryptex.protocol.requests import DepositForm
from cryptex.protocol.terms import Scope
from cryptex.protocol.views import BalanceList

_deposit_decoder: Final = msgspec.json.Decoder(DepositForm)


def wallet_routes(access: Access) -> list[Route]:
    """Return the routes of the wallet."""

    async def wallet(request: Request) -> Response:
        account_id = await access.account(request, Scope.READ)
        Query(request)
        return answer(BalanceList(access.trading.balances(account_id)))

    async def deposit(request: Request) -> Response:
        account_id = await access.account(request, Scope.TRADE)
        Query(request)
        entry, repeated = await access.trading.deposit(account_id, await access.form(request, _deposit_decoder))
        return answer(entry, 200 if repeated else 201)

    async def entries(request: Request) -> Response:
        account_id = await access.account(request, Scope.READ)
        query = Query(request, "limit", "before")
        limit, before = query.limit(), query.before()
        access.weigh(account_id, limit)
        await access.core.history_ready(account_id)
        read = access.core.history.entries
        return answer(await access.trading.history_slots.run(read, account_id, limit=limit, before=before))

    return [
        Route("/wallet", Resource(GET=wallet)),
        Route("/wallet/deposits", Resource(POST=deposit)),
        Route("/wallet/entries", Resource(GET=entries)),
    ]
