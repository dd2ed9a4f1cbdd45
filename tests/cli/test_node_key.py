"""`node key` and `node rekey` as commands: what they print and refuse, with a file and with a passphrase."""

import json
import stat
from pathlib import Path

import pytest

from cryptex.store.backup import put_back
from cryptex.store.database import FolderLock
from tests.cli.conftest import Cli
from tests.store.test_rekey import fill
from tests.store.vaults import begin_folder, both_forms, forget_keys

PHRASE, OTHER = "seven words that nobody has said before", "eight other words that nobody has said"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """An encrypted folder with something in it."""
    return fill(begin_folder(tmp_path / "data", encrypted=True))


def test_it_says_where_the_key_is_and_copies_it(cli: Cli, folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.key"
    ended = cli("node", "key", "--data-dir", str(folder), "--copy-to", str(copy), "-o", "json")
    assert ended.code == 0
    assert json.loads(ended.out)["file"] == str(tmp_path / "node.key")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert copy.read_text() == (tmp_path / "node.key").read_text()
    assert copy.read_text().strip() not in ended.out + ended.err
    again = cli("node", "key", "--data-dir", str(folder), "--copy-to", str(copy))
    assert (again.code, again.out) == (1, "")
    (tmp_path / "node.key").unlink()
    forget_keys()
    lost = cli("node", "verify", "--data-dir", str(folder))
    assert (lost.code, lost.out) == (1, "")
    assert "name a copy with --key-file" in lost.err
    assert cli("node", "audit", "--data-dir", str(folder), "--key-file", str(copy)).code == 0


COMMANDS = (("admin", "list"), ("verify",), ("rebuild",), ("audit",), ("backup", "a.backup"), ("key",))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_what_is_wrong_with_the_vault_is_said_and_no_store_is_called_damaged(
    cli: Cli, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    other = begin_folder(tmp_path / "other", encrypted=True, key_file=tmp_path / "other.key")
    vault = folder / "vault"
    vault.unlink()
    lost = cli("node", *command, "--data-dir", str(folder))
    vault.write_bytes((other / "vault").read_bytes())
    foreign = cli("node", *command, "--data-dir", str(folder))
    (folder / "rekey").mkdir()
    forget_keys()
    (tmp_path / "other.key").unlink()
    halfway = cli("node", *command, "--data-dir", str(folder))
    assert {(ended.code, ended.out) for ended in (lost, foreign, halfway)} == {(1, "")}
    assert command == ("key",) or "take `vault` from a backup" in lost.err
    assert "the `vault` of another folder" in foreign.err
    assert "a rekey of" in halfway.err
    assert not [
        words for words in ("--repair", "journal is damaged", "journal's file") if words in lost.err + foreign.err
    ]


def test_audit_says_that_users_are_damaged(cli: Cli, folder: Path) -> None:
    (folder / "users.db").write_bytes(bytes(8192))
    ended = cli("node", "audit", "--data-dir", str(folder))
    assert (ended.code, ended.out) == (1, "")
    assert "users.db can not be read" in ended.err


def test_a_plain_folder_has_no_key(cli: Cli, tmp_path: Path) -> None:
    fill(begin_folder(tmp_path / "data", encrypted=False))
    ended = cli("node", "key", "--data-dir", str(tmp_path / "data"))
    assert (ended.code, ended.out) == (1, "")
    assert "`cryptex node rekey --data-dir" in ended.err


@both_forms
def test_rekey_encrypts_with_a_new_key_and_says_what_it_did(cli: Cli, tmp_path: Path, encrypted: bool) -> None:
    folder = fill(begin_folder(tmp_path / "data", encrypted=encrypted))
    place = tmp_path / "new.key"
    ended = cli("node", "rekey", "--data-dir", str(folder), "--new-key-file", str(place), "-o", "json")
    assert ended.code == 0, ended.err
    done = json.loads(ended.out)
    assert done["written_anew"] == "journal.db, users.db, history.db, snapshots/2"
    assert str(place) in ended.err
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    acts = json.loads(cli("node", "audit", "--data-dir", str(folder), "-o", "json").out)["entries"]
    assert acts[0]["act"] == "rekeyed"
    assert acts[0]["subject"] == "file"


def test_a_passphrase_is_read_from_stdin_the_present_then_the_new_one(cli: Cli, folder: Path) -> None:
    flags = ("--data-dir", str(folder), "--passphrase-stdin")
    assert cli("node", "rekey", *flags, "--new-key", "passphrase", stdin=f"{PHRASE}\n").code == 0
    forget_keys()
    asked = cli("node", "audit", "--data-dir", str(folder))
    assert (asked.code, asked.out) == (2, "")
    assert "--passphrase-stdin" in asked.err
    wrong = cli("node", "audit", *flags, stdin=f"{OTHER}\n")
    assert (wrong.code, wrong.out) == (1, "")
    assert "not the folder's passphrase" in wrong.err
    assert cli("node", "rekey", *flags, stdin=f"{PHRASE}\n{OTHER}\n").code == 0
    forget_keys()
    assert cli("node", "audit", *flags, stdin=f"{OTHER}\n").code == 0


def test_plain_asks_and_takes_no_new_key(cli: Cli, folder: Path) -> None:
    asked = cli("node", "rekey", "--data-dir", str(folder), "--plain")
    assert (asked.code, asked.out) == (2, "")
    assert "Decrypt" in asked.err
    assert cli("node", "rekey", "--data-dir", str(folder), "--plain", "--new-key", "file").code == 2
    assert not (folder / "journal.db").read_bytes().startswith(b"SQLite")
    done = cli("node", "rekey", "--data-dir", str(folder), "--plain", "--yes")
    assert done.code == 0
    assert "the folder is plain" in done.out
    assert (folder / "journal.db").read_bytes().startswith(b"SQLite")


def test_a_folder_in_use_and_one_without_a_journal_are_refused(cli: Cli, folder: Path, tmp_path: Path) -> None:
    with FolderLock(folder):
        ended = cli("node", "rekey", "--data-dir", str(folder))
    assert (ended.code, ended.out) == (1, "")
    assert "cryptex node stop" in ended.err
    for verb in ("rekey", "key"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        assert "there is no journal in" in cli("node", verb, "--data-dir", str(tmp_path / "empty")).err
        ended = cli("node", verb, "--data-dir", str(tmp_path / "none"))
        assert (ended.code, f"there is no data folder {tmp_path}/none (usage)" in ended.err) == (2, True)


def test_a_backup_goes_to_another_machine_with_a_copy_of_the_key(cli: Cli, folder: Path, tmp_path: Path) -> None:
    file, copy, restored = tmp_path / "one.backup", tmp_path / "copy.key", tmp_path / "restored"
    assert cli("node", "key", "--data-dir", str(folder), "--copy-to", str(copy)).code == 0
    assert cli("node", "backup", str(file), "--data-dir", str(folder)).code == 0
    (tmp_path / "node.key").unlink()
    forget_keys()
    lost = cli("node", "restore", str(file), "--data-dir", str(restored))
    assert (lost.code, lost.out) == (1, "")
    assert not restored.exists()
    put_back(file, restored, key_file=copy)
    forget_keys()
    assert cli("node", "audit", "--data-dir", str(restored)).code == 0, "it looks for the key where it was found"
