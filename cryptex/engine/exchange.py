"""The exchange: a pure function of its log. `apply` is the only door."""

from collections.abc import Callable
from typing import Final

from cryptex.engine.admission import Reason
from cryptex.engine.book import report_levels
from cryptex.engine.errors import InvariantBroken
from cryptex.engine.order import CANCELED, EXPIRED, WorkingOrder
from cryptex.engine.reads import Reads
from cryptex.engine.transfers import unknown_account
from cryptex.engine.triggers import TRIGGERS_PER_COMMAND_MAX
from cryptex.protocol.commands import (
    AmendOrder,
    ApproveWithdrawal,
    BeginEpoch,
    CancelAfter,
    CancelAll,
    CancelOnDisconnect,
    CancelOrder,
    CancelWithdrawal,
    Command,
    DefineAsset,
    DefineMarket,
    DefineNetwork,
    Deposit,
    Disconnect,
    HaltMarket,
    LimitWithdrawals,
    OpenAccount,
    PlaceOrder,
    RejectWithdrawal,
    RequestWithdrawal,
    ResumeMarket,
    SetLimit,
    Tick,
    VoidCommand,
    Withdraw,
)
from cryptex.protocol.events import (
    CancelAfterSet,
    CancelOnDisconnectSet,
    CommandRejected,
    CommandVoided,
    Disconnected,
    EpochBegun,
    Event,
    LevelChanged,
    MarketDefined,
    OrderAmended,
    OrderRepeated,
    OrdersCanceled,
    Ticked,
)
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import EndReason

USER: Final = EndReason.USER


