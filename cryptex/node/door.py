"""How one websocket is let in: by a token or a signature, from where it comes."""

from cryptex.node.credential import Credential
from cryptex.node.handle import Handle, handle_of
from cryptex.node.identity import Identity
from cryptex.node.signatures import Signatures
from cryptex.protocol.problems import invalid
from cryptex.protocol.requests import LoginParams


class Door:
    """The door of a connection from `host`, which counts as `address`."""

    def __init__(self, identity: Identity, signatures: Signatures, address: str, host: str) -> None:
        self.identity = identity
        self.address = address
        self._signatures = signatures
        self._host = host

    async def handle(self, params: LoginParams) -> Handle:
        """Return whose login this is, if it is one. Raises Refusal: unauthenticated, bad_signature ..."""
        if params.token is None:
            return await self._signatures.of_login(params, self.address)
        if params.key is not None or params.signature is not None:
            raise invalid("token", "login takes a token or a signature, not both")
        return handle_of(params.token)

    async def credential(self, handle: Handle) -> Credential:
        """Return what a handle stands for. Raises Refusal: unauthenticated, address_not_allowed."""
        credential = await self.identity.credential(handle)
        credential.require_address(self._host)
        return credential
