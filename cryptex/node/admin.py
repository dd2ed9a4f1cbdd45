"""What admins do with users, markets, withdrawals and the audit log. Each act is audited before it counts."""

import asyncio
from collections.abc import Iterable
from typing import Final

from cryptex.engine.admission import Reason
from cryptex.engine.withdrawals import OWN_WITHDRAWAL
from cryptex.node.core import Core
from cryptex.node.credential import AdminLogin
from cryptex.node.gateway import Gateway
from cryptex.node.identity import Identity
from cryptex.node.slots import Slots
from cryptex.node.winding_down import wind_down
from cryptex.node.withdrawing import for_people
from cryptex.protocol.admin import (
    HALT_SECONDS_MAX,
    AdminUserList,
    AdminUserView,
    DisabledUserView,
    EndedTokens,
    MarketStateView,
)
from cryptex.protocol.audit import AuditAct, AuditList
from cryptex.protocol.commands import ApproveWithdrawal, Command, HaltMarket, RejectWithdrawal, ResumeMarket
from cryptex.protocol.durations import duration_seconds
from cryptex.protocol.events import CommandRejected, WithdrawalChanged
from cryptex.protocol.market import Market
from cryptex.protocol.problems import Code, Refusal, invalid
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, MarketState, WithdrawalStatus
from cryptex.protocol.times import time_text
from cryptex.protocol.wallet import AdminWithdrawalList, AdminWithdrawalView
from cryptex.protocol.withdrawal import Withdrawal
from cryptex.store.admins import KnownUser
from cryptex.store.audit import Details

ACTS_MAX: Final = 1
ACTS_WAITING_MAX: Final = 64
"""Acts and reads of admins at once, and in waiting: they take turns among themselves, and hold nobody else up."""


