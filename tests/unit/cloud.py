# ruff: noqa: ANN401 - the clients accept any parameters of AWS
"""AWS in memory: DynamoDB, SES, SNS and a secret, behind their clients' methods.

Every call goes through a `Wire`, which decides how it ends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.unit.dynamodb import Key, MemoryDynamoDB
from tests.unit.expressions import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_URL = "https://aws.example.com/"


class Fate(Enum):
    """How a call ends."""

    WELL = auto()
    DIES_BEFORE = auto()  # the process dies before anything is done
    DIES_AFTER = auto()  # the call is done, and the process dies
    FAILS = auto()  # nothing is done, and the caller gets an error
    ANSWER_LOST = auto()  # the call is done, and the caller gets an error
    REPEATED = auto()  # the call is done, its response is lost, and the SDK repeats it


class Wire(Protocol):
    """The connection between a client and AWS."""

    def carry[T](self, service: str, do: Callable[[], T], lost: Callable[[Exception], NoReturn], *, again: bool) -> T:
        """Make the call or not. Return its response, or call `lost`, which raises an error as the SDK would.

        If `again` is true, the SDK may repeat the call.
        """


@dataclass(frozen=True, kw_only=True)
class Mail:
    """An email that SES accepted."""

    at: datetime
    to: str
    subject: str
    text: str
    tags: Mapping[str, str]

    @property
    def lead_id(self) -> str | None:
        """The lead that it is about."""
        return self.tags.get("lead_id")


class NotOnTheListError(ClientError):
    """SES's answer about an address that is not on its suppression list."""


@dataclass(kw_only=True)
class Cloud:
    """The state of AWS. `watch` gets each change of an item: before, after."""

    wire: Wire
    now: Callable[[], datetime]
    watch: Callable[[Item, Item], None]
    emails: list[Mail] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # messages on the topic
    refusing: dict[str, str] = field(default_factory=dict)  # SES's error code by address, or "" for all
    suppressed: set[str] = field(default_factory=set)  # addresses on SES's suppression list

    def __post_init__(self) -> None:
        # The other tests are strict. This one makes too many calls.
        self.table = MemoryDynamoDB(carry=partial(self.wire.carry, "dynamodb"), watch=self.watch, strict=False)
        self.audit = MemoryDynamoDB(carry=partial(self.wire.carry, "audit"), strict=False)

    @property
    def items(self) -> dict[Key, Item]:
        """The items of the table."""
        return self.table.items

    def dynamodb(self) -> "DynamoDBClient":
        return self.table.client()

    def ses(self) -> Any:
        return SimpleNamespace(
            send_email=self._send_email,
            delete_suppressed_destination=self._delete_suppressed_destination,
            exceptions=SimpleNamespace(NotFoundException=NotOnTheListError),
        )

    def sns(self) -> Any:
        return SimpleNamespace(publish=self._publish)

    def read_secret(self) -> str:
        return self.wire.carry("secrets", lambda: "made-up-secret", _raise, again=True)

    def _publish(self, *, TopicArn: str, Subject: str, Message: str) -> None:  # noqa: N803 - as SNS calls them
        assert TopicArn
        assert Message
        self.wire.carry("sns", lambda: self.told.append(Subject), _raise, again=True)

    def _delete_suppressed_destination(self, *, EmailAddress: str) -> None:  # noqa: N803 - as SES calls it
        def delete() -> None:
            if EmailAddress not in self.suppressed:
                raise NotOnTheListError({"Error": {"Code": "NotFoundException", "Message": ""}}, "Delete")
            self.suppressed.remove(EmailAddress)

        self.wire.carry("ses", delete, _raise, again=True)

    def _send_email(self, **asked: Any) -> dict[str, str]:
        (to,) = asked["Destination"]["ToAddresses"]
        content = asked["Content"]["Simple"]
        mail = Mail(
            at=self.now(),
            to=to,
            subject=content["Subject"]["Data"],
            text=content["Body"]["Text"]["Data"],
            tags={tag["Name"]: tag["Value"] for tag in asked["EmailTags"]},
        )

        def take() -> dict[str, str]:
            if code := self.refusing.get("") or self.refusing.get(to):
                raise ClientError({"Error": {"Code": code, "Message": ""}}, "SendEmail")
            self.emails.append(mail)
            return {"MessageId": f"made-up-{len(self.emails)}"}

        return self.wire.carry("ses", take, _raise, again=False)


def _raise(error: Exception) -> NoReturn:
    raise error


def failure(service: str, *, done: bool) -> Exception:
    """Return what the SDK raises without a connection, or without a response if the call is `done`."""
    url = f"{_URL}{service}"
    return ReadTimeoutError(endpoint_url=url) if done else EndpointConnectionError(endpoint_url=url)
