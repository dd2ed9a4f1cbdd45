"""Withdrawals: requested, approved, broadcast by the simulated network, confirmed there; or ended before that.

Funds are held from the request until the confirmation, and given back where it does not come to that.
"""

from typing import Final

import msgspec

from cryptex.engine.accounts import Account, Accounts
from cryptex.engine.admission import Reason
from cryptex.engine.deadlines import Deadlines
from cryptex.engine.ledger import Ledger
from cryptex.engine.network import DROPPED_ADDRESS, REFUSED_ADDRESS
from cryptex.engine.step import Step
from cryptex.engine.transfers import earlier, insufficient, unknown_account, unknown_asset
from cryptex.engine.withdrawal_days import WithdrawalDays
from cryptex.engine.withdrawal_rules import WithdrawalRules
from cryptex.protocol.commands import (
    ApproveWithdrawal,
    CancelWithdrawal,
    DefineNetwork,
    RejectWithdrawal,
    RequestWithdrawal,
)
from cryptex.protocol.events import Deposited, Event, WithdrawalChanged, WithdrawalRepeated
from cryptex.protocol.market import Asset
from cryptex.protocol.problems import Code, Detail
from cryptex.protocol.terms import HOUSE_ACCOUNTS_START, EntryKind, WithdrawalReason, WithdrawalStatus
from cryptex.protocol.withdrawal import Withdrawal

LIVE_WITHDRAWALS_MAX: Final = 100
"""Withdrawals of one account that are on their way at a time."""

ENDED_KEPT_MAX: Final = 1_000
"""Ended withdrawals that are kept in memory, for readers, until history has them."""

OWN_WITHDRAWAL: Final = "another admin has to approve your own withdrawal"

REQUESTED: Final = WithdrawalStatus.REQUESTED
APPROVED: Final = WithdrawalStatus.APPROVED
BROADCAST: Final = WithdrawalStatus.BROADCAST


