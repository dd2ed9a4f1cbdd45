"""Asking a running node for its state hash: through the data folder alone, by who may write there."""

import asyncio
import os
import stat
import threading
from pathlib import Path

import pytest

from cryptex.engine.snapshot import state_hash
from cryptex.node import core as core_module
from cryptex.node.live_state import ANSWER, QUESTION, LiveState, answer_in, ask, question_in
from cryptex.node.verify import LIVE, verify
from tests.node.edge import edge, limit

INTERVAL_S = 0.02


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_module, "CHECKPOINT_INTERVAL_S", INTERVAL_S)


def _live(folder: Path) -> tuple[bool, str, int | None]:
    [finding] = [each for each in verify(folder) if each.check == LIVE]
    return finding.ok, finding.detail, finding.sequence


async def test_a_running_node_tells_its_state_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with edge(folder) as node:
        _, ann = await node.user("ann", USDT="1000")
        await node.post("/orders", limit("BTC-USDT", "buy", "1", "100"), ann)
        exchange = node.core.exchange
        state = await asyncio.to_thread(ask, folder)
        assert state is not None
        assert (state.epoch, state.sequence, state.state_hash) == (1, exchange.sequence, state_hash(exchange))
        assert await asyncio.to_thread(_live, folder) == (
            True,
            f"the running node had the state that replay gives, at sequence {exchange.sequence}",
            None,
        )
    assert not list(folder.glob("state.*"))
    assert _live(folder) == (True, "no node is running here: nothing to compare", None)


async def test_a_node_whose_memory_is_not_its_journals_is_found_at_its_sequence(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with edge(folder) as node:
        ann_id, _ = await node.user("ann", USDT="1000")
        exchange = node.core.exchange
        exchange.accounts_by.by_id[ann_id].balances["USDT"].available += 1
        ok, detail, sequence = await asyncio.to_thread(_live, folder)
        assert (ok, sequence) == (False, exchange.sequence)
        assert "replay gives" in detail


@pytest.mark.skipif(os.name == "nt", reason="no pipes in folders there")
def test_a_pipe_or_a_link_in_place_of_a_question_holds_up_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / QUESTION)
    assert question_in(tmp_path) is None
    (tmp_path / QUESTION).unlink()
    (tmp_path / "other").write_text("abc")
    (tmp_path / QUESTION).symlink_to(tmp_path / "other")
    assert question_in(tmp_path) is None


async def test_a_node_that_does_not_answer_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    monkeypatch.setattr(core_module, "question_in", lambda _folder: None)
    async with edge(folder):
        findings = await asyncio.to_thread(lambda: verify(folder, live_wait_s=0.1))
        assert [each.check for each in findings if not each.ok] == [LIVE]
        assert not (folder / QUESTION).exists()


def test_who_finds_the_question_of_another_in_place_of_its_own_asks_again(tmp_path: Path) -> None:
    answers: list[LiveState | None] = []
    asker = threading.Thread(target=lambda: answers.append(ask(tmp_path)))
    asker.start()
    mine = _next_question(tmp_path)
    (tmp_path / QUESTION).write_bytes(b"another")
    answer_in(tmp_path, LiveState(_next_question(tmp_path), 1, 2, "hash"))
    assert _next_question(tmp_path) == mine
    answer_in(tmp_path, LiveState(mine, 1, 3, "hash"))
    asker.join()
    assert answers == [LiveState(mine, 1, 3, "hash")]


def _next_question(folder: Path) -> str:
    while (nonce := question_in(folder)) is None:
        pass
    return nonce


def test_only_a_nonce_is_a_question_and_files_are_private(tmp_path: Path) -> None:
    assert question_in(tmp_path) is None
    for nonsense in (b"", b"a\nb", b"x" * 33, b"x" * 5000, b"\xff"):
        (tmp_path / QUESTION).write_bytes(nonsense)
        assert question_in(tmp_path) is None
    (tmp_path / QUESTION).unlink(missing_ok=True)
    (tmp_path / "elsewhere").write_bytes(b"abc")
    (tmp_path / QUESTION).symlink_to(tmp_path / "elsewhere")
    assert question_in(tmp_path) is None
    (tmp_path / QUESTION).unlink()
    (tmp_path / ANSWER).write_bytes(b"{")
    assert ask(tmp_path, 0.0) is None
    answer_in(tmp_path, LiveState("a", 1, 2, "hash"))
    assert stat.S_IMODE((tmp_path / ANSWER).stat().st_mode) == 0o600
