"""The receiver's address. It is a secret: a chat channel's address is enough to write there."""

import ipaddress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

_LONGEST: Final = 2048
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
# Microsoft's hosts for the webhooks of Teams workflows. They take cards, and no plain text.
_OF_TEAMS: Final = (".logic.azure.com", ".powerplatform.com")
_PORTS: Final = {"https": 443, "http": 80}
# All addresses of version 6 that lead to one host on the internet (https://www.iana.org/assignments/ipv6-address-space),
# and those in which a network packs an address of version 4.
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class BadAddressError(ValueError):
    """The address cannot be used. The text says why, and does not quote it."""


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address. Printing it shows nothing."""

    secure: bool = field(repr=False)
    host: str = field(repr=False)
    port: int = field(repr=False)
    target: str = field(repr=False)  # the path and the query
    authority: str = field(repr=False)  # for the Host header

    @property
    def takes_cards(self) -> bool:
        """Whether the receiver is a Teams workflow."""
        return self.host.endswith(_OF_TEAMS)


def address_of(text: str, *, local: bool) -> Address:
    """Return the address in a text. Raises BadAddressError.

    `local` is whether AWS is the local one: then, and only then, a receiver may be on this machine.
    """
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > _LONGEST:
        raise BadAddressError("The address must be one line of at most 2048 characters, without spaces.")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise BadAddressError("This is not a web address. It must look like https://hooks.example.com/...") from None
    here = local and host in _LOOPBACK
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise BadAddressError("The address must start with https://")
    if parts.username is not None or parts.password is not None:
        raise BadAddressError("The address must have no user name or password before the host.")
    if parts.fragment:
        raise BadAddressError("The address must have no #.")
    if not host or port == 0 or not (here or _is_outside(host)):
        raise BadAddressError("The host must be on the internet: its name, such as hooks.example.com.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    authority = parts.netloc.rpartition("@")[2]
    return Address(parts.scheme == "https", host, port or _PORTS[parts.scheme], target, authority)


def is_public(ip: str) -> bool:
    """Whether an IP address is on the internet, and not in our own network or on this machine."""
    found = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        packed = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else None
        packed = packed or found.ipv4_mapped or found.sixtofour
        if packed is None:
            return found in _UNICAST and found.is_global and found.teredo is None
        found = packed
    return found.is_global and not found.is_multicast


def _is_outside(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:  # it is a name; what it leads to is looked at before each try
        # A resolver takes "127.1" and "2130706433" for addresses, and a public name ends in letters.
        last = host.rpartition(".")[2]
        return "." in host and not last.isdigit() and not host.endswith((".localhost", ".local", ".internal"))
