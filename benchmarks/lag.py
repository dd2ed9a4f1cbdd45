"""How far history is behind the journal, read from the node's files, so that asking does not disturb the node."""

from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Final, Self

from cryptex.store.history import History
from cryptex.store.journal import JournalReader

INTERVAL_S: Final = 0.1
CATCH_UP_S_MAX: Final = 300


class LagWatch:
    """Watches a node's projector while it is used as a context manager."""

    def __init__(self, data_dir: Path) -> None:
        self._journal = JournalReader.open(data_dir)
        self._history = History(data_dir)
        self._ended = Event()
        self._thread = Thread(target=self._watch, name="lag", daemon=True)
        self.most = 0
        """The greatest lag seen, in sequences."""
        self.caught_up_s = 0.0
        """The longest that history took to catch up after a load."""

    def now(self) -> int:
        """Return the lag in sequences."""
        cursor = self._history.cursor()
        last = self._journal.last_row()
        return 0 if last is None else max(0, last.last_sequence - cursor)

    def catch_up(self) -> None:
        """Wait until there is no lag. Raises TimeoutError."""
        begin = perf_counter()
        while self.now():
            if self._ended.wait(INTERVAL_S / 10) or perf_counter() - begin > CATCH_UP_S_MAX:
                raise TimeoutError(f"history is {self.now()} sequences behind and does not catch up")
        self.caught_up_s = max(self.caught_up_s, perf_counter() - begin)

    def line(self) -> str:
        """Return what was seen."""
        return f"history  {self.most:>8,} sequences behind at most, caught up {self.caught_up_s:.2f} s after the load"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._journal.close()
        self._history.close()

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL_S):
            self.most = max(self.most, self.now())
