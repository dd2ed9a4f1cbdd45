"""What admins do, as plain functions over REST: with a fresh login of an admin, or to look, an API key of one."""

from datetime import datetime
from decimal import Decimal

import msgspec

from cryptex.client.caller import market_path, segment
from cryptex.client.forms import Fields
from cryptex.client.models import Page
from cryptex.client.rest import RestClient
from cryptex.protocol.admin import EndedTokens


class AdminUser(msgspec.Struct, frozen=True):
    """A user as admins see them. `disabled_at` is None for one who may come in."""

    id: int
    username: str
    role: str
    created_at: datetime
    disabled_at: datetime | None
    sessions: int
    api_keys: int


class DisabledUser(msgspec.Struct, frozen=True):
    """A user who was disabled, with what that ended."""

    user: AdminUser
    ended_tokens: int
    canceled_orders: int
    rejected_withdrawals: int


class MarketPhase(msgspec.Struct, frozen=True):
    """The state of a market, and when it ends by itself."""

    market: str
    state: str
    state_ends_at: datetime | None


class AuditEntry(msgspec.Struct, frozen=True):
    """An entry of the audit log. `actor`: a user's id, 0 for who has the node's machine, None for a stranger."""

    sequence: int
    time: datetime
    actor: int | None
    username: str | None
    act: str
    subject: str
    address: str
    details: dict[str, str | int]
    hash: str


class AdminWithdrawal(msgspec.Struct, frozen=True):
    """A withdrawal as admins see it, who decide on it. `decided_by` is the id of the one who did."""

    id: int
    user_id: int
    username: str | None
    asset: str
    amount: Decimal
    address: str
    status: str
    reason: str | None
    time: datetime
    updated_at: datetime
    decided_by: int | None


class AdminClient(RestClient):
    """A `RestClient` that can do more. `login` makes it fresh for ten minutes, `reauthenticate` again.

    Raises AccessError with `forbidden` for users who are no admins.
    """

    def users(self, *, limit: int = 100, before: int | None = None) -> Page[AdminUser]:
        """Return users, newest first."""
        return self._list("/admin/users", "users", AdminUser, {"limit": limit, "before": before})

    def disable(self, username: str, reason: str = "") -> DisabledUser:
        """Let a user in no more: logins end, API keys rest, orders and withdrawals end, funds stay. Repeatable."""
        return self._send("POST", f"{_user_path(username)}/disable", DisabledUser, {"reason": reason})

    def enable(self, username: str) -> AdminUser:
        """Let a user in again; their API keys hold again."""
        return self._send("POST", f"{_user_path(username)}/enable", AdminUser, None)

    def end_sessions(self, username: str, *, api_keys: bool = False) -> int:
        """End all logins of a user, and their API keys too if that is said. Return how many ended."""
        path = f"{_user_path(username)}/sessions?api_keys={'true' if api_keys else 'false'}"
        return self._send("DELETE", path, EndedTokens, None).ended

    def halt(self, market: str, duration: str | None = None) -> MarketPhase:
        """Halt a market, for a duration such as 5m or until it is opened."""
        fields: Fields = {} if duration is None else {"duration": duration}
        return self._send("POST", f"/admin{market_path(market, 'halt')}", MarketPhase, fields)

    def open(self, market: str) -> MarketPhase:
        """Open a market now: out of a halt without an auction, out of an auction by uncrossing it."""
        return self._send("POST", f"/admin{market_path(market, 'open')}", MarketPhase, None)

    def auction(self, market: str) -> MarketPhase:
        """Begin a market's auction, of the length in the node's settings."""
        return self._send("POST", f"/admin{market_path(market, 'auction')}", MarketPhase, None)

    def all_withdrawals(
        self, *, status: str | None = None, limit: int = 100, before: int | None = None
    ) -> Page[AdminWithdrawal]:
        """Return the withdrawals of all users that wait for an admin, or have another status, newest first."""
        query: dict[str, str | int | None] = {"status": status, "limit": limit, "before": before}
        return self._list("/admin/withdrawals", "withdrawals", AdminWithdrawal, query)

    def approve(self, withdrawal_id: int) -> AdminWithdrawal:
        """Let a requested withdrawal go out with the next block. Nobody approves their own."""
        return self._send("POST", f"/admin/withdrawals/{int(withdrawal_id)}/approve", AdminWithdrawal, None)

    def reject(self, withdrawal_id: int) -> AdminWithdrawal:
        """Refuse a requested withdrawal: its funds are available again."""
        return self._send("POST", f"/admin/withdrawals/{int(withdrawal_id)}/reject", AdminWithdrawal, None)

    def audit(
        self, *, user: str | None = None, act: str | None = None, limit: int = 100, before: int | None = None
    ) -> Page[AuditEntry]:
        """Return entries of the audit log, newest first; a page may be short and still have a `next`."""
        query: dict[str, str | int | None] = {"user": user, "act": act, "limit": limit, "before": before}
        return self._list("/admin/audit", "entries", AuditEntry, query)


def _user_path(username: str) -> str:
    return f"/admin/users/{segment(username)}"
