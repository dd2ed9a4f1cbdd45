"""Whether a node that speaks TLS is the one that is meant.

A certificate of a public authority speaks for itself. A node's own does not: its key is shown to whoever connects for
the first time, and remembered (`known_nodes`); a node that shows another key later is refused. What is remembered is
the key of the node's own authority, so that its short-lived certificates may change, and it belongs to the address that
was asked for: as with ssh, the names in such a certificate say nothing more. A given fingerprint comes before all this.
"""

import socket
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cryptex.client.errors import (
    ChangedNodeError,
    Met,
    UnknownNodeError,
    UntrustedNodeError,
    invalid_request,
    unreachable,
)
from cryptex.client.known_nodes import HTTPS_PORT, KnownNode, KnownNodes, place_of
from cryptex.client.transport import split_url
from cryptex.protocol.fingerprints import LOCAL_AUTHORITY, fingerprint, read_fingerprint
from cryptex.protocol.problems import Code, Problem

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_UNKNOWN_ISSUER: Final = frozenset({2, 18, 19, 20, 21})
"""OpenSSL's numbers for a certificate that nobody vouches for. Others, such as one that has ended, are no question."""

_OUT_OF_DATE: Final = frozenset({9, 10})
"""OpenSSL's numbers for a certificate that is signed by whom it should be, but not at this time."""

MEET_TIMEOUT_S: Final = 10.0

CERTIFICATE_BYTES_MAX: Final = 16 * 1024
"""The largest certificate that is remembered, in DER; one of the node's own takes about 500 bytes."""


