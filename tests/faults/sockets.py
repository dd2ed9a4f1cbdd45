"""Crowds of websockets, idle and stalled: what they cost a node in memory, and its other users in patience."""

import asyncio
import json
import os
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.request import urlopen

from tests.end_to_end.node_process import NodeProcess
from tests.node.test_bounded_sockets import HANDSHAKE, frame

MARKET = "BTC-USDT"
STALLED_BUFFER_BYTES = 4_096
CONFIG = "[limits]\nconnections = 4000\nconnections_per_address = 0\ncommands_per_second = 0\nlogins_per_minute = 0\n"
DESCRIPTORS = 4_096
RESYNCS = 'cryptex_slow_consumers_total{action="resync"}'
CHURNS_AT_ONCE = 10
CHANNELS = ("book", "orders", "fills", "wallet")
CHURNS_MAX = 20
"""More traffic comes until a round in which nobody falls behind any more: how much waits in the system differs."""
RESYNC_TIMEOUT_S = 30
P99_RUNS = 3
CHURN_ORDERS = 250
"""Orders that rest at a time: all of them change at once when they are canceled."""


class Peer:
    """A websocket by hand: it reads when it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._ids = 0

    @classmethod
    async def open(cls, port: int, token: str, *, stalled: bool = False) -> "Peer":
        """Connect and log in. A stalled one lets little wait in the system, so that it waits in the node."""
        plain = socket.socket()
        if stalled:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, STALLED_BUFFER_BYTES)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=plain, limit=STALLED_BUFFER_BYTES if stalled else 1 << 20)
        writer.write(HANDSHAKE)
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        peer = cls(reader, writer)
        assert (await peer.ask("login", token=token))["ok"]
        return peer

    def send(self, method: str, **params: object) -> int:
        """Send a request; return its id."""
        self._ids += 1
        self.writer.write(frame(0x1, json.dumps({"id": self._ids, "method": method, "params": params}).encode()))
        return self._ids

    def subscribe(self, *channels: str) -> None:
        """Ask for what is told on these channels."""
        for channel in channels:
            params = {"markets": [MARKET], "depth": 1000} if channel == "book" else {}
            self.send("subscribe", channel=channel, **params)

    async def attend(self) -> None:
        """Read to the end, and answer pings: a peer that does not is closed within forty seconds."""
        while True:
            await self._message()

    async def read(self) -> Any:
        """Return the next message."""
        return json.loads(await self._message())

    async def _message(self) -> bytes:
        while True:
            kind, length = await self._reader.readexactly(2)
            if length >= 126:
                length = int.from_bytes(await self._reader.readexactly(2 if length == 126 else 8))
            payload = await self._reader.readexactly(length)
            if kind == 0x81:
                return payload
            if kind == 0x89:
                self.writer.write(frame(0xA, payload))

    async def fell_behind(self) -> None:
        """Read what waits up to the word that there was more."""
        async with asyncio.timeout(RESYNC_TIMEOUT_S):
            while (await self.read()).get("type") != "resync":
                pass

    async def ask(self, method: str, **params: object) -> Any:
        """Return the reply to a request, passing over what else arrives."""
        number = self.send(method, **params)
        while True:
            message = await self.read()
            if message.get("id") == number:
                return message

    async def place(self, side: str, price: int) -> Any:
        """Return the reply to an order."""
        return await self.ask("order.place", market=MARKET, side=side, type="limit", size="0.001", price=str(price))


class Crowd:
    """A node without limits on who comes, and the peers that have come."""

    def __init__(self, node: NodeProcess) -> None:
        self.node = node
        self.port = int(node.url.rpartition(":")[2])
        self.peers: list[Peer] = []
        self.readers: list[asyncio.Task[None]] = []
        self.traders = 0

    def memory_bytes(self) -> int:
        """Return what the node's process holds in memory (Linux)."""
        assert self.node.process is not None
        pages = Path(f"/proc/{self.node.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    async def metric(self, name: str) -> float:
        """Return a figure of the node's."""
        return await asyncio.to_thread(self._metric, name)

    def _metric(self, name: str) -> float:
        with urlopen(f"{self.node.url}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} ")), 0.0)

    async def user(self, name: str) -> str:
        """Register a user; return a token."""
        client = await asyncio.to_thread(self.node.user, name)
        return client.token or ""

    async def join(self, token: str, count: int, *, stalled: bool = False) -> list[Peer]:
        """Let so many peers of a user come."""
        peers = [await Peer.open(self.port, token, stalled=stalled) for _ in range(count)]
        self.peers += peers
        return peers

    async def follow(self, token: str, *channels: str) -> None:
        """Let a peer come that reads all that is told on these channels."""
        [peer] = await self.join(token, 1)
        peer.subscribe(*channels)
        self.attend(peer)

    def attend(self, peer: Peer) -> None:
        """Let a peer read, in the background."""
        self.readers.append(asyncio.create_task(peer.attend()))

    async def churn(self, token: str, rounds: int) -> None:
        """Place many orders and cancel them again, on a connection that reads."""
        peer = await Peer.open(self.port, token)
        for _ in range(rounds):
            for number in range(CHURN_ORDERS):
                price = str(40_000 + number)
                peer.send("order.place", market=MARKET, side="buy", type="limit", size="0.001", price=price)
            assert (await peer.ask("order.cancel_all"))["ok"]
        peer.writer.close()


