"""The mailer: sends one email with one request to SES and classifies SES's errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.policy import SMTP
from typing import TYPE_CHECKING, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from shared.leads.notice import Outcome
from shared.services.rejection import concerns_every_email

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import MessageHeaderTypeDef, SendEmailRequestTypeDef

# Keeps out-of-office replies away (RFC 3834). Exchange needs the second line.
_NO_AUTOMATIC_REPLIES: "Final[tuple[MessageHeaderTypeDef, ...]]" = (
    {"Name": "Auto-Submitted", "Value": "auto-generated"},
    {"Name": "X-Auto-Response-Suppress", "Value": "All"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An email, ready to send. `subject` is ASCII and never contains anything a visitor typed."""

    subject: str
    text: str
    html: str


class MailError(Exception):
    """SES did not accept an email. `reason` is its error code, never personal data. `outcome` classifies it."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


class Mailer(Protocol):
    """Sends email."""

    def send(self, message: Message, *, to: tuple[str, ...], tags: Mapping[str, str]) -> str:
        """Send one email and return its id. SES's reports about it carry `tags`. Raises MailError."""


# Error codes of SendEmail in botocore's sesv2 model (a test compares them), and those of IAM and SES's front end. Every
# other code counts as temporary, because an unnecessary retry loses nothing.
OUTCOMES = {
    # The account's quota per second or per day is used up.
    "TooManyRequestsException": Outcome.THROTTLED,
    "LimitExceededException": Outcome.THROTTLED,
    "ThrottlingException": Outcome.THROTTLED,
    # SES rejects this email or its recipient. In the sandbox, it rejects every recipient that is not verified. If its
    # text says that it would reject every email (rejection.py), the outcome is BLOCKED instead.
    "BadRequestException": Outcome.REFUSED,
    "MessageRejected": Outcome.REFUSED,
    # A problem with the account, the sender or the configuration set. Every email fails the same way.
    "AccessDeniedException": Outcome.BLOCKED,
    "AccountSuspendedException": Outcome.BLOCKED,
    "MailFromDomainNotVerifiedException": Outcome.BLOCKED,
    "NotFoundException": Outcome.BLOCKED,
    "SendingPausedException": Outcome.BLOCKED,
}


# The reasons of a MailError if SES never got the request.
NOT_REACHED: Final = frozenset({EndpointConnectionError.__name__, ConnectTimeoutError.__name__})


class SesMailer:
    """Sends email through the SES API, version 2."""

    def __init__(self, client: "SESV2Client", *, sender_name: str, sender_address: str, configuration_set: str) -> None:
        self._client = client
        self._sender = _in_one_line(sender_name, sender_address)
        self._sender_address = sender_address
        self._configuration_set = configuration_set

    def send(self, message: Message, *, to: tuple[str, ...], tags: Mapping[str, str]) -> str:
        """Send one email with one request; see `Mailer`."""
        request: SendEmailRequestTypeDef = {
            "FromEmailAddress": self._sender,
            "Destination": {"ToAddresses": list(to)},
            "ConfigurationSetName": self._configuration_set,
            "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
            "Content": {
                "Simple": {
                    "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": message.text, "Charset": "UTF-8"},
                        "Html": {"Data": message.html, "Charset": "UTF-8"},
                    },
                    "Headers": _NO_AUTOMATIC_REPLIES,
                }
            },
        }
        try:
            return self._client.send_email(**request)["MessageId"]
        except ClientError as error:
            raise self._classified(error, to) from None
        except BotoCoreError as error:
            raise MailError(Outcome.DEFERRED, type(error).__name__) from None

    def _classified(self, error: ClientError, to: tuple[str, ...]) -> MailError:
        said = error.response["Error"]
        outcome, text = OUTCOMES.get(said["Code"], Outcome.DEFERRED), said.get("Message", "")
        if outcome is Outcome.REFUSED and concerns_every_email(text, sender=self._sender_address, recipients=to):
            outcome = Outcome.BLOCKED
        return MailError(outcome, said["Code"])


def _in_one_line(name: str, address: str) -> str:
    """Return a sender as SES takes it: the name in quotes if it needs them, and encoded if it is not ASCII.

    A long name becomes several encoded words, because each may have at most 75 characters (RFC 2047 section 2).
    """
    policy = SMTP.clone(max_line_length=76)  # a space and one word
    folded: str = policy.header_factory("From", Address(display_name=name, addr_spec=address)).fold(policy=policy)
    return folded.removeprefix("From:").replace("\r\n", "").strip()
