"""The sequencer: the only writer. It gives commands their sequence and time, makes them durable, then applies them.

Batches form by themselves: while one is on its way to disk in the journal's thread, the next gathers in the inbox.
Durable before visible: nothing is applied, answered or published before the journal holds it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from time import perf_counter
from typing import Final, NamedTuple

from cryptex.engine.exchange import Exchange
from cryptex.node.applied import ENVIRONMENTAL, Applied, Meter, Publisher, Reply, Unmetered
from cryptex.node.clock import Cancelable, Clock
from cryptex.protocol.commands import Command, Stamped, Tick, VoidCommand
from cryptex.protocol.events import (
    Event,
    OrderAccepted,
    OrderAmended,
    OrderEnded,
    OrderRejected,
    OrderRepeated,
)
from cryptex.protocol.order import Order
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.render import order_view
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.protocol.views import OrderView
from cryptex.store.journal import Journal, JournalUnavailable

__all__ = ["Applied", "Publisher", "Reply", "Sequencer"]

INBOX_MAX: Final = 20_000
"""Commands that may wait; beyond it they are refused as unavailable."""

BATCH_MAX: Final = 512
"""Commands in one batch: what one commit carries and one turn of the event loop applies."""

COMMIT_TIMEOUT_S: Final = 10.0
"""After this long the outcome of a commit counts as unknown."""

TICK_RETRY_NS: Final = NANOSECONDS_PER_SECOND // 4
"""How long a tick that could not be written waits before the next."""

_log: Final = logging.getLogger(__name__)
_ABOUT_AN_ORDER: Final = (OrderAccepted, OrderRejected, OrderRepeated, OrderEnded, OrderAmended)
_TICK: Final = Tick()


class _Waiting(NamedTuple):
    command: Command
    reply: asyncio.Future[Reply] | None


class Sequencer:
    """Orders all commands of a node into its log. Everything but the journal's own work runs on the event loop.

    `fail` is called once, with a reason, when the node can not go on: it has to stop and to start again from the log.
    `commit_timed_out` is called before that when a commit did not come back.
    """

    def __init__(
        self,
        exchange: Exchange,
        journal: Journal,
        clock: Clock,
        publisher: Publisher,
        executor: Executor,
        *,
        fail: Callable[[str], None],
        commit_timed_out: Callable[[], None] = lambda: None,
        find_closed: Callable[[int, int], Order | None] = lambda account_id, order_id: None,
        commit_timeout_s: float = COMMIT_TIMEOUT_S,
        meter: Meter | None = None,
    ) -> None:
        self.acknowledged: dict[int, int] = {}
        """The sequence of the last command that each account was answered."""
        self._exchange = exchange
        self._journal = journal
        self._clock = clock
        self._publisher = publisher
        self._executor = executor
        self._fail = fail
        self._commit_timed_out = commit_timed_out
        self._find_closed = find_closed
        self._commit_timeout_s = commit_timeout_s
        self._meter: Meter = meter or Unmetered()
        self._inbox: deque[_Waiting] = deque()
        self._refusal: Refusal | None = None
        self._idle: asyncio.Future[None] | None = None
        self._ticks_paused = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work through the inbox."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="sequencer")

    async def stop(self) -> None:
        """Refuse new commands, and return when those that wait are done."""
        if self._refusal is None:
            self._refusal = Refusal(Code.UNAVAILABLE, "the node is stopping")
        self._wake()
        if self._task is not None:
            await self._task

    @property
    def accepting(self) -> bool:
        """Whether commands are taken."""
        return self._refusal is None

    @property
    def waiting(self) -> int:
        """How many commands wait for a batch."""
        return len(self._inbox)

    async def submit(self, command: Command) -> Reply:
        """Return the answer to a command once it is durable and applied.

        Raises Refusal: unavailable (it was not taken), outcome_unknown, internal_error.
        """
        return await self.enqueue(command)

    def enqueue(self, command: Command) -> asyncio.Future[Reply]:
        """Take a command and return the future of its reply, as `submit` would give it.

        Raises Refusal(unavailable) at once when the inbox is full or the node is stopping.
        """
        if self._refusal is not None:
            raise Refusal(self._refusal.code, self._refusal.message)
        if len(self._inbox) >= INBOX_MAX:
            raise Refusal(Code.UNAVAILABLE, "too many commands wait already")
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._inbox.append(_Waiting(command, reply))
        if self._idle is not None:
            self._wake()
        return reply

    def _wake(self) -> None:
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    async def _run(self) -> None:
        batch: list[_Waiting] = []
        try:
            while True:
                batch = self._take()
                if batch:
                    await self._process(batch)
                elif self._refusal is not None:
                    return
                else:
                    await self._wait()
        except Exception as error:
            _log.exception("the sequencer failed")
            _refuse(batch, Code.OUTCOME_UNKNOWN, "the node stopped before it could say what came of this")
            self._give_up(f"the sequencer failed: {error!r}")

    def _take(self) -> list[_Waiting]:
        """Return the next batch: what waits, or the tick that is due, or nothing."""
        inbox = self._inbox
        if inbox:
            return [inbox.popleft() for _ in range(min(len(inbox), BATCH_MAX))]
        deadline_ns = self._deadline_ns()
        if deadline_ns is None or self._refusal is not None:
            return []
        log_time_ns = max(self._clock.now_ns(), self._exchange.time_ns)
        return [_Waiting(_TICK, None)] if deadline_ns <= log_time_ns else []

    def _deadline_ns(self) -> int | None:
        return None if self._ticks_paused else self._exchange.next_deadline_ns()

    def _pause_ticks(self) -> None:
        """Let a journal that can not be written rest, instead of trying without end."""
        if not self._ticks_paused:
            self._ticks_paused = True
            self._clock.call_at(self._clock.now_ns() + TICK_RETRY_NS, self._resume_ticks)

    def _resume_ticks(self) -> None:
        self._ticks_paused = False
        self._wake()

    async def _wait(self) -> None:
        """Return when a command arrives, or around the time of the next deadline."""
        self._idle = asyncio.get_running_loop().create_future()
        deadline_ns = self._deadline_ns()
        alarm: Cancelable | None = None
        if deadline_ns is not None:
            alarm = self._clock.call_at(deadline_ns, self._wake)
        try:
            await self._idle
        finally:
            self._idle = None
            if alarm is not None:
                alarm.cancel()

    async def _process(self, batch: list[_Waiting]) -> None:
        stamped = self._stamp([waiting.command for waiting in batch])
        try:
            await self._append(stamped)
        except JournalUnavailable as error:
            _log.warning("a batch of %d was not written: %s", len(batch), error)
            self._pause_ticks()
            self._meter.unapplied(stamped, Code.UNAVAILABLE)
            _refuse(batch, Code.UNAVAILABLE, "the journal can not be written now; nothing was changed")
            return
        except Exception as error:
            self._meter.unapplied(stamped, Code.OUTCOME_UNKNOWN)
            _refuse(batch, Code.OUTCOME_UNKNOWN, "the journal did not say whether this was written")
            self._give_up(f"the outcome of a commit is not known: {error!r}")
            return
        await self._apply(batch, stamped)

    def _stamp(self, commands: Sequence[Command]) -> list[Stamped]:
        """Give commands their times: strictly increasing, whatever the clock does."""
        first_ns = max(self._clock.now_ns(), self._exchange.time_ns + 1)
        return [Stamped(first_ns + offset, command) for offset, command in enumerate(commands)]

    async def _append(self, stamped: list[Stamped]) -> None:
        """Write a batch in the journal's thread. Raises what the journal raises, and TimeoutError."""
        loop, begin_s = asyncio.get_running_loop(), perf_counter()
        try:
            async with asyncio.timeout(self._commit_timeout_s):
                await loop.run_in_executor(self._executor, self._journal.append, stamped)
        except TimeoutError:
            self._commit_timed_out()
            raise
        self._meter.committed(len(stamped), perf_counter() - begin_s)

    async def _apply(self, batch: list[_Waiting], stamped: list[Stamped]) -> None:
        exchange = self._exchange
        apply = exchange.apply
        applied: list[Applied] = []
        answers: list[Event] = []
        replies: list[tuple[asyncio.Future[Reply], Reply]] = []
        for waiting, each in zip(batch, stamped, strict=True):
            time_ns, sequence = each.time_ns, exchange.sequence + 1
            try:
                events = apply(time_ns, each.command)
            except ENVIRONMENTAL:
                raise
            except Exception as error:  # InvariantBroken, or a fault that any replay would meet again
                _log.critical("command %d broke the exchange", sequence, exc_info=error)
                await self._void(sequence, stamped[-1].time_ns, batch, len(applied))
                return
            applied.append(Applied(sequence, time_ns, events))
            answers.append(exchange.answer)
            if waiting.reply is not None:
                replies.append((waiting.reply, self._reply(each.command)))
        try:
            self._publisher.publish(applied)
            self._meter.applied(stamped, answers)
        finally:  # what is durable and applied is answered, whoever fails to hear of it
            for future, reply in replies:
                if not future.done():
                    future.set_result(reply)

    def _reply(self, command: Command) -> Reply:
        exchange = self._exchange
        answer, sequence = exchange.answer, exchange.sequence
        account_id = getattr(command, "account_id", 0) or getattr(answer, "account_id", 0)
        if account_id:
            self.acknowledged[account_id] = sequence
        view: OrderView | None = None
        if isinstance(answer, _ABOUT_AN_ORDER):
            order = exchange.order(answer.order_id) or self._find_closed(answer.account_id, answer.order_id)
            market = None if order is None else exchange.market(order.request.market)
            if order is not None and market is not None:
                view = order_view(order, market, duplicate=isinstance(answer, OrderRepeated))
        return Reply(answer, view, sequence, exchange.time_ns)

    async def _void(self, sequence: int, last_ns: int, batch: list[_Waiting], index: int) -> None:
        """Declare a poison command void, so that replay passes over it, and stop: memory can not be trusted now."""
        stamped = [Stamped(max(self._clock.now_ns(), last_ns + 1), VoidCommand(sequence))]
        try:
            await self._append(stamped)
        except Exception:
            _log.exception("the void of %d was not written; start-up will void it", sequence)
        _refuse(batch[index : index + 1], Code.INTERNAL_ERROR, "this command broke the exchange; it was not done")
        _refuse(batch, Code.OUTCOME_UNKNOWN, "the node stopped before it could say what came of this")
        self._give_up(f"command {sequence} broke an invariant and was voided")

    def _give_up(self, reason: str) -> None:
        """Stop for good: what waits was never written."""
        self._refusal = Refusal(Code.UNAVAILABLE, "the node is restarting")
        waiting, self._inbox = list(self._inbox), deque()
        _refuse(waiting, Code.UNAVAILABLE, "the node is restarting; nothing was changed")
        self._fail(reason)


def _refuse(batch: Sequence[_Waiting], code: Code, message: str) -> None:
    """Raise a Refusal in every waiter that has no answer yet."""
    for waiting in batch:
        if waiting.reply is not None and not waiting.reply.done():
            waiting.reply.set_exception(Refusal(code, message))