@asynccontextmanager
async def crowd(folder: Path) -> AsyncIterator[Crowd]:
    """Start the node and stop it; peers that are left are closed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, DESCRIPTORS)), hard))
    config = folder / "node.toml"
    config.write_text(CONFIG)
    with NodeProcess(folder / "data", "--config", str(config)) as node:
        found = Crowd(node)
        try:
            yield found
        finally:
            for peer in found.peers:
                peer.writer.transport.abort()
            await asyncio.gather(*found.readers, return_exceptions=True)
        assert await asyncio.to_thread(node.stop) == 0


@dataclass
class Costs:
    """What a crowd cost."""

    idle: int
    idle_bytes: int
    """Each."""
    stalled: int
    stalled_bytes: int
    """Each."""
    p99_before_ms: float
    p99_ms: float

    def __str__(self) -> str:
        return (
            f"{self.idle} idle sockets of {self.idle_bytes / 1024:.1f} KiB, "
            f"{self.stalled} stalled ones of {self.stalled_bytes / 1024:.1f} KiB; others' p99 "
            f"{self.p99_ms:.2f} ms, {self.p99_ms / self.p99_before_ms:.2f} times that without them"
        )


async def measure(folder: Path, idle: int, stalled: int, rounds: int, probes: int) -> Costs:
    """Let a crowd come, and measure it. Each stalled peer is a user with `rounds` of traffic of its own."""
    async with crowd(folder) as found:
        prober = await found.user("prober")
        await found.follow(prober, *CHANNELS)
        tokens = [await found.user(f"stalled{number}") for number in range(stalled)]
        for token in tokens:  # what trading costs, and what is kept of a channel for all who follow it
            await found.follow(token, "orders", "fills", "wallet")
            await found.churn(token, rounds)
        p99_before_ms = await p99_under_load_ms(found, prober, probes)
        before = found.memory_bytes()
        for peer in await found.join(prober, idle):
            found.attend(peer)
        idle_bytes = (found.memory_bytes() - before) // max(idle, 1)
        before = found.memory_bytes()
        peers = [peer for token in tokens for peer in await found.join(token, 1, stalled=True)]
        for peer in peers:
            peer.subscribe(*CHANNELS)
        everybody = await found.metric("cryptex_connections")
        p99_ms = await p99_under_load_ms(found, prober, probes)
        peak = await peak_bytes(found, tokens, rounds)
        assert await found.metric("cryptex_connections") >= everybody, "all were still there"
        for peer in peers:
            await peer.fell_behind()
        stalled_bytes = (peak - before) // max(stalled, 1)
        return Costs(idle, idle_bytes, stalled, stalled_bytes, p99_before_ms, p99_ms)


async def peak_bytes(found: Crowd, tokens: list[str], rounds: int) -> int:
    """Let the peers' users trade until no more of the peers fall behind; return the most memory that was held."""
    peak, resyncs = found.memory_bytes(), await found.metric(RESYNCS)
    for repeat in range(CHURNS_MAX):
        for start in range(0, len(tokens), CHURNS_AT_ONCE):
            churned = tokens[start : start + CHURNS_AT_ONCE]
            await asyncio.gather(*(found.churn(token, 1 if repeat else rounds) for token in churned))
            peak = max(peak, found.memory_bytes())
        before, resyncs = resyncs, await found.metric(RESYNCS)
        if repeat and resyncs == before:
            break
    return peak


async def p99_under_load_ms(found: Crowd, token: str, probes: int) -> float:
    """Return the middle one of some runs' 99th percentiles: a shared machine has bad moments of its own."""
    return median([await _p99_ms(found, token, probes) for _ in range(P99_RUNS)])


async def _p99_ms(found: Crowd, token: str, probes: int) -> float:
    """Return the 99th percentile of so many orders' replies, one at a time, while others trade."""
    found.traders += 1
    trader = await found.user(f"trader{found.traders}")
    load = asyncio.create_task(found.churn(trader, probes // 100))
    peer = await Peer.open(found.port, token)
    times = []
    for _ in range(probes):
        begin = perf_counter()
        assert (await peer.place("buy", 30_000))["ok"]
        times.append(perf_counter() - begin)
        peer.send("order.cancel_all")
    await load
    peer.writer.close()
    return sorted(times)[len(times) * 99 // 100] * 1000
