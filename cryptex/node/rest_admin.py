"""REST: what admins do. Whoever changes something needs a fresh login; an admin's API key may only look."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.admin import Administration
from cryptex.node.http import Query, Resource, answer, whole_number
from cryptex.node.rates import address_of
from cryptex.node.rest_access import Access
from cryptex.protocol.admin import DisableForm, HaltForm
from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import invalid
from cryptex.protocol.requests import ID_MAX
from cryptex.protocol.terms import WithdrawalStatus

_disable_decoder: Final = msgspec.json.Decoder(DisableForm)
_halt_decoder: Final = msgspec.json.Decoder(HaltForm)
_TRUTH: Final = {None: False, "false": False, "true": True}


class AdminRoutes:
    """Handlers of `/admin`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._admin = Administration(access.core, access.gateway, access.identity)

    def routes(self) -> list[Route]:
        """Return the routes. A market's name may hold a slash, as in BTC/USDT."""
        return [
            Route("/admin/users", Resource(GET=self.users)),
            Route("/admin/users/{username}/disable", Resource(POST=self.disable)),
            Route("/admin/users/{username}/enable", Resource(POST=self.enable)),
            Route("/admin/users/{username}/sessions", Resource(DELETE=self.end_sessions)),
            Route("/admin/markets/{market:path}/halt", Resource(POST=self.halt)),
            Route("/admin/markets/{market:path}/open", Resource(POST=self.open)),
            Route("/admin/markets/{market:path}/auction", Resource(POST=self.auction)),
            Route("/admin/withdrawals", Resource(GET=self.withdrawals)),
            Route("/admin/withdrawals/{id}/approve", Resource(POST=self.approve)),
            Route("/admin/withdrawals/{id}/reject", Resource(POST=self.reject)),
            Route("/admin/audit", Resource(GET=self.audit)),
        ]

    async def users(self, request: Request) -> Response:
        """List users, newest first."""
        await self._access.admin_reader(request)
        query = Query(request, "limit", "before")
        return answer(await self._admin.users(query.limit(), query.before()))

    async def disable(self, request: Request) -> Response:
        """Let a user in no more."""
        who = await self._access.admin(request)
        Query(request)
        form = await self._access.form(request, _disable_decoder)
        return answer(await self._admin.disable(who, _username(request), form.reason, address_of(request.scope)))

    async def enable(self, request: Request) -> Response:
        """Let a user in again."""
        who = await self._access.admin(request)
        Query(request)
        return answer(await self._admin.enable(who, _username(request), address_of(request.scope)))

    async def end_sessions(self, request: Request) -> Response:
        """End a user's logins."""
        who = await self._access.admin(request)
        keys = _truth(Query(request, "api_keys").text("api_keys"))
        return answer(await self._admin.end_sessions(who, _username(request), address_of(request.scope), keys=keys))

    async def halt(self, request: Request) -> Response:
        """Halt a market."""
        who = await self._access.admin(request)
        Query(request)
        form = await self._access.form(request, _halt_decoder)
        return answer(await self._admin.halt(who, _market(request), form.duration, address_of(request.scope)))

    async def open(self, request: Request) -> Response:
        """Open a market."""
        who = await self._access.admin(request)
        Query(request)
        return answer(await self._admin.open(who, _market(request), address_of(request.scope)))

    async def auction(self, request: Request) -> Response:
        """Begin a market's auction."""
        who = await self._access.admin(request)
        Query(request)
        return answer(await self._admin.auction(who, _market(request), address_of(request.scope)))

    async def withdrawals(self, request: Request) -> Response:
        """List the withdrawals that wait for an admin, or those with another status."""
        await self._access.admin_reader(request)
        query = Query(request, "status", "limit", "before")
        status = query.choice("status", WithdrawalStatus) or WithdrawalStatus.REQUESTED
        return answer(await self._admin.withdrawals(status, query.limit(), query.before()))

    async def approve(self, request: Request) -> Response:
        """Let a withdrawal go out."""
        who = await self._access.admin(request)
        Query(request)
        return answer(await self._admin.approve(who, _id(request), address_of(request.scope)))

    async def reject(self, request: Request) -> Response:
        """Refuse a withdrawal."""
        who = await self._access.admin(request)
        Query(request)
        return answer(await self._admin.reject(who, _id(request), address_of(request.scope)))

    async def audit(self, request: Request) -> Response:
        """List the audit log, newest first."""
        await self._access.admin_reader(request)
        query = Query(request, "limit", "before", "user", "act")
        acts = _acts(query.text("act"))
        return answer(await self._admin.audit(query.limit(), query.before(), query.text("user"), acts))


def _id(request: Request) -> int:
    return whole_number(request.path_params["id"], "id", 1, ID_MAX)


def _username(request: Request) -> str:
    return str(request.path_params["username"])


def _market(request: Request) -> str:
    return str(request.path_params["market"])


def _truth(text: str | None) -> bool:
    if text not in _TRUTH:
        raise invalid("api_keys", "api_keys must be true or false")
    return _TRUTH[text]


def _acts(text: str | None) -> tuple[AuditAct, ...]:
    if text is None:
        return ()
    try:
        return (AuditAct(text),)
    except ValueError:
        raise invalid("act", f"act must be one of {', '.join(AuditAct)}") from None
