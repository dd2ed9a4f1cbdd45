"""REST: API keys. A login alone may make, see and end them."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.api_key_desk import ApiKeyDesk
from cryptex.node.http import Query, Resource, answer, whole_number
from cryptex.node.rates import address_of
from cryptex.node.rest_access import Access
from cryptex.protocol.api_keys import ApiKeyForm
from cryptex.protocol.requests import ID_MAX

_decoder: Final = msgspec.json.Decoder(ApiKeyForm)


def api_key_routes(access: Access) -> list[Route]:
    """Return the routes of API keys."""
    desk = ApiKeyDesk(access.core, access.identity)

    async def create(request: Request) -> Response:
        user_id = (await access.fresh_login(request)).user_id
        Query(request)
        form = await access.form(request, _decoder)
        session = access.token_of(request)
        return answer(await desk.create(user_id, form, address_of(request.scope), session), 201)

    async def keys(request: Request) -> Response:
        user_id = (await access.login(request)).user_id
        Query(request)
        return answer(await desk.keys(user_id))

    async def revoke(request: Request) -> Response:
        user_id = (await access.login(request)).user_id
        Query(request)
        key_id = whole_number(request.path_params["id"], "id", 1, ID_MAX)
        await desk.revoke(user_id, key_id, address_of(request.scope))
        access.forget_key(key_id)
        return Response(status_code=204)

    return [
        Route("/api_keys", Resource(POST=create, GET=keys)),
        Route("/api_keys/{id}", Resource(DELETE=revoke)),
    ]
