"""Withdrawals and deposit addresses by account: what REST does with them, once authenticated."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from cryptex.node.sequencer import Reply
from cryptex.node.slots import Slots
from cryptex.node.trading import Trading
from cryptex.protocol.addresses import payload_of
from cryptex.protocol.audit import AuditAct
from cryptex.protocol.commands import CancelWithdrawal, RequestWithdrawal
from cryptex.protocol.events import CommandRejected, WithdrawalChanged, WithdrawalRepeated
from cryptex.protocol.market import Asset
from cryptex.protocol.problems import Code, Detail, Refusal, invalid
from cryptex.protocol.render import withdrawal_view
from cryptex.protocol.requests import WithdrawalForm
from cryptex.protocol.terms import WithdrawalStatus
from cryptex.protocol.times import time_text
from cryptex.protocol.wallet import DepositAddressList, DepositAddressView, WithdrawalList, WithdrawalView
from cryptex.protocol.withdrawal import Withdrawal

LISTS_READ_MAX: Final = 1
LISTS_WAITING_MAX: Final = 256
"""Allow-lists looked into at once, and in waiting."""

NOTES_AT_ONCE_MAX: Final = 1
NOTES_WAITING_MAX: Final = 100_000
"""Entries of the audit log written at once, and in waiting: one for each connection that a node can have, since what
they are of is in the journal already."""

_log: Final = logging.getLogger(__name__)
_ROOM_NS: Final = "room_at_ns"


class Withdrawing:
    """Acts for accounts. Every method raises Refusal where the exchange says no."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading
        self._core = trading.core
        self._gateway = trading.gateway
        self._slots = Slots(LISTS_READ_MAX, LISTS_WAITING_MAX)
        self._notes = Slots(NOTES_AT_ONCE_MAX, NOTES_WAITING_MAX)

    async def request(
        self, account_id: int, form: WithdrawalForm, client: str, still: Callable[[], Awaitable[None]]
    ) -> tuple[WithdrawalView, bool]:
        """Ask for a withdrawal. Return it, and whether its reference had asked for it before.

        `client` is where the request came from; `still` raises Refusal where its token no longer counts.
        Raises Refusal: withdrawal_address_not_allowed ...
        """
        asset, units = self._gateway.funds(form)
        address = self.check_address(asset, form.address)
        command = RequestWithdrawal(account_id, asset.symbol, units, form.address, form.reference or "")
        first_id = self._core.exchange.withdrawals.asked_before(command, self._now_ns())
        if first_id is not None:  # what the list says now is not asked: its funds are held, or have left
            return await self.find(account_id, first_id), True
        await self._slots.run(self._core.users.allow_lists.check, account_id, asset.symbol, address)
        await still()  # nothing may be awaited from here on: who is disabled asks for nothing after that
        reply = await self._core.sequencer.submit(command)
        if isinstance(reply.answer, WithdrawalRepeated):
            return await self.find(account_id, reply.answer.withdrawal_id), True
        view = self._changed(reply)
        await self._note(account_id, AuditAct.WITHDRAWAL_REQUESTED, view, client)
        return view, False

    async def cancel(self, account_id: int, withdrawal_id: int, client: str) -> WithdrawalView:
        """Take back a withdrawal that is only requested."""
        reply = await self._core.sequencer.submit(CancelWithdrawal(account_id, withdrawal_id))
        answer = reply.answer
        if isinstance(answer, CommandRejected) and answer.code is Code.UNKNOWN_WITHDRAWAL:
            found = await self.find(account_id, withdrawal_id)
            if found.status is not WithdrawalStatus.REQUESTED:  # else it was asked for only after that answer
                raise _decided(found)
        view = self._changed(reply)
        await self._note(account_id, AuditAct.WITHDRAWAL_CANCELED, view, client)
        return view

    async def find(self, account_id: int, withdrawal_id: int) -> WithdrawalView:
        """Return a withdrawal of the account. Another account's is unknown_withdrawal."""
        withdrawal = self._core.exchange.withdrawal(withdrawal_id)
        if withdrawal is None:
            page, _ = await self._read(account_id, None, 1, withdrawal_id + 1)
            withdrawal = page[0] if page and page[0].withdrawal_id == withdrawal_id else None
        if withdrawal is None or withdrawal.account_id != account_id:
            detail = f"no withdrawal of yours has the id {withdrawal_id}"
            raise Refusal(Code.UNKNOWN_WITHDRAWAL, detail, withdrawal_id=withdrawal_id)
        return self.view(withdrawal)

    async def page(
        self, account_id: int, status: WithdrawalStatus | None, limit: int, before: int | None
    ) -> WithdrawalList:
        """Return the withdrawals of the account, newest first."""
        page, following = await self._read(account_id, status, limit, before)
        return WithdrawalList([self.view(withdrawal) for withdrawal in page], following)

    def addresses(self, account_id: int, asset: str | None) -> DepositAddressList:
        """Return where the account receives an asset, or each of them."""
        exchange = self._core.exchange
        symbols = [*exchange.assets] if asset is None else [self._gateway.asset(asset).symbol]
        address = exchange.network.deposit_address
        return DepositAddressList([DepositAddressView(symbol, address(account_id, symbol)) for symbol in symbols])

    def view(self, withdrawal: Withdrawal) -> WithdrawalView:
        """Return a withdrawal as its owner sees it now."""
        exchange = self._core.exchange
        height = exchange.network.height(self._now_ns())
        return withdrawal_view(withdrawal, exchange.assets[withdrawal.asset], height)

    def _now_ns(self) -> int:
        """Return the log time that a command would have."""
        return max(self._core.exchange.time_ns, self._core.clock.now_ns())

    async def _read(
        self, account_id: int | None, status: WithdrawalStatus | None, limit: int, before: int | None
    ) -> tuple[list[Withdrawal], int | None]:
        """Return a page of history, which has all of them: what this account was told, and what time did since."""
        if account_id is not None:
            await self._core.history_ready(account_id)
        await self._core.history_ready()
        read = self._core.history.withdrawals
        return await self._trading.history_slots.run(read, account_id, status=status, limit=limit, before=before)

    def _changed(self, reply: Reply) -> WithdrawalView:
        """Return the withdrawal that a command led to. Raises Refusal when it was rejected."""
        answer = reply.answer
        if isinstance(answer, WithdrawalChanged):
            return self.view(answer.withdrawal)
        if isinstance(answer, CommandRejected):
            raise Refusal(answer.code, answer.message, **for_people(answer.details))
        raise TypeError(f"{type(answer).__name__} is no answer to what was asked of a withdrawal")

    async def _note(self, account_id: int, act: AuditAct, view: WithdrawalView, client: str) -> None:
        """Audit what was done, and nothing that admins have no business to know: they read the log.

        It is in the journal already, so a store that can not be written refuses nothing. Notes take turns among
        themselves: however many ask whether an address is allowed, none is crowded out.
        """
        details = {"asset": view.asset}
        try:
            await self._notes.run(self._core.users.allow_lists.note, account_id, act, view.id, client, details)
        except Refusal as refusal:
            _log.warning("withdrawal %d is not in the audit log: %s", view.id, refusal)

    def destination(self, name: str, address: str) -> tuple[str, str]:
        """Return the symbol of an asset, and the address that may receive it as lists have it. Raises Refusal."""
        asset = self._gateway.asset(name)
        return asset.symbol, self.check_address(asset, address)

    def check_address(self, asset: Asset, address: str) -> str:
        """Return an address as lists have it: a deposit address of this exchange in small letters.

        Raises Refusal for one of this exchange that was mistyped, or is for another asset.
        """
        text = address
        for symbol in (asset.symbol, *self._core.exchange.assets):
            try:
                found = payload_of(symbol, address)
            except ValueError as error:
                raise invalid("address", f"address: {error}") from None
            if found is not None and symbol != asset.symbol:
                raise invalid("address", f"address: it receives {symbol}, not {asset.symbol}")
            if found is not None:
                text = address.lower()
        return text


def for_people(details: dict[str, Detail]) -> dict[str, Detail]:
    """Return the details of a rejection with the time in them as text."""
    if _ROOM_NS not in details:
        return details
    room_ns = details[_ROOM_NS]
    room_at = time_text(room_ns) if isinstance(room_ns, int) else None
    return {**{name: value for name, value in details.items() if name != _ROOM_NS}, "room_at": room_at}


def _decided(withdrawal: WithdrawalView) -> Refusal:
    detail = f"withdrawal {withdrawal.id} is {withdrawal.status.value} already"
    status = withdrawal.status.value
    return Refusal(Code.WITHDRAWAL_DECIDED, detail, withdrawal_id=withdrawal.id, withdrawal_status=status)
