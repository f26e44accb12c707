"""The orders to erase requests, in the table of the leads: one item each, in one partition by time."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from shared.leads.confirmation import mailbox
from shared.leads.erasure import KEPT, Erasure, ErasureState, HeldError, traces_of
from shared.leads.progress import StoredLead
from shared.store.keys import SCHEMA, attributes, epoch_seconds, moment, timestamp
from shared.store.people import blinded, ways
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.store.keys import Item

ERASURES: Final = "ERASURES"
_MOMENTS: Final = {"ordered_at", "due_at", "erased_at", "proven_at"}


class Erasures:
    """The orders in the DynamoDB table. All methods raise botocore's errors. Tests replace the clock, `now`."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def order(self, leads: Sequence[StoredLead], people_key: bytes, *, by: str, by_email: str | None) -> Erasure:
        """Order the erasure of `leads`, at least one, and return the order.

        If an order that has not ended covers them, return that one, so asking twice orders once. One that left some of
        them alone comes back to them only after hours, so it does not count. Raises HeldError if one of them is under
        legal hold.
        """
        if held := [stored.lead.reference for stored in leads if stored.progress.held]:
            raise HeldError(held)
        found = tuple(stored.lead for stored in leads)
        if not found:
            raise ValueError("an erasure needs a lead")
        ids = {lead.id for lead in found}
        if earlier := next((each for each in self.all() if each.due_at and ids <= {*each.covered}), None):
            return earlier
        now = self._now()
        erasure = Erasure(
            id=f"{now.astimezone(UTC):%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{secrets.token_hex(8)}",
            ordered_at=now,
            ordered_by=by,
            by_email=by_email,
            lead_ids=tuple(lead.id for lead in found),
            references=tuple(dict.fromkeys(lead.reference for lead in found)),
            due_at=now,
            traces=traces_of(found),
            person_keys=frozenset(digest for each in leads for digest in digests_of(each, people_key)),
        )
        self.write(erasure)
        return erasure

    def read(self, erasure_id: str) -> Erasure | None:
        """Return an order, or None if there is none."""
        if not erasure_id:
            return None
        answer = self._client.get_item(TableName=self._table, Key=_key(erasure_id), ConsistentRead=True)
        return _erasure_of(answer["Item"]) if "Item" in answer else None

    def all(self) -> Iterator[Erasure]:
        """Yield all orders, newest first. Reads more when needed."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": ERASURES}},
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        return (_erasure_of(item) for page in pages for item in page["Items"])

    def write(self, erasure: Erasure) -> bool:
        """Write an order, and return whether it was written: one that has ended never changes.

        Two runs may be at work on the same order, and the slower one must not bring back its traces.
        """
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_item_of(erasure),
                ConditionExpression="attribute_not_exists(pk) OR attribute_exists(due_at)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def digests_of(stored: StoredLead, people_key: bytes) -> frozenset[str]:
    """Return the digests that stand for the person and the request in the keys of other items.

    Those that the lead has were made with an earlier key, if the people secret was ever replaced.
    """
    lead = stored.lead
    confirmed = (f"confirmation:{mailbox(lead.email)}",) if lead.email else ()
    texts = (*ways(lead), f"content:{lead.fingerprint}", *confirmed)
    return stored.progress.person_keys | {blinded(people_key, text) for text in texts}


def _key(erasure_id: str) -> dict[str, Any]:
    return {"pk": {"S": ERASURES}, "sk": {"S": erasure_id}}


def _item_of(erasure: Erasure) -> "Item":
    values = {field.name: _written(getattr(erasure, field.name)) for field in fields(Erasure) if field.name != "id"}
    ended_at = erasure.proven_at or (erasure.ordered_at if erasure.state is ErasureState.LEFT_ALONE else None)
    end = epoch_seconds(ended_at + KEPT) if ended_at else None
    return _key(erasure.id) | attributes({**values, "schema": SCHEMA, "expires_at": end})


def _erasure_of(item: "Item") -> Erasure:
    names = {field.name for field in fields(Erasure)}
    values = {name: _read(name, plain(value)) for name, value in item.items() if name in names}
    return Erasure(id=str(item["sk"]["S"]), **({"due_at": None} | values))


def _written(value: object) -> object:
    match value:
        case datetime():
            return timestamp(value)
        case frozenset():
            return set(value) or None
        case tuple():
            return list(value) or None
        case ErasureState():
            return str(value)
    return value


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - any value of an order
    if name in _MOMENTS:
        return moment(value)
    match value:
        case set():
            return frozenset(value)
        case list():
            return tuple(value)
    if name == "state":
        return ErasureState(value)
    return int(value) if name == "found_elsewhere" else value