class NodeTrust:
    """What one client believes of one node at an https address. The methods block; several threads may use it.

    `expected` is a fingerprint that its operator gave. Raises InvalidRequestError for one that is none.
    """

    def __init__(self, url: str, expected: str | None = None, known: KnownNodes | None = None) -> None:
        parts = split_url(url)
        self.url = url
        self.place = place_of(url)
        self._host, self._port = parts.hostname or "", parts.port or HTTPS_PORT
        self._known = known or KnownNodes()
        self._expected = None
        if expected:
            self._expected = read_fingerprint(expected)
            if self._expected is None:
                raise invalid_request("a fingerprint looks like SHA256: and 43 letters and digits", "trust")
        self._context: ssl.SSLContext | None = None
        self._believed: KnownNode | None = None

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint that this client holds the node to; None while a public authority is believed."""
        return self._expected or (self._believed.fingerprint if self._believed else None)

    def context(self) -> ssl.SSLContext:
        """Return what a connection is to be made with. Raises ChangedNodeError, NodeUnreachableError."""
        if self._context is None:
            self._context = self._make_context()
        return self._context

    def judge(self, error: ssl.SSLCertVerificationError) -> ssl.SSLContext:
        """Return what to try again with, once, after a connection that was refused here. Raises UntrustedNodeError."""
        met = self.meet()
        believed = self._believed
        if believed is None:
            if error.verify_code in _UNKNOWN_ISSUER:
                raise _unknown(self.url, self.place, met)
        elif met.fingerprint != believed.fingerprint:
            raise _changed(self.url, self.place, believed, met)
        elif met.certificate != believed.certificate:
            return self._renewed(met)
        elif error.verify_code not in _OUT_OF_DATE:
            raise self._unproved(met, error)
        raise _refused(self.place, error.verify_message)

    def unproved(self, error: ssl.SSLCertVerificationError) -> UntrustedNodeError:
        """Return what to raise for a connection that was refused with the context of `judge`, too."""
        return self._unproved(self.meet(), error)

    def _renewed(self, met: Met) -> ssl.SSLContext:
        """Keep a certificate in which the known key vouches for itself anew, once the node has a certificate of it.

        Anybody can put that key into a certificate: only a handshake shows that the key's owner signed.
        """
        try:
            self._connect(_context_of(met.certificate)).close()
        except ssl.SSLCertVerificationError as error:
            if error.verify_code in _OUT_OF_DATE:
                raise _refused(self.place, error.verify_message) from error
            raise self._unproved(met, error) from error
        self.accept(met)
        return self.context()

    def _unproved(self, met: Met, error: ssl.SSLCertVerificationError) -> ChangedNodeError:
        return _not_proved(self.url, self.place, met, error.verify_message)

    def check(self) -> None:
        """Make sure that the node can be believed: by what is known here, or by a handshake. Raises as `judge` does."""
        context = self.context()
        if self._believed is not None:
            return
        try:
            with self._connect(context):
                return
        except ssl.SSLCertVerificationError as error:
            self.judge(error)

    def accept(self, met: Met) -> None:
        """Believe a node from now on, and remember it."""
        node = KnownNode(self.place, met.fingerprint, f"{datetime.now(UTC):%Y-%m-%d}", met.certificate)
        self._known.keep(node)
        self._believe(node)

    def meet(self) -> Met:
        """Return what the node shows. Raises NodeUnreachableError."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # to look, not to talk: nothing is sent on this connection
        with self._connect(context) as connection:
            met = _met(_chain(connection))
        if len(met.certificate) > CERTIFICATE_BYTES_MAX:
            raise _refused(self.place, f"it is larger than {CERTIFICATE_BYTES_MAX} bytes")
        return met

    def _make_context(self) -> ssl.SSLContext:
        known = self._known.find(self.place)
        if self._expected is not None and (known is None or known.fingerprint != self._expected):
            met = self.meet()
            if met.fingerprint != self._expected:
                raise _not_expected(self.place, self._expected, met)
            known = KnownNode(self.place, met.fingerprint, "", met.certificate)
        if known is None:
            return ssl.create_default_context()
        return self._believe(known)

    def _believe(self, node: KnownNode) -> ssl.SSLContext:
        context = _context_of(node.certificate)
        self._believed, self._context = node, context
        return context

    def _connect(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        try:
            plain = socket.create_connection((self._host, self._port), MEET_TIMEOUT_S)
        except OSError as error:
            raise unreachable(f"cannot reach the node at {self.place}: {error.strerror or error}") from error
        try:
            return context.wrap_socket(plain, server_hostname=self._host)
        except ssl.SSLCertVerificationError:
            plain.close()
            raise
        except OSError as error:
            plain.close()
            raise unreachable(f"the node at {self.place} does not speak TLS: is its address http://?") from error


def trust_of(url: str, trust: NodeTrust | str | None) -> NodeTrust:
    """Return what judges the node of an https address. A text is the fingerprint to expect."""
    return trust if isinstance(trust, NodeTrust) else NodeTrust(url, trust)


def _context_of(certificate: bytes) -> ssl.SSLContext:
    """Return the context that believes what a certificate (in DER) vouches for, and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a certificate that nobody signed vouches for itself
    context.load_verify_locations(cadata=certificate)
    return context


def _chain(connection: ssl.SSLSocket) -> list[bytes]:
    """Return the certificates that the peer showed, in DER, its own first."""
    if hasattr(connection, "get_unverified_chain"):  # Python 3.13
        return list(connection.get_unverified_chain())
    shown = connection._sslobj.get_unverified_chain()  # type: ignore[attr-defined]  # noqa: SLF001 (the same, unnamed)
    return [ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in shown]


def _met(chain: list[bytes]) -> Met:
    """Return what is to be remembered of a node: the key of its own authority, else that of its certificate.

    No other authority's: who trusted that would trust everybody for whom it signs. The handshake has shown that the
    peer has the key of its certificate; an authority's certificate counts only if the authority signed it itself.
    """
    from cryptography import x509  # 50 ms, at the first meeting alone
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    certificates = [x509.load_der_x509_certificate(each) for each in chain]
    last = certificates[-1]
    is_own = last.subject == last.issuer and last.subject.rfc4514_string().startswith(f"CN={LOCAL_AUTHORITY}")
    chosen = last if is_own and _signed_itself(last) else certificates[0]
    key = chosen.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Met(fingerprint(key), chosen.public_bytes(Encoding.DER))


def _signed_itself(certificate: "Certificate") -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(certificate)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _unknown(url: str, place: str, met: Met) -> UnknownNodeError:
    message = f"the node at {place} is not known here yet; its fingerprint is {met.fingerprint}"
    suggestion = (
        "Compare that with the `ready` line on the node's own side. If they are the same: "
        f"`cryptex nodes trust {url} {met.fingerprint}`, or give it as --trust or CRYPTEX_TRUST."
    )
    text = (  # a program shows the exception alone
        f"{message}. If its operator says the same: Exchange({url!r}, trust={met.fingerprint!r}), or once "
        f"`cryptex nodes trust {url} {met.fingerprint}`"
    )
    return UnknownNodeError(text, _problem(Code.NODE_UNKNOWN, message, suggestion, met), met)


def _changed(url: str, place: str, believed: KnownNode, met: Met) -> ChangedNodeError:
    message = (
        f"THE NODE AT {place} HAS ANOTHER KEY THAN BEFORE, and nothing was sent to it. "
        f"Known{f' since {believed.since}' if believed.since else ''}: {believed.fingerprint}; shown: {met.fingerprint}"
    )
    suggestion = (
        "Somebody may be reading along, or the node was set up anew: ask its operator. Only if the new fingerprint is "
        f"the node's: `cryptex nodes forget {url}`, then connect again."
    )
    return ChangedNodeError(message, _problem(Code.NODE_CHANGED, message, suggestion, met, believed.fingerprint), met)


def _not_proved(url: str, place: str, met: Met, why: str) -> ChangedNodeError:
    message = (
        f"THE NODE AT {place} SHOWS THE KNOWN KEY BUT DOES NOT PROVE THAT IT HAS IT, and nothing was sent to it. "
        f"Known and shown: {met.fingerprint}; what is wrong: {why}"
    )
    suggestion = (
        "Somebody may be reading along, who copied what the node shows to all: ask its operator. Only if the node is "
        f"at fault, and its `ready` line has a new fingerprint: `cryptex nodes forget {url}`, then connect again."
    )
    return ChangedNodeError(message, _problem(Code.NODE_CHANGED, message, suggestion, met, met.fingerprint), met)


def _not_expected(place: str, expected: str, met: Met) -> ChangedNodeError:
    message = (
        f"THE NODE AT {place} IS NOT THE ONE OF THE GIVEN FINGERPRINT, and nothing was sent to it. "
        f"Given: {expected}; shown: {met.fingerprint}"
    )
    suggestion = "Correct --trust or CRYPTEX_TRUST, or ask the node's operator: somebody may be reading along."
    return ChangedNodeError(message, _problem(Code.NODE_CHANGED, message, suggestion, met, expected), met)


def _refused(place: str, why: str) -> UntrustedNodeError:
    message = f"the certificate of the node at {place} is not accepted: {why}"
    return UntrustedNodeError(message, Problem(Code.BAD_CERTIFICATE, message, False, "Tell the node's operator.", {}))


def _problem(code: Code, message: str, suggestion: str, met: Met, expected: str = "") -> Problem:
    known = {"expected": expected} if expected else {}
    return Problem(code, message, False, suggestion, {"fingerprint": met.fingerprint, **known})
