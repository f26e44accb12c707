"""The stored leads: the only way to change them, and the agenda of what is due."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from shared.leads.consequences import Metric, consequences, expires_at
from shared.leads.event import Event
from shared.leads.lead import Lead
from shared.leads.progress import Progress, StoredLead
from shared.runtime.telemetry import alert_metrics, logger
from shared.store.keys import attributes, epoch_seconds, key, lead_id_of, moment, timestamp
from shared.store.progress_item import progress_attributes, stored_lead
from shared.store.timeline import Timeline, event_item
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.store.keys import Item

AGENDA_INDEX: Final = "agenda"
# Entries in one query of the agenda: as many as a sweep can handle in a few seconds.
AGENDA_PAGE: Final = 25

# Maximum optimistic-lock retries. In each round one writer succeeds, and a lead rarely has more writers at once than it
# has recipients.
_MOST_CONFLICTS: Final = 30


class BusyLeadError(Exception):
    """Other writers kept changing the lead. It is safe to retry later."""


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """A lead on the agenda: when it is due, and when it first became due, before any retries."""

    lead_id: str
    due_at: datetime
    overdue_since: datetime


class Leads:
    """The leads in the DynamoDB table. All methods raise botocore's errors. Tests replace the clock, `now`."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def read(self, lead_id: str) -> StoredLead | None:
        """Return the current state of a lead, or None if it does not exist or has expired.

        DynamoDB deletes an expired lead within days. Nobody may see or change it until then.
        """
        response = self._client.get_item(TableName=self._table, Key=key(lead_id), ConsistentRead=True)
        return self._unexpired(response.get("Item"))

    def _unexpired(self, item: "Item | None") -> StoredLead | None:
        if not item or ("expires_at" in item and plain(item["expires_at"]) <= epoch_seconds(self._now())):
            return None
        return stored_lead(item)

    def change(self, lead_id: str, decide: Callable[[StoredLead], Progress]) -> tuple[StoredLead, StoredLead] | None:
        """Change a lead as `decide` says, and return the lead before and after, or None if it does not exist.

        `decide` must be pure, because it is called again after each conflict with another writer. If it raises, nothing
        is written. The timeline entry, the metrics and the log line follow from the written change. Safe to repeat.
        Raises BusyLeadError after too many conflicts.

        This does not use a transaction. The SDK retries a throttled write but not a canceled transaction, and a
        transaction makes concurrent plain writes fail.
        """
        before = self.read(lead_id)
        for _ in range(_MOST_CONFLICTS):
            if before is None:
                return None
            decided = decide(before)
            if decided == before.progress:
                after = replace(before, progress=decided)
                break
            after = replace(before, progress=replace(decided, version=before.progress.version + 1))
            found = self._write(before, after)
            if found is None:
                break
            before = self._unexpired(found)
        else:
            raise BusyLeadError
        self._tell(before, after)
        if expires_at(before) and not expires_at(after):
            Timeline(self._client, self._table).keep(lead_id)  # entries ended with the lead while it was in quarantine
        return before, after

    def _write(self, before: StoredLead, after: StoredLead) -> "Item | None":
        """Write a change. Return None on success, otherwise the item in the table, or {} if the lead is gone."""
        update = _Update(before, after)
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key(before.lead.id),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **update.arguments,
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            found: Item = error.response.get("Item", {})  # type: ignore[assignment] # the stubs do not declare Item
            # When the SDK repeats a write whose response was lost, it finds its own change.
            return None if found and update.is_in(found) else found
        return None

    def _tell(self, before: StoredLead, after: StoredLead) -> None:
        """Emit the consequences of a change. Metrics come first, because writing the timeline may fail."""
        lead, told = after.lead, consequences(before, after)
        if told.entry is None:
            return
        for metric in told.metrics:
            _count(metric)
        event = told.entry
        _log(lead, event)
        self._client.put_item(TableName=self._table, Item=event_item(lead.id, event, told.expires_at))

    def agenda(self, partition: str, until: datetime) -> Iterator[AgendaEntry]:
        """Yield the entries of one agenda partition that are due by `until`, in order. Reads a page when needed."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=AGENDA_INDEX,
            KeyConditionExpression="agenda_shard = :partition AND agenda_at <= :until",
            ExpressionAttributeValues=attributes({":partition": partition, ":until": timestamp(until)}),
            PaginationConfig={"PageSize": AGENDA_PAGE},
        )
        for page in pages:
            for item in page["Items"]:
                due_at = item["agenda_at"]
                # An entry that an operator added by hand may lack this, and must not stop the sweep.
                since = item.get("overdue_since", due_at)
                yield AgendaEntry(lead_id_of(item), moment(str(due_at["S"])), moment(str(since["S"])))


def _log(lead: Lead, event: Event) -> None:
    said = event.details
    details = {"lead_id": lead.id, "reference": lead.reference, "outcome": event.kind, "actor": event.actor}
    if "attempt" in said:
        details["attempt"] = said["attempt"]
    if "recipient" in said:
        details["recipient"] = said["recipient"]
    if "recipients" in said:
        details["recipients"] = said["recipients"]
    if "reason" in said:
        details["reason"] = said["reason"]
    logger.info("lead changed", extra={**details})


def _count(metric: Metric) -> None:
    alert_metrics.add_metric(metric, "Count", 1)


class _Update:
    """The update from one state of a lead to the next. It fails if another writer changed the lead."""

    def __init__(self, before: StoredLead, after: StoredLead) -> None:
        written = progress_attributes(after) | _expiry(before, after)
        self._kept = attributes(written)
        self._removed = [name for name in written if name not in self._kept]
        self._read = before.progress.version

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of `update_item`, except the key."""
        sets = ", ".join(f"#{name} = :{name}" for name in self._kept)
        removes = ", ".join(f"#{name}" for name in self._removed)
        unchanged = "version = :read" if self._read else "attribute_not_exists(version)"
        values: dict[str, AttributeValueTypeDef] = {f":{name}": value for name, value in self._kept.items()}
        return {
            # Without `attribute_exists`, an update would bring back a deleted lead.
            "ConditionExpression": f"attribute_exists(pk) AND {unchanged}",
            "UpdateExpression": f"SET {sets}" + (f" REMOVE {removes}" if removes else ""),
            "ExpressionAttributeNames": {f"#{name}": name for name in (*self._kept, *self._removed)},
            "ExpressionAttributeValues": values | (attributes({":read": self._read}) if self._read else {}),
        }

    def is_in(self, item: Mapping[str, "AttributeValueTypeDef"]) -> bool:
        """Whether `item` is the result of this update."""
        return all(_same(item.get(name), value) for name, value in self._kept.items()) and not any(
            name in item for name in self._removed
        )


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401 - an attribute or None
    # Sets come back in any order.
    return one == other or bool(one and "SS" in one and "SS" in other and set(one["SS"]) == set(other["SS"]))


def _expiry(before: StoredLead, after: StoredLead) -> dict[str, object]:
    """Return the change to `expires_at`, if any. Without a change, an expiry that the clinic set by hand is kept."""
    then, now = expires_at(before), expires_at(after)
    return {} if then == now else {"expires_at": epoch_seconds(now) if now else None}
