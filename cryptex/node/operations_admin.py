"""The REST operations of admins. A route without a row here fails a test, and so does a row without a route."""

from typing import Final

from cryptex.node.operation import PAGE, Operation, Parameter
from cryptex.protocol.admin import (
    AdminUserList,
    AdminUserView,
    DisabledUserView,
    DisableForm,
    EndedTokens,
    HaltForm,
    MarketStateView,
)
from cryptex.protocol.audit import AuditAct, AuditList
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import WithdrawalStatus
from cryptex.protocol.wallet import AdminWithdrawalList, AdminWithdrawalView

_FRESH: Final = (Code.REAUTHENTICATION_REQUIRED,)
_OF_USER: Final = (*_FRESH, Code.UNKNOWN_USER)
_OF_MARKET: Final = (*_FRESH, Code.UNKNOWN_MARKET, Code.OUTCOME_UNKNOWN)

_OF_WITHDRAWAL: Final = (*_FRESH, Code.UNKNOWN_WITHDRAWAL, Code.WITHDRAWAL_DECIDED, Code.OUTCOME_UNKNOWN)

ADMIN_OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/admin/users",
        name="adminListUsers",
        tag="admin",
        what="List users, newest first: nothing of what they trade or own.",
        access="admin",
        query=PAGE,
        answers={200: (AdminUserList,)},
        codes=_FRESH,
    ),
    Operation(
        method="POST",
        path="/admin/users/{username}/disable",
        name="adminDisableUser",
        tag="admin",
        what="Let a user in no more: logins end, API keys rest, open orders are canceled and requested withdrawals "
        "rejected (`admin`), funds stay.",
        access="admin",
        forms=(DisableForm,),
        answers={200: (DisabledUserView,)},
        codes=(*_OF_USER, Code.OUTCOME_UNKNOWN),
    ),
    Operation(
        method="POST",
        path="/admin/users/{username}/enable",
        name="adminEnableUser",
        tag="admin",
        what="Let a user in again; their API keys hold again.",
        access="admin",
        answers={200: (AdminUserView,)},
        codes=_OF_USER,
    ),
    Operation(
        method="DELETE",
        path="/admin/users/{username}/sessions",
        name="adminEndSessions",
        tag="admin",
        what="End all logins of a user, and (`api_keys=true`) revoke their API keys.",
        access="admin",
        query=(Parameter("api_keys", "whether API keys are revoked too", {"enum": ["true", "false"]}),),
        answers={200: (EndedTokens,)},
        codes=_OF_USER,
    ),
    Operation(
        method="POST",
        path="/admin/markets/{market}/halt",
        name="adminHaltMarket",
        tag="admin",
        what="Halt a market, for a duration or until an admin opens it.",
        access="admin",
        forms=(HaltForm,),
        answers={200: (MarketStateView,)},
        codes=_OF_MARKET,
    ),
    Operation(
        method="POST",
        path="/admin/markets/{market}/open",
        name="adminOpenMarket",
        tag="admin",
        what="Open a market now: out of a halt without an auction, out of an auction by uncrossing it.",
        access="admin",
        answers={200: (MarketStateView,)},
        codes=_OF_MARKET,
    ),
    Operation(
        method="POST",
        path="/admin/markets/{market}/auction",
        name="adminBeginAuction",
        tag="admin",
        what="Begin a market's auction, of the length in its settings.",
        access="admin",
        answers={200: (MarketStateView,)},
        codes=_OF_MARKET,
    ),
    Operation(
        method="GET",
        path="/admin/withdrawals",
        name="adminListWithdrawals",
        tag="admin",
        what="List the withdrawals of all users that wait for an admin, or have another status, newest first.",
        access="admin",
        query=(Parameter("status", "only these [requested]", {"enum": [*WithdrawalStatus]}), *PAGE),
        answers={200: (AdminWithdrawalList,)},
        codes=_FRESH,
    ),
    Operation(
        method="POST",
        path="/admin/withdrawals/{id}/approve",
        name="adminApproveWithdrawal",
        tag="admin",
        what="Let a requested withdrawal go out with the next block. Nobody approves their own.",
        access="admin",
        answers={200: (AdminWithdrawalView,)},
        codes=_OF_WITHDRAWAL,
    ),
    Operation(
        method="POST",
        path="/admin/withdrawals/{id}/reject",
        name="adminRejectWithdrawal",
        tag="admin",
        what="Refuse a requested withdrawal: its funds are available again.",
        access="admin",
        answers={200: (AdminWithdrawalView,)},
        codes=_OF_WITHDRAWAL,
    ),
    Operation(
        method="GET",
        path="/admin/audit",
        name="adminAudit",
        tag="admin",
        what="List the audit log, newest first, and the end of the whole log. A page looks at a bounded stretch, so "
        "it may hold fewer rows than the limit and still have a `next`.",
        access="admin",
        query=(
            Parameter("user", "what this user did or had done", {"type": "string", "minLength": 1}),
            Parameter("act", "only this", {"enum": [*AuditAct]}),
            *PAGE,
        ),
        answers={200: (AuditList,)},
        codes=_OF_USER,
    ),
)
