"""The names under which a node that is for this machine alone may be asked for.

A page anywhere can let its own name lead to 127.0.0.1, and would then be of one origin with the node there. The Host
that a browser sends is that page's name: a node on loopback answers to no other names than its own.
"""

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Final

from cryptex.node.settings import Settings

LOCALHOST: Final = "localhost"
ANY: Final = "*"
"""In `allowed_hosts`: whatever the name."""

HostCheck = Callable[[bytes], bool]
"""Whether the node answers to the value of a Host header."""


def host_check(settings: Settings, *, on_loopback: bool) -> HostCheck | None:
    """Return what judges the Host of requests; None where every name is good.

    That is beyond loopback, and where a certificate of the operator's own has the node's names.
    """
    allowed = (*settings.allowed_hosts, *settings.tls.names)
    if not on_loopback or settings.tls.certificate or ANY in allowed:
        return None
    return _Names((LOCALHOST, settings.host, *allowed))


class _Names:
    """Loopback addresses, and names; one that begins with `*.` stands for all below it."""

    def __init__(self, names: Iterable[str]) -> None:
        lower = {name.lower().rstrip(".") for name in names}
        self._names = {name for name in lower if not name.startswith("*.")}
        self._below = tuple(name[1:] for name in lower if name.startswith("*."))

    def __call__(self, value: bytes) -> bool:
        name = _without_port(value.decode("latin-1").strip().lower()).rstrip(".")
        if name in self._names:
            return True
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return name.endswith(self._below)


def _without_port(host: str) -> str:
    """Return the name, or the number without brackets, of `name:port`; empty for what is neither."""
    if host.startswith("["):
        number, bracket, port = host[1:].partition("]")
        is_whole = bool(bracket) and (not port or (port[0] == ":" and port[1:].isdecimal()))
        return number if is_whole else ""
    name, colon, port = host.partition(":")
    return name if not colon or port.isdecimal() else ""
