"""The key of a data folder: where it comes from, what is refused, and that nothing is touched then."""

import os
import pickle
import stat
from pathlib import Path
from random import Random

import keyring
import pytest
from keyring.backend import KeyringBackend

from cryptex.store import data_key, driver
from cryptex.store.data_key import DataKey
from cryptex.store.database import DataFolder, open_sqlite
from cryptex.store.key_places import KeyRefused, Passphrase, add_key, default_key_file, read_keys
from cryptex.store.unlock import KeyWish, asks_passphrase, unlock
from cryptex.store.users import Users
from cryptex.store.vault import HEADER_NAME, VaultLocked, key_for, key_of, read_header, write_header
from tests.store.vaults import begin_folder, forget_keys

PHRASE = "seven words that nobody has said before"


class Drawer(KeyringBackend):
    """A keyring that keeps what it is given, or forgets it."""

    priority = 1  # type: ignore[assignment]  # a class property there

    def __init__(self, *, forgets: bool = False) -> None:
        self.secrets: dict[tuple[str, str], str] = {}
        self._forgets = forgets

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self._forgets:
            self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.secrets.pop((service, username), None)


Drawer.__module__ = "keyring.backends.SecretService"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    monkeypatch.setattr(data_key, "_held", {})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def written(root: Path) -> bytes:
    """Write users.db, and return its first bytes."""
    Users.open(root, lambda: 1).close()
    return (root / "users.db").read_bytes()[:16]


def test_a_new_folder_is_encrypted_and_says_where_the_key_is(root: Path) -> None:
    said = unlock(root, KeyWish())
    header = read_header(root)
    assert header is not None
    path = default_key_file(header.id)
    assert said is not None
    assert str(path) in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((root / HEADER_NAME).stat().st_mode) == 0o600
    assert not path.is_relative_to(root)
    assert written(root) != b"SQLite format 3\0"
    assert path.read_text().strip() not in (root / HEADER_NAME).read_text()


def test_another_process_finds_it_again(root: Path) -> None:
    unlock(root, KeyWish())
    before = written(root)
    forget_keys()
    assert unlock(root, KeyWish()) is None
    assert written(root) == before


def test_the_keyring_is_the_first_choice_where_it_keeps_secrets(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawer = Drawer()
    monkeypatch.setattr(keyring, "get_keyring", lambda: drawer)
    said = unlock(root, KeyWish())
    assert said is not None
    assert "keyring" in said
    assert len(drawer.secrets) == 1
    forget_keys()
    assert key_of(root) is not None
    drawer.secrets.clear()
    forget_keys()
    with pytest.raises(VaultLocked, match=r"the keyring does not have the key .*--key-file"):
        key_of(root)


def test_a_keyring_that_forgets_is_not_trusted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: Drawer(forgets=True))
    with pytest.raises(KeyRefused, match="no keyring"):
        unlock(root, KeyWish(kind="keyring"))
    assert list(root.iterdir()) == []
    unlock(root, KeyWish())
    header = read_header(root)
    assert header is not None
    assert header.kind == "file"


def test_a_passphrase_opens_it_and_another_does_not(root: Path) -> None:
    assert asks_passphrase(root, KeyWish(kind="passphrase")) is True
    unlock(root, KeyWish(kind="passphrase", phrase=PHRASE))
    forget_keys()
    assert asks_passphrase(root, KeyWish()) is False
    for phrase, said in ((None, "needs its passphrase"), (PHRASE.upper(), "not the folder's passphrase")):
        with pytest.raises(VaultLocked, match=said):
            unlock(root, KeyWish(phrase=phrase))
    unlock(root, KeyWish(phrase=PHRASE))
    assert key_of(root) is not None


def test_a_short_passphrase_is_refused_and_nothing_is_made(root: Path) -> None:
    with pytest.raises(KeyRefused, match="12 to 1024"):
        unlock(root, KeyWish(kind="passphrase", phrase="too short"))
    assert list(root.iterdir()) == []


def test_a_key_file_of_ones_own_is_used_as_it_is(root: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.key"
    mine.write_text(f"# of the exchange\n{'ab' * 32}\n")
    mine.chmod(0o600)
    unlock(root, KeyWish(key_file=mine))
    key = key_of(root)
    assert key is not None
    assert key.hex() == "ab" * 32
    assert mine.read_text() == f"# of the exchange\n{'ab' * 32}\n"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o700])
def test_a_key_file_that_others_may_use_is_refused(root: Path, tmp_path: Path, mode: int) -> None:
    mine = tmp_path / "mine.key"
    add_key(mine, DataKey.new())
    mine.chmod(mode)
    with pytest.raises(KeyRefused, match="chmod 600"):
        unlock(root, KeyWish(key_file=mine))
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("text", ["", "no key", "ab" * 31, "ab" * 33, f"{'ab' * 32}\nrubbish"])
def test_what_is_no_key_file_is_refused(root: Path, tmp_path: Path, text: str) -> None:
    mine = tmp_path / "mine.key"
    mine.write_text(text)
    mine.chmod(0o600)
    with pytest.raises(KeyRefused, match="is no key file"):
        unlock(root, KeyWish(key_file=mine))


def test_a_key_does_not_lie_with_what_it_locks(root: Path) -> None:
    with pytest.raises(KeyRefused, match="name another place"):
        unlock(root, KeyWish(key_file=root / "node.key"))


def test_a_key_file_keeps_the_keys_that_it_has(tmp_path: Path) -> None:
    one, two = DataKey.new(), DataKey.new()
    for key in (one, two):
        add_key(tmp_path / "keys", key)
    assert [key.hex() for key in read_keys(tmp_path / "keys")] == [two.hex(), one.hex()]


