"""A storm of SIGKILLs on a node that four processes trade at, with an audit after each."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Self

from tests.end_to_end.node_process import NodeProcess
from tests.faults.told import Figures, Told, compare

TRADERS = 4
ACKNOWLEDGED_MAX = 400
"""A kill comes after at most so many replies ..."""

LATER_S_MAX = 2.5
"""... or, now and then, at a moment within this time, so that checkpoints are met, too."""

LATER_SHARE = 0.2
IN_START_SHARE = 0.2
START_S_MAX = 1.5


class Trader:
    """A process that trades, and what it says."""

    def __init__(self, process: Process, told: Told, storm: "Storm") -> None:
        self._process = process
        self._storm = storm
        self.told = told
        self._gone = asyncio.Event()
        self._task = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, token: str, seed: int, account_id: int, storm: "Storm") -> Self:
        """Start the process."""
        command = (sys.executable, "-m", "tests.faults.load", token, str(seed))
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        return cls(process, Told(account_id), storm)

    def trade(self, url: str) -> None:
        """Let it trade at a node."""
        assert self._process.stdin is not None
        self._gone.clear()
        self._process.stdin.write(f"{url}\n".encode())

    async def gone(self) -> None:
        """Wait until it has noticed that the node is gone, and everything it had to say was heard."""
        waiting = asyncio.create_task(self._gone.wait())
        await asyncio.wait([waiting, self._task], return_when=asyncio.FIRST_COMPLETED)
        assert self._gone.is_set(), "a trader ended by itself"

    async def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._task
        assert await self._process.wait() == 0

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            text = line.decode()
            if text == "gone\n":
                self._gone.set()
                continue
            self.told.hear(text)
            if not text.startswith("send "):
                self._storm.acknowledged()


class Storm:
    """Kills a node on a folder again and again."""

    def __init__(self, data_dir: Path, seed: int, *, installed: bool = False) -> None:
        self._node = NodeProcess(data_dir, installed=installed)
        self._random = Random(seed)
        self._seed = seed
        self._left = 0
        self._enough = asyncio.Event()
        self.traders: list[Trader] = []
        self.figures = Figures()

    def acknowledged(self) -> None:
        """Count a reply."""
        self._left -= 1
        if self._left == 0:
            self._enough.set()

    async def run(self, kills: int) -> Figures:
        """Kill the node so often, audit each time, and stop it in good order. Raises AssertionError."""
        async with AsyncExitStack() as closing:
            with self._node:
                await self._open_accounts(closing)
                while self.figures.kills < kills:
                    await self._trade_and_kill()
                    if self._random.random() < IN_START_SHARE and self.figures.kills < kills:
                        await self._kill_in_start()
                    self._audit()
                    await asyncio.to_thread(self._node.start)
                assert await asyncio.to_thread(self._node.stop) == 0
            self._audit()
        return self.figures

    async def _open_accounts(self, closing: AsyncExitStack) -> None:
        for number in range(TRADERS):
            client = await asyncio.to_thread(self._node.user, f"trader{number}")
            await asyncio.to_thread(client.deposit, "BTC", "1")
            seed = self._seed * TRADERS + number
            trader = await Trader.start(client.token or "", seed, client.me().id, self)
            closing.push_async_callback(trader.close)
            self.traders.append(trader)

    async def _trade_and_kill(self) -> None:
        self._left = self._random.randint(1, ACKNOWLEDGED_MAX)
        self._enough.clear()
        for trader in self.traders:
            trader.trade(self._node.url.replace("http", "ws") + "/ws")
        await self._enough.wait()
        if self._random.random() < LATER_SHARE:
            await asyncio.sleep(self._random.uniform(0, LATER_S_MAX))
        self._node.kill()
        self.figures.kills += 1
        for trader in self.traders:
            await trader.gone()

    async def _kill_in_start(self) -> None:
        self._node.spawn()
        await asyncio.sleep(self._random.uniform(0, START_S_MAX))
        self._node.kill()
        self.figures.kills += 1
        self.figures.kills_in_start += 1

    def _audit(self) -> None:
        found = compare(self._node.data_dir, [trader.told for trader in self.traders])
        found.kills, found.kills_in_start = self.figures.kills, self.figures.kills_in_start
        self.figures = found
        for trader in self.traders:  # an order may be taken before its owner can cancel it
            assert trader.told.refusals.keys() <= {"not_open"}, trader.told.refusals
        assert (found.lost, found.doubled, found.from_nowhere) == (0, 0, 0), str(found)
