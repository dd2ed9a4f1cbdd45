"""REST: the second factor of one's logins. It is seen with a login, and changed with a fresh one."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.http import Query, Resource, answer
from cryptex.node.rates import address_of
from cryptex.node.rest_access import Access
from cryptex.node.second_factors import SecondFactorDesk
from cryptex.protocol.requests import ConfirmationForm

_decoder: Final = msgspec.json.Decoder(ConfirmationForm)


def second_factor_routes(access: Access) -> list[Route]:
    """Return the routes of the second factor."""
    desk = SecondFactorDesk(access.core, access.gateway.rates)

    async def status(request: Request) -> Response:
        user_id = (await access.login(request)).user_id
        Query(request)
        return answer(await desk.status(user_id))

    async def begin(request: Request) -> Response:
        credential = await access.fresh_login(request)
        Query(request)
        return answer(await desk.begin(credential, access.token_of(request)), 201)

    async def confirm(request: Request) -> Response:
        credential = await access.fresh_login(request)
        Query(request)
        form = await access.form(request, _decoder)
        address = address_of(request.scope)
        return answer(await desk.confirm(credential, form.code, address, access.token_of(request)))

    async def disable(request: Request) -> Response:
        user_id = (await access.fresh_login(request)).user_id
        Query(request)
        await desk.disable(user_id, address_of(request.scope), access.token_of(request))
        return Response(status_code=204)

    async def renew_recovery_codes(request: Request) -> Response:
        user_id = (await access.fresh_login(request)).user_id
        Query(request)
        address = address_of(request.scope)
        return answer(await desk.renew_recovery_codes(user_id, address, access.token_of(request)), 201)

    return [
        Route("/users/me/second_factor", Resource(GET=status, POST=begin, DELETE=disable)),
        Route("/users/me/second_factor/confirmation", Resource(POST=confirm)),
        Route("/users/me/second_factor/recovery_codes", Resource(POST=renew_recovery_codes)),
    ]
