"""The sequencer: the only writer. It gives commands their sequence and time, makes them durable, then applies them.

Batches form by themselves: while one is on its way to disk in the journal's thread, the one before it is applied and
answered here, and the next gathers in the inbox. Durable before visible: nothing is applied, answered or published
before the journal holds it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final, NamedTuple

from cryptex.engine.exchange import Exchange
from cryptex.node.answers import Answers, FindClosed
from cryptex.node.applied import ENVIRONMENTAL, Applied, Asker, AskerFuture, Meter, Publisher, Reply, Unmetered
from cryptex.node.clock import Cancelable, Clock
from cryptex.node.commits import COMMIT_TIMEOUT_S, Commit, Commits
from cryptex.protocol.commands import Command, Tick, VoidCommand
from cryptex.protocol.events import Event
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.store.journal import Journal, JournalUnavailable

__all__ = ["Applied", "Publisher", "Reply", "Sequencer"]

INBOX_MAX: Final = 20_000
"""Commands that may wait; beyond it they are refused as unavailable."""

BATCH_MAX: Final = 512
"""Commands in one batch: what one commit carries and one turn of the event loop applies."""

TICK_RETRY_NS: Final = NANOSECONDS_PER_SECOND // 4
"""How long a tick that could not be written waits before the next."""

_log: Final = logging.getLogger(__name__)
_TICK: Final = Tick()
_STOPPED: Final = "the node stopped before it could say what came of this"
_NOT_WRITTEN: Final = "the journal can not be written now; nothing was changed"


class _Waiting:
    __slots__ = ("asker", "command")

    def __init__(self, command: Command, asker: Asker | None) -> None:
        self.command = command
        self.asker = asker


class _Batch(NamedTuple):
    waiting: list[_Waiting]
    commit: Commit


class _Poison(NamedTuple):
    sequence: int
    place: int
    """In its batch."""


class Sequencer:
    """Orders all commands of a node into its log. Everything but the journal's own work runs on the event loop.

    `fail` is called once, with a reason, when the node can not go on: it has to stop and to start again from the log.
    `broken` is called before that, at once, where the exchange was left half changed: nobody may look at it any more.
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
        broken: Callable[[], None] = lambda: None,
        commit_timed_out: Callable[[], None] = lambda: None,
        find_closed: FindClosed = lambda account_id, order_id: None,
        commit_timeout_s: float = COMMIT_TIMEOUT_S,
        meter: Meter | None = None,
    ) -> None:
        self._answers = Answers(exchange, find_closed)
        self.acknowledged = self._answers.acknowledged
        """The sequence of the last command that each account was answered."""
        self._exchange = exchange
        self._clock = clock
        self._publisher = publisher
        self._fail = fail
        self._broken = broken
        self._meter: Meter = meter or Unmetered()
        self._commits = Commits(
            journal,
            clock,
            executor,
            self._meter,
            last_ns=exchange.time_ns,
            timed_out=commit_timed_out,
            timeout_s=commit_timeout_s,
        )
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
        """Take a command and return the future of its reply. Raises as `send` does."""
        asker = AskerFuture()
        self.send(command, asker)
        return asker.future

    def send(self, command: Command, asker: Asker) -> None:
        """Take a command and tell the asker what becomes of it, never before this returns.

        Raises Refusal(unavailable) at once when the inbox is full or the node is stopping.
        """
        if self._refusal is not None:
            raise Refusal(self._refusal.code, self._refusal.message)
        if len(self._inbox) >= INBOX_MAX:
            raise Refusal(Code.UNAVAILABLE, "too many commands wait already")
        self._inbox.append(_Waiting(command, asker))
        if self._idle is not None:
            self._wake()

    def _wake(self) -> None:
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    async def _run(self) -> None:
        batches: list[_Batch] = []
        """The batch at hand, and the one that goes to disk while that is applied."""
        try:
            while True:
                if not batches:
                    batches += self._begin()
                if not batches:
                    if self._refusal is not None:
                        return
                    await self._wait()
                    continue
                if await self._durable(batches[0]):
                    if self._inbox:
                        batches += self._begin()
                    poison = self._apply(batches[0])
                    if poison is not None:
                        await self._void(poison, batches[0])
                        break
                del batches[0]
        except Exception as error:
            _log.exception("the sequencer failed")
            self._give_up(f"the sequencer failed: {error!r}")
        for batch in batches:
            await self._leave(batch)

    async def _leave(self, batch: _Batch) -> None:
        """Tell the senders of a batch that will not be applied here; if it is on disk, the next start applies it."""
        durable = batch.commit.durable
        await asyncio.wait([durable])
        if not durable.cancelled() and isinstance(durable.exception(), JournalUnavailable):
            _refuse(batch.waiting, Code.UNAVAILABLE, _NOT_WRITTEN)
        else:
            _refuse(batch.waiting, Code.OUTCOME_UNKNOWN, _STOPPED)

    def _begin(self) -> list[_Batch]:
        """Send the next batch to disk, if there is one."""
        waiting = self._take()
        return [_Batch(waiting, self._commits.begin([each.command for each in waiting]))] if waiting else []

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

    async def _durable(self, batch: _Batch) -> bool:
        """Wait for a batch to be on disk. Where it is not, tell its senders, and give up if that is not certain."""
        try:
            await batch.commit.durable
        except JournalUnavailable as error:
            _log.warning("a batch of %d was not written: %s", len(batch.waiting), error)
            self._pause_ticks()
            self._meter.unapplied(batch.commit.stamped, Code.UNAVAILABLE)
            _refuse(batch.waiting, Code.UNAVAILABLE, _NOT_WRITTEN)
        except Exception as error:
            self._meter.unapplied(batch.commit.stamped, Code.OUTCOME_UNKNOWN)
            _refuse(batch.waiting, Code.OUTCOME_UNKNOWN, "the journal did not say whether this was written")
            self._give_up(f"the outcome of a commit is not known: {error!r}")
        else:
            return True
        return False

    def _apply(self, batch: _Batch) -> _Poison | None:
        """Apply a durable batch, publish it and answer. Return the index of a command that broke the exchange."""
        exchange = self._exchange
        apply = exchange.apply
        applied: list[Applied] = []
        answers: list[Event] = []
        replies: list[tuple[Asker, Reply]] = []
        for waiting, stamped in zip(batch.waiting, batch.commit.stamped, strict=True):
            time_ns, sequence = stamped.time_ns, exchange.sequence + 1
            try:
                events = apply(time_ns, stamped.command)
            except ENVIRONMENTAL:
                self._broken()
                raise
            except Exception as error:  # InvariantBroken, or a fault that any replay would meet again
                self._broken()
                _log.critical("command %d broke the exchange", sequence, exc_info=error)
                return _Poison(sequence, len(applied))
            applied.append(Applied(sequence, time_ns, events))
            answers.append(exchange.answer)
            if waiting.asker is not None:
                replies.append((waiting.asker, self._answers.reply(stamped.command)))
        try:
            self._publisher.publish(applied)
            self._meter.applied(batch.commit.stamped, answers)
        finally:  # what is durable and applied is answered, whoever fails to hear of it
            batch.waiting.clear()
            for asker, reply in replies:
                asker.done(reply)
        return None

    async def _void(self, poison: _Poison, batch: _Batch) -> None:
        """Declare a poison command void, so that replay passes over it, and stop: memory can not be trusted now."""
        sequence, place = poison
        try:
            await self._commits.begin([VoidCommand(sequence)]).durable
        except Exception:
            _log.exception("the void of %d was not written; start-up will void it", sequence)
        _refuse([batch.waiting.pop(place)], Code.INTERNAL_ERROR, "this command broke the exchange; it was not done")
        _refuse(batch.waiting, Code.OUTCOME_UNKNOWN, _STOPPED)
        self._give_up(f"command {sequence} broke an invariant and was voided")

    def _give_up(self, reason: str) -> None:
        """Stop for good: what waits was never written."""
        self._refusal = Refusal(Code.UNAVAILABLE, "the node is restarting")
        waiting, self._inbox = list(self._inbox), deque()
        _refuse(waiting, Code.UNAVAILABLE, "the node is restarting; nothing was changed")
        self._fail(reason)


def _refuse(batch: list[_Waiting], code: Code, message: str) -> None:
    """Tell every asker of a batch that there will be no answer, and empty it: nobody is told twice."""
    waiting_ones = list(batch)
    batch.clear()
    for waiting in waiting_ones:
        if waiting.asker is not None:
            waiting.asker.failed(Refusal(code, message))
