"""A withdrawal as it stands: what the engine works on, events and snapshots carry, and views are made from."""

import msgspec

from cryptex.protocol.commands import RequestWithdrawal
from cryptex.protocol.terms import WithdrawalReason, WithdrawalStatus


class Withdrawal(msgspec.Struct, frozen=True, gc=False):
    """A withdrawal: each step of it makes a new one. Amounts are atomic units, times nanoseconds, 0 is "not yet".

    `entry_id`: the ledger entry that held its funds; `available`, `held`: what its account had of the asset after it.
    `height`: the block that takes it up, from its approval on. `confirmations`: how many it needs, that block counted.
    `decided_by`: the account of the admin who decided, or 0. `sequence`: of the last command that changed it.
    """

    withdrawal_id: int
    account_id: int
    asset: str
    units: int
    address: str
    reference: str
    status: WithdrawalStatus
    entry_id: int
    available: int
    held: int
    confirmations: int
    created_ns: int
    updated_ns: int
    sequence: int
    approved_ns: int = 0
    broadcast_ns: int = 0
    ended_ns: int = 0
    height: int = 0
    txid: str = ""
    reason: WithdrawalReason | None = None
    decided_by: int = 0

    @property
    def request(self) -> RequestWithdrawal:
        """The command that asked for it."""
        return RequestWithdrawal(self.account_id, self.asset, self.units, self.address, self.reference)