def test_a_wrong_or_missing_key_is_refused_before_anything_is_touched(root: Path, tmp_path: Path) -> None:
    begin_folder(root, encrypted=True)
    written(root)
    before = {path: path.read_bytes() for path in root.iterdir() if path.is_file()}
    forget_keys()
    (tmp_path / "node.key").rename(tmp_path / "elsewhere.key")
    with pytest.raises(VaultLocked, match=r"not in .*node\.key: put it back, or name a copy with --key-file"):
        unlock(root, KeyWish())
    other = tmp_path / "other.key"
    add_key(other, DataKey.new())
    with pytest.raises(VaultLocked, match=r"no key in .*other\.key is the folder's"):
        unlock(root, KeyWish(key_file=other))
    with pytest.raises(VaultLocked):
        open_sqlite(root / "users.db")
    assert {path: path.read_bytes() for path in root.iterdir() if path.is_file()} == before
    unlock(root, KeyWish(key_file=tmp_path / "elsewhere.key"))
    assert written(root) == before[root / "users.db"][:16]


def test_a_plain_folder_goes_on_plain_and_says_how_to_encrypt_it(root: Path) -> None:
    written(root)
    said = unlock(root, KeyWish())
    assert said is not None
    assert f"cryptex node rekey --data-dir {root}" in said
    assert unlock(root, KeyWish("off")) is None
    with pytest.raises(KeyRefused, match="encryption is on: `cryptex node rekey"):
        unlock(root, KeyWish("on"))
    assert read_header(root) is None


def test_without_the_driver_auto_goes_on_plain_and_on_refuses(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(driver, "HAS_CIPHER", False)
        said = unlock(root, KeyWish())
        assert said is not None
        assert "SQLCipher is not installed" in said
        with pytest.raises(KeyRefused, match="SQLCipher is not installed"):
            unlock(root, KeyWish("on"))
        assert list(root.iterdir()) == []
    unlock(root, KeyWish())
    monkeypatch.setattr(driver, "HAS_CIPHER", False)
    with pytest.raises(KeyRefused, match="pip install sqlcipher3"):
        unlock(root, KeyWish())
    with pytest.raises(KeyRefused, match="pip install sqlcipher3"):
        open_sqlite(root / "users.db")


def test_a_folder_that_lost_its_header_gets_no_new_key(root: Path) -> None:
    begin_folder(root, encrypted=True)
    written(root)
    (root / HEADER_NAME).unlink()
    with pytest.raises(VaultLocked, match="take `vault` from a backup"):
        unlock(root, KeyWish())
    assert not (root / HEADER_NAME).exists()


def test_a_start_with_the_header_of_another_folder_says_so(root: Path) -> None:
    begin_folder(root, encrypted=True)
    for name in ("journal.db", "users.db"):
        open_sqlite(root / name).close()
        assert (root / name).stat().st_size > 0
    assert unlock(root, KeyWish()) is None
    other = begin_folder(root.with_name("other"), encrypted=True, key_file=root.with_name("other.key"))
    (root / HEADER_NAME).write_bytes((other / HEADER_NAME).read_bytes())
    with pytest.raises(VaultLocked, match="the `vault` of another folder"):
        unlock(root, KeyWish())


def test_every_flipped_bit_of_the_header_is_found(root: Path) -> None:
    begin_folder(root, encrypted=True)
    before = (root / HEADER_NAME).read_bytes()
    header = read_header(root)
    random = Random(7)
    for _ in range(200):
        changed = bytearray(before)
        changed[random.randrange(len(before) - 1)] ^= 1 << random.randrange(8)
        (root / HEADER_NAME).write_bytes(changed)
        try:
            key_of(root)
        except KeyRefused:
            continue
        found = read_header(root)  # but for the case of a hex digit, it is the same
        assert found is not None
        assert found.check.lower() == header.check if header else False
        assert found.check != header.check if header else False


def test_a_key_shows_itself_nowhere(root: Path) -> None:
    key = DataKey.new()
    assert key.hex() not in f"{key!r} {key}"
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_keys_for_other_purposes_are_others() -> None:
    key = DataKey.from_hex("01" * 32)
    made = {key.derive(purpose, salt) for purpose in ("snapshot", "backup") for salt in (b"", b"salt")}
    assert len({*made, bytes.fromhex(key.hex())}) == 5


def test_a_passphrase_with_another_salt_is_another_key() -> None:
    assert len({Passphrase(salt * 16).key(PHRASE).hex() for salt in ("01", "02")}) == 2


def test_the_folder_is_the_owners_alone(root: Path) -> None:
    root.chmod(0o755)
    begin_folder(root, encrypted=True)
    users = Users.open(root, lambda: 1)
    old = os.umask(0)
    try:
        connection = open_sqlite(root / "journal.db")
        connection.execute("CREATE TABLE t (x)")
        for path in root.iterdir():
            path.chmod(0o777)
        DataFolder(root).prepare().tighten()
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
        for path in root.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
        connection.close()
        users.close()
    finally:
        os.umask(old)


def test_a_key_that_moved_is_found_where_the_header_says_now(root: Path, tmp_path: Path) -> None:
    begin_folder(root, encrypted=True)
    header, key = read_header(root), key_of(root)
    assert header is not None
    assert key is not None
    moved = tmp_path / "moved.key"
    (tmp_path / "node.key").rename(moved)
    write_header(root, header.kept_in(moved, key))
    forget_keys()
    found = read_header(root)
    assert found is not None
    assert key_for(found).hex() == key.hex()
