"""A book that changes a set number of times a second: written by hand, so that every update is a message of its own."""

import asyncio
from collections.abc import Callable
from random import Random
from time import perf_counter
from typing import Final

import msgspec

LEVELS: Final = 25
MID_CENTS: Final = 6_000_000
STEP_CENTS: Final = 50
SIZE_MAX: Final = 300_000
MOVES_EVERY: Final = 50
"""After so many updates the whole book moves by a step, and every row of a ladder with it."""

PACE_S: Final = 0.001

Side = dict[int, int]
"""Size by price: in cents, and in hundred-thousandths."""


class Head(msgspec.Struct, frozen=True):
    """What a node's message about a book begins with."""

    market: str
    depth: int
    type: str
    epoch: int
    sequence: int
    time: str


_head_decoder: Final = msgspec.json.Decoder(Head)


class BookFeed:
    """Takes the place of a node's book for one subscriber: `send` gets a snapshot, then updates that go on from it.

    The same seed makes the same changes. `sent` counts the updates.
    """

    def __init__(self, snapshot: bytes, per_second: float, send: Callable[[bytes], None]) -> None:
        """`snapshot` is the node's own. Raises ValueError for any other message."""
        self._head = _head_decoder.decode(snapshot)
        if self._head.type != "snapshot":
            raise ValueError(f"a chain begins with a snapshot, not with {self._head.type}")
        self._per_second = per_second
        self._send = send
        self._random = Random(7)
        self._sequence = self._head.sequence
        self._best = MID_CENTS
        self._bids: Side = {MID_CENTS - at * STEP_CENTS: self._size() for at in range(1, LEVELS + 1)}
        self._asks: Side = {MID_CENTS + at * STEP_CENTS: self._size() for at in range(1, LEVELS + 1)}
        self.sent = 0

    async def run(self) -> None:
        """Send for ever; what is late is sent at once."""
        self._send(self._message("snapshot", self._bids, self._asks))
        begin = perf_counter()
        while True:
            due = int((perf_counter() - begin) * self._per_second)
            while self.sent < due:
                self.sent += 1
                self._send(self._update())
            await asyncio.sleep(PACE_S)

    def _size(self) -> int:
        return self._random.randrange(1, SIZE_MAX)

    def _update(self) -> bytes:
        if self.sent % MOVES_EVERY == 0:
            return self._move(self._random.choice((-1, 1)))
        side = self._random.choice((self._bids, self._asks))
        price = self._random.choice(list(side))
        changes = {price: self._size()}
        side.update(changes)
        return self._change(*((changes, {}) if side is self._bids else ({}, changes)))

    def _move(self, direction: int) -> bytes:
        """Move the book up or down: a level goes and one comes on each side."""
        step = direction * STEP_CENTS
        moved = [{min(side) if direction > 0 else max(side): 0} for side in (self._bids, self._asks)]
        for change, side in zip(moved, (self._bids, self._asks), strict=True):
            come = (max(side) if direction > 0 else min(side)) + step
            change[come] = self._size()
            for price, size in change.items():
                side[price] = size
                if not size:
                    del side[price]
        return self._change(*moved)

    def _change(self, bids: Side, asks: Side) -> bytes:
        before, self._sequence = self._sequence, self._sequence + 1
        return self._message("update", bids, asks, f'"prev":{before},')

    def _message(self, kind: str, bids: Side, asks: Side, more: str = "") -> bytes:
        head = self._head
        return (
            f'{{"channel":"book","market":"{head.market}","depth":{head.depth},"type":"{kind}","epoch":{head.epoch},'
            f'"sequence":{self._sequence},"time":"{head.time}",{more}"bids":{_levels(bids)},"asks":{_levels(asks)}}}'
        ).encode()


def _levels(side: Side) -> str:
    pairs = (
        f'["{price // 100}.{price % 100:02}","{size // 100_000}.{size % 100_000:05}"]' for price, size in side.items()
    )
    return f"[{','.join(pairs)}]"
