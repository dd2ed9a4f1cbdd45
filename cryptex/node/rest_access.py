"""What all REST routes that need an account share."""

from typing import Final, TypeVar

import msgspec
from starlette.requests import Request

from cryptex.node.credential import AdminLogin, Credential
from cryptex.node.handle import Handle, handle_of
from cryptex.node.http import bearer, read_form
from cryptex.node.identity import Identity
from cryptex.node.rates import address_of, host_of
from cryptex.node.signatures import Shown, Signatures
from cryptex.node.trading import Trading
from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Refusal
from cryptex.protocol.terms import Scope

T = TypeVar("T")
_ENDS: Final = "cryptex.ends"
"""Where a request keeps how often tokens had ended when it was let in."""
_ONCE: Final = "cryptex.once"
"""Where a signed request keeps what is remembered of it when it is done."""
_HANDLE: Final = "cryptex.handle"
"""Where a request keeps whose it is, once that was found out."""


class Access:
    """Lets requests in by their token. Raises Refusal: unauthenticated, rate_limited, forbidden."""

    def __init__(self, trading: Trading, identity: Identity, signatures: Signatures) -> None:
        self.trading = trading
        self.identity = identity
        self._signatures = signatures
        self.core = trading.core
        self.gateway = trading.gateway

    def weigh(self, account_id: int, rows: int) -> None:
        """Count what a request for so many rows costs beyond its first token. Raises Refusal(rate_limited)."""
        self.gateway.rates.account_reads(account_id, rows)

    async def account(self, request: Request, scope: Scope) -> int:
        """Return the account that asks, with a token that has the scope."""
        credential = await self.credential(request)
        credential.require(scope)
        self._signatures.spend(request.scope[_ONCE])
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
        self.gateway.rates.sensitive(credential.user_id)
        return credential

    def forget_key(self, key_id: int) -> None:
        """Forget a key that was revoked."""
        self._signatures.forget(key_id)

    def token_of(self, request: Request) -> bytes:
        """Return the hash of the token, or of the key, that a request was let in by."""
        handle: Handle = request.scope[_HANDLE]
        return handle.hash

    async def admin(self, request: Request) -> AdminLogin:
        """Return the fresh login of an admin: for everything that admins change.

        Raises Refusal: forbidden for others and for API keys, reauthentication_required for an older login.
        """
        credential = await self._of_admin(request)
        self.identity.require_fresh(credential)
        return AdminLogin(credential.user_id, self.token_of(request))

    async def admin_reader(self, request: Request) -> Credential:
        """Return the fresh login, or an API key with the scope read, of an admin: for what admins look at."""
        credential = await self._of_admin(request)
        if credential.api_key_id is None:
            self.identity.require_fresh(credential)
        else:
            credential.require(Scope.READ)
        return credential

    async def _of_admin(self, request: Request) -> Credential:
        await self.credential(request)
        handle: Handle = request.scope[_HANDLE]
        credential = await self.identity.look_again(handle)  # the operator gives and takes roles elsewhere
        try:
            credential.require_admin()
        except Refusal:
            address = address_of(request.scope)
            refused = self.core.users.failures.note
            refused(AuditAct.ADMIN_REFUSED, credential.username, address, credential.user_id)
            raise
        return credential

    async def credential(self, request: Request) -> Credential:
        """Return what the token, or the signature, of a request stands for, counted against its account's rate.

        Without a token that is known by now it counts against the rate of its address.
        """
        address = address_of(request.scope)
        shown = await self._signatures.of_request(request, address)
        if shown is None:
            try:
                shown = Shown(handle_of(bearer(request)), None)
            except Refusal:
                self.gateway.rates.stranger(address)
                raise
        handle, request.scope[_ONCE] = shown
        request.scope[_HANDLE] = handle
        request.scope[_ENDS] = self.identity.ends
        credential = await self.identity.credential(handle, address)
        self.identity.require_address(credential, host_of(request.scope), address)
        self.gateway.rates.account(credential.user_id)
        return credential

    async def form(self, request: Request, decoder: msgspec.json.Decoder[T]) -> T:
        """Return the body of a request that was let in. Raises Refusal: also where its token ended on the way."""
        form = await read_form(request, decoder)
        await self.still(request)
        return form

    async def still(self, request: Request) -> None:
        """Raise Refusal(unauthenticated) where the token ended since the request was let in: bodies may take long.

        When it returns, no token has ended since it was looked at: what is done before the next await was allowed.
        """
        while request.scope[_ENDS] != self.identity.ends:
            request.scope[_ENDS] = self.identity.ends
            handle: Handle = request.scope[_HANDLE]
            await self.identity.credential(handle)
