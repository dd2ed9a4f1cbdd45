"""Certificates for tests, made by another hand than the node's: trustme."""

import ssl
from collections.abc import Callable
from pathlib import Path

import trustme


def write_certificate(folder: Path, authority: trustme.CA, *names: str) -> tuple[Path, Path]:
    """Write a certificate for names, and its key; return the two files."""
    issued = authority.issue_cert(*names)
    certificate, key = folder / "given.pem", folder / "given.key"
    certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    return certificate, key


def showing(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """Return a server's context that shows a certificate of an authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def believed(monkey_setenv: Callable[[str, str], None], folder: Path, authority: trustme.CA) -> None:
    """Let this process take an authority for a public one, as an operating system does."""
    path = folder / "public.pem"
    authority.cert_pem.write_to_path(str(path))
    monkey_setenv("SSL_CERT_FILE", str(path))
