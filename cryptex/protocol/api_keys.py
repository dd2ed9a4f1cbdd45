"""API keys, for programs, which may do less than their user. The form that asks for one, and what is shown."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cryptex.protocol.requests import Form, TimeText
from cryptex.protocol.terms import Scope, Term

LABEL_LENGTH_MAX: Final = 64

PUBLIC_KEY_LENGTH_MAX: Final = 128
NETWORKS_MAX: Final = 20
NETWORK_LENGTH_MAX: Final = 64

NetworkText = Annotated[str, Meta(min_length=1, max_length=NETWORK_LENGTH_MAX)]
Label = Annotated[str, Meta(min_length=1, max_length=LABEL_LENGTH_MAX, pattern=r"^[\x20-\x7e]+\Z")]


class KeyKind(Term):
    """How a key shows that it is there: its secret is sent, or each request is signed."""

    BEARER = "bearer"
    HMAC = "hmac"
    ED25519 = "ed25519"


class ApiKeyForm(Form, frozen=True, kw_only=True):
    """POST /api_keys.

    `allowed_addresses` are addresses or networks in CIDR form, and none means all. `public_key`, for the kind ed25519,
    is the public half of the user's own pair in base64: its 32 bytes, or the DER that openssl writes.
    """

    label: Label
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=len(Scope))] = (Scope.READ,)
    expires_at: TimeText | None = None
    kind: KeyKind = KeyKind.BEARER
    public_key: Annotated[str, Meta(max_length=PUBLIC_KEY_LENGTH_MAX)] | None = None
    allowed_addresses: Annotated[tuple[NetworkText, ...], Meta(max_length=NETWORKS_MAX)] = ()


class ApiKeyView(msgspec.Struct, frozen=True):
    """A key without its secret. One whose `expires_at` has passed opens nothing any more."""

    id: int
    label: str
    scopes: tuple[Scope, ...]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    kind: KeyKind
    public_key: str | None
    allowed_addresses: tuple[str, ...]


class NewApiKeyView(msgspec.Struct, frozen=True):
    """A key that was just made. Its secret is shown this once; a key whose pair is the user's own has none to show."""

    id: int
    label: str
    scopes: tuple[Scope, ...]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    kind: KeyKind
    public_key: str | None
    allowed_addresses: tuple[str, ...]
    secret: str | None

    def __repr__(self) -> str:
        return f"NewApiKeyView(id={self.id}, label={self.label!r}, scopes={self.scopes!r})"


class ApiKeyList(msgspec.Struct, frozen=True):
    """The keys of a user, newest first."""

    api_keys: list[ApiKeyView]
