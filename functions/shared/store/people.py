"""Finds the requests of one person by their email address and phone number: one item for each request and way.

The store of the leads writes these items (belongings.py).

The table stores only HMACs of addresses and numbers, with a key of their own. So a reader of the table cannot look up a
person by trying addresses. Requests in quarantine are found too, but do not count as a person's earlier requests.
"""

import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from shared.leads.contact import find_email, normalize_phone
from shared.leads.history import History
from shared.leads.identity import reference
from shared.leads.lead import Lead
from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A count of 50 means 50 or more.
MOST_REQUESTS: Final = 50
# As many of a person's newest requests are read for an alert or a page. So a flood in somebody's name stays cheap.
_MOST_READ: Final = 200
# DynamoDB deletes an expired item within days.
_LIVING: Final = "expires_at > :now"


class _Request(NamedTuple):
    """A request of a person, in the order in which they came in."""

    entry: str  # when it came in, and its id
    spam: bool  # whether it is in quarantine

    @property
    def received_at(self) -> datetime:
        return keys.moment(self.entry.partition("#")[0])

    @property
    def lead_id(self) -> str:
        return self.entry.partition("#")[2]


def blinded(key: bytes, value: str) -> str:
    """Return the HMAC-SHA256 of `value`, in hexadecimal."""
    return hmac.digest(key, value.encode(), "sha256").hex()


def ways(lead: Lead) -> tuple[str, ...]:
    """Return the person's address and number, each as the text that `blinded` takes."""
    return tuple(way for way in (lead.email and _by_email(lead.email), lead.phone and _by_phone(lead.phone)) if way)


def _by_email(email: str) -> str:
    return f"email:{email.lower()}"


def _by_phone(phone: str) -> str:
    # People leave out the extension, or type another one, so it says nothing about who they are.
    return f"phone:{phone.partition(' ext. ')[0]}"


def digests(lead: Lead, key: bytes) -> frozenset[str]:
    """Return the digests of the person's address and number: the names of their items, which the lead keeps."""
    return frozenset(blinded(key, way) for way in ways(lead))


class People:
    """The requests of each person, in the DynamoDB table, without expired ones. Tests replace the clock, `now`."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def history(self, lead: Lead, key: bytes) -> History | None:
        """Return the person's earlier requests, or None if `lead` is their first. Writes nothing.

        The same address or number means the same person. The order depends on when requests were received, not on when
        they were recorded. A request is recorded when its attempt ends, so two concurrent requests of one person may
        not see each other. Then both are alerted at once: one email more, and nothing is lost. Raises botocore's
        errors.
        """
        own = _entry(lead)
        found = (each for way in digests(lead, key) for each in self._newest(way, before=own))
        earlier = sorted({each for each in found if not each.spam})
        if not earlier:
            return None
        first, latest = earlier[0], earlier[-1]
        stored_reference, owner, address = self._first(first.lead_id)
        return History(
            number=min(len({each.lead_id for each in earlier}) + 1, MOST_REQUESTS),
            since=first.received_at,
            latest=latest.received_at,
            first_reference=stored_reference or reference(first.lead_id, lead.reference_prefix),
            first_claimed_by=owner,
            first_owner_address=address,
        )

    def others(self, lead: Lead, key: bytes) -> tuple[str, ...]:
        """Return the ids of the person's other requests, oldest first: at most the newest `MOST_REQUESTS`.

        Raises botocore's errors.
        """
        found = sorted({each for way in digests(lead, key) for each in self._newest(way)})
        ids = dict.fromkeys(each.lead_id for each in found)
        ids.pop(lead.id, None)
        return tuple(ids)[-MOST_REQUESTS:]

    def every(self, ways_: frozenset[str]) -> tuple[str, ...]:
        """Return the ids of all requests under some digests, oldest first. Raises botocore's errors."""
        return tuple(dict.fromkeys(each.lead_id for each in sorted({e for way in ways_ for e in self._all(way)})))

    def by_contact(self, text: str, key: bytes) -> tuple[str, ...]:
        """Return the ids of all requests from an email address or a phone number, as somebody typed it, oldest first.

        Return none if `text` is neither. Raises botocore's errors.
        """
        email, phone = find_email(text), normalize_phone(text)
        way = _by_email(email) if email else _by_phone(phone) if phone else None
        return self.every(frozenset({blinded(key, way)})) if way else ()

    def _newest(self, digest: str, before: str = "a") -> Iterator[_Request]:
        """Yield the newest requests under a digest that came in before an entry. Entries begin with a digit."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk < :before",
            FilterExpression=_LIVING,
            ExpressionAttributeValues=keys.attributes(
                {":pk": f"PERSON#{digest}", ":before": before, ":now": keys.epoch_seconds(self._now())}
            ),
            ProjectionExpression="sk, spam",
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=_MOST_READ,
        )
        yield from map(_request, answer["Items"])

    def _all(self, digest: str) -> Iterator[_Request]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            FilterExpression=_LIVING,
            ExpressionAttributeValues=keys.attributes(
                {":pk": f"PERSON#{digest}", ":now": keys.epoch_seconds(self._now())}
            ),
            ProjectionExpression="sk, spam",
            ConsistentRead=True,
        )
        return (_request(item) for page in pages for item in page["Items"])

    def _first(self, lead_id: str) -> tuple[str | None, str | None, str | None]:
        """Return a lead's reference, the id of its owner, and their own email address if they are not a recipient."""
        names = ("reference", "claimed_by", "owner_address")
        response = self._client.get_item(
            TableName=self._table,
            Key=keys.key(lead_id),
            ProjectionExpression="#reference, claimed_by, owner_address",
            ExpressionAttributeNames={"#reference": "reference"},
        )
        item = response.get("Item", {})  # the lead may be deleted
        found, owner, address = (str(item[name]["S"]) if name in item else None for name in names)
        return found, owner, address


def _entry(lead: Lead) -> str:
    return f"{keys.timestamp(lead.received_at)}#{lead.id}"


def _request(item: "keys.Item") -> _Request:
    return _Request(entry=str(item["sk"]["S"]), spam="spam" in item)
