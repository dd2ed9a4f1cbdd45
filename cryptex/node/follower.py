"""The follower: replays the journal in a process of its own, lands history and saves snapshots.

So neither SQL nor snapshots cost the hot path. `python -m cryptex.node.follower DATA_DIR` speaks lines: on stdin the
node says up to which sequence the journal is applied (the follower never runs ahead of that), or `stop`; on stdout it
says up to which sequence history has landed. At `stop` it finishes, saves a snapshot and exits. When stdin ends
without it, the node is dead, and the follower leaves at once: the next node starts its own.

The key of an encrypted folder is the first line of stdin: so it is neither among the arguments nor in the environment.
"""

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import RawIOBase
from pathlib import Path
from time import monotonic
from typing import Final

from sqlalchemy.exc import OperationalError

from cryptex.garbage import GC_THRESHOLDS
from cryptex.node import logs
from cryptex.node.applied import Applied
from cryptex.node.landing import LandingBuilder
from cryptex.node.own_history import disown_foreign
from cryptex.node.replay import OtherRules, load_base, replay_batch
from cryptex.protocol.commands import DefineAsset, DefineMarket
from cryptex.store.batches import EMPTY_HASH
from cryptex.store.data_key import DataKey, hold
from cryptex.store.journal import Batch, JournalDamaged, JournalReader
from cryptex.store.projector import Projector
from cryptex.store.snapshots import SnapshotStore
from cryptex.store.vault import read_header

DATABASE_URL_VARIABLE: Final = "CRYPTEX_FOLLOWER_DATABASE_URL"
"""Where the node puts the database's address: it may hold a password, which has no place among the arguments."""

LANDING_COMMANDS: Final = 400
"""Commands after which a landing is due. With one batch more, a landing stays below the candles that are kept."""

LANDING_INTERVAL_S: Final = 0.02
"""Landings begin so far apart: each costs a commit, and a busy node would else pay for one with every batch."""

SNAPSHOT_EVERY: Final = 50_000
"""Commands between two snapshots, at least."""

SNAPSHOT_BYTES_A_COMMAND: Final = 1_000
"""Of a large state snapshots are rarer: so many bytes take as long to write as a start takes to replay a command."""

NICENESS: Final = 5
STOP_WORD: Final = b"stop"

_log: Final = logging.getLogger(__name__)


