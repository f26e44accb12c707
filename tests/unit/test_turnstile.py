"""turnstile: Cloudflare's responses become verdicts, anything else is an outage. No request to it is logged."""

from collections.abc import Callable, Iterator
from uuid import UUID

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from shared.leads.spam import Verdict
from shared.services import secret as secrets
from shared.services import turnstile as module
from shared.services.turnstile import Turnstile, turnstile
from tests.unit.output import everything_printed
from tests.unit.vault import secret_of
from tests.unit.words import CANARY
from tests.verifier import SUCCESS, Siteverify, failure, siteverify

pytestmark = pytest.mark.enable_socket

SECRET = "made-up-secret"
ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:made-up-abcdef"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": CANARY}}, "GetSecretValue")


@pytest.fixture
def service() -> Iterator[Siteverify]:
    with siteverify() as running:
        yield running


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a response for a fifth of a second instead of two."""
    monkeypatch.setattr(module, "READ_SECONDS", 0.2)


class Clock:
    """The process's clock, set by a test."""

    time = 1_000.0

    def __call__(self) -> float:
        return self.time


def asking(url: str, read_secret: Callable[[], str] = lambda: SECRET) -> Turnstile:
    return Turnstile(read_secret=read_secret, url=url)


def verdict_on(service: Siteverify) -> Verdict:
    """Ask about a token. Asserts that nothing in the request or the response is printed."""
    with everything_printed() as output:
        verdict = asking(service.url).verify(CANARY, "LEAD")
    assert CANARY not in output.getvalue()
    assert SECRET not in output.getvalue()
    assert ("turnstile" in output.getvalue()) == (verdict is Verdict.UNVERIFIED)
    return verdict


def test_a_token_that_cloudflare_gave_out_passes(service: Siteverify) -> None:
    assert verdict_on(service) is Verdict.PASSED
    (question,) = service.asked
    # The token and our secret, but not the visitor's address or anything they typed.
    assert set(question) == {"secret", "response", "idempotency_key"}
    assert (question["secret"], question["response"]) == (SECRET, CANARY)
    assert UUID(question["idempotency_key"])


def test_each_lead_has_its_own_question_and_a_retry_repeats_it(service: Siteverify) -> None:
    verifier = asking(service.url)
    for lead_id in ("ONE", "ONE", "ANOTHER"):
        verifier.verify("made-up-token", lead_id)
    first, again, other = (question["idempotency_key"] for question in service.asked)
    assert first == again != other


def test_a_token_that_cloudflare_never_gave_out_fails(service: Siteverify) -> None:
    service.answers = [(200, failure("invalid-input-response"))]
    assert verdict_on(service) is Verdict.FAILED
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "codes",
    [
        ("timeout-or-duplicate",),
        ("missing-input-secret",),
        ("invalid-input-secret",),
        ("missing-input-response",),
        ("bad-request",),
        ("internal-error",),
        ("invalid-input-response", "invalid-input-secret"),
        ("invalid-input-response", "timeout-or-duplicate"),
        (CANARY,),
        (),
    ],
)
def test_any_other_failure_says_nothing_of_the_visitor(service: Siteverify, codes: tuple[str, ...]) -> None:
    service.answers = [(200, failure(*codes))]
    assert verdict_on(service) is Verdict.UNVERIFIED


def test_cloudflares_own_codes_are_in_the_log(service: Siteverify) -> None:
    service.answers = [(200, failure("invalid-input-secret", CANARY, "bad-request"))]
    with everything_printed() as output:
        asking(service.url).verify("made-up-token", "LEAD")
    assert "bad-request, invalid-input-secret" in output.getvalue()
    assert "LEAD" in output.getvalue()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((500, b""), id="5xx"),
        pytest.param((503, SUCCESS), id="5xx that says yes"),
        pytest.param((502, failure("invalid-input-response")), id="5xx that says no"),
        pytest.param((200, b"<!doctype html><title>One moment</title>"), id="a page"),
        pytest.param((403, b"<!doctype html><title>Blocked</title>"), id="a page of refusal"),
        pytest.param((200, b""), id="nothing"),
        pytest.param((200, b"\xff\xfe\x00garbage"), id="garbage"),
        pytest.param((200, b"null"), id="null"),
        pytest.param((200, b"[true]"), id="a list"),
        pytest.param((200, b'{"success": "true"}'), id="a word for yes"),
        pytest.param((200, b'{"success": 1}'), id="a number for yes"),
        pytest.param((200, b'{"error-codes": ["invalid-input-response"]}'), id="codes alone"),
        pytest.param((200, b'{"success": false, "error-codes": "invalid-input-response"}'), id="codes that are none"),
        pytest.param((200, SUCCESS[:-1]), id="cut"),
        pytest.param((200, b'{"success": true, "x": "' + b"x" * 5_000_000 + b'"}'), id="huge"),
        pytest.param((200, b"[" * 16_000), id="deep"),
        pytest.param(None, id="no answer in time"),
    ],
)
def test_what_is_no_answer_is_an_outage(service: Siteverify, answer: tuple[int, bytes] | None) -> None:
    service.answers = [answer]
    assert verdict_on(service) is Verdict.UNVERIFIED
    assert len(service.asked) == module.TRIES


