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
    """The rolling days. A withdrawal counts for 24 hours: from its request, and anew from an admin's approval.

    One whose funds came back counts as a request alone.
    """

    def __init__(self) -> None:
        self.sent: dict[tuple[int, str], _Sent] = {}

    def add(
        self, account_id: int, asset: str, withdrawal_id: int, units: int, now_ns: int, *, is_automatic: bool
    ) -> None:
        """Count a withdrawal from now on; an automatic one, which no admin decides on, towards that limit too."""
        sent = self.sent.setdefault((account_id, asset), {})
        sent.pop(withdrawal_id, None)
        sent[withdrawal_id] = now_ns, units, units if is_automatic else 0

    def give_back(self, account_id: int, asset: str, withdrawal_id: int) -> None:
        """Count what a withdrawal was to send no more: its funds are back."""
        sent = self.sent.get((account_id, asset), {})
        if withdrawal_id in sent:
            sent[withdrawal_id] = sent[withdrawal_id][0], 0, 0

    def automatic(self, account_id: int, asset: str, now_ns: int) -> int:
        """Return the units that count now and that no admin decided on. O(withdrawals of the day)."""
        sent = self.sent.get((account_id, asset), {})
        return sum([units for time_ns, _, units in sent.values() if time_ns + DAY_NS > now_ns])

    def refused(self, account_id: int, asset: Asset, units: int, limit: int | None, now_ns: int) -> Reason | None:
        """Return why another request would be too much for a day. What is older than that is let go."""
        sent = self.sent.get((account_id, asset.symbol), {})
        for withdrawal_id in [each for each, (time_ns, _, _) in sent.items() if time_ns + DAY_NS <= now_ns]:
            del sent[withdrawal_id]
        if len(sent) >= WITHDRAWALS_A_DAY_MAX:
            message = f"you asked for {WITHDRAWALS_A_DAY_MAX} withdrawals of {asset.symbol} in 24 hours"
            return Reason(Code.TOO_MANY_WITHDRAWALS, message, {"limit": WITHDRAWALS_A_DAY_MAX})
        return self.above(account_id, asset, units, limit, now_ns)

    def above(
        self, account_id: int, asset: Asset, units: int, limit: int | None, now_ns: int, but: int = 0
    ) -> Reason | None:
        """Return why so much more would be above a day's limit; the withdrawal `but` is not counted."""
        sent = self.sent.get((account_id, asset.symbol), {})
        counted = {each: day for each, day in sent.items() if each != but and day[0] + DAY_NS > now_ns}
        used = sum([each_units for _, each_units, _ in counted.values()])
        return None if limit is None or used + units <= limit else _above(asset, units, used, limit, counted)


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
