"""The socket that a node listens on, and the address by which it is reached there."""

import os
import socket
from contextlib import suppress
from typing import Final

BACKLOG: Final = 1024
SPARE_DESCRIPTORS: Final = 256
"""Open files that a node needs beside those of its connections."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens: who connects before the node is ready waits. Raises OSError.

    A socket that is merely bound would let a second node bind the same port, and both say that they are ready.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def node_url(host: str, port: int, *, is_secure: bool) -> str:
    """Return the address of a node that listens there."""
    scheme = "https" if is_secure else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def reachable(url: str) -> str:
    """Return where this machine reaches a node that listens on all addresses."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


def allow_connections(connections: int) -> None:
    """Raise the soft limit of open files to what the connections need, as far as the system lets us."""
    if os.name == "nt":
        return
    import resource  # Unix only

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * connections + SPARE_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
