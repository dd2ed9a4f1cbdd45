"""The REST operations of withdrawals, deposit addresses and allow-lists."""

from typing import Final

from cryptex.node.operation import PAGE, TRANSFER_CODES, Operation, Parameter
from cryptex.protocol.problems import Code
from cryptex.protocol.requests import WithdrawalForm
from cryptex.protocol.terms import Scope, WithdrawalStatus
from cryptex.protocol.wallet import (
    AllowedAddressForm,
    AllowedAddressView,
    AllowListForm,
    AllowListView,
    DepositAddressList,
    WithdrawalList,
    WithdrawalView,
)

WITHDRAWAL_OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/wallet/withdrawals",
        name="withdraw",
        tag="wallet",
        what="Ask for a withdrawal, whose funds are held from then on: 201, or 200 where its reference had before.",
        access=Scope.WITHDRAW,
        forms=(WithdrawalForm,),
        answers={201: (WithdrawalView,), 200: (WithdrawalView,)},
        codes=(
            *TRANSFER_CODES,
            Code.INSUFFICIENT_FUNDS,
            Code.WITHDRAWAL_LIMIT,
            Code.TOO_MANY_WITHDRAWALS,
            Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED,
        ),
    ),
    Operation(
        method="GET",
        path="/wallet/withdrawals",
        name="listWithdrawals",
        tag="wallet",
        what="List own withdrawals, newest first.",
        access=Scope.READ,
        query=(Parameter("status", "only these", {"enum": [*WithdrawalStatus]}), *PAGE),
        answers={200: (WithdrawalList,)},
    ),
    Operation(
        method="GET",
        path="/wallet/withdrawals/{id}",
        name="getWithdrawal",
        tag="wallet",
        what="Return one withdrawal.",
        access=Scope.READ,
        answers={200: (WithdrawalView,)},
        codes=(Code.UNKNOWN_WITHDRAWAL,),
    ),
    Operation(
        method="DELETE",
        path="/wallet/withdrawals/{id}",
        name="cancelWithdrawal",
        tag="wallet",
        what="Take back a withdrawal that is only requested.",
        access=Scope.WITHDRAW,
        answers={200: (WithdrawalView,)},
        codes=(Code.UNKNOWN_WITHDRAWAL, Code.WITHDRAWAL_DECIDED, Code.OUTCOME_UNKNOWN),
    ),
    Operation(
        method="GET",
        path="/wallet/addresses",
        name="listDepositAddresses",
        tag="wallet",
        what="Say where one receives an asset, or each of them, by the simulated network.",
        access=Scope.READ,
        query=(Parameter("asset", "only this asset", {"type": "string", "minLength": 1, "examples": ["BTC"]}),),
        answers={200: (DepositAddressList,)},
        codes=(Code.UNKNOWN_ASSET,),
    ),
    Operation(
        method="GET",
        path="/wallet/allow_list",
        name="allowList",
        tag="wallet",
        what="Say where one's withdrawals may go: anywhere, unless the allow-list is on.",
        access=Scope.READ,
        answers={200: (AllowListView,)},
    ),
    Operation(
        method="PATCH",
        path="/wallet/allow_list",
        name="switchAllowList",
        tag="wallet",
        what="Turn the allow-list on at once, or off after the delay. Needs a fresh login.",
        access="login",
        forms=(AllowListForm,),
        answers={200: (AllowListView,)},
        codes=(Code.REAUTHENTICATION_REQUIRED,),
    ),
    Operation(
        method="POST",
        path="/wallet/allow_list",
        name="allowAddress",
        tag="wallet",
        what="Add an address, which counts after the delay: 201, or 200 where it was there. Needs a fresh login.",
        access="login",
        forms=(AllowedAddressForm,),
        answers={201: (AllowedAddressView,), 200: (AllowedAddressView,)},
        codes=(Code.UNKNOWN_ASSET, Code.TOO_MANY_ADDRESSES, Code.REAUTHENTICATION_REQUIRED),
    ),
    Operation(
        method="DELETE",
        path="/wallet/allow_list/{id}",
        name="disallowAddress",
        tag="wallet",
        what="Take an address off, at once. Needs a fresh login.",
        access="login",
        answers={204: ()},
        codes=(Code.UNKNOWN_ADDRESS, Code.REAUTHENTICATION_REQUIRED),
    ),
)
"""In the order of the documents."""
