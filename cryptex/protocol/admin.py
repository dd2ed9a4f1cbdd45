"""What admins see and ask for: users, and the states of markets."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cryptex.protocol.requests import Form
from cryptex.protocol.terms import MarketState, Role

REASON_LENGTH_MAX: Final = 200
HALT_SECONDS_MAX: Final = 86_400
"""A halt for a time; without one it lasts until an admin ends it."""

Reason = Annotated[str, Meta(max_length=REASON_LENGTH_MAX, pattern=r"^[\x20-\x7e]*\Z")]


class DisableForm(Form, frozen=True):
    """POST /admin/users/{username}/disable. The reason is for the audit log."""

    reason: Reason = ""


class HaltForm(Form, frozen=True):
    """POST /admin/markets/{market}/halt. A duration is such as 30s, 5m or 2h."""

    duration: Annotated[str, Meta(max_length=16)] | None = None


class AdminUserView(msgspec.Struct, frozen=True):
    """A user as admins see them: nothing of what they trade or own."""

    id: int
    username: str
    role: Role
    created_at: str
    disabled_at: str | None
    sessions: int
    api_keys: int


class AdminUserList(msgspec.Struct, frozen=True):
    """Users, newest first."""

    users: list[AdminUserView]
    next: int | None = None


class DisabledUserView(msgspec.Struct, frozen=True):
    """A user who was disabled, with what that ended."""

    user: AdminUserView
    ended_tokens: int
    canceled_orders: int
    rejected_withdrawals: int


class EndedTokens(msgspec.Struct, frozen=True):
    """How many logins and API keys of a user were ended."""

    ended: int


class MarketStateView(msgspec.Struct, frozen=True):
    """The state of a market, and when it ends by itself."""

    market: str
    state: MarketState
    state_ends_at: str | None
