"""A backup of a node that works: all of it or nothing of each account, and it starts."""

import threading
from decimal import Decimal
from pathlib import Path

from cryptex.node.verify import verify
from cryptex.store.backup import back_up, put_back
from tests.end_to_end.node_process import NodeProcess
from tests.end_to_end.test_restart import everything

CREATED_AT = "2026-11-22T15:40:03.123456Z"
TURNS = 6


def test_backups_under_load_are_whole_and_start(tmp_path: Path) -> None:
    done = threading.Event()
    with NodeProcess(tmp_path / "data") as node:
        alice = node.user("alice")

        def trade() -> None:
            while not done.is_set():
                order = alice.place_order("BTC-USDT", "buy", "0.001", price="50000")
                alice.cancel_order(order.id)

        def register() -> None:
            client, number = node.rest(), 0
            while not done.is_set():
                number += 1
                client.register(f"user-{number}", "a long password")

        busy = [threading.Thread(target=task) for task in (trade, register)]
        for thread in busy:
            thread.start()
        try:
            made = [
                back_up(tmp_path / "data", tmp_path / f"{turn}.backup", version="0", created_at=CREATED_AT)
                for turn in range(TURNS)
            ]
        finally:
            done.set()
            for thread in busy:
                thread.join()
    sequences = [each.sequence for each in made]
    assert sequences == sorted(sequences)
    assert sequences[0] < sequences[-1]
    for turn in range(TURNS):
        folder = tmp_path / f"{turn}"
        put_back(tmp_path / f"{turn}.backup", folder)
        assert [finding for finding in verify(folder) if not finding.ok] == []
    with NodeProcess(folder) as restored:
        assert restored.again("alice").wallet()[-1].balance == Decimal(100000)
        restored.user("somebody-new")
        assert restored.stop() == 0
    assert [finding for finding in verify(folder) if not finding.ok] == []


def test_a_restored_node_is_the_node_that_was_backed_up(tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "data") as node:
        alice = node.user("alice")
        alice.deposit("BTC", "2")
        alice.place_order("BTC-USDT", "sell", "0.5", price="60000")
        node.user("bob").place_order("BTC-USDT", "buy", "0.2", price="60000")
        alice.deposit("USDT", "1")
        before = everything(alice)
        back_up(tmp_path / "data", tmp_path / "one.backup", version="0", created_at=CREATED_AT)
        alice.deposit("USDT", "1")
    put_back(tmp_path / "one.backup", tmp_path / "restored")
    with NodeProcess(tmp_path / "restored") as node:
        assert everything(node.again("alice")) == before
        assert node.stop() == 0
