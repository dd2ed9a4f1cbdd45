"""Nodes that are broken on purpose, each in one way: what the auditor is there to find."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

import msgspec

import cryptex.engine.withdrawals as withdrawals_module
import cryptex.node.digest as digest_module
from cryptex.engine.book import BookSide
from cryptex.engine.ledger import Ledger
from cryptex.engine.network import Network
from cryptex.engine.order import WorkingOrder
from cryptex.engine.withdrawal_days import WithdrawalDays
from cryptex.engine.withdrawals import Withdrawals
from cryptex.node.applied import Asker
from cryptex.node.channel import LiveChannel
from cryptex.node.commits import Commits
from cryptex.node.digest import AccountChanges, Digest
from cryptex.node.landing import LandingBuilder
from cryptex.node.order_reply import OrderReply
from cryptex.node.sequencer import Sequencer
from cryptex.node.stream import Stream
from cryptex.protocol.commands import CancelWithdrawal, Command, Disconnect, PlaceOrder, Stamped
from cryptex.protocol.events import Event, Fill, LevelChanged, WithdrawalChanged
from cryptex.store.batches import Row
from tests.simulation.disk import DiskExecutor, DiskJournal, JournalDisk
from tests.simulation.loop import VirtualLoop

Mutant = Callable[[], AbstractContextManager[object]]
EVERY = 5
"""A mutant does wrong every so many times."""


def _counted() -> Callable[[], bool]:
    calls = 0

    def is_turn() -> bool:
        nonlocal calls
        calls += 1
        return calls % EVERY == 0

    return is_turn


@contextmanager
def _instead(owner: type, name: str, make: Callable[[Callable[..., Any], Callable[[], bool]], Any]) -> Iterator[None]:
    """Replace a method by what `make` returns, which is given the right one and when it is its turn to do wrong."""
    with patch.object(owner, name, make(getattr(owner, name), _counted())):
        yield


def a_journal_that_does_not_keep() -> AbstractContextManager[object]:
    """The last batch is gone after a crash, though it was acknowledged: an fsync that lied."""

    def make(right: Callable[..., Any], _is_turn: Callable[[], bool]) -> Any:
        def crash(self: JournalDisk) -> None:
            right(self)
            if self.rows:
                del self.rows[-1]

        return crash

    return _instead(JournalDisk, "crash", make)


def a_journal_with_a_hole() -> AbstractContextManager[object]:
    """A batch never reaches the disk."""

    def make(right: Callable[..., Any], is_turn: Callable[[], bool]) -> Any:
        def keep(self: DiskJournal, row: Row) -> None:
            if not is_turn():
                right(self, row)

        return keep

    return _instead(DiskJournal, "keep", make)


def an_answer_before_the_commit() -> AbstractContextManager[object]:
    """A batch is answered while it is still on its way to disk."""

    def make(_right: Callable[..., Any], _is_turn: Callable[[], bool]) -> Any:
        def run(
            self: DiskExecutor, loop: VirtualLoop, func: Callable[..., Any], args: tuple[Any, ...]
        ) -> asyncio.Future[Any]:
            journal: DiskJournal = func.__self__  # type: ignore[attr-defined]
            future = loop.create_future()
            journal.settle()
            journal.waits = True
            func(*args)
            journal.waits = False
            loop.call_soon(future.set_result, None)
            loop.call_later(0.02, journal.settle)
            return future

        return run

    return _instead(DiskExecutor, "run", make)


def a_release_that_is_dropped() -> AbstractContextManager[object]:
    """What an order held is not given back."""

    def make(right: Callable[..., Any], is_turn: Callable[[], bool]) -> Any:
        def release(self: Ledger, *arguments: Any) -> None:
            if not is_turn():
                right(self, *arguments)

        return release

    return _instead(Ledger, "release", make)


def a_fee_that_is_forgotten() -> AbstractContextManager[object]:
    """A trade's fees are not taken."""

    def make(right: Callable[..., Any], is_turn: Callable[[], bool]) -> Any:
        def settle(self: Ledger, *arguments: Any) -> None:
            *others, base_fee, quote_fee = arguments
            wrong = is_turn()
            right(self, *others, 0 if wrong else base_fee, 0 if wrong else quote_fee)

        return settle

    return _instead(Ledger, "settle", make)


