"""API keys: tokens for programs, which may do less than their user. The form that asks for one, and what is shown."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cryptex.protocol.requests import Form, TimeText
from cryptex.protocol.terms import Scope

LABEL_LENGTH_MAX: Final = 64

Label = Annotated[str, Meta(min_length=1, max_length=LABEL_LENGTH_MAX, pattern=r"^[\x20-\x7e]+\Z")]


class ApiKeyForm(Form, frozen=True):
    """POST /api_keys."""

    label: Label
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=len(Scope))]
    expires_at: TimeText | None = None


class ApiKeyView(msgspec.Struct, frozen=True):
    """A key without its secret. One whose `expires_at` has passed opens nothing any more."""

    id: int
    label: str
    scopes: tuple[Scope, ...]
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class NewApiKeyView(msgspec.Struct, frozen=True):
    """A key that was just made. Its secret is shown this once; the node keeps a hash of it."""

    id: int
    label: str
    scopes: tuple[Scope, ...]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    secret: str

    def __repr__(self) -> str:
        return f"NewApiKeyView(id={self.id}, label={self.label!r}, scopes={self.scopes!r})"


class ApiKeyList(msgspec.Struct, frozen=True):
    """The keys of a user, newest first."""

    api_keys: list[ApiKeyView]
