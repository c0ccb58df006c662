"""Addresses that people give us: none may make the server call into its own network.

The answer holds the addresses that were checked; a caller connects to one of them and never asks the name again, so
that a name cannot turn inwards between the check and the call.
"""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from flask import current_app, has_app_context

from popschool.errors import RuleBroken

WEB = ("http", "https")
PORTS = {"http": 80, "https": 443, "ssh": 22}
FIRST_FREE_PORT = 1024
LONGEST = 2000
INSIDE = [
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10"),
        *("ff00::/8",),
    )
]
NAT64 = ip_network("64:ff9b::/96")


class OutboundRefused(RuleBroken):
    """An address that the server will not call."""


@dataclass
class AddressUnreadable(OutboundRefused):
    """This is not an address at all."""

    url: str


@dataclass
class SchemeRefused(OutboundRefused):
    """Only some kinds of addresses are called."""

    scheme: str
    allowed: tuple[str, ...]


@dataclass
class CredentialsRefused(OutboundRefused):
    """A name or a password stands in the address, where others would read it."""

    host: str


@dataclass
class PortRefused(OutboundRefused):
    """This port is for another service."""

    port: int


@dataclass
class HostUnknown(OutboundRefused):
    """No machine answers to that name."""

    host: str


@dataclass
class AddressInside(OutboundRefused):
    """The name leads inside a private network."""

    host: str


@dataclass(frozen=True)
class Destination:
    """An address that may be called, and the numbers it was checked at."""

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]


def check_url(url: str, *, schemes: Iterable[str] = WEB, allow_inside: bool | None = None) -> Destination:
    """Return where this address leads, once it is known to lead outside. Raises a child of OutboundRefused.

    `allow_inside` is the installation's setting unless given; it is for trials with servers on the same machine.
    """
    schemes = tuple(schemes)
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except (ValueError, AttributeError) as error:
        raise AddressUnreadable(str(url)[:LONGEST]) from error
    if parts.scheme not in schemes:
        raise SchemeRefused(parts.scheme, schemes)
    if len(url) > LONGEST or not host or any(ord(sign) <= 32 or sign == "\\" for sign in url.strip()):
        raise AddressUnreadable(url[:LONGEST])
    if parts.password is not None or (parts.username is not None and parts.scheme != "ssh"):
        raise CredentialsRefused(host)
    return check_host(parts.scheme, host, port or PORTS[parts.scheme], allow_inside=allow_inside)


def check_written(url: str, *, allow_inside: bool | None = None) -> str:
    """Return the host of a link that people open themselves: no name is asked. Raises a child of OutboundRefused."""
    if allow_inside is None:
        allow_inside = has_app_context() and current_app.config["POPSCHOOL"].allow_inside
    try:
        parts = urlsplit(url.strip())
        _, host = parts.port, (parts.hostname or "").rstrip(".")
    except (ValueError, AttributeError) as error:
        raise AddressUnreadable(str(url)[:LONGEST]) from error
    if parts.scheme not in WEB:
        raise SchemeRefused(parts.scheme, WEB)
    if is_written_inside(host) and not allow_inside:
        raise AddressInside(host)
    if len(url) > LONGEST or not ("." in host or ":" in host) or any(ord(sign) <= 32 for sign in url.strip()):
        raise AddressUnreadable(url[:LONGEST])
    if parts.username is not None or parts.password is not None:
        raise CredentialsRefused(host)
    return host


def is_written_inside(host: str) -> bool:
    """Say whether a host, as it is written, is this machine or an address inside, in whatever disguise."""
    bare = host.strip("[]").casefold()
    if bare == "localhost" or bare.endswith((".localhost", ".local", ".internal", ".home.arpa")):
        return True
    try:
        return is_inside(bare)
    except ValueError:
        pass
    try:
        return is_inside(socket.inet_ntoa(socket.inet_aton(bare)))  # 2130706433, 0x7f.1 and the like
    except OSError:
        return False


def check_host(scheme: str, host: str, port: int, *, allow_inside: bool | None = None) -> Destination:
    """Return where this host and port lead, once known to lead outside. Raises a child of OutboundRefused."""
    if allow_inside is None:
        allow_inside = has_app_context() and current_app.config["POPSCHOOL"].allow_inside
    if port != PORTS[scheme] and port not in (80, 443) and port < FIRST_FREE_PORT:
        raise PortRefused(port)
    addresses = _resolve(host, port)
    if not allow_inside and any(is_inside(address) for address in addresses):
        raise AddressInside(host)
    return Destination(scheme, host, port, addresses)


def is_inside(address: str) -> bool:
    """Say whether this address belongs to a private, local or reserved network, however it is written."""
    number = ip_address(address.partition("%")[0])
    if isinstance(number, IPv6Address):
        inner = _embedded(number)
        if inner is not None:
            return is_inside(str(inner))
    return any(number in block for block in INSIDE if block.version == number.version) or not number.is_global


def _embedded(number: IPv6Address) -> IPv4Address | None:
    """Return the old-style address that a new-style one stands for: mapped, 6to4, or translated."""
    if number in NAT64:
        return IPv4Address(int(number) & 0xFFFFFFFF)
    return number.ipv4_mapped or number.sixtofour


def _resolve(host: str, port: int) -> tuple[str, ...]:
    try:
        host.encode("idna")
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnknown(host) from error
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in found))
