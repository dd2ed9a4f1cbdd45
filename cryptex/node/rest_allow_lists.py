"""REST: the allow-list of withdrawals. A fresh login alone may change it."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.allow_listing import AllowListing
from cryptex.node.http import Query, Resource, answer, whole_number
from cryptex.node.rates import address_of
from cryptex.node.rest_access import Access
from cryptex.node.withdrawing import Withdrawing
from cryptex.protocol.requests import ID_MAX
from cryptex.protocol.terms import Scope
from cryptex.protocol.wallet import AllowedAddressForm, AllowListForm

_switch_decoder: Final = msgspec.json.Decoder(AllowListForm)
_address_decoder: Final = msgspec.json.Decoder(AllowedAddressForm)


def allow_list_routes(access: Access, withdrawing: Withdrawing) -> list[Route]:
    """Return the routes of allow-lists."""
    listing = AllowListing(access.core, withdrawing)

    async def show(request: Request) -> Response:
        account_id = await access.account(request, Scope.READ)
        Query(request)
        return answer(await listing.show(account_id))

    async def switch(request: Request) -> Response:
        user_id = (await access.fresh_login(request)).user_id
        Query(request)
        form = await access.form(request, _switch_decoder)
        session = access.token_of(request)
        return answer(await listing.switch(user_id, address_of(request.scope), session, on=form.enabled))

    async def add(request: Request) -> Response:
        user_id = (await access.fresh_login(request)).user_id
        Query(request)
        form = await access.form(request, _address_decoder)
        address, known = await listing.add(user_id, form, address_of(request.scope), access.token_of(request))
        return answer(address, 200 if known else 201)

    async def remove(request: Request) -> Response:
        user_id = (await access.fresh_login(request)).user_id
        Query(request)
        address_id = whole_number(request.path_params["id"], "id", 1, ID_MAX)
        await listing.remove(user_id, address_id, address_of(request.scope), access.token_of(request))
        return Response(status_code=204)

    return [
        Route("/wallet/allow_list", Resource(GET=show, PATCH=switch, POST=add)),
        Route("/wallet/allow_list/{id}", Resource(DELETE=remove)),
    ]
