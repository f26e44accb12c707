"""The sessions of signed-in people. A browser has a random token; the table has its SHA-256 and what it stands for."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from desk.cookies import new_token
from desk.route import Role
from shared.leads.person import Person
from shared.store.keys import SCHEMA, attributes, epoch_seconds, moment, timestamp
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

IDLE: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=8)
# Not at every page: a person who reads quickly would only cause writes.
NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is signed in.

    `sub` is the id of their account in the user pool. `csrf` is the secret that each of their forms carries.
    `checked_at` is when the user pool last said which role they have.
    """

    sub: str
    email: str
    role: Role
    csrf: str
    signed_in_at: datetime
    seen_at: datetime
    checked_at: datetime

    @property
    def person(self) -> Person:
        """The person."""
        return Person(self.email)

    def alive(self, now: datetime) -> bool:
        """Return whether the session counts: TTL deletes late, so the table may have one that has ended."""
        return now < self.seen_at + IDLE and now < self.signed_in_at + LONGEST


class Sessions:
    """The sessions in one table, and the sign-ins that were finished. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def use(self, state: str, until: datetime) -> bool:
        """Note that a sign-in comes back from Cognito. Return whether this is the first time: it works once.

        `until` is when the note may go, because the sign-in has ended by then.
        """
        try:
            self._put(f"ATTEMPT#{_digest(state)}", until, {"ConditionExpression": "attribute_not_exists(pk)"})
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def open(self, session: Session) -> str:
        """Keep a new session, and return its token for the browser."""
        token = new_token()
        self._put_session(token, session)
        return token

    def read(self, token: str, now: datetime) -> Session | None:
        """Return the session of a token, or None if there is none or it has ended."""
        key = self._key(f"SESSION#{_digest(token)}")
        found = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if not found:
            return None
        item = {name: plain(value) for name, value in found.items()}
        session = Session(
            sub=item["sub"],
            email=item["email"],
            role=Role(item["role"]),
            csrf=item["csrf"],
            signed_in_at=moment(item["signed_in_at"]),
            seen_at=moment(item["seen_at"]),
            checked_at=moment(item["checked_at"]),
        )
        return session if session.alive(now) else None

    def note(self, token: str, session: Session, now: datetime) -> bool:
        """Note that the person is there `now`. Return whether the session still exists.

        The write needs an existing session, so a page that loads while its person signs out brings nothing back.
        """
        try:
            self._put_session(token, replace(session, seen_at=now), ConditionExpression="attribute_exists(pk)")
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def end(self, token: str) -> None:
        """Delete a session."""
        self._client.delete_item(TableName=self._table, Key=self._key(f"SESSION#{_digest(token)}"))

    def _put_session(self, token: str, session: Session, **more: Any) -> None:  # noqa: ANN401 - parameters of DynamoDB
        self._put(
            f"SESSION#{_digest(token)}",
            session.signed_in_at + LONGEST,
            more,
            sub=session.sub,
            email=session.email,
            role=session.role,
            csrf=session.csrf,
            signed_in_at=timestamp(session.signed_in_at),
            seen_at=timestamp(session.seen_at),
            checked_at=timestamp(session.checked_at),
        )

    def _put(self, pk: str, ends_at: datetime, more: dict[str, Any] | None = None, **values: object) -> None:
        item = attributes({"pk": pk, "expires_at": epoch_seconds(ends_at), "schema": SCHEMA, **values})
        self._client.put_item(TableName=self._table, Item=item, **(more or {}))

    @staticmethod
    def _key(pk: str) -> "dict[str, AttributeValueTypeDef]":
        return {"pk": {"S": pk}}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