class Follower:
    """Brings history up to the journal. Not for several threads at once."""

    def __init__(self, data_dir: Path, projector: Projector, *, snapshot_every: int = SNAPSHOT_EVERY) -> None:
        """Load the newest snapshot that history has landed, and replay from it up to history's cursor.

        History that is not the journal's is emptied first.
        """
        self._projector = projector
        self._snapshots = SnapshotStore(data_dir)
        self._snapshot_every = snapshot_every
        self._reader = JournalReader.open(data_dir)
        try:
            disown_foreign(projector, self._reader.hash_at)
            self._prepare(projector.cursor)
        except BaseException:
            self._reader.close()
            raise

    def _prepare(self, cursor: int) -> None:
        last = self._reader.last_row()
        end = last.last_sequence if last is not None else 0
        self._voids = self._reader.voids()
        self._state = state = load_base(self._snapshots, self._reader.hash_at, end, cursor)
        self._exchange = state.exchange
        self._snapshot_at = self._snapshot_tried_at = state.exchange.sequence
        self._snapshot_fails = False
        self._snapshot_due = self._snapshot_every
        self._chain_hash = self._reader.hash_at(state.exchange.sequence) or EMPTY_HASH
        for batch in self._batches(cursor):
            state.fold(self._replay(batch))
            state.recent.add_closed(state.exchange.take_closed())
        self._landing = LandingBuilder(state)

    @property
    def cursor(self) -> int:
        """The last sequence that has landed."""
        return self._exchange.sequence - self._landing.commands

    def advance(self, watermark: int) -> Iterator[int]:
        """Land what the journal holds up to `watermark`; yield the cursor after each landing."""
        for batch in self._batches(watermark):
            if self._landing.commands >= LANDING_COMMANDS or _defines(batch):
                yield from self._land()
            self._landing.add(self._replay(batch))
        yield from self._land()

    def save_snapshot(self) -> None:
        """Save the state, unless it is saved already, or is broken.

        Never raises: landings must go on without snapshots. The first failure in a row is logged.
        """
        if self._exchange.sequence == self._snapshot_at:
            return
        self._snapshot_tried_at = self._exchange.sequence
        try:
            self._save_snapshot()
        except Exception:
            if not self._snapshot_fails:
                _log.exception("no snapshot can be saved; history goes on without")
            self._snapshot_fails = True
        else:
            self._snapshot_fails = False

    def _save_snapshot(self) -> None:
        exchange = self._exchange
        exchange.check()
        size = self._snapshots.save(self._state.snapshot(self._chain_hash))
        self._snapshot_due = max(self._snapshot_every, size // SNAPSHOT_BYTES_A_COMMAND)
        self._snapshot_at = exchange.sequence
        self._snapshots.prune(keep_from=exchange.sequence)

    def close(self) -> None:
        """Close the journal."""
        self._reader.close()

    def _batches(self, watermark: int) -> Iterator[Batch]:
        """Yield the batches after the state, up to the one that ends at `watermark`."""
        if self._exchange.sequence >= watermark:
            return
        for batch in self._reader.replay(self._exchange.sequence):
            if batch.last_sequence > watermark:
                return
            yield batch
            if batch.last_sequence == watermark:
                return

    def _replay(self, batch: Batch) -> list[Applied]:
        self._chain_hash = batch.hash
        return list(replay_batch(self._exchange, batch, self._voids))

    def _land(self) -> Iterator[int]:
        if not self._landing.commands:
            return
        self._projector.land(self._landing.build(self._chain_hash))
        if self._exchange.sequence - self._snapshot_tried_at >= self._snapshot_due:
            self.save_snapshot()
        yield self._exchange.sequence


def _defines(batch: Batch) -> bool:
    """Whether a batch may change what ticks and lots mean: a landing ends before it."""
    return any(isinstance(stamped.command, DefineAsset | DefineMarket) for stamped in batch.commands)


class Watermarks:
    """The node's lines, read by a thread; the newest watermark is the one that counts."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self._condition = threading.Condition()
        self._watermark = -1
        self._stopping = False
        self._ended = False

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, name="watermarks", daemon=True).start()

    def _read(self) -> None:
        with suppress(ValueError, OSError):  # a line that is no number is the end of the conversation
            for line in self._lines:
                word = line.strip()
                with self._condition:
                    if word == STOP_WORD:
                        self._stopping = True
                    else:
                        self._watermark = int(word)
                    self._condition.notify()
        with self._condition:
            self._ended = True
            self._condition.notify()

    @property
    def abandoned(self) -> bool:
        """Whether the node is gone without having said stop."""
        with self._condition:
            return self._ended and not self._stopping

    def next(self, after: int) -> int | None:
        """Wait for a watermark above `after` (-1: any) and return it; None when there will be none."""
        with self._condition:
            self._condition.wait_for(lambda: self._watermark > after or self._stopping or self._ended)
            if self._ended and not self._stopping:
                return None
            return self._watermark if self._watermark > after else None

    def rest(self, seconds: float) -> None:
        """Let watermarks gather for so long, unless there will be no more."""
        with self._condition:
            self._condition.wait_for(lambda: self._stopping or self._ended, seconds)


def follow(follower: Follower, watermarks: Watermarks, interval_s: float = LANDING_INTERVAL_S) -> Iterator[int]:
    """Yield the cursor at first and after each landing, until the node stops (then a snapshot is saved) or is gone."""
    yield follower.cursor
    while (watermark := watermarks.next(follower.cursor)) is not None:
        before, begin_s = follower.cursor, monotonic()
        for cursor in follower.advance(watermark):
            yield cursor
            if watermarks.abandoned:
                return
        if follower.cursor == before:
            raise ValueError(f"no batch of the journal ends at the node's sequence {watermark}")
        watermarks.rest(max(0.0, begin_s + interval_s - monotonic()))
    if not watermarks.abandoned:
        follower.save_snapshot()


def _take_key(data_dir: Path, said: RawIOBase) -> bool:
    """Hold the key that the node says first, of an encrypted folder; return whether the node is still there."""
    header = read_header(data_dir)
    if header is None:
        return True
    line = said.readline()
    if not line.endswith(b"\n"):
        return False
    hold(header.id, DataKey.from_hex(line.decode("ascii").strip()))
    return True


def main(arguments: list[str]) -> int:
    """Follow the journal in the data folder named by the only argument; return the exit code."""
    logs.configure(as_json=bool(os.environ.get(logs.JSON_VARIABLE)))
    for number in (signal.SIGINT, signal.SIGTERM):  # a service manager tells all; the node says when to stop
        signal.signal(number, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    data_dir = Path(arguments[0])
    # Raw, because a thread that waits inside the buffered stdin would hold up the interpreter's exit.
    said = open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)  # noqa: SIM115
    if not _take_key(data_dir, said):
        return 0
    watermarks = Watermarks(said)
    watermarks.start()
    try:
        if watermarks.next(-1) is None:  # the node has opened the journal when it says the first
            return 0
        gc.set_threshold(*GC_THRESHOLDS)
        follower = Follower(data_dir, Projector(os.environ.get(DATABASE_URL_VARIABLE) or data_dir))
        gc.freeze()  # what was loaded is there to stay
        for cursor in follow(follower, watermarks):
            sys.stdout.write(f"{cursor}\n")
            sys.stdout.flush()
    except BrokenPipeError:  # the node is gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the exit would try to flush once more
        return 0
    except (OtherRules, JournalDamaged) as error:
        _log.error("history stands still: %s", error)
        return 1
    except OperationalError as error:  # a full disk, a database that is away: another follower tries again
        _log.error("history stands still: %s", error.orig)
        return 1
    except Exception:
        _log.exception("the follower stops")
        return 1
    follower.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
