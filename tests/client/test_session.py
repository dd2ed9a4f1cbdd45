"""The token store: real keyrings only, and else a file that nobody but its owner reads."""

import stat
from pathlib import Path

import keyring
import pytest
from keyring.backends.chainer import ChainerBackend
from keyring.core import load_keyring

from cryptex.client.session import TokenStore
from cryptex.keyrings import SERVICE, system_keyring

NODE = "http://127.0.0.1:7070"
TOKEN = "secret-token"


class MemoryKeyring:
    """A keyring that works."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class ForgetfulKeyring(MemoryKeyring):
    """A keyring that accepts and forgets."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Forget it."""


class LockedKeyring(MemoryKeyring):
    """A keyring whose user does not unlock it."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError("locked")

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("locked")


def test_a_working_keyring_keeps_the_token(tmp_path: Path) -> None:
    backend = MemoryKeyring()
    store = TokenStore(tmp_path, lambda: backend)
    assert store.save(NODE, "default", TOKEN) == "keyring"
    assert backend.kept == {(SERVICE, f"default@{NODE}"): TOKEN}
    assert store.load(NODE, "default") == TOKEN
    (file,) = tmp_path.rglob("*.json")
    assert TOKEN not in file.read_text()
    store.delete(NODE, "default")
    assert store.load(NODE, "default") is None
    store.delete(NODE, "default")


@pytest.mark.parametrize("backend", [None, ForgetfulKeyring(), LockedKeyring()])
def test_without_one_a_private_file_does(tmp_path: Path, backend: MemoryKeyring | None) -> None:
    store = TokenStore(tmp_path / "config", lambda: backend)
    path = Path(store.save(NODE, "default", TOKEN))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert store.load(NODE, "default") == TOKEN
    store.delete(NODE, "default")
    assert store.load(NODE, "default") is None


def test_a_file_is_replaced_with_private_mode_and_the_folder_closed(tmp_path: Path) -> None:
    store = TokenStore(tmp_path, lambda: None)
    path = Path(store.save(NODE, "default", "old"))
    path.chmod(0o644)
    path.parent.chmod(0o755)
    store.save(NODE, "default", TOKEN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert store.load(NODE, "default") == TOKEN


def test_tokens_of_other_nodes_and_profiles_stay_apart(tmp_path: Path) -> None:
    store = TokenStore(tmp_path, lambda: None)
    store.save(NODE, "default", "one")
    store.save(NODE, "second", "two")
    store.save("https://example.org", "default", "three")
    assert store.load(NODE + "/", "default") == "one"
    assert store.load(NODE, "second") == "two"
    assert store.load("HTTPS://Example.org", "default") == "three"
    assert store.load("https://example.org", "second") is None


def test_the_newer_of_file_and_keyring_counts(tmp_path: Path) -> None:
    backend = MemoryKeyring()
    TokenStore(tmp_path, lambda: backend).save(NODE, "default", "from the desktop")
    TokenStore(tmp_path, lambda: None).save(NODE, "default", "from ssh")
    store = TokenStore(tmp_path, lambda: backend)
    assert store.load(NODE, "default") == "from ssh"
    store.save(NODE, "default", "from the desktop again")
    assert store.load(NODE, "default") == "from the desktop again"
    assert "from ssh" not in "".join(file.read_text() for file in tmp_path.rglob("*.json"))


@pytest.mark.parametrize("backend", [None, MemoryKeyring()])
def test_a_profile_is_known_from_its_first_login_on(tmp_path: Path, backend: MemoryKeyring | None) -> None:
    store = TokenStore(tmp_path, lambda: backend)
    store.delete(NODE, "never there")
    assert store.profiles() == []
    for profile in ("work", "bob", "work"):
        store.save(NODE, profile, TOKEN)
    store.save("https://example.org", "bob", TOKEN)
    store.delete(NODE, "work")
    assert store.profiles() == ["bob", "work"]
    assert store.load(NODE, "work") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"node":"n","profile":"p","token":"t"}'])
def test_a_damaged_file_is_no_token(tmp_path: Path, content: bytes) -> None:
    store = TokenStore(tmp_path, lambda: None)
    Path(store.save(NODE, "default", TOKEN)).write_bytes(content)
    assert store.load(NODE, "default") is None


def known(module: str) -> MemoryKeyring:
    """Return a keyring that says that it comes from a module."""
    backend = MemoryKeyring()
    backend.__class__ = type("Keyring", (MemoryKeyring,), {"__module__": module})
    return backend


@pytest.mark.parametrize(
    ("backend", "accepted"),
    [
        (load_keyring("keyring.backends.fail.Keyring"), False),
        (load_keyring("keyring.backends.null.Keyring"), False),
        (known("keyrings.alt.file"), False),
        (known("keyring.backends.macOS"), True),
        (known("keyring.backends.Windows"), True),
        (known("keyring.backends.SecretService"), True),
        (known("keyring.backends.libsecret"), True),
        (known("keyring.backends.kwallet"), True),
    ],
)
def test_only_known_backends_are_accepted(monkeypatch: pytest.MonkeyPatch, backend: object, accepted: bool) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    assert (system_keyring() is backend) == accepted


def test_a_chain_of_backends_gives_its_first_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    good = known("keyring.backends.kwallet")
    monkeypatch.setattr(ChainerBackend, "backends", [ForgetfulKeyring(), good], raising=False)
    monkeypatch.setattr(keyring, "get_keyring", ChainerBackend)
    assert system_keyring() is good


def test_a_backend_that_fails_to_load_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> object:
        raise RuntimeError("no D-Bus")

    monkeypatch.setattr(keyring, "get_keyring", fail)
    assert system_keyring() is None


def test_the_default_folder_is_the_platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda app: tmp_path / app)
    path = Path(TokenStore(find_keyring=lambda: None).save(NODE, "default", TOKEN))
    assert path.is_relative_to(tmp_path / "cryptex")
