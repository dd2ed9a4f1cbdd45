"""Whether a node that speaks TLS is believed: the first time, afterwards, and when its key has changed."""

import asyncio
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from cryptex.client import (
    ChangedNodeError,
    Exchange,
    NodeUnreachableError,
    RestClient,
    SyncExchange,
    UnknownNodeError,
    UntrustedNodeError,
)
from cryptex.client.errors import InvalidRequestError
from cryptex.client.known_nodes import KnownNode, KnownNodes, place_of
from cryptex.client.timing import Timing
from cryptex.client.trust import NodeTrust
from cryptex.node.clock import ManualClock, SystemClock
from cryptex.node.settings import load_settings
from cryptex.node.tls import NodeTls, node_tls
from cryptex.protocol.fingerprints import fingerprint, read_fingerprint
from cryptex.protocol.problems import Code
from tests.authorities import believed, showing
from tests.cli.canned import Canned
from tests.node.served import served

OTHER = "SHA256:" + "A" * 43


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for settings of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "cryptex"


def own(folder: Path, clock: SystemClock | ManualClock | None = None) -> NodeTls:
    made = node_tls(load_settings(data_dir=folder, tls=True), clock or SystemClock())
    assert made is not None
    return made


@contextmanager
def node_of(tls: NodeTls) -> Iterator[Canned]:
    with Canned(tls.context) as node:
        yield node


def test_the_first_time_it_is_a_question_and_afterwards_it_is_none(tmp_path: Path, config: Path) -> None:
    tls = own(tmp_path)
    with node_of(tls) as node:
        with pytest.raises(UnknownNodeError) as caught:
            RestClient(node.url, "secret").health()
        assert caught.value.code is Code.NODE_UNKNOWN
        assert caught.value.met.fingerprint == tls.fingerprint
        assert f"trust='{tls.fingerprint}'" in str(caught.value)
        assert f"`cryptex nodes trust {node.url} {tls.fingerprint}`" in str(caught.value)
        assert not node.seen, "nothing was sent"
        NodeTrust(node.url).accept(caught.value.met)
        assert RestClient(node.url).health().status == "ready"
        assert stat.S_IMODE((config / "known_nodes").stat().st_mode) == 0o600


def test_a_fingerprint_that_was_given_is_enough_and_nothing_is_kept(tmp_path: Path, config: Path) -> None:
    tls = own(tmp_path)
    with node_of(tls) as node:
        assert RestClient(node.url, trust=tls.fingerprint).health().status == "ready"
        with pytest.raises(ChangedNodeError, match="GIVEN FINGERPRINT") as caught:
            RestClient(node.url, trust=OTHER).health()
        assert OTHER in str(caught.value)
        assert tls.fingerprint in str(caught.value)
        assert not node.seen[1:]
    assert not (config / "known_nodes").exists()
    with pytest.raises(InvalidRequestError):
        RestClient("https://127.0.0.1:1", trust="SHA256:short")


@pytest.mark.parametrize("make", [RestClient, Exchange, SyncExchange])
def test_a_fingerprint_is_nothing_to_a_node_without_tls(make: type[RestClient | Exchange | SyncExchange]) -> None:
    with pytest.raises(InvalidRequestError, match="https://"):
        make("http://127.0.0.1:1", trust=OTHER)
    make("http://127.0.0.1:1", trust="")


def test_renewed_certificates_of_the_same_authority_alarm_nobody(tmp_path: Path) -> None:
    now_ns = SystemClock().now_ns()
    clock = ManualClock(now_ns - 5 * 86_400 * 10**9)
    tls = own(tmp_path, clock)
    with node_of(tls) as node:
        trust = NodeTrust(node.url)
        trust.accept(trust.meet())
        clock.set(now_ns)
        assert tls.refresh()
        assert RestClient(node.url).health().status == "ready"


def test_a_new_certificate_of_the_same_authoritys_key_takes_the_place_of_the_old(tmp_path: Path) -> None:
    tls = own(tmp_path)
    with node_of(tls) as node:
        met = NodeTrust(node.url).meet()
        other = own(tmp_path / "other")
        with node_of(other) as stranger:
            wrong = NodeTrust(stranger.url).meet().certificate
        NodeTrust(node.url).accept(met._replace(certificate=wrong))
        assert RestClient(node.url).health().status == "ready"
        kept = KnownNodes().find(place_of(node.url))
        assert kept is not None
        assert kept.certificate == met.certificate


def test_another_key_is_refused_loudly_with_both_and_the_way_out(tmp_path: Path) -> None:
    tls, other = own(tmp_path / "one"), own(tmp_path / "two")
    with node_of(tls) as node:
        KnownNodes().keep(KnownNode(place_of(node.url), other.fingerprint, "2026-11-01", _certificate(other)))
        with pytest.raises(ChangedNodeError, match="ANOTHER KEY THAN BEFORE") as caught:
            RestClient(node.url, "secret").health()
        assert {other.fingerprint, tls.fingerprint} <= set(str(caught.value).replace(";", "").split())
        assert caught.value.details == {"fingerprint": tls.fingerprint, "expected": other.fingerprint}
        assert caught.value.problem is not None
        assert f"cryptex nodes forget {node.url}" in caught.value.problem.suggestion
        assert not node.seen
        assert KnownNodes().forget(place_of(node.url)) is not None
        with pytest.raises(UnknownNodeError):
            RestClient(node.url).health()


