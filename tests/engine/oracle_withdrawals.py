"""The naive exchange's withdrawals: every rule read off a plain list, the network's height counted block by block."""

from dataclasses import dataclass
from typing import Final

from cryptex.protocol import commands as c
from cryptex.protocol.market import Asset
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import OUTSIDE_ACCOUNT, WithdrawalReason, WithdrawalStatus
from tests.engine.oracle_auction import Auctions

DAY_NS: Final = 24 * 3600 * 10**9
LIVE_MAX: Final = 100
A_DAY_MAX: Final = 1_000
ALIVE: Final = (WithdrawalStatus.REQUESTED, WithdrawalStatus.APPROVED, WithdrawalStatus.BROADCAST)
Transfer = c.Deposit | c.Withdraw | c.RequestWithdrawal
GIVEN_BACK: Final = (WithdrawalStatus.CANCELED, WithdrawalStatus.REJECTED, WithdrawalStatus.FAILED)


@dataclass
class Leaving:
    """A withdrawal, with the number of the block that takes it up."""

    id: int
    ask: c.RequestWithdrawal
    asked_ns: int
    confirmations: int
    status: WithdrawalStatus = WithdrawalStatus.REQUESTED
    reason: WithdrawalReason | None = None
    block: int = 0
    is_automatic: bool = False
    ended_ns: int = 0
    counted_ns: int = 0
    """When its day begins."""

    @property
    def is_alive(self) -> bool:
        return self.status in ALIVE


