"""shared.store.first_try and Intake: what is sent, what each answer means, and when the SDK takes over.

A real server on the loopback interface answers, because these tests are about connections.
"""

import json
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from shared.leads.lead import Lead
from shared.services.configs import TABLE
from shared.services.signature import Signer
from shared.store import first_try
from shared.store.first_try import FirstTry, FirstTryError
from shared.store.intake import Intake, Put, StorageError, Stored, new_lead_item
from tests.unit.output import counted, everything_printed
from tests.unit.people import a_lead
from tests.unit.words import CANARY

pytestmark = pytest.mark.enable_socket

SIGNER = Signer(key_id="AKIDEXAMPLE", secret="made-up", token="made-up", region="us-east-1")


@dataclass(frozen=True)
class Answer:
    """What the server does with a request."""

    status: int = 200
    document: Mapping[str, Any] | list[Any] = field(default_factory=dict)
    checksum: str | None = None  # by default that of the document; "" sends none
    cut: bool = False  # closes the connection and answers nothing
    silent: bool = False  # neither answers nor closes the connection
    then_close: bool = False  # answers, and closes the connection without saying so
    then: bytes = b""  # sent after the answer, although nobody asked


STORED = Answer()
CUT = Answer(cut=True)


def there(item: Mapping[str, Any] | None) -> Answer:
    """Return DynamoDB's answer if `item` already has the key."""
    kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    return Answer(400, {"__type": kind} | ({} if item is None else {"Item": item}))


def refused(status: int, name: str) -> Answer:
    """Return an error of DynamoDB's that quotes a visitor."""
    return Answer(status, {"__type": f"com.amazonaws.dynamodb.v20120810#{name}", "message": CANARY})


class Server:
    """A DynamoDB that answers as told."""

    def __init__(self, certificate: trustme.LeafCert | None = None) -> None:
        self.answers: list[Answer] = []
        self.requests: list[Any] = []
        self.connections = 0
        self.release = threading.Event()
        self.ask_for_more, self.sent_more = threading.Event(), threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://localhost:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self.release.set()
        self.ask_for_more.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                server.connections += 1
                super().setup()

            def handle(self) -> None:
                with suppress(OSError):  # the client has gone away
                    super().handle()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                server.requests.append((dict(self.headers), json.loads(body)))
                answer = server.answers.pop(0)
                if answer.silent:
                    server.release.wait(10)
                if answer.cut or answer.silent:
                    self.close_connection = True
                    return
                content = json.dumps(answer.document).encode()
                checksum = str(zlib.crc32(content)) if answer.checksum is None else answer.checksum
                self.send_response_only(answer.status)
                self.send_header("content-length", str(len(content)))
                if checksum:
                    self.send_header("x-amz-crc32", checksum)
                self.end_headers()
                self.wfile.write(content)
                if answer.then:
                    server.ask_for_more.wait(10)
                    self.wfile.write(answer.then)
                    server.sent_more.set()
                self.close_connection = answer.then_close

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def first(server: Server) -> Iterator[FirstTry]:
    with closing(FirstTry(server.url, SIGNER, table_name="made-up", trusted_certificates="")) as trying:
        yield trying


class Sdk:
    """A stand-in for the SDK: returns the given result and counts its calls."""

    def __init__(self, result: Stored | StorageError = Stored.NEW) -> None:
        self._result = result
        self.asked = 0

    def put(self, lead: Lead) -> Put:
        self.asked += 1
        if isinstance(self._result, StorageError):
            raise self._result
        return Put(self._result, lead.reference)


def put(first: FirstTry, result: Stored | StorageError = Stored.NEW) -> tuple[Stored, int]:
    """Return the result, and how often the SDK was called."""
    sdk = Sdk(result)
    return Intake(first, lambda: sdk).put(a_lead()).stored, sdk.asked


def test_a_tombstone_is_found_without_the_sdk(server: Server, first: FirstTry) -> None:
    tombstone = {"fingerprint": {"S": a_lead().fingerprint}, "erased_at": {"S": "2026-03-04T15:30:00.000000Z"}}
    server.answers = [there(tombstone)]
    assert put(first) == (Stored.ERASED, 0)