def a_reply_that_is_doubled() -> AbstractContextManager[object]:
    """A request is answered twice."""

    def make(right: Callable[..., Any], is_turn: Callable[[], bool]) -> Any:
        def reply(self: Stream, *arguments: Any) -> None:
            right(self, *arguments)
            if is_turn():
                right(self, *arguments)

        return reply

    return _instead(Stream, "reply", make)


def a_command_that_is_doubled() -> AbstractContextManager[object]:
    """An order without a key is placed twice."""

    def make(right: Callable[..., Any], _is_turn: Callable[[], bool]) -> Any:
        def send(self: Sequencer, command: Command, asker: Asker) -> None:
            right(self, command, asker)
            if isinstance(command, PlaceOrder) and not command.client_order_id:
                right(self, command, _Nobody())

        return send

    return _instead(Sequencer, "send", make)


class _Nobody:
    def done(self, reply: object) -> None:
        """Ignore it."""

    def failed(self, refusal: object) -> None:
        """Ignore it."""


def a_reply_to_another_request() -> AbstractContextManager[object]:
    """The reply says the order as it was asked for, not as it came to be."""

    def make(right: Callable[..., Any], is_turn: Callable[[], bool]) -> Any:
        def done(self: OrderReply, reply: Any) -> None:
            right(self, _Untouched(reply) if is_turn() and reply.order is not None else reply)

        return done

    return _instead(OrderReply, "done", make)


class _Untouched:
    """A reply whose order looks as if nothing had been filled."""

    def __init__(self, reply: Any) -> None:
        self._reply = reply

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._reply, name)
        return msgspec.structs.replace(found, filled="0.00", fees={}) if name == "order" else found


def an_update_that_is_dropped() -> AbstractContextManager[object]:
    """A channel passes over a batch."""

    def make(right: Callable[..., Any], is_turn: Callable[[], bool]) -> Any:
        def publish(self: LiveChannel[Any], changes: Any, stamp: Any) -> None:
            if is_turn():
                self._topic.update(changes, stamp)
                self._topic.stamp = stamp
            else:
                right(self, changes, stamp)

        return publish

    return _instead(LiveChannel, "publish", make)


def a_level_that_is_not_told() -> AbstractContextManager[object]:
    """A change of a level never reaches those who watch the book."""

    def make(right: Callable[..., Any], is_turn: Callable[[], bool]) -> Any:
        def level(self: Digest, applied: Any, event: LevelChanged) -> None:
            if not is_turn():
                right(self, applied, event)

        return level

    return patch.dict(digest_module._OF_MARKETS, {LevelChanged: make(Digest.level, _counted())})


def a_fill_for_a_stranger() -> AbstractContextManager[object]:
    """One account is told of another's fills."""

    def fill(self: Digest, applied: Any, event: Fill) -> None:
        for account_id in self._watched_accounts:
            changes = self.accounts.setdefault(account_id, AccountChanges())
            changes.fills.append((applied.sequence, applied.time_ns, event))

    return patch.dict(digest_module._OF_ACCOUNTS, {Fill: fill})


def a_log_that_follows_the_clock() -> AbstractContextManager[object]:
    """Commands get the clock's time, back or not."""

    def make(_right: Callable[..., Any], _is_turn: Callable[[], bool]) -> Any:
        def stamp(self: Commits, commands: Sequence[Command]) -> list[Stamped]:
            now_ns = self._clock.now_ns()
            return [Stamped(now_ns + offset, command) for offset, command in enumerate(commands)]

        return stamp

    return _instead(Commits, "_stamp", make)


