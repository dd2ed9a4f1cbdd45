"""Another key for a folder: everything under it, nothing under the old one, and no crash that leaves neither."""

import os
import shutil
from collections.abc import Callable, Set
from contextlib import closing
from pathlib import Path

import pytest

from cryptex.engine.snapshot import RULES_VERSION
from cryptex.protocol.commands import Stamped, Tick
from cryptex.store import data_key, rekey_swap
from cryptex.store import rekey as rekey_module
from cryptex.store.database import FolderInUse, FolderLock, StoreDamaged, open_sqlite
from cryptex.store.journal import SqliteJournal
from cryptex.store.key_places import KeyRefused, read_keys
from cryptex.store.projector import Projector
from cryptex.store.rekey import Rekeyed, rekey
from cryptex.store.snapshots import Snapshot, SnapshotStore
from cryptex.store.unlock import KeyWish, unlock
from cryptex.store.users import Users
from cryptex.store.vault import HEADER_NAME, REKEYED_NAME, VaultLocked, key_of, read_header
from tests.store.vaults import begin_folder, both_forms, forget_keys

CANARY = "quetzal-in-the-coal-mine"
PASSWORD = "a long password"


class KilledHere(BaseException):
    """Stands for the end of the process at this very step."""


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_key, "_held", {})


def fill(root: Path) -> Path:
    """Put a journal, a user, a snapshot and history into a folder."""
    journal = SqliteJournal.open(root, rules_version=RULES_VERSION)
    journal.append([Stamped(1, Tick()), Stamped(2, Tick())])
    SnapshotStore(root).save(Snapshot(2, 2, RULES_VERSION, journal.last_hash, "state", CANARY.encode(), b""))
    journal.close()
    users = Users.open(root, lambda: 1)
    users.complete(users.reserve(CANARY, PASSWORD, None), 1, "192.0.2.7")
    users.close()
    Projector(root).close()
    return root


def without_history(root: Path) -> Path:
    """Leave the largest store out, which is swapped as the others are."""
    (root / "history.db").unlink()
    return root


def contents(root: Path) -> tuple[int, bytes, Set[int], Snapshot | None, int]:
    """Return what is in a folder, by opening all of it."""
    with FolderLock(root):
        journal = SqliteJournal.open(root, rules_version=RULES_VERSION)
        users = Users.open(root, lambda: 1)
        try:
            known = users.known_ids()
            return journal.last_sequence, journal.last_hash, known, SnapshotStore(root).latest(), cursor_of(root)
        finally:
            users.close()
            journal.close()


def cursor_of(root: Path) -> int:
    """Return how far history is; -1 where there is none."""
    if not (root / "history.db").exists():
        return -1
    with closing(open_sqlite(root / "history.db")) as history:
        return int(history.execute("SELECT cursor FROM meta").fetchone()[0])


def all_bytes(root: Path) -> bytes:
    """Return every byte in a folder."""
    return b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())


def again(root: Path, *, plain: bool = False) -> Rekeyed:
    """Rekey with the key file beside the folder."""
    new = None if plain else KeyWish("on", "file", root.with_name("node.key"))
    return rekey(root, KeyWish(), new, lambda _at, _end: None)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, bool], Path]:
    """Gives copies of a folder in either form."""
    made = {form: tmp_path_factory.mktemp(str(form)) for form in (False, True)}
    for form, place in made.items():
        fill(begin_folder(place / "data", encrypted=form))

    def copy(to: Path, encrypted: bool) -> Path:
        shutil.copytree(made[encrypted], to, dirs_exist_ok=True)
        if encrypted:
            unlock(to / "data", KeyWish(key_file=to / "node.key"))
        return to / "data"

    return copy


@both_forms
def test_everything_is_there_under_another_key(
    tmp_path: Path, filled: Callable[[Path, bool], Path], encrypted: bool
) -> None:
    root = filled(tmp_path, encrypted)
    before, old = contents(root), key_of(root)
    assert (CANARY.encode() in all_bytes(root)) != encrypted
    done = again(root)
    assert done.files == ("journal.db", "users.db", "history.db", "snapshots/2")
    new = key_of(root)
    assert new is not None
    assert old is None or new.hex() != old.hex()
    assert contents(root) == before
    assert CANARY.encode() not in all_bytes(root)
    forget_keys()
    unlock(root, KeyWish(key_file=tmp_path / "node.key"))
    assert contents(root) == before
    assert {path.name for path in root.iterdir()} >= {HEADER_NAME, "journal.db", "users.db", "history.db", "witness"}


