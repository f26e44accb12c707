"""The first try to store a lead: one signed request over a connection that stays open. No SDK is loaded for it.

This is enough for almost every put. If DynamoDB's answer is not "stored" or "already there", the SDK is loaded and
tries again, with its own rules for retries and credentials. See docs/decisions/0023-the-first-try-needs-no-sdk.md.
"""

import http.client
import json
import select
import socket
import ssl
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from shared.services.signature import Signer
from shared.store.keys import put_if_new

# The SDK's own limits (shared/services/configs.py). A test compares them.
CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 2
_KEY_IN_USE: Final = "ConditionalCheckFailedException"
_CLOSED_BY_SERVER: Final = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
_HEADERS: Final = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.PutItem"}


class FirstTryError(Exception):
    """DynamoDB did not confirm the put.

    `reason` is an error's name or an HTTP status, never personal data. `maybe_written` is False if we know that
    DynamoDB did not store the item.
    """

    def __init__(self, reason: str, *, maybe_written: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.maybe_written = maybe_written


class FirstTry:
    """Puts items into one table, with one request each, over one connection.

    `url` is an address of DynamoDB. `trusted_certificates` is the path of a PEM file, read if the address is https.
    """

    def __init__(self, url: str, signer: Signer, *, table_name: str, trusted_certificates: str) -> None:
        self._scheme, self._host = urlsplit(url)[:2]
        self._signer = signer
        self._table_name = table_name
        self._trusted_certificates = trusted_certificates
        self._connection: http.client.HTTPConnection | None = None

    def put(self, item: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Store `item` if its key is free and return None; otherwise return the item that has the key.

        Items are in DynamoDB's typed form. Raises FirstTryError.
        """
        request = put_if_new(self._table_name, item)
        status, answer, sent_twice = self._answer(json.dumps(request).encode())
        if status == HTTPStatus.OK:
            return None
        if status == HTTPStatus.BAD_REQUEST:
            if (found := _item_there(answer)) is not None:
                return found
        else:
            self.close()  # after any other status, do not trust what may still arrive on this connection
        # A refusal (3xx, 4xx) stores nothing. After any other answer the item may be stored. https://docs.aws.amazon.com/
        # amazondynamodb/latest/developerguide/Programming.Errors.html
        refused = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        raise FirstTryError(str(status), maybe_written=sent_twice or not refused)

    def close(self) -> None:
        """Close the connection. The next put opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _answer(self, body: bytes) -> tuple[int, bytes, bool]:
        """Send the request and return status, body, and whether it was sent twice. Raises FirstTryError."""
        sent = False
        try:
            if self._connection is not None and _is_quiet(self._connection):
                sent = True
                # DynamoDB closes idle connections, and Lambda may have frozen this process for minutes. The put is
                # conditional: if the first request did arrive, the repeated one finds our own item.
                with suppress(*_CLOSED_BY_SERVER):
                    return *self._ask(self._connection, body), False
            self.close()
            self._connection = self._connected()
            sent_twice, sent = sent, True
            return *self._ask(self._connection, body), sent_twice
        except (http.client.HTTPException, OSError, ValueError) as error:  # ValueError: a header or host is invalid
            self.close()
            raise FirstTryError(type(error).__name__, maybe_written=sent) from None

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        # Kept for later connections: reading the certificates takes longer than a request.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # requires a valid certificate for the host name
        context.load_verify_locations(self._trusted_certificates)
        return context

    def _connected(self) -> http.client.HTTPConnection:
        connection = (
            http.client.HTTPSConnection(self._host, timeout=CONNECT_SECONDS, context=self._trust)
            if self._scheme == "https"
            else http.client.HTTPConnection(self._host, timeout=CONNECT_SECONDS)
        )
        try:
            connection.connect()
        except OSError:
            connection.close()
            raise
        connection.sock.settimeout(READ_SECONDS)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return connection

    def _ask(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, bytes]:
        sent_at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers = self._signer.signed({**_HEADERS, "host": self._host}, body, sent_at=sent_at)
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        answer = response.read()
        checksum = response.headers.get("x-amz-crc32")
        if checksum is not None and checksum != str(zlib.crc32(answer)):
            raise ChecksumError
        return response.status, answer


def _is_quiet(connection: http.client.HTTPConnection) -> bool:
    """Whether a connection is open and no bytes wait on it. Such bytes would look like the next answer."""
    if connection.sock is None:
        return False
    arrivals = select.poll()
    arrivals.register(connection.sock, select.POLLIN)
    return not arrivals.poll(0)


def _item_there(answer: bytes) -> Mapping[str, Any] | None:
    """Return the item that has the key, if the answer says that the key is in use; otherwise None."""
    try:
        error = json.loads(answer)
    except ValueError:
        return None
    if not isinstance(error, dict) or str(error.get("__type")).rpartition("#")[2] != _KEY_IN_USE:
        return None
    item = error.get("Item")
    return item if isinstance(item, dict) else {}


class ChecksumError(http.client.HTTPException):
    """The answer was damaged in transit, so we cannot rely on it."""
