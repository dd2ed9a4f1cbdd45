"""A stranger in the middle who shows the known key of a node: anybody can copy it, and only its owner can use it."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from cryptex.client import ChangedNodeError, Exchange, RestClient, UnknownNodeError, UntrustedNodeError
from cryptex.client.known_nodes import FILE_BYTES_MAX, KnownNode, KnownNodes, place_of
from cryptex.client.timing import Timing
from cryptex.client.trust import CERTIFICATE_BYTES_MAX, NodeTrust
from cryptex.node.clock import SystemClock
from cryptex.node.settings import load_settings
from cryptex.node.tls import NodeTls, node_tls
from tests.cli.canned import Canned

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node")])


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for settings of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "cryptex"


@pytest.fixture
def tls(tmp_path: Path) -> NodeTls:
    """The true node's."""
    made = node_tls(load_settings(data_dir=tmp_path, tls=True), SystemClock())
    assert made is not None
    return made


def authority_of(tls: NodeTls) -> x509.Certificate:
    """Return what the node shows to all."""
    with Canned(tls.context) as node:
        return x509.load_der_x509_certificate(NodeTrust(node.url).meet().certificate)


def signed(
    key: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    issuer: x509.Name,
    public_key: CertificateIssuerPublicKeyTypes,
    padding: int = 0,
) -> x509.Certificate:
    """Return a certificate for a key, signed by a stranger's."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
    )
    if padding:
        odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"x" * padding)
        builder = builder.add_extension(odd, critical=False)
    return builder.sign(key, hashes.SHA256())


@contextmanager
def showing(folder: Path, key: ec.EllipticCurvePrivateKey, *chain: x509.Certificate) -> Iterator[Canned]:
    """Serve with a chain of certificates, and the key of the first."""
    path = folder / "shown.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + b"".join(each.public_bytes(Encoding.PEM) for each in chain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with Canned(context) as node:
        yield node


def known_at(url: str, tls: NodeTls, authority: x509.Certificate) -> KnownNode:
    """Let the true node be known at an address."""
    node = KnownNode(place_of(url), tls.fingerprint, "2026-11-01", authority.public_bytes(Encoding.DER))
    KnownNodes().keep(node)
    return node


def refused_loudly(node: Canned, config: Path, attempts: int) -> str:
    """Return what a client says that asks an impostor; nothing is sent, and nothing is remembered of it."""
    before = (config / "known_nodes").read_bytes()
    client = RestClient(node.url, "secret")
    for _ in range(attempts):
        with pytest.raises(ChangedNodeError) as caught:
            client.health()
    assert not node.seen
    assert (config / "known_nodes").read_bytes() == before
    return str(caught.value)


@pytest.mark.parametrize("padding", [0, 3 * CERTIFICATE_BYTES_MAX])
def test_the_known_key_in_a_certificate_that_a_stranger_signed_is_a_strangers(
    tmp_path: Path, config: Path, tls: NodeTls, padding: int
) -> None:
    evil, authority = ec.generate_private_key(ec.SECP256R1()), authority_of(tls)
    forged = signed(evil, authority.subject, authority.subject, authority.public_key(), padding)
    leaf = signed(evil, NAME, authority.subject, evil.public_key())
    with showing(tmp_path, evil, leaf, forged) as node:
        with pytest.raises(UnknownNodeError) as caught:
            RestClient(node.url).health()
        assert caught.value.met.fingerprint != tls.fingerprint, "who asks a person must not show the true node's"
        known_at(node.url, tls, authority)
        assert "ANOTHER KEY" in refused_loudly(node, config, 3)


def test_who_copies_what_the_node_shows_is_refused_as_loudly(tmp_path: Path, config: Path, tls: NodeTls) -> None:
    evil, authority = ec.generate_private_key(ec.SECP256R1()), authority_of(tls)
    leaf = signed(evil, NAME, authority.subject, evil.public_key())
    with showing(tmp_path, evil, leaf, authority) as node:
        known_at(node.url, tls, authority)
        said = refused_loudly(node, config, 3)
        assert "DOES NOT PROVE" in said
        assert tls.fingerprint in said


def test_a_new_certificate_is_kept_only_once_a_handshake_was_made_with_it(
    tmp_path: Path, config: Path, tls: NodeTls
) -> None:
    """The node's authority has a new certificate, which the stranger has copied."""
    evil, authority = ec.generate_private_key(ec.SECP256R1()), authority_of(tls)
    leaf = signed(evil, NAME, authority.subject, evil.public_key())
    older = signed(evil, authority.subject, authority.subject, authority.public_key())
    with showing(tmp_path, evil, leaf, authority) as node:
        known_at(node.url, tls, older)
        assert "DOES NOT PROVE" in refused_loudly(node, config, 3)


def test_a_certificate_that_keeps_changing_is_no_reason_to_try_for_ever(tls: NodeTls, tmp_path: Path) -> None:
    evil, authority = ec.generate_private_key(ec.SECP256R1()), authority_of(tls)
    leaf = signed(evil, NAME, authority.subject, evil.public_key())

    class Toggled(NodeTrust):
        """Meets the true node each time that it looks."""

        def judge(self, error: ssl.SSLCertVerificationError) -> ssl.SSLContext:
            return self.context()

    with showing(tmp_path, evil, leaf, authority) as node:
        known_at(node.url, tls, authority)
        with pytest.raises(ChangedNodeError, match="DOES NOT PROVE"):
            RestClient(node.url, trust=Toggled(node.url)).health()
        with pytest.raises(ChangedNodeError, match="DOES NOT PROVE"):
            asyncio.run(Exchange(node.url, trust=Toggled(node.url), timing=Timing()).connect())


def test_a_certificate_too_large_to_be_one_is_not_remembered(tmp_path: Path, config: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    huge = signed(key, NAME, NAME, key.public_key(), CERTIFICATE_BYTES_MAX)
    with showing(tmp_path, key, huge) as node, pytest.raises(UntrustedNodeError, match="larger than"):
        RestClient(node.url).health()
    assert not (config / "known_nodes").exists()


def test_a_place_has_one_line_however_often_it_is_written(config: Path) -> None:
    known = KnownNodes()
    other = KnownNode("b.example:443", "SHA256:" + "B" * 43, "2026-11-26", b"\x31")
    known.keep(other)
    for number in range(5):
        known.keep(KnownNode("a.example:443", "SHA256:" + "A" * 43, "2026-11-26", bytes([number])))
    assert len((config / "known_nodes").read_bytes().splitlines()) == 2
    assert [each.certificate for each in known.all()] == [b"\x04", b"\x31"]
    assert sorted(each.name for each in config.iterdir()) == ["known_nodes", "known_nodes.lock"]


def test_a_file_that_is_too_long_is_refused_and_not_cut(config: Path) -> None:
    known = KnownNodes()
    node = KnownNode("a.example:443", "SHA256:" + "A" * 43, "2026-11-26", b"\x30")
    known.keep(node)
    with pytest.raises(UntrustedNodeError, match="longer than"):
        known.keep(node._replace(place="b.example:443", certificate=b"x" * FILE_BYTES_MAX))
    assert known.all() == [node]
    with (config / "known_nodes").open("ab") as file:
        file.write(b"#" * FILE_BYTES_MAX)
    for refused in (known.all, lambda: known.find("a.example:443"), lambda: known.keep(node)):
        with pytest.raises(UntrustedNodeError, match="longer than"):
            refused()
    with pytest.raises(UntrustedNodeError, match="longer than"):
        known.forget("a.example:443")
    with pytest.raises(UntrustedNodeError, match="longer than"):
        RestClient("https://a.example").health()
