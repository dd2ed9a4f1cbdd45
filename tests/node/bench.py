"""A sequencer with everything around it in the test's hands."""

import asyncio
from collections import deque
from concurrent.futures import Executor
from typing import Any

import pytest

from cryptex.engine.exchange import Exchange
from cryptex.node.clock import ManualClock
from cryptex.node.replay import replay_batch
from cryptex.node.sequencer import Publisher, Sequencer
from cryptex.protocol.commands import (
    Command,
    Deposit,
)
from cryptex.protocol.events import AccountOpened
from cryptex.protocol.problems import Code, Refusal
from tests.node.house import (
    FailingJournal,
    InlineExecutor,
    Listener,
    configured,
    open_account,
)


class Bench:
    """A sequencer on a configured exchange, with one open account, and everything around it in the test's hands."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.journal = FailingJournal()
        self.exchange = configured(self.journal, self.clock).exchange
        self.listener = Listener()
        self.failures: list[str] = []
        self.timed_out = 0
        self.sequencer = self.make(InlineExecutor())

    def make(self, executor: Executor, publisher: Publisher | None = None, **options: Any) -> Sequencer:
        """Return a sequencer on this exchange."""
        return Sequencer(
            self.exchange,
            self.journal,
            self.clock,
            publisher or self.listener,
            executor,
            fail=self.failures.append,
            commit_timed_out=self._count,
            **options,
        )

    async def replace(self, executor: Executor, publisher: Publisher | None = None, **options: Any) -> None:
        """Go on with another sequencer."""
        await self.sequencer.stop()
        self.sequencer = self.make(executor, publisher, **options)
        self.sequencer.start()

    def _count(self) -> None:
        self.timed_out += 1

    async def codes(self, *commands: Command) -> list[Code | None]:
        """Submit commands in one go and return what each was refused with."""
        replies = await asyncio.gather(*map(self.sequencer.submit, commands), return_exceptions=True)
        return [reply.code if isinstance(reply, Refusal) else None for reply in replies]

    def replayed(self) -> Exchange:
        """Return the exchange that the journal makes."""
        exchange = Exchange()
        for batch in self.journal.replay(0):
            deque(replay_batch(exchange, batch, self.journal.voids()), maxlen=0)
        return exchange


async def started() -> Bench:
    """Return a bench that runs, with account 1 opened and funded."""
    bench = Bench()
    bench.sequencer.start()
    reply = await bench.sequencer.submit(open_account("anna"))
    assert isinstance(reply.answer, AccountOpened)
    assert reply.answer.account_id == 1
    bench.listener.batches.clear()
    return bench


def poison(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Make every deposit with the reference `poison` raise in the engine."""
    real = Exchange.apply

    def apply(self: Exchange, time_ns: int, command: Command) -> list[Any]:
        if isinstance(command, Deposit) and command.reference == "poison":
            raise error
        return real(self, time_ns, command)

    monkeypatch.setattr(Exchange, "apply", apply)
