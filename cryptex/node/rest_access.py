"""What all REST routes that need an account share."""

from starlette.requests import Request

from cryptex.node.credential import Credential
from cryptex.node.http import bearer
from cryptex.node.identity import Identity
from cryptex.node.rates import address_of
from cryptex.node.trading import Trading
from cryptex.protocol.problems import Refusal
from cryptex.protocol.terms import Scope


class Access:
    """Lets requests in by their token. Raises Refusal: unauthenticated, rate_limited, forbidden."""

    def __init__(self, trading: Trading, identity: Identity) -> None:
        self.trading = trading
        self.identity = identity
        self.core = trading.core
        self.gateway = trading.gateway

    async def account(self, request: Request, scope: Scope) -> int:
        """Return the account that asks, with a token that has the scope."""
        credential = await self.credential(request)
        credential.require(scope)
        return credential.user_id

    async def login(self, request: Request) -> Credential:
        """Return the login that asks; API keys are turned away."""
        credential = await self.credential(request)
        credential.require_login()
        return credential

    async def fresh_login(self, request: Request) -> Credential:
        """Return the login that asks, whose user has just shown who they are: for what a thief of a token must not do.

        Raises Refusal(reauthentication_required) for an older login.
        """
        credential = await self.credential(request)
        self.identity.require_fresh(credential)
        return credential

    async def credential(self, request: Request) -> Credential:
        """Return what the token of a request stands for, counted against its account's rate.

        Without a token that is known by now it counts against the rate of its address.
        """
        address = address_of(request.scope)
        try:
            token = bearer(request)
        except Refusal:
            self.gateway.rates.stranger(address)
            raise
        credential = await self.identity.credential(token, address)
        self.gateway.rates.account(credential.user_id)
        return credential
