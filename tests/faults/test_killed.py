"""SIGKILL under load: what was acknowledged is there afterwards, once, and whatever else is there had been sent."""

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cryptex.store.journal import JournalReader
from tests.end_to_end.node_process import NodeProcess, both_builds
from tests.faults.storm import Storm

KILLS = 2
ORDERS = 20


@both_builds
async def test_no_acknowledged_command_is_lost_or_doubled(tmp_path: Path, installed: bool) -> None:
    figures = await Storm(tmp_path / "data", seed=1, installed=installed).run(KILLS)
    assert figures.kills == KILLS
    assert figures.acknowledged > KILLS


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
def test_each_commit_reaches_the_disk_before_its_reply(tmp_path: Path) -> None:
    """SIGKILL leaves the page cache alone, so a storm can not tell FULL from NORMAL: the system's calls can."""
    pipe = tmp_path / "trace"
    os.mkfifo(pipe)
    under = ("strace", "-D", "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", str(pipe))
    with ThreadPoolExecutor(1) as threads:
        trace = threads.submit(pipe.read_text)  # to its end: then the tracer has said everything
        with NodeProcess(tmp_path / "data", under=under) as node:
            user = node.user("ann")
            for number in range(ORDERS):
                user.place_order("BTC-USDT", "buy", "0.001", price=str(50_000 + number))
            assert node.stop() == 0
        syncs = re.findall(r"(?:fsync|fdatasync)\(\d+<[^>]*/journal\.db-wal>\)", trace.result())
    reader = JournalReader.open(tmp_path / "data")
    batches = len(list(reader.rows(0)))
    reader.close()
    assert batches >= ORDERS
    assert len(syncs) >= batches
