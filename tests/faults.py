"""A reverse proxy between the functions and the local AWS that loses, delays and refuses calls.

    with FaultProxy(deployed.aws) as proxy, through(deployed, proxy, "notify", "follow-up"):
        proxy.on("sesv2", "SendEmail", refuse(429, "TooManyRequestsException"), times=2)

The first rule that has a fault for a call applies. Without one, the call passes unchanged.
"""

import http.client
import json
import random
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from math import inf
from typing import Any, Self
from urllib.parse import urlsplit

import trustme

from tests.deployed import Deployed
from tools.local.ports import HOST

_ENDPOINTS = (
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_ENDPOINT_URL_SESV2",
)
_OPERATIONS = {"POST /v2/email/outbound-emails": "SendEmail", "GET /v2/email/account": "GetAccount"}
_OF_ONE_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect"}

type _Answer = tuple[int, list[tuple[str, str]], bytes]
type _When = Callable[[Any], bool] | None
type _Rule = Callable[[Call], Fault | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to a call, in this order: it waits, it is refused or forwarded, its response arrives."""

    name: str
    wait: float = 0
    refusal: _Answer | None = None
    forward: bool = True
    answer: bool = True
    headers: tuple[tuple[str, str], ...] = ()  # in the response, instead of AWS's own


def refuse(status: int, code: str, text: str = "Refused by a test") -> Fault:
    """AWS does nothing and returns this error."""
    headers = [
        ("Content-Type", "application/json"),
        ("x-amzn-ErrorType", code),
    ]  # the error code for REST JSON, then for AWS JSON
    content = json.dumps({"__type": code, "message": text}).encode()
    return Fault(name=f"refused {code}", refusal=(status, headers, content))


def answered(document: object) -> Fault:
    """AWS does nothing, and its answer is this."""
    headers = [("Content-Type", "application/json")]
    return Fault(name="answered", refusal=(200, headers, json.dumps(document).encode()))


def delay(seconds: float) -> Fault:
    """The call reaches AWS late, even if its caller has given up."""
    return Fault(name="delayed", wait=seconds)


CALL_LOST = Fault(name="call lost", forward=False, answer=False)  # the connection breaks before AWS gets the call
ANSWER_LOST = Fault(name="answer lost", answer=False)  # AWS does the work, then the connection breaks
_CLOSES = ("X-Fault", "closes")
CLOSED_AFTERWARDS = Fault(name="closed afterwards", headers=(_CLOSES,))  # silently, as idle connections are
DAMAGED = Fault(name="damaged", headers=(("x-amz-crc32", "1"),))  # the response has a wrong checksum


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt that arrived. The SDK's retries count as calls."""

    service: str  # "dynamodb", "sesv2", "secretsmanager"
    operation: str  # "UpdateItem"; "GET /v2/email/identities" if nothing names the operation
    document: Any  # the request's JSON
    key_id: str = ""  # of the credentials that signed the call
    fault: str | None = None  # the fault that the call met
    status: int | None = None  # the status AWS returned, even if it did not arrive; None if AWS never got the call


class FaultProxy:
    """The proxy on a free loopback port, as a context manager. Send calls to `url` instead of `aws`.

    With a `certificate`, it speaks TLS.
    """

    def __init__(self, aws: str, certificate: trustme.LeafCert | None = None) -> None:
        self._aws, self._lock, self._closing = urlsplit(aws), threading.Lock(), threading.Event()
        self._rules, self._calls = list[_Rule](), list[Call]()
        self._server = ThreadingHTTPServer((HOST, 0), partial(_Handler, self))
        self.url = f"http://{HOST}:{self._server.server_port}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.url = f"https://{HOST}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._server.daemon_threads = True  # clients keep connections open
        threading.Thread(target=self._server.serve_forever, args=(0.05,)).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing.set()  # calls that are still delayed are dropped
        self._server.shutdown()
        self._server.server_close()

    def on(  # noqa: PLR0913 - which calls, what happens to them, how often
        self, service: str, operation: str, fault: Fault, *, times: float = inf, skip: int = 0, when: _When = None
    ) -> None:
        """Apply `fault` to matching calls whose document `when` accepts: skip the first `skip`, then `times` or all."""
        numbers = count(1)

        def rule(call: Call) -> Fault | None:
            if (call.service, call.operation) != (service, operation) or (when and not when(call.document)):
                return None
            return fault if skip < next(numbers) <= skip + times else None

        self._rules.append(rule)

    def randomly(self, seed: int, probability: float, service: str, faults: Sequence[Fault]) -> None:
        """Apply one of `faults` to random calls. The n-th call of an operation gets the same fault in every run."""
        counts: Counter[str] = Counter()

        def rule(call: Call) -> Fault | None:
            if call.service != service:
                return None
            counts[call.operation] += 1
            luck = random.Random(f"{seed} {service} {call.operation} {counts[call.operation]}")  # noqa: S311 - no secret
            return luck.choice(faults) if luck.random() < probability else None

        self._rules.append(rule)

    def clear(self) -> None:
        """Remove all rules and calls. From now on every call passes."""
        self._rules, self._calls = [], []

    def calls(self, service: str, operation: str) -> list[Call]:
        """Return these calls in the order they ended, without the ones in progress."""
        return [call for call in self._calls if (call.service, call.operation) == (service, operation)]

    def handle(self, call: Call, forward: Callable[[str], _Answer]) -> _Answer | None:
        """Apply the rules to `call`. Return the response for its caller, if any."""
        with self._lock:
            fault = next((fault for rule in self._rules if (fault := rule(call))), Fault(name=""))
        if self._closing.wait(fault.wait):
            return None
        answer = fault.refusal
        if answer is None and fault.forward:
            answer = forward(self._aws.netloc)
            call = replace(call, status=answer[0])
        self._calls.append(replace(call, fault=fault.name or None))
        if answer is None or not fault.answer:
            return None
        changed = {name.lower() for name, _ in fault.headers}
        return answer[0], [*(each for each in answer[1] if each[0].lower() not in changed), *fault.headers], answer[2]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, proxy: FaultProxy, *connection: Any) -> None:  # noqa: ANN401 - the server's arguments
        self._proxy = proxy
        super().__init__(*connection)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True  # without a response, the connection breaks
        with suppress(OSError, http.client.HTTPException):  # AWS is gone, or the caller gave up
            if answer := self._proxy.handle(self._call(body), partial(self._forward, body)):
                self.send_response_only(answer[0])
                for header in (*answer[1], ("Content-Length", str(len(answer[2])))):
                    self.send_header(*header)
                self.end_headers()
                self.wfile.write(answer[2])
                self.close_connection = _CLOSES in answer[1]

    do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815 - the parent's way of naming

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _call(self, body: bytes) -> Call:
        scope = self.headers.get("Authorization", "").partition("Credential=")[2].split("/")  # key/day/region/service/
        service = "sesv2" if self.path.startswith("/v2/email/") else "".join(scope[3:4])
        named = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        place = f"{self.command} {urlsplit(self.path).path}"
        return Call(service, named or _OPERATIONS.get(place, place), json.loads(body) if body else None, scope[0])

    def _forward(self, body: bytes, aws: str) -> _Answer:
        with closing(http.client.HTTPConnection(aws, timeout=60)) as connection:
            # Keep the headers unchanged: the signature covers them, including Host.
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            kept = [header for header in answer.getheaders() if header[0].lower() not in _OF_ONE_HOP]
            return answer.status, kept, answer.read()


@contextmanager
def settings(deployed: Deployed, function: str, **variables: str) -> Iterator[None]:
    """Add these environment variables to one function for a while. The emulator ends its workers before and after."""
    name = f"{deployed.stack.name}-{function}"
    before = deployed.lambdas.get_function_configuration(FunctionName=name).get("Environment", {}).get("Variables", {})
    deployed.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": before | variables})
    try:
        yield
    finally:
        deployed.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": before})


@contextmanager
def through(deployed: Deployed, proxy: FaultProxy, *functions: str) -> Iterator[None]:
    """Send the AWS calls of these functions ("submit", "notify", "follow-up") through `proxy`.

    The emulator stops a function's workers when its environment changes, even busy ones. So enter and leave while the
    functions are idle, best once per module, and call `clear()` between tests.
    """
    with ExitStack() as changed:
        for function in functions:
            changed.enter_context(settings(deployed, function, **dict.fromkeys(_ENDPOINTS, proxy.url)))
        yield
