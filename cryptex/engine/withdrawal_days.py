"""What each account sent out in the last 24 hours of log time, asset by asset, held against a limit."""

from typing import Final

from cryptex.engine.admission import Reason
from cryptex.protocol.market import Asset
from cryptex.protocol.problems import Code, Detail
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

DAY_NS: Final = 24 * 3600 * NANOSECONDS_PER_SECOND

WITHDRAWALS_A_DAY_MAX: Final = 1_000
"""Withdrawals of an asset that an account may ask for in 24 hours, whatever their amounts."""

_Sent = dict[int, tuple[int, int, int]]
"""Time, units, and units that no admin decided on, by withdrawal id, oldest first."""


class WithdrawalDays:
    """The rolling days. A withdrawal counts from its request until 24 hours later, unless its funds came back."""

    def __init__(self) -> None:
        self.sent: dict[tuple[int, str], _Sent] = {}

    def add(
        self, account_id: int, asset: str, withdrawal_id: int, units: int, now_ns: int, *, is_automatic: bool
    ) -> None:
        """Count a withdrawal from now on; an automatic one, which no admin decides on, towards that limit too."""
        sent = self.sent.setdefault((account_id, asset), {})
        sent[withdrawal_id] = now_ns, units, units if is_automatic else 0

    def forget(self, account_id: int, asset: str, withdrawal_id: int) -> None:
        """Count a withdrawal no more: its funds are back."""
        sent = self.sent.get((account_id, asset))
        if sent is not None:
            sent.pop(withdrawal_id, None)

    def used(self, account_id: int, asset: str, now_ns: int) -> int:
        """Return the units that count now. O(withdrawals of the day)."""
        sent = self.sent.get((account_id, asset), {})
        return sum([units for time_ns, units, _ in sent.values() if time_ns + DAY_NS > now_ns])

    def automatic(self, account_id: int, asset: str, now_ns: int) -> int:
        """Return the units that count now and that no admin decided on. O(withdrawals of the day)."""
        sent = self.sent.get((account_id, asset), {})
        return sum([units for time_ns, _, units in sent.values() if time_ns + DAY_NS > now_ns])

    def refused(self, account_id: int, asset: Asset, units: int, limit: int | None, now_ns: int) -> Reason | None:
        """Return why so much more would be too much for a day. What is older than that is let go."""
        sent = self.sent.get((account_id, asset.symbol), {})
        for withdrawal_id in [each for each, (time_ns, _, _) in sent.items() if time_ns + DAY_NS <= now_ns]:
            del sent[withdrawal_id]
        if len(sent) >= WITHDRAWALS_A_DAY_MAX:
            message = f"you asked for {WITHDRAWALS_A_DAY_MAX} withdrawals of {asset.symbol} in 24 hours"
            return Reason(Code.TOO_MANY_WITHDRAWALS, message, {"limit": WITHDRAWALS_A_DAY_MAX})
        used = self.used(account_id, asset.symbol, now_ns)
        return None if limit is None or used + units <= limit else _above(asset, units, used, limit, sent)


def _above(asset: Asset, units: int, used: int, limit: int, sent: _Sent) -> Reason:
    symbol, limit_text, used_text = asset.symbol, asset.text(limit), asset.text(used)
    message = f"{limit_text} {symbol} may leave in 24 hours, {used_text} are used"
    room_ns = _room_ns(units, used, limit, sent)
    details: dict[str, Detail] = {"asset": symbol, "limit": limit_text, "used": used_text, "room_at_ns": room_ns}
    return Reason(Code.WITHDRAWAL_LIMIT, message, details)


def _room_ns(units: int, used: int, limit: int, sent: _Sent) -> int | None:
    """Return when so much may leave, as far as is known now; None where it is more than a day's limit."""
    for time_ns, sent_units, _ in sent.values():
        used -= sent_units
        if used + units <= limit:
            return time_ns + DAY_NS
    return None
