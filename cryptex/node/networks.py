"""Networks from which a key may be used."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from cryptex.protocol.problems import invalid

Network = IPv4Network | IPv6Network

_MAPPED_PREFIX_LENGTH: Final = 96
"""What stands before the IPv4 address in `::ffff:192.0.2.1`."""


def networks_of(texts: Iterable[str], field: str) -> tuple[str, ...]:
    """Return addresses and networks in one spelling, each once. Raises Refusal(invalid_request)."""
    try:
        return tuple(dict.fromkeys(str(_network(text)) for text in texts))
    except ValueError:
        raise invalid(field, f"{field} are addresses, or networks such as 203.0.113.0/24 or 2001:db8::/32") from None


def _network(text: str) -> Network:
    """Return a network; an IPv4 one that is written as IPv6 as what it is. Raises ValueError: also for `%` (zones)."""
    network = ip_network(text)
    if isinstance(network, IPv4Network):
        return network
    address = network.network_address
    if address.scope_id is not None:
        raise ValueError("a zone means something on one machine alone")
    if address.ipv4_mapped is None or network.prefixlen < _MAPPED_PREFIX_LENGTH:
        return network
    return IPv4Network((address.ipv4_mapped, network.prefixlen - _MAPPED_PREFIX_LENGTH))


def is_within(host: str, networks: Iterable[Network]) -> bool:
    """Return whether an address lies in one of some networks. What is no address lies nowhere."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)
