"""What moves funds in and out by the network: withdrawals, deposit addresses, and to which addresses they may go."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cryptex.protocol.requests import Address, AssetName, Form
from cryptex.protocol.terms import EntryKind, WithdrawalReason, WithdrawalStatus
from cryptex.protocol.views import PostingView

ADDRESS_LABEL_LENGTH_MAX: Final = 64

AddressLabel = Annotated[str, Meta(max_length=ADDRESS_LABEL_LENGTH_MAX, pattern=r"^[\x20-\x7e]*\Z")]


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


class AdminWithdrawalView(msgspec.Struct, frozen=True):
    """A withdrawal as admins see it, who decide on it. `decided_by` is the id of the one who did."""

    id: int
    user_id: int
    username: str | None
    asset: str
    amount: str
    address: str
    status: WithdrawalStatus
    reason: WithdrawalReason | None
    time: str
    updated_at: str
    decided_by: int | None


class AdminWithdrawalList(msgspec.Struct, frozen=True, omit_defaults=True):
    """Withdrawals of all users, newest first, and where the next page begins."""

    withdrawals: list[AdminWithdrawalView]
    next: int | None = None


class AllowListForm(Form, frozen=True):
    """PATCH /wallet/allow_list."""

    enabled: bool


class AllowedAddressForm(Form, frozen=True):
    """POST /wallet/allow_list."""

    asset: AssetName
    address: Address
    label: AddressLabel = ""


class AllowedAddressView(msgspec.Struct, frozen=True):
    """An address on an allow-list. It counts from `usable_at` on."""

    id: int
    asset: str
    address: str
    label: str
    created_at: str
    usable_at: str


class AllowListView(msgspec.Struct, frozen=True):
    """Where one's withdrawals may go: anywhere unless `enabled`. One that is being turned off is on until `ends_at`."""

    enabled: bool
    ends_at: str | None
    addresses: list[AllowedAddressView]
