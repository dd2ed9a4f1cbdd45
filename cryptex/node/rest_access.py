"""What all REST routes that need an account share."""

from starlette.requests import Request

from cryptex.node.http import bearer
from cryptex.node.identity import Identity
from cryptex.node.trading import Trading
from cryptex.store.users import Session


class Access:
    """Lets requests in by their token. Raises Refusal: unauthenticated, rate_limited."""

    def __init__(self, trading: Trading, identity: Identity) -> None:
        self.trading = trading
        self.identity = identity
        self.core = trading.core
        self.gateway = trading.gateway

    async def account(self, request: Request) -> int:
        """Return the account that asks."""
        return (await self.session(request)).user_id

    async def session(self, request: Request) -> Session:
        """Return the session of a request, counted against its account's rate."""
        session = await self.identity.session(bearer(request))
        self.gateway.admit(session.user_id)
        return session
