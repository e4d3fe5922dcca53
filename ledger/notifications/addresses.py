"""Where a webhook may go: https to a public address, so that nobody makes the server call into its own network."""

import asyncio
import ipaddress
import socket
from typing import Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from ledger.domain.errors import LedgerError

MOST_CHARACTERS: Final = 2_000
_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class AddressRefused(Exception):
    """The URL's host has no address that may be called."""


class Target(NamedTuple):
    """A URL with the address in place of the host's name, and the name for the Host header and for TLS."""

    url: str
    host: str
    name: str


def check_url(url: str) -> str:
    """The URL, if deliveries may go there: https, or http on this machine. Raises LedgerError `webhook_url_wrong`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise LedgerError("webhook_url_wrong") from None
    local = parts.scheme == "http" and parts.hostname in _LOCAL_NAMES
    good = (parts.scheme == "https" or local) and parts.hostname and not parts.username and not parts.password
    if not good or parts.fragment or port == 0 or len(url) > MOST_CHARACTERS or not url.isascii() or " " in url:
        raise LedgerError("webhook_url_wrong")
    return url


def is_private(address: str) -> bool:
    """Whether an address is not of the public internet: private, this machine's, link-local, reserved, multicast."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is not None:
            return is_private(str(inner))
        if parsed in _NAT64:
            return is_private(str(ipaddress.IPv4Address(int(parsed) & 0xFFFF_FFFF)))
    return not parsed.is_global or parsed.is_multicast


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


async def resolve(url: str, *, allow_private: bool) -> Target:
    """The address to call now. It is looked up at each call and the call goes to what was looked at, so that a name
    that changes its address in between is of no use. Raises `AddressRefused`."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"{name} has no address") from error
    addresses = [str(one[4][0]) for one in found]
    if not allow_private and any(is_private(address) for address in addresses):
        raise AddressRefused(f"{name} has a private address")
    address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    return Target(
        urlunsplit((parts.scheme, f"{address}:{port}", parts.path or "/", parts.query, "")), parts.netloc, name
    )
