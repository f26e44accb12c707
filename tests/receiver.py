"""A receiver of the webhook on a loopback port. It records messages and behaves as a test asks it to."""

import http.server
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import trustme

from tests.deployed import Deployed

# The path of the address that tests set. It must not show up anywhere.
PATH = "/hooks/made-up-and-secret"

# What a receiver does with a message that it has read. It writes to the connection itself.
type Manner = Callable[["Inbox", socket.socket], None]


@dataclass(frozen=True, slots=True)
class Received:
    """One message, as it arrived."""

    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.body)


@dataclass(slots=True)
class Inbox:
    """What arrived, and how the receiver behaves from now on."""

    url: str
    manner: Manner
    received: list[Received] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)  # what a redirect led to
    over: threading.Event = field(default_factory=threading.Event)

    def of(self, reference: str) -> list[Received]:
        """Return the messages about a request."""
        return [each for each in self.received if each.document["reference"] == reference]


def answers(status: int, *lines: str) -> Manner:
    """Answer with a status and headers."""

    def manner(_inbox: Inbox, connection: socket.socket) -> None:
        connection.sendall("\r\n".join((f"HTTP/1.1 {status} Made-up", *lines, "Content-Length: 0", "", "")).encode())

    return manner


def redirects(inbox: Inbox, connection: socket.socket) -> None:
    """Send the caller elsewhere on the same server."""
    answers(307, f"Location: {inbox.url}/elsewhere")(inbox, connection)


def is_silent(inbox: Inbox, _connection: socket.socket) -> None:
    """Take the message, and never answer."""
    inbox.over.wait(60)


def drips(inbox: Inbox, connection: socket.socket) -> None:
    """Answer a byte at a time, so that no single read waits for long."""
    _forever(inbox, connection, lambda number: b"HTTP/1.1 200 OK\r\nX-Endless: "[number : number + 1] or b"x", 0.05)


def goes_on_and_on(inbox: Inbox, connection: socket.socket) -> None:
    """Say that it took the message, and then send an answer without an end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    _forever(inbox, connection, lambda _: b"10000\r\n" + b"x" * 65536 + b"\r\n", 0)


def continues(inbox: Inbox, connection: socket.socket) -> None:
    """Send interim answers without an end."""
    _forever(inbox, connection, lambda _: b"HTTP/1.1 100 Continue\r\n\r\n", 0.01)


def talks_nonsense(_inbox: Inbox, connection: socket.socket) -> None:
    """Answer in another protocol."""
    connection.sendall(b"220 mail.example.com ESMTP\r\n")


def hangs_up(_inbox: Inbox, _connection: socket.socket) -> None:
    """Close the connection without an answer."""


def _forever(inbox: Inbox, connection: socket.socket, piece: Callable[[int], bytes], pause: float) -> None:
    number = 0
    with suppress(OSError):  # the caller hung up
        while not inbox.over.wait(pause):
            connection.sendall(piece(number))
            number += 1


@contextmanager
def receiving(manner: Manner = answers(200), certificate: trustme.LeafCert | None = None) -> Iterator[Inbox]:  # noqa: B008 - it has no state
    """Run a receiver, with TLS if there is a certificate, and yield its `Inbox`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path.endswith("/elsewhere"):
                inbox.elsewhere.append(self.path)
            inbox.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.close_connection = True
            with suppress(OSError):
                inbox.manner(inbox, self.connection)

        do_GET = do_POST  # noqa: N815 - the parent's way of naming

        def log_message(self, *_args: object) -> None:
            """Log nothing."""

        def handle(self) -> None:
            with suppress(OSError):
                super().handle()

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Print nothing about a caller that hung up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            scheme = "https"
        inbox = Inbox(f"{scheme}://127.0.0.1:{server.server_address[1]}", manner)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield inbox
        finally:
            inbox.over.set()
            server.shutdown()
            thread.join()


@contextmanager
def receiver_of(deployed: Deployed) -> Iterator[Inbox]:
    """Set a receiver that works as the webhook's for a while."""
    name = f"{deployed.stack.name}-webhook"
    configuration = deployed.lambdas.get_function_configuration(FunctionName=name)
    arn = configuration["Environment"]["Variables"]["WEBHOOK_ADDRESS_ARN"]
    before = deployed.secrets.get_secret_value(SecretId=arn)["SecretString"]
    with receiving() as inbox:
        deployed.secrets.put_secret_value(SecretId=arn, SecretString=inbox.url + PATH)
        deployed.restart("webhook")
        try:
            yield inbox
        finally:
            inbox.manner = answers(200)
            deployed.invoke("webhook", {"job": "test"})  # whatever a test did to its health is over
            deployed.secrets.put_secret_value(SecretId=arn, SecretString=before)
            deployed.restart("webhook")
