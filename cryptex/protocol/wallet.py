"""What moves funds in and out by the network: views of withdrawals and deposit addresses."""

import msgspec

from cryptex.protocol.terms import EntryKind, WithdrawalReason, WithdrawalStatus
from cryptex.protocol.views import PostingView


class WithdrawalView(msgspec.Struct, frozen=True):
    """A withdrawal. `reason`: why its funds came back. `reference` is its owner's, null where none was given.

    `txid` and `height` name its transaction and block once it is broadcast. Of the `confirmations_required` it has
    `confirmations`, the block itself counted. `postings` are the lines of the ledger entry `entry_id` that holds it.
    """

    id: int
    kind: EntryKind
    asset: str
    amount: str
    address: str
    reference: str | None
    status: WithdrawalStatus
    reason: WithdrawalReason | None
    txid: str | None
    height: int | None
    confirmations: int
    confirmations_required: int
    entry_id: int
    postings: tuple[PostingView, ...]
    time: str
    updated_at: str
    sequence: int


class WithdrawalList(msgspec.Struct, frozen=True, omit_defaults=True):
    """Withdrawals, newest first, and where the next page begins."""

    withdrawals: list[WithdrawalView]
    next: int | None = None


class DepositAddressView(msgspec.Struct, frozen=True):
    """Where an account receives an asset: always the same address."""

    asset: str
    address: str


class DepositAddressList(msgspec.Struct, frozen=True):
    """Deposit addresses, in the order of the assets."""

    addresses: list[DepositAddressView]