@pytest.mark.parametrize("first", [None, (500, b""), (200, b"<html>")])
def test_a_second_try_may_be_answered(service: Siteverify, first: tuple[int, bytes] | None) -> None:
    service.answers = [first, (200, SUCCESS)]
    assert verdict_on(service) is Verdict.PASSED
    one, other = service.asked
    assert one == other


def test_redirects_are_not_followed(service: Siteverify) -> None:
    with siteverify() as elsewhere:
        service.headers = {"Location": elsewhere.url}
        service.answers = [(307, b"")]
        assert verdict_on(service) is Verdict.UNVERIFIED
        assert elsewhere.asked == []


def test_a_refused_connection_is_an_outage() -> None:
    with siteverify() as service:
        pass
    assert verdict_on(service) is Verdict.UNVERIFIED


def test_after_an_outage_nobody_waits_for_a_minute(service: Siteverify) -> None:
    service.answers = [(503, b""), (503, b""), (200, SUCCESS)]
    clock = Clock()
    verifier = Turnstile(read_secret=lambda: SECRET, url=service.url, clock=clock)
    assert verifier.verify("made-up-token", "ONE") is Verdict.UNVERIFIED
    clock.time += 59
    assert verifier.verify("made-up-token", "ANOTHER") is Verdict.UNVERIFIED
    assert len(service.asked) == 2
    clock.time += 1
    assert verifier.verify("made-up-token", "ANOTHER") is Verdict.PASSED


def test_a_token_that_was_too_old_is_no_outage(service: Siteverify) -> None:
    service.answers = [(200, failure("timeout-or-duplicate")), (200, SUCCESS)]
    verifier = asking(service.url)
    assert verifier.verify("made-up-token", "ONE") is Verdict.UNVERIFIED
    assert verifier.verify("made-up-token", "ANOTHER") is Verdict.PASSED


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DENIED, "AccessDeniedException"),
        (ReadTimeoutError(endpoint_url="https://x.example"), "ReadTimeoutError"),
        (KeyError("SecretString"), "KeyError"),
    ],
)
def test_a_secret_that_cannot_be_read_is_an_outage(service: Siteverify, error: Exception, reason: str) -> None:
    def read_secret() -> str:
        raise error

    with everything_printed() as output:
        assert asking(service.url, secret_of(read_secret).read).verify(CANARY, "LEAD") is Verdict.UNVERIFIED
    assert service.asked == []
    assert f'"{reason}"' in output.getvalue()


def test_an_empty_secret_is_an_outage(service: Siteverify) -> None:
    assert asking(service.url, secret_of(lambda: " ").read).verify("made-up-token", "LEAD") is Verdict.UNVERIFIED
    assert service.asked == []


def test_the_secret_is_read_once_and_not_before_it_is_needed(
    service: Siteverify, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("secretsmanager")
    monkeypatch.setattr(secrets, "secrets_manager", lambda: client)
    verifier = turnstile(ARN, service.url)
    with Stubber(client) as stubber:
        stubber.add_response("get_secret_value", {"SecretString": SECRET}, {"SecretId": ARN})
        for lead_id in ("ONE", "ANOTHER"):
            assert verifier.verify("made-up-token", lead_id) is Verdict.PASSED
        stubber.assert_no_pending_responses()
    assert [question["secret"] for question in service.asked] == [SECRET, SECRET]


def test_a_secret_that_could_not_be_read_is_asked_for_again(
    service: Siteverify, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("secretsmanager")
    monkeypatch.setattr(secrets, "secrets_manager", lambda: client)
    monkeypatch.setattr(module, "_REST_SECONDS", 0)
    monkeypatch.setattr(secrets, "_REST_SECONDS", 0)
    verifier = turnstile(ARN, service.url)
    with Stubber(client) as stubber:
        stubber.add_client_error("get_secret_value", "InternalServiceError")
        stubber.add_response("get_secret_value", {"SecretString": SECRET})
        assert verifier.verify("made-up-token", "ONE") is Verdict.UNVERIFIED
        assert verifier.verify("made-up-token", "ANOTHER") is Verdict.PASSED