def test_a_lead_is_put_with_one_request_on_a_connection_that_stays_open(server: Server, first: FirstTry) -> None:
    server.answers = [STORED, there(new_lead_item(a_lead())), there({"fingerprint": {"S": "another"}}), there(None)]
    results = [put(first) for _ in range(4)]
    assert results == [(stored, 0) for stored in (Stored.NEW, Stored.REPEAT, Stored.CONFLICT, Stored.CONFLICT)]
    assert server.connections == 1
    headers, document = server.requests[0]
    assert document == {
        "TableName": "made-up",
        "Item": new_lead_item(a_lead()),
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    assert headers["x-amz-target"] == "DynamoDB_20120810.PutItem"


def test_a_stored_value_that_looks_like_the_error_does_not_count_as_one(server: Server, first: FirstTry) -> None:
    text = 'ConditionalCheckFailedException"'
    server.answers = [Answer(400, {"__type": "x#ValidationException", "Item": {"name": {"S": text}}})]
    assert put(first) == (Stored.NEW, 1)


FAILURES = [
    (refused(500, "InternalServerError"), "500", True),
    (refused(503, "ServiceUnavailable"), "503", True),
    (refused(400, "ProvisionedThroughputExceededException"), "400", False),
    (refused(400, "ThrottlingException"), "400", False),
    (refused(400, "ValidationException"), "400", False),
    (refused(403, "AccessDeniedException"), "403", False),
    (Answer(307), "307", False),
    (Answer(202), "202", True),
    (Answer(400, {"__type": "x#Validation", "message": "ends with ConditionalCheckFailedException"}), "400", False),
    (Answer(400, ["ConditionalCheckFailedException"]), "400", False),
    (Answer(checksum="1"), "ChecksumError", True),
    (CUT, "RemoteDisconnected", True),
]


@pytest.mark.parametrize(("answer", "reason", "maybe_written"), FAILURES)
def test_any_other_answer_is_left_to_the_sdk(
    server: Server, first: FirstTry, answer: Answer, reason: str, *, maybe_written: bool
) -> None:
    server.answers = [answer, answer]
    with everything_printed() as printed:
        assert put(first) == (Stored.NEW, 1)
        with pytest.raises(StorageError) as caught:
            put(first, StorageError(nothing_stored=True))
        assert counted("FirstTriesFailed") == [1, 1]
    assert caught.value.nothing_stored is not maybe_written
    lines = [json.loads(line) for line in printed.getvalue().splitlines()]
    logged = [(line["reason"], line["maybe_written"]) for line in lines if line.get("message") == "first try failed"]
    assert logged == [(reason, maybe_written)] * 2
    assert CANARY not in printed.getvalue()


def test_an_sdk_that_is_in_doubt_stays_in_doubt(server: Server, first: FirstTry) -> None:
    server.answers = [refused(400, "ThrottlingException")]
    with pytest.raises(StorageError) as caught:
        put(first, StorageError(nothing_stored=False))
    assert not caught.value.nothing_stored


def test_an_answer_that_does_not_come_is_left_to_the_sdk(
    server: Server, first: FirstTry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_try, "READ_SECONDS", 0.05)
    server.answers = [Answer(silent=True)]
    with pytest.raises(FirstTryError) as caught:
        first.put({})
    assert (caught.value.reason, caught.value.maybe_written) == ("TimeoutError", True)


def test_a_server_that_cannot_be_reached_has_stored_nothing() -> None:
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"  # bound and not listening: refused
        first = FirstTry(url, SIGNER, table_name="x", trusted_certificates="")
        with pytest.raises(FirstTryError) as caught:
            first.put({})
    assert (caught.value.reason, caught.value.maybe_written) == ("ConnectionRefusedError", False)


def test_an_open_connection_that_the_server_closed_is_opened_again(server: Server, first: FirstTry) -> None:
    server.answers = [Answer(then_close=True), STORED]
    assert [put(first), put(first)] == [(Stored.NEW, 0)] * 2
    assert server.connections == 2


def test_a_request_that_was_cut_is_sent_once_more_and_no_more(server: Server, first: FirstTry) -> None:
    server.answers = [STORED, CUT, there(new_lead_item(a_lead()))]
    assert [put(first), put(first)] == [(Stored.NEW, 0), (Stored.REPEAT, 0)]
    server.answers = [CUT, CUT]
    assert put(first) == (Stored.NEW, 1)
    assert server.answers == []


def test_a_refusal_after_a_cut_does_not_mean_that_nothing_was_stored(server: Server, first: FirstTry) -> None:
    server.answers = [STORED, CUT, refused(400, "ThrottlingException")]
    put(first)
    with pytest.raises(StorageError) as caught:
        put(first, StorageError(nothing_stored=True))
    assert not caught.value.nothing_stored


EXTRA = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


def test_an_answer_that_no_request_asked_for_counts_for_none(server: Server, first: FirstTry) -> None:
    server.answers = [Answer(then=EXTRA), refused(400, "ValidationException")]
    assert put(first) == (Stored.NEW, 0)
    server.ask_for_more.set()
    assert server.sent_more.wait(10)
    with pytest.raises(FirstTryError):
        first.put({})
    assert server.connections == 2


def test_after_an_unexpected_status_the_connection_is_not_used_again(server: Server, first: FirstTry) -> None:
    server.ask_for_more.set()
    server.answers = [Answer(103, then=EXTRA), refused(400, "ValidationException")]
    for _ in range(2):
        with pytest.raises(FirstTryError):
            first.put({})
    assert server.connections == 2


@pytest.mark.parametrize("item", [None, {"fingerprint": {"S": "another"}}])
def test_a_key_in_use_is_never_taken_for_stored(server: Server, first: FirstTry, item: object) -> None:
    server.answers = [Answer(400, {"__type": "ConditionalCheckFailedException", "Item": item})]
    assert put(first) == (Stored.CONFLICT, 0)


def test_a_failure_closes_the_connection(server: Server, first: FirstTry) -> None:
    server.answers = [Answer(checksum="1"), STORED]
    assert [put(first), put(first)] == [(Stored.NEW, 1), (Stored.NEW, 0)]
    assert server.connections == 2


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[Server, Callable[..., FirstTry]]]:
    authority = trustme.CA()
    running = Server(authority.issue_cert("localhost"))

    def trusting(other: trustme.CA | None = None) -> FirstTry:
        bundle = tmp_path / "bundle.pem"
        (other or authority).cert_pem.write_to_path(str(bundle))
        return FirstTry(running.url, SIGNER, table_name="x", trusted_certificates=str(bundle))

    yield running, trusting
    running.close()


