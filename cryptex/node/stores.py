"""Where a node keeps what lasts: its data folder, or what a simulation has in its place."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cryptex.node.own_history import open_history
from cryptex.store.database import DataFolder, FolderLock
from cryptex.store.history import History
from cryptex.store.snapshots import SnapshotStore
from cryptex.store.users import Users


class Stores(Protocol):
    """The stores beside the journal. Every method blocks on the disk, and raises what opening that store raises."""

    def lock(self) -> Callable[[], None]:
        """Take the stores for this node alone; return what gives them back. Raises FolderInUse."""

    def snapshots(self) -> SnapshotStore:
        """Return the snapshots of the state."""

    def users(self, clock: Callable[[], int], *, refuse_common: bool) -> Users:
        """Open the users store. `clock` gives nanoseconds since 1970."""

    def history(self, hash_at: Callable[[int], bytes | None]) -> History:
        """Open history to be read, emptied first where it is not the journal's, whose `hash_at` this is."""


class FolderStores:
    """The stores in a data folder; history may be in a database elsewhere.

    `unlock` finds or makes the key of the folder, once that is this node's and before anything in it is opened.
    """

    def __init__(self, data_dir: Path, database_url: str, unlock: Callable[[Path], None] = lambda _: None) -> None:
        self._data_dir = data_dir
        self._unlock = unlock
        self._history: Path | str = database_url or data_dir

    def lock(self) -> Callable[[], None]:
        """Take the folder. Raises KeyRefused too."""
        lock = FolderLock(self._data_dir)
        try:
            self._unlock(self._data_dir)
            DataFolder(self._data_dir).tighten()
        except BaseException:
            lock.release()
            raise
        return lock.release

    def snapshots(self) -> SnapshotStore:
        """Return the folder's snapshots."""
        return SnapshotStore(self._data_dir)

    def users(self, clock: Callable[[], int], *, refuse_common: bool) -> Users:
        """Open users.db."""
        return Users.open(self._data_dir, clock, refuse_common=refuse_common)

    def history(self, hash_at: Callable[[int], bytes | None]) -> History:
        """Open history.db, or the database in its place."""
        return open_history(self._history, hash_at)
