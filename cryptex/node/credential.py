"""What a token stands for: a user, and what may be done in their name."""

from ipaddress import ip_network
from typing import Final

import msgspec

from cryptex.node.networks import Network, is_within
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import Role, Scope
from cryptex.store.api_keys import ApiKey
from cryptex.store.sessions import FRESH_NS, Session

ALL_SCOPES: Final = tuple(Scope)
"""What a login may do."""


class Credential(msgspec.Struct, frozen=True):
    """A login, or (with its id) an API key. `expires_ns` is when it ends at the latest, None if it need not.

    `authenticated_ns` is when the user of a login last showed who they are.
    """

    user_id: int
    username: str
    scopes: tuple[Scope, ...]
    expires_ns: int | None
    api_key_id: int | None = None
    authenticated_ns: int = 0
    role: Role = Role.TRADER
    networks: tuple[Network, ...] = ()

    def require_address(self, host: str) -> None:
        """Raise Refusal(address_not_allowed) where the user has named addresses for this key, and this is none."""
        if self.networks and not is_within(host, self.networks):
            raise Refusal(Code.ADDRESS_NOT_ALLOWED, "this API key may not be used from this address")

    def require(self, scope: Scope) -> None:
        """Raise Refusal(forbidden) unless the scope was given. A login has all."""
        if scope not in self.scopes:
            raise Refusal(Code.FORBIDDEN, f"this API key has no scope {scope}", scope=scope)

    def require_login(self) -> None:
        """Raise Refusal(forbidden) for an API key: people alone manage keys and sessions."""
        if self.api_key_id is not None:
            raise Refusal(Code.FORBIDDEN, "an API key cannot manage keys or sessions: log in with the password")

    def require_fresh(self, now_ns: int) -> None:
        """Raise Refusal unless this is a login whose user has just shown who they are.

        An API key is forbidden, an older login gets reauthentication_required.
        """
        self.require_login()
        if not 0 <= now_ns - self.authenticated_ns < FRESH_NS:
            raise Refusal(Code.REAUTHENTICATION_REQUIRED, "this needs a login that is fresh: give the password again")

    def require_admin(self) -> None:
        """Raise Refusal(forbidden) unless the user is an admin."""
        if self.role is not Role.ADMIN:
            raise Refusal(Code.FORBIDDEN, "this is for admins")


class AdminLogin(msgspec.Struct, frozen=True):
    """The login by which an admin acts. `session` is the hash of its token: it is asked again where the act is done."""

    user_id: int
    session: bytes


def of_session(session: Session) -> Credential:
    """Return what a login may do."""
    return Credential(
        session.user_id,
        session.username,
        ALL_SCOPES,
        session.expires_ns,
        authenticated_ns=session.authenticated_ns,
        role=session.role,
    )


def of_api_key(key: ApiKey) -> Credential:
    """Return what an API key may do."""
    networks = tuple(map(ip_network, key.networks))
    return Credential(key.user_id, key.username, key.scopes, key.expires_ns, key.id, role=key.role, networks=networks)
