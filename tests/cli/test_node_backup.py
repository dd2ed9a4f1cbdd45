"""`node backup` and `node restore` as commands: what they refuse, and in which words."""

import errno
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.cli.live import LiveNode


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node that traded and was stopped."""
    with LiveNode(tmp_path_factory.mktemp("stopped")) as node:
        node.trade()
    return node.folder


def test_there_and_back_and_never_over_anything(cli: Cli, stopped: Path, tmp_path: Path) -> None:
    file, folder = tmp_path / "one.backup", tmp_path / "restored"
    assert cli("node", "backup", str(file), "--data-dir", str(stopped)).code == 0
    before = file.read_bytes()
    again = cli("node", "backup", str(file), "--data-dir", str(stopped))
    assert (again.code, again.out) == (1, "")
    assert "exists already" in again.err
    assert file.read_bytes() == before
    assert cli("node", "restore", str(file), "--data-dir", str(folder)).code == 0
    assert cli("node", "verify", "--data-dir", str(folder)).code == 0
    over = cli("node", "restore", str(file), "--data-dir", str(folder))
    assert (over.code, over.out) == (1, "")
    assert "is not empty" in over.err


def test_a_folder_without_a_journal(cli: Cli, tmp_path: Path) -> None:
    ended = cli("node", "backup", str(tmp_path / "one.backup"), "--data-dir", str(tmp_path))
    assert (ended.code, ended.out) == (2, "")
    assert "there is no journal" in ended.err


def test_what_is_no_backup(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    for text, words in ((b"dear", "is no backup"), (None, "there is no file")):
        if text is None:
            file.unlink()
        else:
            file.write_bytes(text)
        ended = cli("node", "restore", str(file), "--data-dir", str(tmp_path / "new"))
        assert (ended.code, ended.out) == (1, "")
        assert words in ended.err
    assert not (tmp_path / "new").exists()


def test_where_no_backup_can_be_written(cli: Cli, stopped: Path, tmp_path: Path) -> None:
    ended = cli("node", "backup", str(tmp_path / "no" / "such" / "folder"), "--data-dir", str(stopped))
    assert (ended.code, ended.out) == (1, "")
    assert f"no backup was made: there is no folder {tmp_path}/no/such (unavailable)" in ended.err


def test_a_backup_that_fails_names_its_file_and_no_temporary_one(
    cli: Cli, stopped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / ".cryptex-backup-x"))

    monkeypatch.setattr("cryptex.store.backup.back_up", full)
    ended = cli("node", "backup", str(tmp_path / "x.backup"), "--data-dir", str(stopped))
    assert f"no backup was made in {tmp_path}/x.backup: No space left on device (unavailable)" in ended.err