class Administration:
    """Acts for admins: every method takes who it is, and from where.

    Raises Refusal: unauthenticated where the login of who it is has ended before its turn came.
    """

    def __init__(self, core: Core, gateway: Gateway, identity: Identity) -> None:
        self._core = core
        self._gateway = gateway
        self._identity = identity
        self._slots = Slots(ACTS_MAX, ACTS_WAITING_MAX)

    # Users

    async def users(self, limit: int, before: int | None) -> AdminUserList:
        """Return a page of users, newest first."""
        found = await self._slots.run(self._core.users.admins.users, limit + 1, before)
        page = [user_view(user) for user in found[:limit]]
        return AdminUserList(page, page[-1].id if len(found) > limit else None)

    async def disable(self, who: AdminLogin, username: str, reason: str, address: str) -> DisabledUserView:
        """Let a user in no more, close what speaks for them, cancel their open orders, reject their withdrawals.

        Funds stay, and what was approved goes its way. Repeating it is safe: it ends what a failed first time left.
        """
        disable = self._core.users.admins.disable
        user, ended = await self._slots.run(disable, who.user_id, username, address, session=who.session, reason=reason)
        self._identity.end_tokens(ended)
        done = await wind_down(self._core.exchange, self._core.sequencer, user.id, who.user_id)
        return DisabledUserView(user_view(user), len(ended), done.orders, done.withdrawals)

    async def enable(self, who: AdminLogin, username: str, address: str) -> AdminUserView:
        """Let a user in again."""
        enable = self._core.users.admins.enable
        return user_view(await self._slots.run(enable, who.user_id, username, address, session=who.session))

    async def end_sessions(self, who: AdminLogin, username: str, address: str, *, keys: bool) -> EndedTokens:
        """End all logins of a user, and their API keys too if that is said."""
        end = self._core.users.admins.end_sessions
        _, ended = await self._slots.run(end, who.user_id, username, address, session=who.session, keys=keys)
        self._identity.end_tokens(ended)
        return EndedTokens(len(ended))

    # Markets

    async def halt(self, who: AdminLogin, name: str, duration: str | None, address: str) -> MarketStateView:
        """Halt a market, for a time or until an admin ends it; a halted one takes the new end."""
        market = self._gateway.market(name)
        seconds = 0 if duration is None else duration_seconds(duration, "duration", HALT_SECONDS_MAX)
        await self._audit(who, AuditAct.MARKET_HALTED, market, address, {"seconds": seconds})
        return await self._do(market, [HaltMarket(market.symbol, seconds * NANOSECONDS_PER_SECOND)])

    async def open(self, who: AdminLogin, name: str, address: str) -> MarketStateView:
        """Open a market now: out of a halt without an auction, out of an auction by uncrossing it."""
        market = self._gateway.market(name)
        if self._state(market) is MarketState.OPEN:
            return self._view(market)
        await self._audit(who, AuditAct.MARKET_OPENED, market, address, {"from": self._state(market).value})
        return await self._do(market, self._to_open(market))

    async def auction(self, who: AdminLogin, name: str, address: str) -> MarketStateView:
        """Begin a market's auction, as long as the market says. Raises Refusal for a market that has none."""
        market = self._gateway.market(name)
        if not market.auction_duration_ns:
            raise invalid("market", f"{market.symbol} has no auction_duration in the node's settings")
        if self._state(market) is MarketState.AUCTION:
            return self._view(market)
        await self._audit(who, AuditAct.AUCTION_BEGUN, market, address, {"from": self._state(market).value})
        return await self._do(market, self._to_auction(market))

    def _to_open(self, market: Market) -> list[Command]:
        state = self._state(market)
        if state is MarketState.OPEN:
            return []
        resume = ResumeMarket(market.symbol)
        return [resume, resume] if state is MarketState.HALTED and market.auction_duration_ns else [resume]

    def _to_auction(self, market: Market) -> list[Command]:
        state = self._state(market)
        if state is MarketState.AUCTION:
            return []
        resume = ResumeMarket(market.symbol)
        return [HaltMarket(market.symbol), resume] if state is MarketState.OPEN else [resume]

    async def _audit(self, who: AdminLogin, act: AuditAct, market: Market, address: str, details: Details) -> None:
        note = self._core.users.admins.record
        await self._slots.run(note, who.user_id, act, market.symbol, address, details, session=who.session)

    async def _do(self, market: Market, commands: list[Command]) -> MarketStateView:
        """Submit commands that follow each other in the log, and return what they led to."""
        replies = await asyncio.gather(*map(self._core.sequencer.submit, commands))
        for reply in replies:
            answer = reply.answer
            # A halt or auction may have ended by itself a moment before: then the market is where it was to be.
            if isinstance(answer, CommandRejected) and answer.code is not Code.INVALID_REQUEST:
                raise Refusal(answer.code, answer.message, **answer.details)
        return self._view(market)

    def _state(self, market: Market) -> MarketState:
        return self._core.exchange.phase(market.symbol).state

    def _view(self, market: Market) -> MarketStateView:
        phase = self._core.exchange.phase(market.symbol)
        return MarketStateView(market.symbol, phase.state, time_text(phase.ends_ns) if phase.ends_ns else None)

    # Withdrawals

    async def withdrawals(self, status: WithdrawalStatus, limit: int, before: int | None) -> AdminWithdrawalList:
        """Return a page of all users' withdrawals with a status, newest first."""
        await self._core.history_ready()
        read = self._core.history.withdrawals
        page, following = await self._slots.run(read, None, status=status, limit=limit, before=before)
        return AdminWithdrawalList(await self._slots.run(self._withdrawal_views, page), following)

    async def approve(self, who: AdminLogin, withdrawal_id: int, address: str) -> AdminWithdrawalView:
        """Let a requested withdrawal go out. One's own is for another admin to approve."""
        command = ApproveWithdrawal(withdrawal_id, who.user_id)
        return await self._decide(who, AuditAct.WITHDRAWAL_APPROVED, command, address)

    async def reject(self, who: AdminLogin, withdrawal_id: int, address: str) -> AdminWithdrawalView:
        """Refuse a requested withdrawal; its funds are available again."""
        command = RejectWithdrawal(withdrawal_id, who.user_id)
        return await self._decide(who, AuditAct.WITHDRAWAL_REJECTED, command, address)

    async def _decide(
        self, who: AdminLogin, act: AuditAct, command: ApproveWithdrawal | RejectWithdrawal, address: str
    ) -> AdminWithdrawalView:
        """Audit a decision, then submit it; there is none on what is not seen to wait: it may still be committed."""
        withdrawal = self._core.exchange.withdrawals.undecided(command.withdrawal_id)
        if isinstance(withdrawal, Reason):
            raise Refusal(withdrawal.code, withdrawal.message, **withdrawal.details)
        if isinstance(command, ApproveWithdrawal) and withdrawal.account_id == who.user_id:
            raise Refusal(Code.FORBIDDEN, OWN_WITHDRAWAL)
        amount = self._core.exchange.assets[withdrawal.asset].text(withdrawal.units)
        details: Details = {"user": withdrawal.account_id, "asset": withdrawal.asset, "amount": amount}
        note, subject = self._core.users.admins.record, str(command.withdrawal_id)
        await self._slots.run(note, who.user_id, act, subject, address, details, session=who.session)
        answer = (await self._core.sequencer.submit(command)).answer
        if isinstance(answer, CommandRejected):
            raise Refusal(answer.code, answer.message, **for_people(answer.details))
        if not isinstance(answer, WithdrawalChanged):
            raise TypeError(f"{type(answer).__name__} is no answer to a decision")
        [view] = await self._slots.run(self._withdrawal_views, [answer.withdrawal])
        return view

    def _withdrawal_views(self, withdrawals: list[Withdrawal]) -> list[AdminWithdrawalView]:
        """Return withdrawals with their users' names. In a thread."""
        assets, find = self._core.exchange.assets, self._core.users.by_id
        users = {user_id: find(user_id) for user_id in {each.account_id for each in withdrawals}}
        return [
            AdminWithdrawalView(
                id=each.withdrawal_id,
                user_id=each.account_id,
                username=user.username if (user := users[each.account_id]) is not None else None,
                asset=each.asset,
                amount=assets[each.asset].text(each.units),
                address=each.address,
                status=each.status,
                reason=each.reason,
                time=time_text(each.created_ns),
                updated_at=time_text(each.updated_ns),
                decided_by=each.decided_by or None,
            )
            for each in withdrawals
        ]

    # The audit log

    async def audit(self, limit: int, before: int | None, username: str | None, acts: Iterable[AuditAct]) -> AuditList:
        """Return a page of the audit log, newest first."""
        read = self._core.users.admins.audited
        return await self._slots.run(read, limit, before, username, tuple(acts))


def user_view(user: KnownUser) -> AdminUserView:
    """Return a user as admins see them."""
    disabled_at = None if user.disabled_ns is None else time_text(user.disabled_ns)
    created_at = time_text(user.created_ns)
    return AdminUserView(user.id, user.username, user.role, created_at, disabled_at, user.sessions, user.api_keys)