class Exchange(Reads):
    """Markets, accounts and orders, moved only by commands. Time and order come with each command.

    `sequence`, `time_ns`: those of the last command. `answer`: the event that answers it. `epoch`: how often a node
    has started on this log.
    """

    def __init__(self) -> None:
        super().__init__()
        self._due = self.orders.deadlines.heap
        self._reached = self.trading.reached
        self._handlers: dict[type[Command], Callable[..., Event]] = {
            PlaceOrder: self._place,
            CancelOrder: self._cancel,
            AmendOrder: self._amend,
            CancelAll: self._cancel_all,
            Deposit: self._deposit,
            Withdraw: self._withdraw,
            OpenAccount: self._open_account,
            CancelAfter: self._cancel_after,
            CancelOnDisconnect: self._cancel_on_disconnect,
            Disconnect: self._disconnect,
            Tick: self._tick,
            BeginEpoch: self._begin_epoch,
            DefineAsset: self._define_asset,
            DefineMarket: self._define_market,
            HaltMarket: self._halt_market,
            ResumeMarket: self._resume_market,
            SetLimit: self._set_limit,
            VoidCommand: self._void,
            DefineNetwork: self._define_network,
            LimitWithdrawals: self._limit_withdrawals,
            RequestWithdrawal: self._request_withdrawal,
            CancelWithdrawal: self._cancel_withdrawal,
            ApproveWithdrawal: self._approve_withdrawal,
            RejectWithdrawal: self._reject_withdrawal,
        }

    def apply(self, time_ns: int, command: Command) -> list[Event]:
        """Apply a command at a log time after the last and return what happened, in order.

        What is due ends first, then stops left over from the last command run, then the command, then the stops it
        reached. Raises InvariantBroken, after which this object must not be used.
        """
        step = self.step
        if time_ns <= step.time_ns:
            raise InvariantBroken(f"log time went from {step.time_ns} to {time_ns}")
        step.sequence += 1
        step.time_ns = time_ns
        events: list[Event] = []
        step.events = events
        if self._due:
            self._end_due(time_ns)
        budget = TRIGGERS_PER_COMMAND_MAX
        if self._reached:
            budget = self.trading.run_reached(budget)
        self.answer = self._handlers[type(command)](command)
        if self._reached:
            self.trading.run_reached(budget)
        changed = self.changed
        if changed:
            if len(changed) == 1:
                level = changed[0]
                side = level.side
                events.append(LevelChanged(side.market, side.side, level.price_ticks, level.size_lots))
            else:
                report_levels(changed, events)
            changed.clear()
        return events

    def skip(self, time_ns: int) -> None:
        """Pass over a voided command: it keeps its sequence and time and does nothing."""
        self.step.sequence += 1
        self.step.time_ns = time_ns
        self.step.events = []

    def next_deadline_ns(self) -> int | None:
        """Return when something is due by itself; the past or now where stops still wait for their turn."""
        return self.time_ns if self.trading.reached else self.orders.deadlines.next_ns()

    def _end_due(self, now_ns: int) -> None:
        deadlines = self.orders.deadlines
        while (deadline := deadlines.take_due(now_ns)) is not None:
            if deadline.market:
                self.trading.states.advance(self.live_markets[deadline.market])
                continue
            if deadline.withdrawal_id:
                self.withdrawals.advance(deadline.withdrawal_id)
                continue
            if deadline.order_id:
                self.orders.end(self.orders.live[deadline.order_id], EXPIRED, EndReason.EXPIRED)
                continue
            account = self.accounts_by.by_id[deadline.account_id]
            account.dead_man_ns = 0
            self.orders.cancel_each(list(account.orders), EndReason.DEAD_MAN)

    def _report(self, event: Event) -> Event:
        self.step.events.append(event)
        return event

    def _refuse(self, account_id: int, reason: Reason) -> Event:
        return self._report(CommandRejected(account_id, *reason))

    def _place(self, command: PlaceOrder) -> Event:
        market = self.live_markets.get(command.market)
        seat = None if market is None else market.seats.get(command.account_id)
        if seat is None:
            account = self.accounts_by.by_id.get(command.account_id)
            if account is None or market is None:
                return self._refuse(command.account_id, _unknown_market(command.market))
            seat = market.seat(account)
        key = command.client_order_id
        if key and (key in seat.keys.open or key in seat.keys.closed):
            repeated = self.trading.repeated(command, seat)
            if isinstance(repeated, OrderRepeated):
                return self._report(repeated)
            if repeated is not None:
                return self._refuse(command.account_id, repeated)
        return self.trading.place(command, seat)

    def _find(self, account_id: int, order_id: int) -> WorkingOrder | None:
        order = self.orders.live.get(order_id)
        return order if order is not None and order.account_id == account_id else None

    def _cancel(self, command: CancelOrder) -> Event:
        order = self.orders.live.get(command.order_id)
        if order is None or order.account_id != command.account_id:
            return self._refuse(command.account_id, _unknown_order(command.order_id))
        return self.orders.end(order, CANCELED, USER)

    def _amend(self, command: AmendOrder) -> Event:
        order = self._find(command.account_id, command.order_id)
        if order is None:
            return self._refuse(command.account_id, _unknown_order(command.order_id))
        outcome = self.amending.amend(command, order)
        if isinstance(outcome, OrderAmended):
            return outcome
        return self._refuse(
            command.account_id,
            outcome._replace(details={**outcome.details, "order_id": order.order_id}),
        )

    def _cancel_all(self, command: CancelAll) -> Event:
        order_ids = [order.order_id for order in self.open_orders(command.account_id, command.market)]
        self.orders.cancel_each(order_ids, EndReason.ADMIN if command.by_admin else EndReason.USER)
        return self._report(OrdersCanceled(command.account_id, tuple(order_ids)))

    def _cancel_after(self, command: CancelAfter) -> Event:
        account = self.accounts_by.by_id.get(command.account_id)
        if account is None:
            return self._refuse(command.account_id, unknown_account(command.account_id))
        deadline_ns = self.time_ns + command.duration_ns if command.duration_ns else 0
        account.dead_man_ns = deadline_ns
        if deadline_ns:
            self.orders.deadlines.add(deadline_ns, 0, account.account_id)
        return self._report(CancelAfterSet(account.account_id, deadline_ns))

    def _cancel_on_disconnect(self, command: CancelOnDisconnect) -> Event:
        if command.account_id not in self.accounts_by.by_id:
            return self._refuse(command.account_id, unknown_account(command.account_id))
        if command.enabled:
            self.orders.tie(command.connection_id, command.account_id)
        else:
            self.orders.tie_no_more(command.connection_id)
        return self._report(CancelOnDisconnectSet(command.account_id, command.connection_id, command.enabled))

    def _disconnect(self, command: Disconnect) -> Event:
        self.orders.cancel_each(self.orders.untie(command.connection_id), EndReason.DISCONNECTED)
        return self._report(Disconnected(command.connection_id))

    def _begin_epoch(self, _: BeginEpoch) -> Event:
        self.epoch += 1
        for connection_id in sorted(self.orders.tied):
            self.orders.cancel_each(self.orders.untie(connection_id), EndReason.DISCONNECTED)
        return self._report(EpochBegun(self.epoch))

    def _open_account(self, command: OpenAccount) -> Event:
        return self._answer(0, self.transfers.open_account(command))

    def _deposit(self, command: Deposit) -> Event:
        return self._answer(command.account_id, self.transfers.deposit(command))

    def _withdraw(self, command: Withdraw) -> Event:
        return self._answer(command.account_id, self.transfers.withdraw(command))

    def _request_withdrawal(self, command: RequestWithdrawal) -> Event:
        return self._answer(command.account_id, self.withdrawals.request(command))

    def _cancel_withdrawal(self, command: CancelWithdrawal) -> Event:
        return self._answer(command.account_id, self.withdrawals.cancel(command))

    def _approve_withdrawal(self, command: ApproveWithdrawal) -> Event:
        return self._answer(0, self.withdrawals.approve(command))

    def _reject_withdrawal(self, command: RejectWithdrawal) -> Event:
        return self._answer(0, self.withdrawals.reject(command))

    def _define_network(self, command: DefineNetwork) -> Event:
        return self._answer(0, self.withdrawals.define_network(command))

    def _limit_withdrawals(self, command: LimitWithdrawals) -> Event:
        return self._answer(0, self.withdrawal_rules.limit(command))

    def _define_asset(self, command: DefineAsset) -> Event:
        return self._answer(0, self.configuration.define_asset(command))

    def _define_market(self, command: DefineMarket) -> Event:
        before = self.market(f"{command.base}-{command.quote}")
        outcome = self.configuration.define_market(command)
        if before is not None and isinstance(outcome, MarketDefined) and outcome.steps_changed:
            for account in self.accounts_by.by_id.values():
                account.order_keys.restate(before, outcome.market)
        return self._answer(0, outcome)

    def _halt_market(self, command: HaltMarket) -> Event:
        market = self.live_markets.get(command.market)
        if market is None:
            return self._refuse(0, _unknown_market(command.market))
        ends_ns = self.time_ns + command.duration_ns if command.duration_ns else 0
        return self.trading.states.halt(market, ends_ns)

    def _resume_market(self, command: ResumeMarket) -> Event:
        market = self.live_markets.get(command.market)
        if market is None:
            return self._refuse(0, _unknown_market(command.market))
        if market.is_open:
            message = f"{market.symbol} is open already"
            return self._refuse(0, Reason(Code.INVALID_REQUEST, message, {"field": "market"}))
        return self.trading.states.advance(market)

    def _set_limit(self, command: SetLimit) -> Event:
        return self._report(self.configuration.set_limit(command))

    def _tick(self, _: Tick) -> Event:
        return self._report(Ticked())

    def _void(self, command: VoidCommand) -> Event:
        self.void_sequences.append(command.sequence)
        return self._report(CommandVoided(command.sequence))

    def _answer(self, account_id: int, outcome: Event | Reason) -> Event:
        return self._refuse(account_id, outcome) if isinstance(outcome, Reason) else self._report(outcome)


def _unknown_market(symbol: str) -> Reason:
    return Reason(Code.UNKNOWN_MARKET, f"there is no market {symbol}", {"market": symbol})


def _unknown_order(order_id: int) -> Reason:
    return Reason(Code.UNKNOWN_ORDER, f"you have no open order {order_id}", {"order_id": order_id})
