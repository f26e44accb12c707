"""shared.services.mailer: one request to SES, and a result that says whether to try again."""

import re
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parseaddr
from typing import Any, Final

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.notice import Outcome
from shared.services.mailer import OUTCOMES, MailError, Message, SesMailer
from tests.unit.words import CANARY

URL = "https://email.us-east-1.amazonaws.com/"
TAGS: Final = {"lead_id": "LEADID"}
TO = ("frontdesk@example.com", "nurse@example.com")


def client() -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    return boto3.client("sesv2", config=Config(retries={"total_max_attempts": 1, "mode": "standard"}))


def mailer(stubbed: Any, name: str = "Riverbend Ketamine Clinic") -> SesMailer:  # noqa: ANN401 - see above
    return SesMailer(stubbed, sender_name=name, sender_address="leads@example.com", configuration_set="made-up-set")


def message() -> Message:
    return Message(subject="New consultation request", text="text", html="<p>html</p>")


def request_for(sent: Message, name: str = "Riverbend Ketamine Clinic", tags: dict[str, str] = TAGS) -> dict[str, Any]:
    """Return the request to SES for a message."""
    seen: dict[str, Any] = {}
    stubbed = client()
    stubbed.meta.events.register("provide-client-params.sesv2.SendEmail", lambda params, **_: seen.update(params))
    with Stubber(stubbed) as stubber:
        stubber.add_response("send_email", {"MessageId": "made-up-message"})
        assert mailer(stubbed, name).send(sent, to=TO, tags=tags) == "made-up-message"
    return seen


def error_for(code: str, text: str = f"will not take {CANARY}", to: tuple[str, ...] = TO) -> MailError:
    stubbed = client()
    with Stubber(stubbed) as stubber:
        stubber.add_client_error("send_email", code, text, http_status_code=400)
        with pytest.raises(MailError) as caught:
            mailer(stubbed).send(message(), to=to, tags={"lead_id": "LEADID"})
    return caught.value


def test_a_message_is_sent_as_text_and_html_with_what_finds_the_lead_again() -> None:
    assert request_for(message()) == {
        "FromEmailAddress": "Riverbend Ketamine Clinic <leads@example.com>",
        "Destination": {"ToAddresses": list(TO)},
        "ConfigurationSetName": "made-up-set",
        "EmailTags": [{"Name": "lead_id", "Value": "LEADID"}],
        "Content": {
            "Simple": {
                "Subject": {"Data": "New consultation request", "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": "text", "Charset": "UTF-8"},
                    "Html": {"Data": "<p>html</p>", "Charset": "UTF-8"},
                },
                "Headers": (
                    {"Name": "Auto-Submitted", "Value": "auto-generated"},
                    {"Name": "X-Auto-Response-Suppress", "Value": "All"},
                ),
            }
        },
    }


def test_a_reply_reaches_nobody_and_least_of_all_the_visitor() -> None:
    assert "ReplyToAddresses" not in request_for(message())


def test_every_email_of_every_function_says_that_no_person_wrote_it() -> None:
    for tags in ({"notice": "digest"}, {"notice": "confirmation"}, {"notice": "alert", "recipient": "canary"}):
        headers = request_for(message(), tags=tags)["Content"]["Simple"]["Headers"]
        assert {"Name": "Auto-Submitted", "Value": "auto-generated"} in headers


@pytest.mark.parametrize(
    "name",
    [
        'The "Best" Clinic, Inc. <evil@example.net>',
        "Clinic; other@example.net,",
        "back\\slash (comment)",
        "a@b",
        "Dr. Example: Care",
        "Clínica del Río",
    ],
)
def test_a_nasty_clinic_name_stays_a_name(name: str) -> None:
    header = EmailMessage(policy=default)
    header["From"] = request_for(message(), name)["FromEmailAddress"]
    assert request_for(message(), name)["FromEmailAddress"].isascii()  # SES wants the rest encoded
    assert header["From"].addresses == (Address(display_name=name, addr_spec="leads@example.com"),)


LONG_NAMES = ["Клиника" * 11, "診療所" * 20, "Clínica " * 12 + "del Río", "Clinic " * 20, "é" * 77, "\U0001f33f" * 30]


@pytest.mark.parametrize("name", LONG_NAMES)
def test_a_long_name_is_encoded_in_words_of_75_characters_in_one_line(name: str) -> None:
    sender = request_for(message(), name)["FromEmailAddress"]
    assert sender.isascii()
    assert not re.search(r"[\r\n]", sender)
    assert all(len(word) <= 75 for word in re.findall(r"=\?\S*\?=", sender))
    assert name.isascii() or sender.startswith("=?utf-8?")
    assert str(make_header(decode_header(parseaddr(sender)[0]))) == name.strip()


class Postbox:
    """Keeps the sender of the last email."""

    sender = ""

    def send_email(self, **request: Any) -> dict[str, str]:  # noqa: ANN401 - whatever SES takes
        self.sender = request["FromEmailAddress"]
        return {"MessageId": "made-up-message"}


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).map(lambda t: " ".join(t.split()))
)
def test_any_name_is_read_back_as_it_is(name: str) -> None:
    postbox: Any = Postbox()
    mailer(postbox, name).send(message(), to=TO, tags=TAGS)
    ((shown, address),) = getaddresses([postbox.sender])
    assert (str(make_header(decode_header(shown))), address) == (name, "leads@example.com")
    assert not [
        word for word in re.findall(r"=\?\S*?\?=", postbox.sender) if postbox.sender.isascii() and len(word) > 75
    ]