class Withdrawals:
    """The withdrawals that are alive by id, and the only ways in which they change."""

    def __init__(
        self,
        accounts: Accounts,
        ledger: Ledger,
        rules: WithdrawalRules,
        deadlines: Deadlines,
        due: dict[int, int],
        step: Step,
    ) -> None:
        self.accounts = accounts
        self.ledger = ledger
        self.rules = rules
        self.network = rules.network
        self.deadlines = deadlines
        self.due = due
        """When each approved or broadcast withdrawal goes on; what `deadlines` has of others is stale."""
        self.step = step
        self.live: dict[int, Withdrawal] = {}
        self.ended: dict[int, Withdrawal] = {}
        self.days = WithdrawalDays()
        self.next_id = 1

    def request(self, command: RequestWithdrawal) -> Event | Reason:
        """Hold the funds; what the automatic limit allows is approved at once."""
        account = self.accounts.by_id.get(command.account_id)
        asset = self.rules.assets.get(command.asset)
        if account is None:
            return unknown_account(command.account_id)
        if asset is None:
            return unknown_asset(command.asset)
        first = earlier(account, command, self.step.time_ns)
        if isinstance(first, Reason):
            return first
        if first is not None:
            return WithdrawalRepeated(account.account_id, first)
        refused = self._refused(command, account, asset)
        return refused if refused is not None else self._accept(command, account)

    def cancel(self, command: CancelWithdrawal) -> Event | Reason:
        """Take back a withdrawal that nobody has approved."""
        withdrawal = self.live.get(command.withdrawal_id)
        if withdrawal is None or withdrawal.account_id != command.account_id:
            return _unknown(command.withdrawal_id)
        if withdrawal.status is not REQUESTED:
            return _decided(withdrawal)
        return self._give_back(withdrawal, WithdrawalStatus.CANCELED, WithdrawalReason.USER)

    def approve(self, command: ApproveWithdrawal) -> Event | Reason:
        """Let a withdrawal go out with the next block. Whose it is does not approve it, whatever a node saw before."""
        withdrawal = self.undecided(command.withdrawal_id)
        if isinstance(withdrawal, Reason):
            return withdrawal
        if withdrawal.account_id == command.admin_id:
            return Reason(Code.FORBIDDEN, OWN_WITHDRAWAL, {})
        above = self._count_again(withdrawal)
        return above if above is not None else self._put(self._approved(withdrawal, command.admin_id))

    def reject(self, command: RejectWithdrawal) -> Event | Reason:
        """End a withdrawal that nobody has approved."""
        withdrawal = self.undecided(command.withdrawal_id)
        if isinstance(withdrawal, Reason):
            return withdrawal
        decided = msgspec.structs.replace(withdrawal, decided_by=command.admin_id)
        return self._give_back(decided, WithdrawalStatus.REJECTED, WithdrawalReason.ADMIN)

    def advance(self, withdrawal_id: int) -> None:
        """Take the step that is due: into a block, or to the last confirmation."""
        withdrawal = self.live[withdrawal_id]
        if withdrawal.status is APPROVED:
            self._broadcast(withdrawal)
        elif withdrawal.address == DROPPED_ADDRESS:
            self._fail(withdrawal, WithdrawalReason.NETWORK_DROPPED)
        else:
            self._confirm(withdrawal)

    def define_network(self, command: DefineNetwork) -> Event | Reason:
        """Set how the network runs, and find anew when each withdrawal goes on."""
        outcome = self.rules.define_network(command, self.step.time_ns)
        for withdrawal in self.live.values():
            self._schedule(withdrawal)
        return outcome

    def restore(self, withdrawal: Withdrawal) -> None:
        """Take over a live withdrawal from a snapshot."""
        account = self.accounts.by_id[withdrawal.account_id]
        self._keep(withdrawal, account)
        self._pin(withdrawal, account)

    def find(self, withdrawal_id: int) -> Withdrawal | None:
        """Return a withdrawal that is alive or ended lately."""
        return self.live.get(withdrawal_id) or self.ended.get(withdrawal_id)

    def asked_before(self, command: RequestWithdrawal, now_ns: int) -> int | None:
        """Return the id of the withdrawal that an equal request with this reference made."""
        account = self.accounts.by_id.get(command.account_id)
        first = None if account is None else earlier(account, command, now_ns)
        return None if isinstance(first, Reason) else first

    def undecided(self, withdrawal_id: int) -> Withdrawal | Reason:
        """Return a withdrawal that waits for a decision, or why there is none to make."""
        withdrawal = self.live.get(withdrawal_id)
        if withdrawal is None:
            return _unknown(withdrawal_id)
        return withdrawal if withdrawal.status is REQUESTED else _decided(withdrawal)

    def _refused(self, command: RequestWithdrawal, account: Account, asset: Asset) -> Reason | None:
        available = account.balances[asset.symbol].available
        if command.units > available:
            return insufficient(asset, command.units, available)
        if len(account.withdrawals) >= LIVE_WITHDRAWALS_MAX:
            message = f"{LIVE_WITHDRAWALS_MAX} withdrawals of yours are on their way"
            return Reason(Code.TOO_MANY_WITHDRAWALS, message, {"limit": LIVE_WITHDRAWALS_MAX})
        daily_units = self.rules.of(asset.symbol).daily_units
        return self.days.refused(account.account_id, asset, command.units, daily_units, self.step.time_ns)

    def _accept(self, command: RequestWithdrawal, account: Account) -> Event:
        step, symbol, units = self.step, command.asset, command.units
        automatic_units = self.rules.of(symbol).automatic_units
        used = self.days.automatic(account.account_id, symbol, step.time_ns)
        is_automatic = automatic_units is None or used + units <= automatic_units
        withdrawal_id = self.next_id
        self.next_id = withdrawal_id + 1
        entry_id = self.ledger.set_aside(account, symbol, units, _reference(withdrawal_id))
        self.days.add(account.account_id, symbol, withdrawal_id, units, step.time_ns, is_automatic=is_automatic)
        balance = account.balances[symbol]
        withdrawal = Withdrawal(
            withdrawal_id,
            account.account_id,
            symbol,
            units,
            command.address,
            command.reference,
            REQUESTED,
            entry_id,
            balance.available,
            balance.held,
            self.network.confirmations,
            step.time_ns,
            step.time_ns,
            step.sequence,
        )
        self._pin(withdrawal, account)
        if is_automatic:
            withdrawal = self._approved(withdrawal, 0)
        return self._put(withdrawal)

    def _approved(self, withdrawal: Withdrawal, admin_id: int) -> Withdrawal:
        now_ns = self.step.time_ns
        height = self.network.height(now_ns) + 1
        return msgspec.structs.replace(
            withdrawal, status=APPROVED, approved_ns=now_ns, height=height, decided_by=admin_id
        )

    def _count_again(self, withdrawal: Withdrawal) -> Reason | None:
        """Count a withdrawal from its approval on, or return why that is above the limit: it may have waited long."""
        account_id, symbol, units, now_ns = withdrawal.account_id, withdrawal.asset, withdrawal.units, self.step.time_ns
        limit = self.rules.of(symbol).daily_units
        asset, number = self.rules.assets[symbol], withdrawal.withdrawal_id
        above = self.days.above(account_id, asset, units, limit, now_ns, but=number)
        if above is None:
            self.days.add(account_id, symbol, number, units, now_ns, is_automatic=False)
        return above

    def _broadcast(self, withdrawal: Withdrawal) -> None:
        if withdrawal.address == REFUSED_ADDRESS:
            self._fail(withdrawal, WithdrawalReason.NETWORK_REFUSED)
            return
        txid = self.network.txid(withdrawal.withdrawal_id, withdrawal.asset, withdrawal.units, withdrawal.address)
        sent = msgspec.structs.replace(withdrawal, status=BROADCAST, broadcast_ns=self.step.time_ns, txid=txid)
        self.step.events.append(self._put(sent))

    def _fail(self, withdrawal: Withdrawal, reason: WithdrawalReason) -> None:
        self.step.events.append(self._give_back(withdrawal, WithdrawalStatus.FAILED, reason))

    def _give_back(self, withdrawal: Withdrawal, status: WithdrawalStatus, reason: WithdrawalReason) -> Event:
        """End a withdrawal whose funds did not leave."""
        account = self.accounts.by_id[withdrawal.account_id]
        self.ledger.give_back(account, withdrawal.asset, withdrawal.units, _reference(withdrawal.withdrawal_id))
        self.days.give_back(withdrawal.account_id, withdrawal.asset, withdrawal.withdrawal_id)
        return self._end(msgspec.structs.replace(withdrawal, status=status, reason=reason))

    def _confirm(self, withdrawal: Withdrawal) -> None:
        """Let the funds leave; where the address is an account's here, they arrive there."""
        asset, units, address = withdrawal.asset, withdrawal.units, withdrawal.address
        self.ledger.send_held(self.accounts.by_id[withdrawal.account_id], asset, units, address)
        ended = self._end(msgspec.structs.replace(withdrawal, status=WithdrawalStatus.CONFIRMED))
        self.step.events.append(ended)
        owner_id = self.network.owner_of(asset, address)
        owner = None if owner_id is None else self.accounts.by_id.get(owner_id)
        if owner is None or owner.account_id >= HOUSE_ACCOUNTS_START:
            return
        entry_id = self.ledger.bring_in(owner, asset, units, EntryKind.DEPOSIT, withdrawal.txid)
        available = owner.balances[asset].available
        self.step.events.append(
            Deposited(owner.account_id, asset, units, withdrawal.txid, entry_id, repeated=False, available=available)
        )

    def _put(self, withdrawal: Withdrawal) -> Event:
        """Keep a live withdrawal as it is now, and return the event that says so."""
        now = msgspec.structs.replace(withdrawal, updated_ns=self.step.time_ns, sequence=self.step.sequence)
        self._keep(now, self.accounts.by_id[now.account_id])
        return WithdrawalChanged(now.account_id, now)

    def _end(self, withdrawal: Withdrawal) -> Event:
        now_ns, withdrawal_id = self.step.time_ns, withdrawal.withdrawal_id
        ended = msgspec.structs.replace(withdrawal, updated_ns=now_ns, ended_ns=now_ns, sequence=self.step.sequence)
        account = self.accounts.by_id[ended.account_id]
        del self.live[withdrawal_id], account.withdrawals[withdrawal_id]
        self.due.pop(withdrawal_id, None)
        if ended.reference:
            account.references.unpin(ended.reference, now_ns)
        self.ended[withdrawal_id] = ended
        if len(self.ended) > ENDED_KEPT_MAX:
            del self.ended[next(iter(self.ended))]
        return WithdrawalChanged(ended.account_id, ended)

    def _keep(self, withdrawal: Withdrawal, account: Account) -> None:
        self.live[withdrawal.withdrawal_id] = account.withdrawals[withdrawal.withdrawal_id] = withdrawal
        self._schedule(withdrawal)

    def _schedule(self, withdrawal: Withdrawal) -> None:
        if withdrawal.status is REQUESTED:
            return
        in_block = withdrawal.status is BROADCAST
        due_ns = self.network.time_ns(withdrawal.height + (withdrawal.confirmations - 1 if in_block else 0))
        self.due[withdrawal.withdrawal_id] = due_ns
        self.deadlines.add_withdrawal(due_ns, withdrawal.withdrawal_id)

    def _pin(self, withdrawal: Withdrawal, account: Account) -> None:
        """Let its reference live as long as it does."""
        if withdrawal.reference:
            account.references.pin(
                withdrawal.reference, withdrawal.withdrawal_id, withdrawal.request, withdrawal.created_ns
            )


def _reference(withdrawal_id: int) -> str:
    """Return what ledger entries call a withdrawal by that holds funds or gives them back."""
    return f"withdrawal {withdrawal_id}"


def _unknown(withdrawal_id: int) -> Reason:
    message = f"there is no withdrawal {withdrawal_id} on its way"
    return Reason(Code.UNKNOWN_WITHDRAWAL, message, {"withdrawal_id": withdrawal_id})


def _decided(withdrawal: Withdrawal) -> Reason:
    message = f"withdrawal {withdrawal.withdrawal_id} is {withdrawal.status.value} already"
    details: dict[str, Detail] = {
        "withdrawal_id": withdrawal.withdrawal_id,
        "withdrawal_status": withdrawal.status.value,
    }
    return Reason(Code.WITHDRAWAL_DECIDED, message, details)
