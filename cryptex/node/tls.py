"""TLS of a node: which certificate it shows, and that a new one takes its place in time, without a restart."""

import asyncio
import logging
import socket
import ssl
from pathlib import Path
from typing import Final, Protocol

from cryptex.node.clock import Clock
from cryptex.node.settings import Settings, is_tls_name
from cryptex.node.settings_file import TlsSettings
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

CHECK_INTERVAL_S: Final = 60.0
"""How often a running node looks whether its certificate is due for renewal, or whether its files have changed."""

RENEW_BEFORE_DAYS: Final = 3
"""A certificate of the node's own is renewed when it has so much left, or less."""

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: what keeps secrets even from who learns the node's key later. Those of TLS 1.3 all do."""

_NS_PER_DAY: Final = 86_400 * NANOSECONDS_PER_SECOND
_ANYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 (names that mean no certificate can be for them)
_log: Final = logging.getLogger(__name__)


class TlsUnusable(Exception):
    """There is no certificate that the node can show; says why."""


class Certificates(Protocol):
    """Where certificates come from. The methods may block."""

    fingerprint: str
    """What clients are told to expect: of the key that they remember."""

    def load(self, context: ssl.SSLContext, now_ns: int) -> bool:
        """Put the certificate into the context where it is another than the last one; return whether it was.

        Raises OSError and ValueError.
        """


class NodeTls:
    """The context that every handshake uses. `refresh` may change its certificate; connections that stand go on."""

    def __init__(self, certificates: Certificates, clock: Clock) -> None:
        self._certificates = certificates
        self._clock = clock
        self.context = _server_context()
        try:
            certificates.load(self.context, clock.now_ns())
        except (OSError, ValueError, TypeError) as error:
            raise TlsUnusable(f"the TLS certificate can not be used: {error}") from error

    @property
    def fingerprint(self) -> str:
        """What clients are told to expect."""
        return self._certificates.fingerprint

    def refresh(self) -> bool:
        """Take a new certificate where it is time; return whether there is one. The old one stays where that fails."""
        try:
            return self._certificates.load(self.context, self._clock.now_ns())
        except (OSError, ValueError, TypeError) as error:
            _log.warning("the TLS certificate can not be renewed: %s", error)
            return False

    async def keep(self) -> None:
        """Renew in time, for as long as the node runs."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            await asyncio.to_thread(self.refresh)


class OwnCertificates:
    """Those that the node makes for itself: at each start, and before the last one ends."""

    def __init__(self, data_dir: Path, names: tuple[str, ...], now_ns: int) -> None:
        from cryptex.node.local_ca import LocalAuthority  # cryptography takes a while: only who has TLS pays

        self._authority = LocalAuthority(data_dir, now_ns)
        self._names = names
        self._made_ns = self._ends_ns = 0
        self.fingerprint = self._authority.fingerprint

    def load(self, context: ssl.SSLContext, now_ns: int) -> bool:
        """Make and load a certificate unless the last one holds for long enough, by a clock that may have jumped."""
        if self._made_ns <= now_ns < self._ends_ns - RENEW_BEFORE_DAYS * _NS_PER_DAY:
            return False
        path, ends_ns = self._authority.issue(self._names, now_ns)
        context.load_cert_chain(path)
        self._made_ns, self._ends_ns = now_ns, ends_ns
        return True


class GivenCertificates:
    """Files of the operator's: a chain and its key, in PEM. They are read again when they have changed."""

    def __init__(self, certificate: Path, key: Path) -> None:
        from cryptex.node.local_ca import fingerprint_of

        self._certificate, self._key = certificate, key
        self._fingerprint_of = fingerprint_of
        self._seen: tuple[float, float] | None = None
        self.fingerprint = ""

    def load(self, context: ssl.SSLContext, now_ns: int) -> bool:
        """Load the files where they are others than before."""
        seen = (self._certificate.stat().st_mtime, self._key.stat().st_mtime)
        if seen == self._seen:
            return False
        trial = _server_context()  # half of a renewal must not get into the one that is used
        trial.load_cert_chain(self._certificate, self._key, password=_no_passphrase)
        context.load_cert_chain(self._certificate, self._key, password=_no_passphrase)
        self.fingerprint = self._fingerprint_of(self._certificate.read_bytes())
        self._seen = seen
        return True


def node_tls(settings: Settings, clock: Clock) -> NodeTls | None:
    """Return the TLS that the settings ask for; None for plain HTTP. Raises TlsUnusable."""
    tls = settings.tls
    if not tls.enabled:
        return None
    try:
        certificates: Certificates = (
            GivenCertificates(Path(tls.certificate).expanduser(), Path(tls.key).expanduser())
            if tls.certificate
            else OwnCertificates(settings.data_dir, own_names(settings.host, tls), clock.now_ns())
        )
    except (OSError, ValueError, TypeError) as error:
        raise TlsUnusable(f"the TLS certificate can not be made: {error}") from error
    return NodeTls(certificates, clock)


def own_names(host: str, tls: TlsSettings) -> tuple[str, ...]:
    """Return what the node's own certificate is for: where it listens, this machine, and what was asked for."""
    names = [] if host in _ANYWHERE else [host]
    names += ["localhost", "127.0.0.1", "::1", socket.gethostname(), *tls.names]
    return tuple(dict.fromkeys(name for name in names if is_tls_name(name)))


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers(CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _no_passphrase() -> str:
    """Refuse: OpenSSL would ask for it on the terminal, where a server has nobody to answer."""
    raise ValueError("the key is encrypted; give one that is not, in a file of mode 0600")