def test_it_can_be_made_plain(tmp_path: Path, filled: Callable[[Path, bool], Path]) -> None:
    root = filled(tmp_path, True)
    before = contents(root)
    assert again(root, plain=True).header is None
    assert read_header(root) is None
    forget_keys()
    assert contents(root) == before
    assert (root / "journal.db").read_bytes().startswith(b"SQLite format 3")


def test_the_old_key_is_kept_for_older_backups(tmp_path: Path, filled: Callable[[Path, bool], Path]) -> None:
    root = filled(tmp_path, True)
    old = read_keys(tmp_path / "node.key")[0].hex()
    again(root)
    assert [key.hex() for key in read_keys(tmp_path / "node.key")][1:] == [old]


def test_a_folder_in_use_or_damaged_is_left_alone(tmp_path: Path, filled: Callable[[Path, bool], Path]) -> None:
    root = filled(tmp_path, True)
    with FolderLock(root), pytest.raises(FolderInUse):
        again(root)
    users = bytearray((root / "users.db").read_bytes())
    users[5000] ^= 1
    (root / "users.db").write_bytes(users)
    before, header = (root / "journal.db").read_bytes(), (root / HEADER_NAME).read_bytes()
    with pytest.raises(StoreDamaged, match=r"users\.db is damaged"):
        again(root)
    assert ((root / "journal.db").read_bytes(), (root / HEADER_NAME).read_bytes()) == (before, header)
    assert not (root / rekey_swap.PART_NAME).exists()


def test_a_new_key_that_can_not_be_kept_changes_nothing(tmp_path: Path, filled: Callable[[Path, bool], Path]) -> None:
    root = filled(tmp_path, True)
    before = contents(root)
    with pytest.raises(KeyRefused):
        rekey(root, KeyWish(), KeyWish("on", "passphrase", None, "short"), lambda _at, _end: None)
    with pytest.raises(KeyRefused, match="name another place"):
        rekey(root, KeyWish(), KeyWish("on", "file", root / "mine.key"), lambda _at, _end: None)
    assert contents(root) == before


def test_what_was_written_under_the_old_key_and_is_of_no_use_goes(
    tmp_path: Path, filled: Callable[[Path, bool], Path]
) -> None:
    root = filled(tmp_path, False)
    for name in ("history.db.damaged", "history.db.new-wal", "journal.db.part", "witness.17.tmp"):
        (root / name).write_bytes(CANARY.encode())
    (root / "notes.txt").write_text("mine")
    assert again(root).left == ("notes.txt",)
    assert CANARY.encode() not in all_bytes(root)


STEPS = ("create_private", "sync_path", "write_durably", "write_header", "finish_rekey")


def killed_at(patch: pytest.MonkeyPatch, step: int) -> None:
    """End the process, as it were, at a step: at a file made, synced, renamed or removed."""
    count = 0

    def stop_or(do: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                raise KilledHere
            return do(*arguments, **options)

        return counted

    for name in STEPS:
        patch.setattr(rekey_module, name, stop_or(getattr(rekey_module, name)))
    for name in ("sync_path", "rmtree"):
        patch.setattr(rekey_swap, name, stop_or(getattr(rekey_swap, name)))
    for name in ("rename", "replace", "unlink"):
        patch.setattr(Path, name, stop_or(getattr(Path, name)))


FIRST_STEPS = {"new key": 1, "first key": 2, "no key": 3}
"""The three differ in little, so each takes every third step, and together they take every one."""


@pytest.mark.parametrize("form", FIRST_STEPS)
def test_a_crash_at_any_step_leaves_a_folder_that_opens(
    tmp_path: Path, filled: Callable[[Path, bool], Path], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a process is killed here, not a machine
    expected = contents(without_history(filled(tmp_path / "whole", form != "first key")))
    step, swapped = FIRST_STEPS[form] - len(FIRST_STEPS), 0
    while True:
        step += len(FIRST_STEPS)
        root = without_history(filled(tmp_path / str(step), form != "first key"))
        old = read_header(root)
        patch = pytest.MonkeyPatch()
        patch.setattr(rekey_module, "rmtree", lambda *_, **__: None)  # who is killed does not tidy up
        killed_at(patch, step)
        try:
            again(root, plain=form == "no key")
        except KilledHere:
            pass
        else:
            break
        finally:
            patch.undo()
        swapped += (root / REKEYED_NAME).exists()
        if (root / REKEYED_NAME).exists():
            with pytest.raises(VaultLocked, match="cut short"):
                key_of(root)
        assert contents(root) == expected, step
        assert not (root / REKEYED_NAME).exists()
        assert not (root / rekey_swap.PART_NAME).exists()
        header = read_header(root)
        assert (header == old) or (header is None) == (form == "no key")
        shutil.rmtree(root)
    assert step > 20
    assert swapped > 2
