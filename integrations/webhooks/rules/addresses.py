"""Which addresses Laurel may send to. Everything that is not on the public internet is refused."""

import ipaddress
from urllib.parse import urlsplit

SCHEMES = ("https", "http")


class AddressRefused(ValueError):
    """A URL or address that Laurel does not send to; the message is a sentence for people."""


def split_url(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path with query of a webhook's URL. AddressRefused when it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(f"“{url}” is not a URL") from error
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise AddressRefused(f"“{url}” is not a URL that begins with https:// or http://")
    if parts.username or parts.password:
        raise AddressRefused("a URL must not hold a name or password")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), path


def is_public(address: str) -> bool:
    """Whether an IP address is reachable by everyone: not private, loopback, link-local, multicast or reserved."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast


def choose(addresses: list[str], *, allow_private: bool) -> str:
    """The first address that may be used. AddressRefused when none is left: one private address refuses the host."""
    if not addresses:
        raise AddressRefused("the host has no address")
    if not allow_private and not all(is_public(each) for each in addresses):
        raise AddressRefused("the host is not on the public internet")
    return addresses[0]