def a_queue_without_time_priority() -> AbstractContextManager[object]:
    """Whoever comes last at a price is served first."""

    def make(right: Callable[..., Any], _is_turn: Callable[[], bool]) -> Any:
        def add(self: BookSide, order: WorkingOrder) -> None:
            right(self, order)
            level, before = order.level, order.previous
            if level is not None and before is not None and level.first is not None:
                level.last, before.next, order.previous = before, None, None
                order.next, level.first.previous, level.first = level.first, order, order

        return add

    return _instead(BookSide, "add", make)


def orders_that_outlive_their_connection() -> AbstractContextManager[object]:
    """The end of a connection is not journaled."""

    def make(right: Callable[..., Any], _is_turn: Callable[[], bool]) -> Any:
        async def submit(self: Sequencer, command: Command) -> Any:
            return None if isinstance(command, Disconnect) else await right(self, command)

        return submit

    return _instead(Sequencer, "submit", make)


def orders_that_do_not_expire() -> AbstractContextManager[object]:
    """Nobody looks at deadlines while nothing else happens."""
    return patch.object(Sequencer, "_deadline_ns", lambda self: None)


def funds_that_do_not_come_back() -> AbstractContextManager[object]:
    """What a withdrawal held stays held when it ends without having left."""

    def make(_right: Callable[..., Any], _is_turn: Callable[[], bool]) -> Any:
        return lambda self, *arguments: 0

    return _instead(Ledger, "give_back", make)


def a_limit_that_does_not_count() -> AbstractContextManager[object]:
    """What has left without an admin counts for nothing."""
    return patch.object(WithdrawalDays, "automatic", lambda self, *arguments: 0)


def an_address_that_is_nobodys() -> AbstractContextManager[object]:
    """What is sent to an account's address here does not arrive."""
    return patch.object(Network, "owner_of", lambda self, asset, address: None)


def a_reference_that_is_forgotten() -> AbstractContextManager[object]:
    """A withdrawal that is asked for again leaves again."""
    return patch.multiple(withdrawals_module, earlier=lambda account, command, now_ns: None)


def a_withdrawal_that_anybody_may_cancel() -> AbstractContextManager[object]:
    """Nobody looks at whose it is."""

    def make(right: Callable[..., Any], _is_turn: Callable[[], bool]) -> Any:
        def cancel(self: Withdrawals, command: CancelWithdrawal) -> Any:
            found = self.live.get(command.withdrawal_id)
            owner = command.account_id if found is None else found.account_id
            return right(self, CancelWithdrawal(owner, command.withdrawal_id))

        return cancel

    return _instead(Withdrawals, "cancel", make)


def history_that_misses_a_withdrawal() -> AbstractContextManager[object]:
    """A change of a withdrawal never lands."""

    def make(right: Callable[..., Any], is_turn: Callable[[], bool]) -> Any:
        def add(self: LandingBuilder, sequence: int, time_ns: int, event: Event) -> None:
            if not (isinstance(event, WithdrawalChanged) and is_turn()):
                right(self, sequence, time_ns, event)

        return add

    return _instead(LandingBuilder, "_add", make)


MUTANTS: dict[str, Mutant] = {
    each.__name__: each
    for each in (
        a_journal_that_does_not_keep,
        a_journal_with_a_hole,
        an_answer_before_the_commit,
        a_release_that_is_dropped,
        a_fee_that_is_forgotten,
        a_reply_that_is_doubled,
        a_command_that_is_doubled,
        a_reply_to_another_request,
        an_update_that_is_dropped,
        a_level_that_is_not_told,
        a_fill_for_a_stranger,
        a_log_that_follows_the_clock,
        a_queue_without_time_priority,
        orders_that_outlive_their_connection,
        orders_that_do_not_expire,
        funds_that_do_not_come_back,
        a_limit_that_does_not_count,
        an_address_that_is_nobodys,
        a_reference_that_is_forgotten,
        a_withdrawal_that_anybody_may_cancel,
        history_that_misses_a_withdrawal,
    )
}
