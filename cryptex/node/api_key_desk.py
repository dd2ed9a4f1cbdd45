"""The API keys of a node's users: made, listed and ended by people."""

import base64
import binascii
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cryptex.node.core import Core
from cryptex.node.gateway import future_ns
from cryptex.node.identity import Identity
from cryptex.node.networks import networks_of
from cryptex.node.slots import Slots
from cryptex.protocol.api_keys import ApiKeyForm, ApiKeyList, ApiKeyView, KeyKind, NewApiKeyView
from cryptex.protocol.problems import Refusal, invalid
from cryptex.protocol.signing import ED25519_KEY_BYTES
from cryptex.protocol.times import time_text
from cryptex.store.api_keys import ApiKey

CHANGES_AT_ONCE_MAX: Final = 1
CHANGES_WAITING_MAX: Final = 1000

_DER_PREFIX: Final = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes in the DER of an Ed25519 public key (RFC 8410)."""


class ApiKeyDesk:
    """Makes and ends keys."""

    def __init__(self, core: Core, identity: Identity) -> None:
        self._core = core
        self._identity = identity
        self._slots = Slots(CHANGES_AT_ONCE_MAX, CHANGES_WAITING_MAX)

    async def create(self, user_id: int, form: ApiKeyForm, address: str, session: bytes) -> NewApiKeyView:
        """Make an API key for the login whose token has this hash.

        Raises Refusal: too_many_api_keys, invalid_request with its field, unauthenticated where the login has ended.
        """
        expires_ns = None if form.expires_at is None else future_ns(form.expires_at, self._core.clock.now_ns())
        secret, key = await self._slots.run(
            self._core.users.api_keys.create,
            user_id,
            form.label,
            form.scopes,
            expires_ns,
            address,
            session=session,
            kind=form.kind,
            public_key=_public_key(form),
            networks=networks_of(form.allowed_addresses, "allowed_addresses"),
        )
        view = api_key_view(key)
        return NewApiKeyView(
            view.id,
            view.label,
            view.scopes,
            view.created_at,
            view.expires_at,
            view.last_used_at,
            view.kind,
            view.public_key,
            view.allowed_addresses,
            secret or None,
        )

    async def keys(self, user_id: int) -> ApiKeyList:
        """Return the API keys of a user, newest first, expired ones included."""
        keys = await self._slots.run(self._core.users.api_keys.of_user, user_id)
        return ApiKeyList([api_key_view(key) for key in keys])

    async def revoke(self, user_id: int, key_id: int, address: str) -> None:
        """End an API key, and the websockets that speak for it. Raises Refusal(unknown_api_key)."""
        self._identity.end(await self._slots.run(self._core.users.api_keys.revoke, user_id, key_id, address))


def api_key_view(key: ApiKey) -> ApiKeyView:
    """Return a key as its owner sees it."""
    return ApiKeyView(
        key.id,
        key.label,
        key.scopes,
        time_text(key.created_ns),
        None if key.expires_ns is None else time_text(key.expires_ns),
        None if key.used_ns is None else time_text(key.used_ns),
        key.kind,
        None if key.public_key is None else base64.b64encode(key.public_key).decode("ascii"),
        key.networks,
    )


def _public_key(form: ApiKeyForm) -> bytes | None:
    if (form.kind is KeyKind.ED25519) != (form.public_key is not None):
        raise invalid("public_key", "public_key and the kind ed25519 need each other")
    if form.public_key is None:
        return None
    try:
        found = base64.b64decode(form.public_key, validate=True).removeprefix(_DER_PREFIX)
        if len(found) != ED25519_KEY_BYTES:
            raise _no_public_key()
        Ed25519PublicKey.from_public_bytes(found)
    except (binascii.Error, ValueError):
        raise _no_public_key() from None
    return found


def _no_public_key() -> Refusal:
    return invalid("public_key", "public_key must be the public half of an Ed25519 pair, in base64")
