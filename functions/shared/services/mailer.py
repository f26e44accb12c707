"""The mailer: one message, one request to SES, and an answer that says whether to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from shared.leads.notice import Outcome

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import SendEmailRequestTypeDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A mail, ready to send. `subject` never has anything in it that a visitor typed."""

    subject: str
    text: str
    html: str
    reply_to: str | None


class MailError(Exception):
    """SES did not take a message. `reason` is SES's own error code, which quotes nobody; `outcome` is what it means."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


class Mailer(Protocol):
    """Something that sends mail."""

    def send(self, message: Message, *, to: tuple[str, ...], tags: Mapping[str, str]) -> str:
        """Send one message and return its id. SES's reports on it carry `tags`. Raises MailError."""


# Codes of SendEmail in botocore's sesv2 model (a test holds them to it), and what IAM and SES's front door answer. What
# is not here is taken as passing: trying again is the mistake that loses nothing.
OUTCOMES = {
    # More than the account may send, a second or a day.
    "TooManyRequestsException": Outcome.THROTTLED,
    "LimitExceededException": Outcome.THROTTLED,
    "ThrottlingException": Outcome.THROTTLED,
    # This message or its recipient; in the sandbox, every recipient that is not verified.
    "BadRequestException": Outcome.REFUSED,
    "MessageRejected": Outcome.REFUSED,
    # The account, the sender or the configuration set: every message fares the same.
    "AccessDeniedException": Outcome.BLOCKED,
    "AccountSuspendedException": Outcome.BLOCKED,
    "MailFromDomainNotVerifiedException": Outcome.BLOCKED,
    "NotFoundException": Outcome.BLOCKED,
    "SendingPausedException": Outcome.BLOCKED,
}


class SesMailer:
    """Sends through SES, version 2 of its API."""

    def __init__(self, client: "SESV2Client", *, sender_name: str, sender_address: str, configuration_set: str) -> None:
        self._client = client
        # Quotes the name, and encodes it where it is not ASCII, as SES asks (RFC 2047).
        self._sender = formataddr((sender_name, sender_address))
        self._configuration_set = configuration_set

    def send(self, message: Message, *, to: tuple[str, ...], tags: Mapping[str, str]) -> str:
        """Send one message in one request; see `Mailer`."""
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
                }
            },
        }
        if message.reply_to:
            request["ReplyToAddresses"] = [message.reply_to]
        try:
            return self._client.send_email(**request)["MessageId"]
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise MailError(OUTCOMES.get(code, Outcome.DEFERRED), code) from None
        except BotoCoreError as error:
            raise MailError(Outcome.DEFERRED, type(error).__name__) from None
