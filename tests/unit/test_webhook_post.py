"""webhook.post: a receiver that is slow, refuses, redirects or lies costs seconds at most, and gets nothing else."""

import socket
import ssl
from datetime import timedelta

import pytest
import trustme

from tests.receiver import (
    Inbox,
    Manner,
    answers,
    continues,
    drips,
    goes_on_and_on,
    hangs_up,
    is_silent,
    receiving,
    redirects,
    talks_nonsense,
)
from tests.unit.output import everything_printed
from webhook import post as module
from webhook.address import Address, address_of
from webhook.post import Answer, post

pytestmark = pytest.mark.enable_socket

LIMIT = 0.4


def posted(inbox: Inbox, *, local: bool = True, path: str = "/hook?key=made-up") -> Answer:
    """Post to a receiver. Asserts that nothing was printed."""
    address = address_of(inbox.url + path, local=True)
    with everything_printed() as output:
        answer = post(address, b'{"id": "msg_1"}', {"webhook-id": "msg_1"}, local=local, seconds=LIMIT)
    assert output.getvalue() == ""
    return answer


def test_a_message_arrives_as_json_with_its_headers() -> None:
    with receiving() as inbox:
        assert posted(inbox) == Answer(None)
        (received,) = inbox.received
    assert (received.path, received.document) == ("/hook?key=made-up", {"id": "msg_1"})
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == "msg_1"
    assert received.headers["host"] == inbox.url.removeprefix("http://")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_status_of_2xx_is_a_success(status: int) -> None:
    with receiving(answers(status)) as inbox:
        assert posted(inbox).reason is None


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 400, 401, 404, 429, 500, 503])
def test_any_other_status_is_a_failure(status: int) -> None:
    with receiving(answers(status)) as inbox:
        assert posted(inbox) == Answer(f"Status{status}", status)


def test_a_receiver_that_is_gone_says_so() -> None:
    with receiving(answers(410)) as inbox:
        assert posted(inbox) == Answer("Status410", 410)


def test_an_answer_says_for_how_long_to_rest() -> None:
    with receiving(answers(429, "Retry-After: 120")) as inbox:
        answer = posted(inbox)
    assert answer == Answer("Status429", 429, "120")
    assert answer.rest == timedelta(minutes=2)


def test_a_redirect_is_not_followed() -> None:
    with receiving(redirects) as inbox:
        assert posted(inbox) == Answer("Status307", 307)
        assert (len(inbox.received), inbox.elsewhere) == (1, [])


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        (is_silent, "TimedOut"),
        (drips, "TimedOut"),
        (continues, "TimedOut"),
        (talks_nonsense, "BadStatusLine"),
        (hangs_up, "RemoteDisconnected"),
    ],
)
def test_a_receiver_that_lies_or_stalls_is_a_failure(manner: Manner, reason: str) -> None:
    with receiving(manner) as inbox:
        assert posted(inbox) == Answer(reason)


def test_an_endless_answer_is_not_read() -> None:
    with receiving(goes_on_and_on) as inbox:
        assert posted(inbox) == Answer(None)


def test_a_receiver_that_does_not_listen_is_a_failure() -> None:
    with receiving() as inbox:
        pass
    assert posted(inbox) == Answer("ConnectionRefusedError")


def test_a_private_address_is_refused_when_aws_is_the_real_one() -> None:
    with receiving() as inbox:
        assert posted(inbox, local=False) == Answer("PrivateAddress")
        assert inbox.received == []


@pytest.mark.parametrize("places", [["10.0.0.7"], ["93.184.215.14", "169.254.169.254"], ["::ffff:127.0.0.1"], []])
def test_a_name_that_leads_into_our_network_is_refused(monkeypatch: pytest.MonkeyPatch, places: list[str]) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, 443)) for place in places]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    address = address_of("https://hooks.example.com/", local=False)
    assert post(address, b"{}", {}, local=False) == Answer("PrivateAddress")


def test_a_name_that_nobody_knows_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_more: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert post(address_of("https://hooks.example.com/", local=False), b"{}", {}, local=False) == Answer("UnknownHost")


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A certificate authority that we trust instead of the usual ones."""
    found = trustme.CA()

    def trusted() -> ssl.SSLContext:
        context = ssl.create_default_context()
        found.configure_trust(context)
        return context

    monkeypatch.setattr(module, "_certificates", trusted)
    return found


def secure(inbox: Inbox, host: str) -> Address:
    """Return the address of a receiver under another name, which leads to this machine."""
    port = int(inbox.url.rpartition(":")[2])
    return Address(secure=True, host=host, port=port, target="/", authority=f"{host}:{port}")


def test_a_certificate_must_be_of_the_host_that_was_named(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(_host: str, port: int, *_args: object, **_more: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", here)
    with receiving(certificate=authority.issue_cert("hooks.example.com")) as inbox:
        assert post(secure(inbox, "hooks.example.com"), b"{}", {}, local=True) == Answer(None)
        assert post(secure(inbox, "other.example.com"), b"{}", {}, local=True).reason == "SSLCertVerificationError"
        assert len(inbox.received) == 1


def test_a_server_that_never_ends_the_handshake_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = Address(secure=True, host="127.0.0.1", port=server.getsockname()[1], target="/", authority="")
        assert post(address, b"{}", {}, local=True, seconds=LIMIT) == Answer("TimedOut")
