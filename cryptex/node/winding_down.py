"""What becomes of a disabled user's business: open orders and withdrawals that nobody has approved end, funds stay."""

from typing import NamedTuple

from cryptex.engine.exchange import Exchange
from cryptex.node.sequencer import Sequencer
from cryptex.protocol.commands import CancelAll, RejectWithdrawal
from cryptex.protocol.events import OrdersCanceled, WithdrawalChanged
from cryptex.protocol.terms import WithdrawalStatus


class WoundDown(NamedTuple):
    """How many orders were canceled, and withdrawals rejected."""

    orders: int
    withdrawals: int


async def wind_down(exchange: Exchange, sequencer: Sequencer, account_id: int, admin_id: int) -> WoundDown:
    """End what an account has under way. Call it when nothing more can be asked for in its name. Raises Refusal.

    Orders come first: when they are answered, so is all that was asked before, withdrawals too.
    """
    canceled = (await sequencer.submit(CancelAll(account_id, by_admin=True))).answer
    rejected = 0
    for withdrawal_id in requested(exchange, account_id):
        reply = await sequencer.submit(RejectWithdrawal(withdrawal_id, admin_id))
        rejected += isinstance(reply.answer, WithdrawalChanged)
    return WoundDown(len(canceled.order_ids) if isinstance(canceled, OrdersCanceled) else 0, rejected)


def has_business(exchange: Exchange, account_id: int) -> bool:
    """Return whether there is something to end."""
    return bool(exchange.open_orders(account_id, "") or requested(exchange, account_id))


def requested(exchange: Exchange, account_id: int) -> list[int]:
    """Return the ids of the withdrawals of an account that nobody has approved."""
    live = exchange.withdrawals.live.values()
    return [
        each.withdrawal_id
        for each in live
        if each.account_id == account_id and each.status is WithdrawalStatus.REQUESTED
    ]
