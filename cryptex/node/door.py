"""How one websocket is let in: by a token or a signature, from where it comes."""

from cryptex.node.credential import Credential
from cryptex.node.handle import Handle, handle_of
from cryptex.node.identity import Identity
from cryptex.node.replays import Once
from cryptex.node.signatures import Shown, Signatures
from cryptex.protocol.problems import invalid
from cryptex.protocol.requests import LoginParams


class Door:
    """The door of a connection from `host`, which counts as `address`."""

    def __init__(self, identity: Identity, signatures: Signatures, address: str, host: str) -> None:
        self.identity = identity
        self.address = address
        self._signatures = signatures
        self._host = host

    async def shown(self, params: LoginParams) -> Shown:
        """Return whose login this is, if it is one, and what to `spend` then.

        Raises Refusal: unauthenticated, bad_signature ...
        """
        if params.token is None:
            return await self._signatures.of_login(params, self.address)
        if params.key is not None or params.signature is not None:
            raise invalid("token", "login takes a token or a signature, not both")
        return Shown(handle_of(params.token), None)

    async def credential(self, handle: Handle) -> Credential:
        """Return what a handle stands for. Raises Refusal: unauthenticated, address_not_allowed."""
        credential = await self.identity.credential(handle)
        self.identity.require_address(credential, self._host, self.address)
        return credential

    def spend(self, once: Once | None) -> None:
        """Remember a signed login. Raises Refusal: replayed_request, rate_limited."""
        self._signatures.spend(once)