# Written out a second time, because comparing a table with itself proves nothing.
EXPECTED = {
    "TooManyRequestsException": Outcome.THROTTLED,
    "LimitExceededException": Outcome.THROTTLED,
    "ThrottlingException": Outcome.THROTTLED,
    "BadRequestException": Outcome.REFUSED,
    "MessageRejected": Outcome.REFUSED,
    "AccessDeniedException": Outcome.BLOCKED,
    "AccountSuspendedException": Outcome.BLOCKED,
    "MailFromDomainNotVerifiedException": Outcome.BLOCKED,
    "NotFoundException": Outcome.BLOCKED,
    "SendingPausedException": Outcome.BLOCKED,
}


@pytest.mark.parametrize(("code", "outcome"), EXPECTED.items())
def test_a_code_that_ses_knows_means_what_is_expected(code: str, outcome: Outcome) -> None:
    error = error_for(code)
    assert (error.outcome, error.reason, str(error)) == (outcome, code, code)


@pytest.mark.parametrize("code", ["InternalFailure", "ServiceUnavailable", "SomethingNew"])
def test_any_other_code_means_later(code: str) -> None:
    error = error_for(code)
    assert (error.outcome, error.reason, str(error)) == (Outcome.DEFERRED, code, code)


@pytest.mark.parametrize("code", ["MessageRejected", "TooManyRequestsException"])
def test_what_ses_says_beside_its_code_goes_nowhere(code: str) -> None:
    error = error_for(code)
    assert CANARY not in f"{error!r} {error} {vars(error)} {error.args}"
    assert error.__suppress_context__


FAILED_CHECK = "Email address is not verified. The following identities failed the check in region US-EAST-1: "
EVERYTHING = [
    "leads@example.com",
    "Leads@Example.COM",
    "Riverbend Ketamine Clinic <leads@example.com>, leads@example.com",
    "Riverbend Ketamine Clinic &lt;leads@example.com&gt;",
    "frontdesk@example.com, leads@example.com",
    "leads@example.com, frontdesk@example.com, nurse@example.com",
    "example.com",
    "frontdesk@example.com, example.com.",
    "arn:aws:ses:us-east-1:123456789012:identity/leads@example.com",
    "somebody@example.net",
    "",
    "...",
]
ONE_RECIPIENT = [
    "frontdesk@example.com",
    "FrontDesk@example.com",
    "frontdesk@example.com.",
    "nurse@example.com, frontdesk@example.com",
    "nurse@example.com...",
    "<nurse@example.com>",
]


@pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException"])
@pytest.mark.parametrize("identities", EVERYTHING)
def test_a_sender_that_is_not_verified_blocks_every_email(code: str, identities: str) -> None:
    error = error_for(code, FAILED_CHECK + identities)
    assert (error.outcome, error.reason, str(error)) == (Outcome.BLOCKED, code, code)


@pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException"])
@pytest.mark.parametrize("identities", ONE_RECIPIENT)
def test_in_the_sandbox_only_the_recipient_is_refused(code: str, identities: str) -> None:
    error = error_for(code, FAILED_CHECK + identities)
    assert (error.outcome, error.reason, str(error)) == (Outcome.REFUSED, code, code)


@pytest.mark.parametrize(
    "recipient", ["more.leads@example.com", "leads@example.com.example.net", "x-leads@example.com"]
)
def test_a_recipient_whose_address_contains_the_senders_is_not_the_sender(recipient: str) -> None:
    assert error_for("MessageRejected", FAILED_CHECK + recipient, to=(recipient,)).outcome is Outcome.REFUSED


@pytest.mark.parametrize("text", ["Sending paused for this account.", "Sending suspended for this account. See..."])
def test_a_rejection_that_says_the_account_is_paused_blocks_every_email(text: str) -> None:
    assert error_for("MessageRejected", text).outcome is Outcome.BLOCKED


@pytest.mark.parametrize("text", ["", "Message contains a virus.", "Illegal address", "Domain is not valid"])
def test_any_other_rejection_is_about_this_email(text: str) -> None:
    assert error_for("MessageRejected", text).outcome is Outcome.REFUSED


def test_a_rejection_that_blocks_is_quoted_nowhere() -> None:
    error = error_for("MessageRejected", FAILED_CHECK + f"leads@example.com, {CANARY}@example.com")
    assert CANARY not in f"{error!r} {error} {vars(error)} {error.args}"
    assert error.__suppress_context__


@pytest.mark.parametrize("kind", [ReadTimeoutError, ConnectTimeoutError, EndpointConnectionError])
def test_a_connection_that_fails_means_later(kind: type[Exception]) -> None:
    broken = client()

    def fail(**_: object) -> None:
        raise kind(endpoint_url=URL)  # type: ignore[call-arg] # botocore's errors take what their text names

    broken.meta.events.register("before-send.sesv2.SendEmail", fail)
    with pytest.raises(MailError) as caught:
        mailer(broken).send(message(), to=TO, tags={"lead_id": "LEADID"})
    assert (caught.value.outcome, caught.value.reason) == (Outcome.DEFERRED, kind.__name__)


def test_a_request_that_the_sdk_rejects_is_not_quoted() -> None:
    with pytest.raises(MailError) as caught:
        mailer(client()).send(message(), to=(CANARY, 7), tags={"lead_id": "LEADID"})  # type: ignore[arg-type] # a bug in our code
    assert CANARY not in f"{caught.value!r} {caught.value.reason}"


def test_every_code_is_one_that_sending_can_answer() -> None:
    operation = client().meta.service_model.operation_model("SendEmail")
    # The last two do not come from SES: one comes from IAM, one from AWS's front end.
    known = {shape.name for shape in operation.error_shapes} | {"AccessDeniedException", "ThrottlingException"}
    assert set(OUTCOMES) == known == set(EXPECTED)
