"""The mailer: one message, one request to SES, and an answer that says whether to try again."""

from dataclasses import dataclass
from email.utils import formataddr
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

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
    """SES did not take a message. `reason` is SES's own error code, which quotes nobody."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailDeferredError(MailError):
    """Later the same message may go through: throttling, an outage, or an answer that was lost."""


class MailRefusedError(MailError):
    """The same message to the same people will be refused again until somebody changes something."""


class Mailer(Protocol):
    """Something that sends mail."""

    def send(self, message: Message, *, to: tuple[str, ...], lead_id: str) -> str:
        """Send one message and return its id. Raises MailDeferredError or MailRefusedError."""


# Codes of SendEmail in botocore's sesv2 model (a test holds them to it), and what IAM answers. What is not here is
# taken as passing: trying again is the mistake that loses nothing.
PERMANENT_CODES = frozenset(
    {
        "AccessDeniedException",
        "AccountSuspendedException",
        "BadRequestException",
        "MailFromDomainNotVerifiedException",
        "MessageRejected",
        "NotFoundException",
        "SendingPausedException",
    }
)


class SesMailer:
    """Sends through SES, version 2 of its API."""

    def __init__(self, client: "SESV2Client", *, sender_name: str, sender_address: str, configuration_set: str) -> None:
        self._client = client
        # Quotes the name, and encodes it where it is not ASCII, as SES asks (RFC 2047).
        self._sender = formataddr((sender_name, sender_address))
        self._configuration_set = configuration_set

    def send(self, message: Message, *, to: tuple[str, ...], lead_id: str) -> str:
        """Send one message in one request; see `Mailer`. The tag lets a later SES event find the lead."""
        request: SendEmailRequestTypeDef = {
            "FromEmailAddress": self._sender,
            "Destination": {"ToAddresses": list(to)},
            "ConfigurationSetName": self._configuration_set,
            "EmailTags": [{"Name": "lead_id", "Value": lead_id}],
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
            raise (MailRefusedError if code in PERMANENT_CODES else MailDeferredError)(code) from None
        except BotoCoreError as error:
            raise MailDeferredError(type(error).__name__) from None
