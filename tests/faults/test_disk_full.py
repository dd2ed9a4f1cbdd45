"""A disk without room: nothing is acknowledged that is not on it, reads go on, and all goes on when there is room."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from cryptex.client.errors import UnavailableError
from cryptex.client.rest import RestClient
from cryptex.protocol.problems import Code, ExitCode
from tests.end_to_end.node_process import NodeProcess
from tests.end_to_end.test_restart import patiently
from tests.faults.told import Logged

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the faults are injected by Linux's means")

ROOM_BYTES = 64 * 1024
ORDERS_MAX = 500
DISK_BYTES = 4 * 1024 * 1024


class Disk(Protocol):
    """Where a node has its folder."""

    def fill(self, node: NodeProcess) -> None:
        """Leave little room, or none."""

    def make_room(self, node: NodeProcess) -> None:
        """Give it back."""


class SmallDisk:
    """A disk that really is full."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self, node: NodeProcess) -> None:
        """Write until nothing more can be written."""
        with self._filler.open("wb", buffering=0) as file:
            size = ROOM_BYTES
            while size:
                try:
                    file.write(bytes(size))
                except OSError:
                    size //= 2

    def make_room(self, node: NodeProcess) -> None:
        """Take it away again."""
        self._filler.unlink()


class Limit:
    """A limit on the size of the node's files, as a quota would set it: to SQLite it is an I/O error."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fill(self, node: NodeProcess) -> None:
        """Let the largest file of the node grow no further than by ROOM_BYTES."""
        largest = max(path.stat().st_size for path in node.data_dir.iterdir() if path.is_file())
        self._limit(node, largest + ROOM_BYTES)

    def make_room(self, node: NodeProcess) -> None:
        """Lift the limit."""
        self._limit(node, resource.RLIM_INFINITY)

    def _limit(self, node: NodeProcess, size: int) -> None:
        assert node.process is not None
        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def mounted(folder: Path) -> Iterator[Path]:
    """Mount a small disk."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(folder)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Journalist:
    """Places orders and notes what came of each."""

    def __init__(self, client: RestClient) -> None:
        self._client = client
        self.done: dict[str, int] = {}
        self.refused: list[str] = []

    def place(self) -> bool:
        """Place one more; return whether it was done."""
        key = f"key{len(self.done) + len(self.refused)}"
        try:
            order = self._client.place_order("BTC-USDT", "buy", "0.001", price="50000", client_order_id=key)
        except UnavailableError:
            self.refused.append(key)
            return False
        self.done[key] = order.sequence
        return True

    def compare(self, data_dir: Path) -> None:
        """Hold it against the journal of a node that has ended."""
        logged = Logged(data_dir)
        account_id = self._account_id
        for key, sequence in self.done.items():
            assert logged.sequences[account_id, ("place", key)] == {sequence}, "an acknowledged order was lost"
        for key in self.refused:
            assert (account_id, ("place", key)) not in logged.sequences, "what was refused was written"

    def look(self) -> None:
        """Read what is there: that needs no room."""
        self._account_id = self._client.me().id
        [dollars] = [each for each in self._client.wallet() if each.asset == "USDT"]
        assert dollars.held == 50 * len(self.done)
        assert self._client.book("BTC-USDT").bids[0].price == 50_000


def fill_up_and_go_on(node: NodeProcess, disk: Disk) -> Journalist:
    """Let a node meet a full disk and outlive it."""
    user = node.user("ann")
    journalist = Journalist(user)
    assert journalist.place()
    disk.fill(node)
    while journalist.place():
        assert len(journalist.done) < ORDERS_MAX, "the disk was never full"
    journalist.look()
    assert not journalist.place()
    with pytest.raises(UnavailableError) as refused:
        user.deposit("BTC", "1", reference="deposit")
    assert refused.value.code is Code.UNAVAILABLE
    disk.make_room(node)
    while not journalist.place():
        pass
    user.deposit("BTC", "1", reference="deposit")
    assert len(patiently(lambda: user.orders(limit=1000))) == len(journalist.done), "history is there again, too"
    assert node.rest().login("ann", "ann has a password").token
    journalist.look()
    return journalist


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "data") as node:
        journalist = fill_up_and_go_on(node, Limit(tmp_path))
        assert node.stop() == 0
    journalist.compare(tmp_path / "data")


def test_a_full_disk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with mounted(tmp_path / "disk") as folder, NodeProcess(folder / "data") as node:
        disk = SmallDisk(folder)
        journalist = fill_up_and_go_on(node, disk)
        assert node.stop() == 0
        journalist.compare(folder / "data")
        disk.fill(node)
        node.spawn()
        assert node.ended() == ExitCode.REFUSED
        assert "there is no room on the disk" in capfd.readouterr().err
        disk.make_room(node)
        node.start()
        assert node.stop() == 0
        journalist.compare(folder / "data")
