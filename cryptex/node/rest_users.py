"""REST: users and their passwords."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.http import Query, Resource, answer, bearer, read_form
from cryptex.node.rates import address_of
from cryptex.node.rest_access import Access
from cryptex.protocol.requests import PasswordForm, RegisterForm

_register_decoder: Final = msgspec.json.Decoder(RegisterForm)
_password_decoder: Final = msgspec.json.Decoder(PasswordForm)


def user_routes(access: Access) -> list[Route]:
    """Return the routes of users."""

    async def register(request: Request) -> Response:
        Query(request)
        form = await read_form(request, _register_decoder)
        return answer(await access.identity.registrations.register(form, address_of(request.scope)), 201)

    async def me(request: Request) -> Response:
        Query(request)
        return answer(await access.identity.me(await access.credential(request)))

    async def change_password(request: Request) -> Response:
        credential = await access.fresh_login(request)
        Query(request)
        form = await access.form(request, _password_decoder)
        await access.identity.change_password(credential, form, bearer(request), address_of(request.scope))
        return Response(status_code=204)

    return [
        Route("/users", Resource(POST=register)),
        Route("/users/me", Resource(GET=me)),
        Route("/users/me/password", Resource(POST=change_password)),
    ]