def test_a_certificate_is_checked(secure: tuple[Server, Callable[..., FirstTry]]) -> None:
    server, trusting = secure
    server.answers = [STORED]
    with closing(trusting()) as first:
        assert put(first) == (Stored.NEW, 0)
    with closing(trusting(trustme.CA())) as first, pytest.raises(FirstTryError) as caught:
        first.put({})
    assert (caught.value.reason, caught.value.maybe_written) == ("SSLCertVerificationError", False)
    assert server.answers == []
    assert len(server.requests) == 1


def test_a_secure_connection_that_the_server_closed_is_opened_again(
    secure: tuple[Server, Callable[..., FirstTry]],
) -> None:
    server, trusting = secure
    server.answers = [Answer(then_close=True), STORED, STORED]
    with closing(trusting()) as first:
        assert [put(first) for _ in range(3)] == [(Stored.NEW, 0)] * 3
    assert server.connections == 2


def test_without_a_first_try_each_put_is_the_sdks() -> None:
    sdk = Sdk(Stored.REPEAT)
    assert Intake(None, lambda: sdk).put(a_lead()).stored is Stored.REPEAT
    assert sdk.asked == 1


def test_the_first_try_waits_as_long_as_the_sdk_does() -> None:
    sdk: Any = TABLE
    assert (sdk.connect_timeout, sdk.read_timeout) == (first_try.CONNECT_SECONDS, first_try.READ_SECONDS)