class Withdrawing(Auctions):
    """Funds on their way out, and the references that withdrawals share with deposits."""

    def __init__(self) -> None:
        super().__init__()
        self.assets: dict[str, Asset] = {}
        self.references: dict[tuple[int, str], tuple[int, Transfer]] = {}
        self.leaving: list[Leaving] = []
        self.paces: list[tuple[int, int]] = [(0, 5 * 10**9)]
        """From when on a block is found how often."""
        self.confirmations = 3
        self.automatic: dict[str, int | None] = {}
        self.daily: dict[str, int | None] = {}
        self.homes: dict[tuple[str, str], int] = {}
        """Whose deposit address an asset's address is."""

    def with_reference(self, command: Transfer) -> Transfer | None:
        """What this reference asked for: a withdrawal that is alive, or what is less than a day old or ended."""
        if not command.reference:
            return None
        mine = [one for one in self.leaving if one.ask.account_id == command.account_id]
        mine = [one for one in mine if one.ask.reference == command.reference]
        owners: list[tuple[int, Transfer]] = [(self.now if one.is_alive else one.ended_ns, one.ask) for one in mine]
        owners.append(self.references.get((command.account_id, command.reference), (-DAY_NS, command)))
        when, first = max(owners, key=lambda owner: owner[0])
        return first if self.now - when < DAY_NS else None

    # the network

    def height(self, now: int) -> int:
        """Every pace begins where the one before it got to."""
        blocks = 0
        for (since, pace), (until, _) in zip(self.paces, [*self.paces[1:], (now, 0)], strict=True):
            blocks += (until - since) // pace
        return blocks

    def found_at(self, block: int) -> int:
        since, pace = self.paces[-1]
        return since + (block - self.height(since)) * pace

    def goes_on_at(self, one: Leaving) -> int:
        if one.status is WithdrawalStatus.BROADCAST:
            return self.found_at(one.block + one.confirmations - 1)
        return self.found_at(one.block)

    def go_on(self, one: Leaving) -> None:
        """A block takes it up, or it has its last confirmation."""
        if one.status is WithdrawalStatus.APPROVED:
            if one.ask.address == "test-refused":
                self.give_back(one, WithdrawalStatus.FAILED, WithdrawalReason.NETWORK_REFUSED)
            else:
                one.status = WithdrawalStatus.BROADCAST
        elif one.ask.address == "test-dropped":
            self.give_back(one, WithdrawalStatus.FAILED, WithdrawalReason.NETWORK_DROPPED)
        else:
            one.status, one.ended_ns = WithdrawalStatus.CONFIRMED, self.now
            free, held = self.balance(one.ask.account_id, one.ask.asset)
            self.funds[one.ask.account_id, one.ask.asset] = (free, held - one.ask.units)
            target = self.homes.get((one.ask.asset, one.ask.address), OUTSIDE_ACCOUNT)
            self.add(target, one.ask.asset, one.ask.units)

    def give_back(self, one: Leaving, status: WithdrawalStatus, reason: WithdrawalReason) -> None:
        one.status, one.reason, one.ended_ns = status, reason, self.now
        self.move_hold(one, -one.ask.units)

    def move_hold(self, one: Leaving, units: int) -> None:
        free, held = self.balance(one.ask.account_id, one.ask.asset)
        self.funds[one.ask.account_id, one.ask.asset] = (free - units, held + units)

    # commands

    def do_request_withdrawal(self, ask: c.RequestWithdrawal) -> tuple[str, ...]:
        if ask.asset not in self.assets:
            return ("refused", Code.UNKNOWN_ASSET)
        if first := self.with_reference(ask):
            same = [one for one in self.leaving if one.ask == ask]
            return ("repeated", f"w{same[-1].id}") if first == ask else ("refused", Code.REFERENCE_CONFLICT)
        if ask.units > self.balance(ask.account_id, ask.asset)[0]:
            return ("refused", Code.INSUFFICIENT_FUNDS)
        if sum(one.is_alive and one.ask.account_id == ask.account_id for one in self.leaving) >= LIVE_MAX:
            return ("refused", Code.TOO_MANY_WITHDRAWALS)
        day = self.lately(ask)
        if len(day) >= A_DAY_MAX:
            return ("refused", Code.TOO_MANY_WITHDRAWALS)
        used, alone = (sum(units) for units in zip(*map(self.sent, day), (0, 0), strict=True))
        daily, automatic = self.daily.get(ask.asset), self.automatic.get(ask.asset)
        if daily is not None and used + ask.units > daily:
            return ("refused", Code.WITHDRAWAL_LIMIT)
        one = Leaving(len(self.leaving) + 1, ask, self.now, self.confirmations, counted_ns=self.now)
        self.leaving.append(one)
        self.move_hold(one, ask.units)
        if automatic is None or alone + ask.units <= automatic:
            one.is_automatic = True
            self.let_go(one)
        return self.say(one)

    def lately(self, ask: c.RequestWithdrawal) -> list[Leaving]:
        """What counts of the last day."""
        mine = [one for one in self.leaving if (one.ask.account_id, one.ask.asset) == (ask.account_id, ask.asset)]
        return [one for one in mine if self.now - one.counted_ns < DAY_NS]

    def sent(self, one: Leaving) -> tuple[int, int]:
        """The units that it counts for, and those that no admin decided on: none where they came back."""
        units = 0 if one.status in GIVEN_BACK else one.ask.units
        return units, units if one.is_automatic else 0

    def let_go(self, one: Leaving) -> None:
        one.status, one.block = WithdrawalStatus.APPROVED, self.height(self.now) + 1

    def requested(self, withdrawal_id: int) -> Leaving | Code:
        """The withdrawal that somebody decides on."""
        one = next((each for each in self.leaving if each.id == withdrawal_id and each.is_alive), None)
        if one is None:
            return Code.UNKNOWN_WITHDRAWAL
        return one if one.status is WithdrawalStatus.REQUESTED else Code.WITHDRAWAL_DECIDED

    def do_cancel_withdrawal(self, command: c.CancelWithdrawal) -> tuple[str, ...]:
        owner = next((one.ask.account_id for one in self.leaving if one.id == command.withdrawal_id), None)
        one = self.requested(command.withdrawal_id) if owner == command.account_id else Code.UNKNOWN_WITHDRAWAL
        if isinstance(one, Code):
            return ("refused", one)
        self.give_back(one, WithdrawalStatus.CANCELED, WithdrawalReason.USER)
        return self.say(one)

    def do_approve_withdrawal(self, command: c.ApproveWithdrawal) -> tuple[str, ...]:
        one = self.requested(command.withdrawal_id)
        if isinstance(one, Code):
            return ("refused", one)
        if one.ask.account_id == command.admin_id:
            return ("refused", Code.FORBIDDEN)
        others = sum(self.sent(each)[0] for each in self.lately(one.ask) if each is not one)
        daily = self.daily.get(one.ask.asset)
        if daily is not None and others + one.ask.units > daily:
            return ("refused", Code.WITHDRAWAL_LIMIT)
        one.counted_ns = self.now
        self.let_go(one)
        return self.say(one)

    def do_reject_withdrawal(self, command: c.RejectWithdrawal) -> tuple[str, ...]:
        one = self.requested(command.withdrawal_id)
        if isinstance(one, Code):
            return ("refused", one)
        self.give_back(one, WithdrawalStatus.REJECTED, WithdrawalReason.ADMIN)
        return self.say(one)

    def say(self, one: Leaving) -> tuple[str, ...]:
        return ("withdrawal", f"w{one.id}", one.status)

    # configuration

    def do_network(self, command: c.DefineNetwork) -> tuple[str, ...]:
        if command.block_interval_ns < 1 or command.confirmations < 1:
            return ("refused", Code.INVALID_REQUEST)
        self.paces.append((self.now, command.block_interval_ns))
        self.confirmations = command.confirmations
        return ("network",)

    def do_withdrawal_limits(self, command: c.LimitWithdrawals) -> tuple[str, ...]:
        if command.asset not in self.assets:
            return ("refused", Code.UNKNOWN_ASSET)
        self.automatic[command.asset], self.daily[command.asset] = command.automatic_units, command.daily_units
        return ("withdrawal_limits",)
