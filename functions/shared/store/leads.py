"""The stored leads: the one way to change them, and the agenda of what is due."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from shared.leads.alert import Progress, StoredLead
from shared.leads.consequences import Metric, consequences, expires_at
from shared.leads.event import Event
from shared.leads.lead import Lead
from shared.runtime.telemetry import alert_metrics, logger
from shared.store.keys import attributes, epoch_seconds, key, lead_id_of, moment, timestamp
from shared.store.progress_item import progress_attributes, stored_lead
from shared.store.timeline import event_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.store.keys import Item

AGENDA_INDEX: Final = "agenda"

# Maximum retries of a write that met another writer's. One of those who meet gets through each time, and a lead has at
# most as many writers at once as it has recipients, and a few more.
_MOST_CONFLICTS: Final = 30


class BusyLeadError(Exception):
    """Others kept writing the same lead. Trying again later is safe."""


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """Which lead to look at, from when on, and when it was first due, whatever was tried since."""

    lead_id: str
    due_at: datetime
    overdue_since: datetime


class Leads:
    """The leads in one DynamoDB table. Errors of the table are raised as they are."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def read(self, lead_id: str) -> StoredLead | None:
        """Return a lead as it is now, or None where there is none."""
        answer = self._client.get_item(TableName=self._table, Key=key(lead_id), ConsistentRead=True)
        item = answer.get("Item")
        return stored_lead(item) if item else None

    def change(self, lead_id: str, decide: Callable[[StoredLead], Progress]) -> tuple[StoredLead, StoredLead] | None:
        """Change a lead as `decide` says and return it (before, after), or None where there is no such lead.

        `decide` is pure: it is called again where somebody else wrote meanwhile. What it raises is raised, and nothing
        is written then. The timeline entry, the metrics and the log line follow from what was written. Safe to repeat.
        Raises BusyLeadError.

        No transaction: the SDK repeats a throttled write but not a cancelled transaction, and a transaction makes other
        writers' plain writes fail meanwhile.
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
            before = stored_lead(found) if found else None
        else:
            raise BusyLeadError
        self._tell(before, after)
        return before, after

    def _write(self, before: StoredLead, after: StoredLead) -> "Item | None":
        """Write a change. Return None where it is written, else the item that is there instead, empty for none."""
        update = _Update(before, after)
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key(before.lead.id),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **update.arguments,
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            found: Item = error.response.get("Item", {})  # type: ignore[assignment] # the stubs know no Item here
            # The SDK repeats a write whose answer was lost, and then meets its own.
            return None if found and update.is_in(found) else found
        return None

    def _tell(self, before: StoredLead, after: StoredLead) -> None:
        """Emit what follows from a change. The metrics come first: writing the timeline may fail."""
        lead, told = after.lead, consequences(before, after)
        if told.entry is None:
            return
        for metric in told.metrics:
            _count(metric)
        event = told.entry
        _log(lead, event)
        self._client.put_item(TableName=self._table, Item=event_item(lead.id, event, told.expires_at))

    def agenda(self, shard: str, until: datetime) -> Iterator[AgendaEntry]:
        """Yield what one agenda partition has up to the moment `until`, by the time it is due."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=AGENDA_INDEX,
            KeyConditionExpression="agenda_shard = :shard AND agenda_at <= :until",
            ExpressionAttributeValues=attributes({":shard": shard, ":until": timestamp(until)}),
        )
        for page in pages:
            for item in page["Items"]:
                due_at = item["agenda_at"]
                # An entry that somebody put on the agenda by hand must not stop the sweep.
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
    """The update from one state of a lead to the next, which fails where somebody else has written meanwhile."""

    def __init__(self, before: StoredLead, after: StoredLead) -> None:
        written = progress_attributes(after.lead.id, after.progress) | _expiry(before, after)
        self._kept = attributes(written)
        self._removed = [name for name in written if name not in self._kept]
        self._read = before.progress.version

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of `update_item`, without the key."""
        sets = ", ".join(f"#{name} = :{name}" for name in self._kept)
        removes = ", ".join(f"#{name}" for name in self._removed)
        unchanged = "version = :read" if self._read else "attribute_not_exists(version)"
        values: dict[str, AttributeValueTypeDef] = {f":{name}": value for name, value in self._kept.items()}
        return {
            # The lead must still be there: without that, an update of a deleted lead would bring it back.
            "ConditionExpression": f"attribute_exists(pk) AND {unchanged}",
            "UpdateExpression": f"SET {sets}" + (f" REMOVE {removes}" if removes else ""),
            "ExpressionAttributeNames": {f"#{name}": name for name in (*self._kept, *self._removed)},
            "ExpressionAttributeValues": values | (attributes({":read": self._read}) if self._read else {}),
        }

    def is_in(self, item: Mapping[str, "AttributeValueTypeDef"]) -> bool:
        """Whether `item` is what this update makes."""
        return all(_same(item.get(name), value) for name, value in self._kept.items()) and not any(
            name in item for name in self._removed
        )


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401 - an attribute, or none
    # A set comes back in any order.
    return one == other or bool(one and "SS" in one and "SS" in other and set(one["SS"]) == set(other["SS"]))


def _expiry(before: StoredLead, after: StoredLead) -> dict[str, object]:
    """Return the change of `expires_at`. Where the state has no say, a retention that the clinic set stays."""
    then, now = expires_at(before), expires_at(after)
    return {} if then == now else {"expires_at": epoch_seconds(now) if now else None}
