"""Registering and logging in: passwords come from stdin or a prompt, tokens go to a private file without a keyring."""

import stat
from pathlib import Path

import pytest

from cryptex.client.transport import Reply
from cryptex.protocol.problems import Code
from tests.cli.canned import Canned
from tests.cli.conftest import Cli


@pytest.fixture
def logged_out(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Cli:
    """A command line without a token in its environment."""
    monkeypatch.delenv("CRYPTEX_TOKEN")
    return cli


@pytest.fixture
def profile_file(cli: Cli, tmp_path: Path) -> Path:
    """Where the profile file of the command line is."""
    path = tmp_path / "config" / "cryptex" / "profiles.toml"
    path.parent.mkdir(parents=True)
    return path


def _token_files(tmp_path: Path) -> list[Path]:
    """Return the files in which there is a token."""
    return [path for path in (tmp_path / "config").rglob("*.json") if b"secret-token" in path.read_bytes()]


def test_register_takes_the_first_line_of_stdin(cli: Cli, node: Canned) -> None:
    ended = cli(
        "register", "alice", "--email", "a@example.org", "--password-stdin", stdin=" with spaces \r\nnot this\n"
    )
    assert ended.code == 0
    (sent,) = node.sent("POST")
    assert sent.fields == {"username": "alice", "password": " with spaces ", "email": "a@example.org"}
    assert "cryptex login alice" in ended.err


def test_register_asks_twice(cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ["password123", "password123", "password123", "password124"]
    monkeypatch.setattr("getpass.getpass", lambda *_: typed.pop(0))
    monkeypatch.setattr("cryptex.cli.passwords.can_ask", lambda: True)
    assert cli("register", "alice").code == 0
    ended = cli("register", "alice")
    assert ended.code == 2
    assert "differ" in ended.err
    assert len(node.sent("POST")) == 1


def test_a_login_lasts_in_a_private_file(logged_out: Cli, node: Canned, tmp_path: Path) -> None:
    ended = logged_out("login", "alice", "--password-stdin", stdin="password123\n")
    assert ended.code == 0
    (path,) = _token_files(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(path) in ended.err
    assert "secret-token" not in ended.out + ended.err
    assert logged_out("wallet").code == 0
    assert node.seen[-1].token == "Bearer secret-token"


def test_each_profile_has_its_own_login(logged_out: Cli) -> None:
    made = logged_out("login", "alice", "--password-stdin", "--profile", "two", stdin="password123\n")
    assert "There is no profile two yet" in made.err
    assert logged_out("whoami").code == 4
    assert logged_out("--profile", "two", "whoami").code == 0
    again = logged_out("login", "alice", "--password-stdin", "--profile", "two", stdin="password123\n")
    assert "There is no profile" not in again.err


def test_a_profile_stays_after_its_logout(logged_out: Cli) -> None:
    logged_out("login", "alice", "--password-stdin", "--profile", "two", stdin="password123\n")
    assert logged_out("logout", "--profile", "two").code == 0
    assert logged_out("whoami", "--profile", "two").code == 4


def test_the_environments_token_wins_and_is_named_where_it_is_in_the_way(cli: Cli, node: Canned) -> None:
    ended = cli("login", "alice", "--password-stdin", stdin="password123\n")
    assert "CRYPTEX_TOKEN is set and wins over this login" in ended.err
    cli("whoami")
    assert node.seen[-1].token == "Bearer token-1"
    node.refuse("GET /users/me", Code.UNAUTHENTICATED, "this token is not valid")
    ended = cli("whoami")
    assert (ended.code, "It is that of CRYPTEX_TOKEN" in ended.err) == (4, True)


def test_logout_ends_the_session_and_forgets_the_token(logged_out: Cli, node: Canned, tmp_path: Path) -> None:
    logged_out("login", "alice", "--password-stdin", stdin="password123\n")
    ended = logged_out("logout")
    assert (ended.code, node.seen[-1].path, node.seen[-1].token) == (0, "/sessions/current", "Bearer secret-token")
    assert _token_files(tmp_path) == []
    assert logged_out("logout").code == 4


def test_logout_of_a_session_that_has_ended_forgets_it_too(logged_out: Cli, node: Canned, tmp_path: Path) -> None:
    logged_out("login", "alice", "--password-stdin", stdin="password123\n")
    node.refuse("DELETE /sessions/current", Code.UNAUTHENTICATED, "the token is not valid")
    assert logged_out("logout").code == 0
    assert _token_files(tmp_path) == []


def test_a_wrong_password_leaves_nothing(logged_out: Cli, node: Canned, tmp_path: Path) -> None:
    node.refuse("POST /sessions", Code.BAD_CREDENTIALS, "wrong")
    assert logged_out("login", "alice", "--password-stdin", stdin="password123\n").code == 4
    assert _token_files(tmp_path) == []


def test_a_profile_file_names_the_node(
    cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch, profile_file: Path
) -> None:
    monkeypatch.delenv("CRYPTEX_NODE")
    profile_file.write_text(f'[work]\nnode = "{node.url}"\n[odd]\nnodes = "x"\n')
    assert cli("--profile", "work", "markets").code == 0
    ended = cli("--profile", "odd", "markets")
    assert ended.code == 2
    assert "odd.nodes" in ended.err


UNKNOWN = (
    "markets",
    "orders",
    "check",
    "logout",
    "node status",
    "node stop --data-dir /no/such/folder",
    "node verify",
    "node start --data-dir /no/such/folder",
    "--node http://127.0.0.1:1 markets",
)


@pytest.mark.parametrize("by_flag", [True, False])
@pytest.mark.parametrize("line", UNKNOWN)
def test_a_profile_that_nobody_knows_is_refused_by_name(
    line: str, by_flag: bool, cli: Cli, node: Canned, profile_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile_file.write_text(f'[work]\nnode = "{node.url}"\n')
    if not by_flag:
        monkeypatch.setenv("CRYPTEX_PROFILE", "wrok")
    ended = cli(*line.split(), *(["--profile", "wrok"] if by_flag else []))
    assert (ended.code, ended.out, node.seen) == (2, "", [])
    assert "there is no profile 'wrok' (usage)" in ended.err
    assert "There are: default, work." in ended.err


def test_the_profiles_of_logins_are_named_too(cli: Cli) -> None:
    for name in ("bob", "ann"):
        cli("login", name, "--password-stdin", "--profile", name, stdin="password123\n")
    ended = cli("wallet", "--profile", "")
    assert (ended.code, "There are: default, ann, bob." in ended.err) == (2, True)


@pytest.mark.parametrize("verb", ["login", "register"])
def test_no_password_goes_to_another_node_than_that_of_a_misspelled_profile(
    verb: str, cli: Cli, node: Canned, profile_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile_file.write_text('[work]\nnode = "http://127.0.0.1:1"\n')
    monkeypatch.delenv("CRYPTEX_NODE")
    line = (verb, "alice", "--password-stdin", "--profile", "wrok")
    ended = cli(*line, stdin="password123\n")
    assert (ended.code, node.seen) == (2, [])
    assert "There are: default, work. To make it, say its node: --node URL" in ended.err
    assert cli(*line, "--node", node.url, stdin="password123\n").code == 0


def test_a_password_over_plain_http_to_another_machine_is_warned_of(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cryptex.cli.door.Door._request", lambda *_, **__: Reply(201, b"{}"))
    ended = cli(
        "--node", "http://192.0.2.1", "register", "alice", "--password-stdin", "-o", "json", stdin="password123\n"
    )
    assert "not encrypted" in ended.err


def test_flag_wins_over_environment_and_environment_over_profile(
    cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profile_file: Path
) -> None:
    profile_file.write_text(
        f'[default]\nnode = "http://127.0.0.1:1"\ndata_dir = "{tmp_path}/mine"\n[other]\nnode = "{node.url}"\n'
    )
    assert cli("markets").code == 0  # CRYPTEX_NODE is set
    monkeypatch.setenv("CRYPTEX_NODE", "http://127.0.0.1:1")
    assert cli("markets").code == 3
    assert cli("markets", "--node", node.url).code == 0
    assert f"{tmp_path}/mine" in cli("node", "verify").err
    monkeypatch.setenv("CRYPTEX_DATA_DIR", f"{tmp_path}/environment")
    assert f"{tmp_path}/environment" in cli("node", "verify").err
    assert f"{tmp_path}/flag" in cli("node", "verify", "--data-dir", f"{tmp_path}/flag").err
    monkeypatch.delenv("CRYPTEX_NODE")
    monkeypatch.setenv("CRYPTEX_PROFILE", "other")
    assert cli("markets").code == 0
    assert cli("--profile", "default", "markets").code == 3


def test_a_token_that_cannot_be_kept_is_an_error_in_one_line(cli: Cli, node: Canned, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("in the way")
    ended = cli("login", "alice", "--password-stdin", stdin="password123\n")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.count("\n") == 1
    assert ended.err.endswith("(system)\n")
