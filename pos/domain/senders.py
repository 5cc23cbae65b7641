"""Who may talk to a door that asks for no password: addresses on one's own network, or those that are named."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
OWN_NETWORKS: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
"""Loopback, private (RFC 1918, RFC 4193) and link-local: nothing that is routed on the internet."""


@lru_cache(256)
def networks_read(text: str) -> tuple[Network, ...]:
    """The networks named in ``text``, with commas or spaces between; none named: one's own. Raises ValueError."""
    named = [word for word in re.split(r"[\s,;]+", text) if word]
    return tuple(_network(word) for word in named) or OWN_NETWORKS


def sender_allowed(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether a sender of this address may talk; an IPv4 address inside IPv6 is the IPv4 address it is."""
    try:
        found = _plain(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return any(found in network for network in networks if network.version == found.version)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    inside = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return inside or address


def _network(word: str) -> Network:
    try:
        return ip_network(word, strict=False)
    except ValueError as error:
        raise ValueError(f"{word} is no address: write for example 192.168.4.17 or 192.168.4.0/24") from error
