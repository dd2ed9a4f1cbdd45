"""Nodes without TLS: what others could read is said, and who believes that a fingerprint protects them is told no."""

import pytest

from cryptex.client.session import TokenStore
from cryptex.client.transport import Reply
from tests.cli.canned import ANSWERS, Canned
from tests.cli.conftest import Cli

FAR = "http://192.0.2.1"
FINGERPRINT = "SHA256:" + "A" * 43


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a node beyond this machine answer as the canned one does."""
    monkeypatch.setattr(
        "cryptex.cli.door.Door._request",
        lambda _, method, path, *__, **___: Reply(*ANSWERS[f"{method} {path.partition('?')[0]}"]),
    )


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("line", ["whoami", "wallet", "orders", "sessions list", "keys list"])
def test_a_token_over_plain_http_to_another_machine_is_warned_of(
    line: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = cli(*line.split(), "--node", FAR)
    assert ended.code == 0
    assert f"{FAR} is not encrypted; others on the way can read the token" in ended.err
    monkeypatch.delenv("CRYPTEX_TOKEN")
    TokenStore().save(FAR, "default", "kept")
    assert "can read the token" in cli(*line.split(), "--node", FAR).err
    assert "read the token" not in cli("markets", "--node", FAR).err, "none is sent"


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("kind", ["cxh", "cxe"])
def test_a_key_that_is_never_sent_is_not_warned_of(kind: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRYPTEX_TOKEN", f"{kind}_1_{'A' * 43}")
    assert cli("whoami", "--node", FAR).err == ""


def test_on_this_machine_nobody_is_warned(cli: Cli) -> None:
    assert cli("whoami").err == ""


@pytest.mark.parametrize("line", ["whoami", "markets", "orders --watch", "tui", "check"])
def test_a_fingerprint_for_a_node_without_tls_is_refused(
    line: str, cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = cli(*line.split(), "--trust", FINGERPRINT)
    said = ended.err + ended.out
    assert ended.code in (1, 2), said
    assert "not the address of a node that speaks TLS" in said
    assert "--trust" in said
    monkeypatch.setenv("CRYPTEX_TRUST", FINGERPRINT)
    assert "not the address of a node that speaks TLS" in "".join(cli(*line.split())[1:])
    assert not node.seen
