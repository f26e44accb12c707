"""Reads a page of the web. It follows redirects, but never into a private network."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Final
from urllib.parse import urldefrag, urljoin

from webhook.address import Address, BadAddressError, address_of, is_public

_SECONDS: Final = 8.0
_MOST_BYTES: Final = 3_000_000
_CHUNK: Final = 65_536
_MOST_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class FetchError(Exception):
    """The page could not be read. The text says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered, and the address that it had in the end."""

    url: str
    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case

    @property
    def is_fine(self) -> bool:
        """Whether the server says that this is the page."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


# Reads a page: its address, a method and headers. Raises FetchError.
type Fetch = Callable[[str, str, Mapping[str, str]], Page]


def fetching(*, local: bool) -> Fetch:
    """Return what reads a page. `local` is whether servers on this machine may be asked, also without TLS."""

    def fetch(url: str, method: str, headers: Mapping[str, str]) -> Page:
        ends = time.monotonic() + _SECONDS
        for _ in range(_MOST_REDIRECTS + 1):
            page = _read(urldefrag(url)[0], method, headers, ends, local=local)
            if page.status not in _REDIRECTS or "location" not in page.headers:
                return page
            url = urljoin(url, page.headers["location"])
        raise FetchError("it redirects again and again")

    return fetch


def _read(url: str, method: str, headers: Mapping[str, str], ends: float, *, local: bool) -> Page:
    try:
        address = address_of(url, local=local)
    except BadAddressError as error:
        raise FetchError(f"{url} cannot be asked. {error}".rstrip(".")) from None
    place = _place(address, local=local)
    try:
        with closing(_connection(address, place, ends)) as connection:
            sent = {"Host": address.authority, "User-Agent": "clinic-leads-doctor", "Connection": "close", **headers}
            connection.request(method, address.target, headers=sent)
            answer = connection.getresponse()
            text = _body(answer, ends)
    except TimeoutError:
        raise FetchError(f"{address.host} did not answer in time") from None
    except ssl.SSLCertVerificationError as error:
        raise FetchError(f"the certificate of {address.host} is not valid: {error.verify_message}") from None
    except (OSError, HTTPException) as error:
        raise FetchError(f"{address.host} cannot be reached: {error or type(error).__name__}") from None
    return Page(url, answer.status, text, {name.lower(): value for name, value in answer.getheaders()})


def _place(address: Address, *, local: bool) -> str:
    """Return the IP address of a host. Raises FetchError."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchError(f"nobody knows the host {address.host}") from None
    found.sort(key=lambda each: each[0] != socket.AF_INET)
    places = [str(each[4][0]) for each in found]
    # One of several places may be in a private network, so none of them may.
    if not all(is_public(each) or (local and ipaddress.ip_address(each).is_loopback) for each in places):
        raise FetchError(f"{address.host} leads into a private network")
    return places[0]


def _connection(address: Address, place: str, ends: float) -> HTTPConnection:
    """Connect to the place that was looked at: its name may lead elsewhere a moment later."""
    kind = HTTPSConnection if address.secure else HTTPConnection
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection = kind(address.host, address.port)
    plain = socket.create_connection((place, address.port), timeout=left)
    try:
        secure = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=address.host) if address.secure else None
        )
    except BaseException:
        plain.close()
        raise
    connection.sock = secure or plain
    return connection


def _body(answer: HTTPResponse, ends: float) -> str:
    """Return the beginning of what a server sends, until it ends or the time does."""
    parts, size = [], 0
    while size < _MOST_BYTES and (part := answer.read1(_CHUNK)):
        if time.monotonic() > ends:
            raise TimeoutError
        parts.append(part)
        size += len(part)
    charset = answer.headers.get_content_charset("utf-8")
    try:
        return b"".join(parts).decode(charset, errors="replace")
    except LookupError:
        return b"".join(parts).decode(errors="replace")
