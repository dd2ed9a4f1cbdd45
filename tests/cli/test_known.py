"""Nodes that speak TLS, from the command line: the question, the refusals, and what is known."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from cryptex.cli.folders import NODE_FILE
from cryptex.client.known_nodes import KnownNode, KnownNodes, place_of
from cryptex.node.clock import SystemClock
from cryptex.node.settings import load_settings
from cryptex.node.tls import node_tls
from tests.cli.canned import Canned
from tests.cli.conftest import Cli
from tests.cli.golden import FORMS, expect
from tests.cli.pseudo_terminal import PseudoTerminal

OTHER = "SHA256:" + "A" * 43


class Secure(NamedTuple):
    """A canned node that speaks TLS."""

    node: Canned
    fingerprint: str


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    """A canned node with an authority of its own."""
    tls = node_tls(load_settings(data_dir=tmp_path / "tls", tls=True), SystemClock())
    assert tls is not None
    with Canned(tls.context) as node:
        yield Secure(node, tls.fingerprint)


def test_without_a_terminal_a_new_node_is_refused_with_its_fingerprint(cli: Cli, secure: Secure) -> None:
    url, fingerprint = secure.node.url, secure.fingerprint
    ended = cli("markets", "--node", url)
    assert ended.code == 4
    assert fingerprint in ended.err
    assert f"cryptex nodes trust {url} {fingerprint}" in ended.err
    assert not secure.node.seen
    told = msgspec.json.decode(cli("markets", "--node", url, "-o", "json").err)
    assert (told["code"], told["fingerprint"]) == ("node_unknown", fingerprint)


def test_a_given_fingerprint_is_used_and_not_kept(cli: Cli, secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    url, fingerprint = secure.node.url, secure.fingerprint
    assert cli("markets", "--node", url, "--trust", fingerprint).code == 0
    assert cli("--trust", fingerprint, "markets", "--node", url).code == 0
    monkeypatch.setenv("CRYPTEX_TRUST", fingerprint)
    assert cli("markets", "--node", url).code == 0
    ended = cli("markets", "--node", url, "--trust", OTHER)
    assert (ended.code, OTHER in ended.err, fingerprint in ended.err) == (4, True, True)
    monkeypatch.setenv("CRYPTEX_TRUST", "nonsense")
    assert "SHA256:" in cli("markets", "--node", url).err
    assert KnownNodes().all() == []


def test_trusted_once_it_is_known_until_it_is_forgotten(cli: Cli, secure: Secure) -> None:
    url, fingerprint = secure.node.url, secure.fingerprint
    assert cli("nodes", "trust", url, OTHER).code == 4
    assert cli("nodes", "trust", url, fingerprint).code == 0
    assert cli("markets", "--node", url).code == 0
    assert cli("watch", "BTC-USDT", "--node", url).code == 3, "the canned node has no websocket"
    assert fingerprint in cli("nodes", "list").out
    assert cli("nodes", "forget", url).code == 0
    assert cli("nodes", "forget", url).code == 2
    assert cli("markets", "--node", url).code == 4
    assert cli("nodes", "trust", "http://127.0.0.1:7070", fingerprint).code == 2
    assert cli("nodes").code == 0


def test_a_node_with_another_key_is_refused_and_nothing_is_asked(cli: Cli, secure: Secure, tmp_path: Path) -> None:
    other = node_tls(load_settings(data_dir=tmp_path / "other", tls=True), SystemClock())
    assert other is not None
    with Canned(other.context) as stranger:
        assert cli("nodes", "trust", stranger.url, other.fingerprint).code == 0
        kept = KnownNodes().find(place_of(stranger.url))
    assert kept is not None
    KnownNodes().keep(kept._replace(place=place_of(secure.node.url)))
    ended = cli("markets", "--node", secure.node.url)
    assert ended.code == 4
    assert "ANOTHER KEY" in ended.err
    assert {other.fingerprint, secure.fingerprint} <= set(ended.err.replace(";", " ").split())
    assert f"cryptex nodes forget {secure.node.url}" in ended.err
    assert "bad" in cli("check", "--node", secure.node.url).out
    assert not secure.node.seen


def test_the_node_of_ones_own_data_folder_is_known_by_that(
    cli: Cli, secure: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("CRYPTEX_DATA_DIR", str(folder))
    file = {"pid": os.getpid(), "url": secure.node.url, "fingerprint": secure.fingerprint}
    (folder / NODE_FILE).write_bytes(msgspec.json.encode(file))
    assert cli("node", "status", "--data-dir", str(folder)).code == 0
    assert cli("markets", "--node", secure.node.url).code == 0
    (folder / NODE_FILE).write_bytes(msgspec.json.encode({**file, "fingerprint": OTHER}))
    assert cli("markets", "--node", secure.node.url).code == 4


def test_a_person_is_asked_once(secure: Secure, tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "asked"), "CRYPTEX_NODE": secure.node.url}
    environment.pop("CRYPTEX_TRUST", None)
    known = KnownNodes(tmp_path / "asked" / "cryptex")
    with PseudoTerminal(["markets"], environment) as terminal:
        assert secure.fingerprint in terminal.until("[y/N]")
        terminal.press("n\r")
        terminal.until("is not trusted, and nothing was sent to it (node_unknown)")
        assert terminal.wait() == 4
    assert known.all() == []
    with PseudoTerminal(["markets"], environment) as terminal:
        terminal.until("[y/N]")
        terminal.press("y\r")
        terminal.until("BTC-USDT")
        assert terminal.wait() == 0
    assert [each.fingerprint for each in known.all()] == [secure.fingerprint]


@pytest.mark.parametrize("form", FORMS)
def test_nodes_list(form: str, cli: Cli) -> None:
    nothing = cli("nodes", "list", "-o", form)
    for place in ("b.example:7070", "a.example:443"):
        KnownNodes().keep(KnownNode(place, OTHER, "2026-11-26", b"\x30\x00"))
    expect("nodes_list", form, cli("nodes", "list", "-o", form).out)
    assert ("No nodes" in nothing.err) is (form == "table")


@pytest.mark.parametrize("form", FORMS)
def test_nodes_trust_and_forget(form: str, cli: Cli, secure: Secure) -> None:
    url = secure.node.url

    def plain(text: str) -> str:
        return text.replace(place_of(url), "127.0.0.1:7070").replace(secure.fingerprint, OTHER)

    expect("nodes_trust", form, plain(cli("nodes", "trust", url, secure.fingerprint, "-o", form).out))
    expect("nodes_forget", form, plain(cli("nodes", "forget", url, "-o", form).out))