def test_a_public_authority_needs_no_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    authority = trustme.CA()
    believed(monkeypatch.setenv, tmp_path, authority)
    with Canned(showing(authority, "127.0.0.1")) as node:
        assert RestClient(node.url).health().status == "ready"
        NodeTrust(node.url).check()
    with Canned(showing(authority, "elsewhere.example")) as node:
        with pytest.raises(UntrustedNodeError, match="not accepted") as caught:
            RestClient(node.url, "secret").health()
        assert caught.value.code is Code.BAD_CERTIFICATE, "another's certificate is no question of trust"
        assert not node.seen
    assert not (config / "known_nodes").exists()


def test_of_another_authority_only_the_nodes_own_key_is_remembered(tmp_path: Path) -> None:
    authority = trustme.CA()
    with Canned(showing(authority, "127.0.0.1")) as node:
        trust = NodeTrust(node.url)
        trust.accept(trust.meet())
        assert RestClient(node.url).health().status == "ready"
        place = place_of(node.url)
        kept = KnownNodes().find(place)
        assert kept is not None
    with Canned(showing(authority, "127.0.0.1")) as other:  # the same authority, a key of somebody else's
        KnownNodes().keep(kept._replace(place=place_of(other.url)))
        with pytest.raises(ChangedNodeError):
            RestClient(other.url).health()


def test_who_speaks_no_tls_and_nobody_at_all_are_told_apart(tmp_path: Path) -> None:
    with Canned() as node, pytest.raises(NodeUnreachableError, match="http://"):
        RestClient(node.url.replace("http", "https")).health()
    with pytest.raises(NodeUnreachableError, match="cannot reach"):
        NodeTrust(node.url.replace("http", "https")).meet()


def test_who_speaks_to_a_node_without_its_tls_is_told_so(tmp_path: Path) -> None:
    with node_of(own(tmp_path)) as node:
        plain = node.url.replace("https", "http")
        with pytest.raises(NodeUnreachableError, match=f"does it speak TLS. Try {node.url}"):
            RestClient(plain).health()


async def test_live_data_and_requests_share_what_is_believed(tmp_path: Path) -> None:
    tls = own(tmp_path)
    async with served(tmp_path, tls=tls) as node:
        with pytest.raises(UnknownNodeError):
            await Exchange(node.url).connect()
        async with Exchange(node.url, trust=tls.fingerprint) as exchange:
            assert (await exchange.health()).status == "ready"
            assert await exchange.ping() > 0


async def test_an_exchange_does_not_come_back_to_another_key(tmp_path: Path) -> None:
    async def at_once(_seconds: float) -> None:
        return None

    tls = own(tmp_path / "one")
    async with served(tmp_path / "one", tls=tls) as node:
        port = node.port
        exchange = Exchange(node.url, trust=tls.fingerprint, timing=Timing(sleep=at_once))
        await exchange.connect()
        closed = asyncio.Event()
        exchange.on_state(lambda state: closed.set() if state == "closed" else None)
    async with served(tmp_path / "two", tls=own(tmp_path / "two"), port=port):
        await closed.wait()
    assert isinstance(exchange.error, ChangedNodeError)


def test_the_exchange_that_waits_takes_a_fingerprint_too(tmp_path: Path) -> None:
    with node_of(own(tmp_path)) as node:
        exchange = SyncExchange(node.url, trust=own(tmp_path).fingerprint)
        assert exchange.health().status == "ready"
        exchange.close()


def test_the_file_survives_what_others_wrote_into_it(config: Path) -> None:
    known = KnownNodes()
    assert known.all() == []
    node = KnownNode("a.example:443", OTHER, "2026-11-26", b"\x30\x00")
    known.keep(node)
    with (config / "known_nodes").open("ab") as file:
        file.write(b"# a comment of four words\nhalf a line\n\xff\xfe bad\nx y z !!!\n")
    newer = node._replace(since="2026-11-27")
    known.keep(newer)
    known.keep(node._replace(place="b.example:443"))
    assert known.all() == [newer, node._replace(place="b.example:443")]
    assert known.forget("a.example:443") == newer
    assert known.forget("a.example:443") is None
    assert [each.place for each in known.all()] == ["b.example:443"]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Exchange.Example", "exchange.example:443"),
        ("https://127.0.0.1:7070/path", "127.0.0.1:7070"),
        ("https://[::1]:7070", "[::1]:7070"),
        ("exchange.example:7070", "exchange.example:7070"),
    ],
)
def test_a_place_has_one_spelling(url: str, place: str) -> None:
    assert place_of(url) == place


def test_fingerprints_are_read_as_people_paste_them() -> None:
    whole = fingerprint(b"key")
    digest = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"
    assert whole == "SHA256:LHDhK3oGRvkiefQnx7OOczTY5Tic/xZ6HcMOc/gmtoM"
    pairs = ":".join(digest[i : i + 2] for i in range(0, 64, 2))
    for text in (whole, f" {whole}\n", whole[7:], f"{whole}=", digest, digest.upper(), pairs, f"sha256:{digest}"):
        assert read_fingerprint(text) == whole
    for text in ("", "SHA256:", "SHA256:é", whole[:-1], digest[1:], "x" * 64, whole + "AAAA"):
        assert read_fingerprint(text) is None


def _certificate(tls: NodeTls) -> bytes:
    with node_of(tls) as node:
        return NodeTrust(node.url).meet().certificate
