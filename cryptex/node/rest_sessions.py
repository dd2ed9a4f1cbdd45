"""REST: logins. They are seen and ended with the token of a login alone."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.http import Query, Resource, answer, bearer, read_form
from cryptex.node.rates import address_of
from cryptex.node.rest_access import Access
from cryptex.protocol.requests import ReauthenticationForm, SessionForm

_decoder: Final = msgspec.json.Decoder(SessionForm)
_reauthentication_decoder: Final = msgspec.json.Decoder(ReauthenticationForm)


def session_routes(access: Access) -> list[Route]:
    """Return the routes of sessions."""

    async def login(request: Request) -> Response:
        Query(request)
        form = await read_form(request, _decoder)
        return answer(await access.identity.login(form, address_of(request.scope)), 201)

    async def logout(request: Request) -> Response:
        Query(request)
        await access.login(request)
        await access.identity.logout(bearer(request), address_of(request.scope))
        return Response(status_code=204)

    async def reauthenticate(request: Request) -> Response:
        credential = await access.login(request)
        Query(request)
        form = await access.form(request, _reauthentication_decoder)
        address = address_of(request.scope)
        return answer(await access.identity.reauthenticate(credential, form, bearer(request), address))

    async def sessions(request: Request) -> Response:
        user_id = (await access.login(request)).user_id
        Query(request)
        return answer(await access.identity.sessions(user_id, bearer(request)))

    async def end_others(request: Request) -> Response:
        user_id = (await access.login(request)).user_id
        Query(request)
        return answer(await access.identity.end_other_sessions(user_id, bearer(request), address_of(request.scope)))

    async def revoke(request: Request) -> Response:
        user_id = (await access.login(request)).user_id
        Query(request)
        named = request.path_params["session_id"]
        await access.identity.revoke_session(user_id, named, address_of(request.scope))
        return Response(status_code=204)

    return [
        Route("/sessions", Resource(POST=login, GET=sessions, DELETE=end_others)),
        Route("/sessions/current", Resource(DELETE=logout)),
        Route("/sessions/current/reauthentication", Resource(POST=reauthenticate)),
        Route("/sessions/{session_id}", Resource(DELETE=revoke)),
    ]
