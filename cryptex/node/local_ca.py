"""A node's own certificate authority: a key in its data folder that signs short-lived certificates for the node alone.

Clients remember the authority's key, so a certificate that is renewed every few days alarms nobody.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cryptex.protocol.fingerprints import LOCAL_AUTHORITY, fingerprint
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.store.files import write_durably

FOLDER: Final = "tls"
KEY_FILE: Final = "ca.key"
CERTIFICATE_FILE: Final = "ca.pem"
NODE_FILE: Final = "node.pem"
"""In the data folder: the authority's key and certificate, and the node's certificate with its key."""

AUTHORITY_DAYS: Final = 3650
NODE_DAYS: Final = 7
CLOCKS_APART_DAYS: Final = 1
"""Certificates begin to hold this long ago, for clients whose clock is behind."""

_SERIAL_NAME_CHARS: Final = 8


class LocalAuthority:
    """The authority of a data folder, made when there is none. Raises OSError, and ValueError for a damaged key."""

    def __init__(self, data_dir: Path, now_ns: int) -> None:
        self._folder = data_dir / FOLDER
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        self._key = self._kept_key() or self._new_key()
        self.fingerprint = fingerprint(_public_der(self._key.public_key()))
        self.certificate_path = self._folder / CERTIFICATE_FILE
        self._certificate = self._kept_certificate(now_ns) or self._new_certificate(now_ns)

    def issue(self, names: Sequence[str], now_ns: int) -> tuple[Path, int]:
        """Make a new key and a certificate of it for these host names and addresses.

        Return the file that holds both (PEM, the authority's certificate last), and until when it holds (nanoseconds).
        """
        begins, ends = _from_to(now_ns, NODE_DAYS)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder("cryptex node", self._certificate.subject, key.public_key(), begins, ends)
            .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path = self._folder / NODE_FILE
        write_durably(path, _private_pem(key) + _pem(certificate) + _pem(self._certificate))
        return path, int(ends.timestamp()) * NANOSECONDS_PER_SECOND

    def _kept_key(self) -> ec.EllipticCurvePrivateKey | None:
        path = self._folder / KEY_FILE
        if not path.exists():
            return None
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{path} holds a key of another kind than this node makes")
        if os.name != "nt":
            path.chmod(0o600)
        return key

    def _new_key(self) -> ec.EllipticCurvePrivateKey:
        key = ec.generate_private_key(ec.SECP256R1())
        write_durably(self._folder / KEY_FILE, _private_pem(key))
        return key

    def _kept_certificate(self, now_ns: int) -> x509.Certificate | None:
        """Return the certificate of the key that is kept, while it outlives every certificate that it may sign."""
        try:
            kept = x509.load_pem_x509_certificate(self.certificate_path.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        now = _moment(now_ns)
        is_ours = fingerprint(_public_der(kept.public_key())) == self.fingerprint
        lasts = kept.not_valid_before_utc <= now and now + timedelta(days=2 * NODE_DAYS) < kept.not_valid_after_utc
        return kept if is_ours and lasts else None

    def _new_certificate(self, now_ns: int) -> x509.Certificate:
        begins, ends = _from_to(now_ns, AUTHORITY_DAYS)
        public_key = self._key.public_key()
        title = f"{LOCAL_AUTHORITY} {_public_der(public_key).hex()[-_SERIAL_NAME_CHARS:]}"
        certificate = (
            _builder(title, _name(title), public_key, begins, ends)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        write_durably(self.certificate_path, _pem(certificate))
        return certificate


def fingerprint_of(certificate_pem: bytes) -> str:
    """Return the fingerprint of the key in a certificate, the first of the text. Raises ValueError."""
    return fingerprint(_public_der(x509.load_pem_x509_certificate(certificate_pem).public_key()))


def _builder(
    title: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(title))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _name(title: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _moment(time_ns: int) -> datetime:
    return datetime.fromtimestamp(time_ns // NANOSECONDS_PER_SECOND, UTC)


def _from_to(now_ns: int, days: int) -> tuple[datetime, datetime]:
    now = _moment(now_ns)
    return now - timedelta(days=CLOCKS_APART_DAYS), now + timedelta(days=days)


def _public_der(key: object) -> bytes:
    return key.public_bytes(  # type: ignore[attr-defined, no-any-return]  # every kind of key has it, no class says so
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
