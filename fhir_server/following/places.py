"""Which addresses are notified: what somebody subscribes must not make this server knock at doors of its own network.

The name is resolved again before each notification and the connection goes to the address that was judged, so that a
name which answers otherwise the second time gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

from validators.report import Mode

LONGEST: Final = 2000
_NAT64: Final = ip_network("64:ff9b::/96")

Address: TypeAlias = IPv4Address | IPv6Address


class Forbidden(ValueError):
    """An address that is not notified; the message is a word for why."""


def place_of(url: str, mode: Mode) -> SplitResult:
    """An endpoint, taken apart: https, or in the sandbox http on this machine.

    Raises:
        Forbidden: another scheme, a user, a fragment, or an address of a network that is not notified.
    """
    try:
        found = urlsplit(url)
        host, port = found.hostname, found.port
    except ValueError:
        raise Forbidden("url") from None
    if not url.isascii() or len(url) > LONGEST or not url.isprintable() or " " in url:
        raise Forbidden("url")
    if found.scheme not in ("https", "http") or (found.scheme == "http" and mode is not Mode.SANDBOX):
        raise Forbidden("scheme")
    if not host or port == 0 or found.username is not None or found.fragment:
        raise Forbidden("url")
    address = _literal(host)
    if address is not None:
        _judge(address, found.scheme, mode)
    elif found.scheme == "http" and host != "localhost":
        raise Forbidden("scheme")
    return found


def _literal(host: str) -> Address | None:
    """An address; None for a name, which is judged by what it resolves to."""
    try:
        return ip_address(host)
    except ValueError:
        return None


async def addresses_of(place: SplitResult, mode: Mode) -> list[str]:
    """The addresses to connect to, the first of them first.

    Raises:
        Forbidden: one of those the name resolves to is not notified.
        OSError: the name does not resolve.
    """
    port = place.port or (443 if place.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(place.hostname, port, type=socket.SOCK_STREAM)
    texts = list(dict.fromkeys(str(one[4][0]) for one in found))
    for text in texts:
        _judge(ip_address(text), place.scheme, mode)
    return texts


def _judge(address: Address, scheme: str, mode: Mode) -> None:
    address = _inner(address)
    if scheme == "http":
        allowed = address.is_loopback
    elif mode is Mode.SANDBOX:
        allowed = not (address.is_link_local or address.is_multicast or address.is_unspecified)
    else:
        allowed = address.is_global and not (address.is_multicast or address.is_reserved)
    if not allowed:
        raise Forbidden("network")


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and address in _NAT64:
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside if inside is not None else address
