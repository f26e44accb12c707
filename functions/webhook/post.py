"""Posts one message to the receiver. It trusts nothing there: not its name, its speed, its answer or its redirects."""

import re
import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import Final, Self

from webhook.address import Address, is_public

# From the connection to the status line of the answer. A timeout of the socket would begin again with each byte.
MOST_SECONDS: Final = 5.0
SHORTEST_REST, USUAL_REST, LONGEST_REST = timedelta(seconds=1), timedelta(minutes=1), timedelta(minutes=5)
_SECONDS: Final = re.compile("[0-9]{1,6}")
_OF_SECRETS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.GONE})
_CLIENT_ERROR: Final = 4  # the first digit
# Statuses of 4xx that each message would get.
_OF_RECEIVER: Final = _OF_SECRETS | {HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True, slots=True)
class Answer:
    """How a try ended. `reason` is None if the receiver took the message, or else a code that quotes nothing."""

    reason: str | None
    status: int | None = None  # if the receiver did not take the message, but answered
    retry_after: str | None = None  # the receiver's header, as it is

    @property
    def taken(self) -> bool:
        """Whether the receiver took the message."""
        return self.reason is None

    @property
    def gone(self) -> bool:
        """Whether the receiver asks us to stop."""
        return self.status == HTTPStatus.GONE

    @property
    def doubts_secrets(self) -> bool:
        """Whether another address or key could help, which an operator may just have set."""
        return self.status in _OF_SECRETS

    @property
    def refuses_message(self) -> bool:
        """Whether the receiver works, and has something against this one message."""
        return (self.status or 0) // 100 == _CLIENT_ERROR and self.status not in _OF_RECEIVER

    @property
    def rest(self) -> timedelta | None:
        """For how long the receiver asks us to send nothing, if it does."""
        if self.status != HTTPStatus.TOO_MANY_REQUESTS:
            return None
        # The header may also have a date, which gets the usual rest.
        asked = _SECONDS.fullmatch(self.retry_after or "")
        return min(max(timedelta(seconds=int(asked[0])), SHORTEST_REST), LONGEST_REST) if asked else USUAL_REST


def post(
    address: Address, body: bytes, headers: dict[str, str], *, local: bool, seconds: float = MOST_SECONDS
) -> Answer:
    """Send a message, and return how that ended. Never raises.

    Any status of 2xx is a success. A redirect is none: it could lead anywhere. What else the receiver answers is not
    read, so it can be endless. `local` is whether a receiver on this machine is allowed.
    """
    try:
        places = _places(address)
    except (OSError, UnicodeError):
        return Answer("UnknownHost")
    # One of several places may be in our own network, so none of them may.
    if not places or not (local or all(is_public(each) for each in places)):
        return Answer("PrivateAddress")
    return _send(address, places[0], body, headers, seconds)


def _send(address: Address, place: str, body: bytes, headers: dict[str, str], seconds: float) -> Answer:
    with _Deadline(seconds) as deadline:
        try:
            # To the place that was looked at: its name may lead elsewhere a moment later.
            plain = deadline.ends(socket.create_connection((place, address.port), timeout=seconds))
            with closing(plain), closing(_connection(address, plain, deadline)) as connection:
                connection.request("POST", address.target, body, _all_headers(address, headers))
                answer = connection.getresponse()
                status, retry_after = answer.status, answer.headers.get("Retry-After")
        except (OSError, HTTPException, ValueError) as error:
            late = deadline.passed or isinstance(error, TimeoutError)
            return Answer("TimedOut" if late else type(error).__name__)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Answer(None)
    return Answer(f"Status{status}", status, retry_after)


def _connection(address: Address, plain: socket.socket, deadline: "_Deadline") -> HTTPConnection:
    connection = HTTPConnection(address.host, address.port)
    connection.sock = plain
    if address.secure:
        secure = _certificates().wrap_socket(plain, server_hostname=address.host, do_handshake_on_connect=False)
        connection.sock = secure
        try:
            deadline.ends(secure).do_handshake()
        except (OSError, ValueError):
            secure.close()
            raise
    return connection


def _all_headers(address: Address, headers: dict[str, str]) -> dict[str, str]:
    own = {"Host": address.authority, "Content-Type": "application/json", "User-Agent": "clinic-leads"}
    return own | {"Connection": "close"} | headers


def _places(address: Address) -> list[str]:
    """Return the IP addresses of the host, version 4 first: Lambda has no way to others."""
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    found.sort(key=lambda each: each[0] != socket.AF_INET)
    return [str(each[4][0]) for each in found]


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Deadline:
    """Ends a connection after some seconds, whatever it is waiting for."""

    def __init__(self, seconds: float) -> None:
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True
        self._socket: socket.socket | None = None
        self.passed = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()

    def ends[S: socket.socket](self, connected: S) -> S:
        """End this socket at the deadline, instead of the one before. Raises TimeoutError if that has passed."""
        self._socket = connected
        if self.passed:
            connected.close()
            raise TimeoutError
        return connected

    def _end(self) -> None:
        self.passed = True
        if self._socket:
            with suppress(OSError):
                # The plain one: that of an SSL socket changes the object under the other thread's hands.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
