"""The stored leads: the only way to change them, and the agenda of what is due."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from shared.leads.clinic import Retention
from shared.leads.consequences import Metric, consequences
from shared.leads.event import Event
from shared.leads.lead import Lead
from shared.leads.progress import Progress, StoredLead
from shared.leads.report_result import row_of
from shared.leads.retention import LONGEST, expires_at
from shared.runtime.files import clinic
from shared.runtime.telemetry import alert_metrics, logger
from shared.store.belongings import Belongings, is_spam
from shared.store.keys import attributes, epoch_seconds, key, lead_id_of, moment, timestamp
from shared.store.progress_item import progress_attributes, stored_lead
from shared.store.report_item import kept_item
from shared.store.timeline import event_item
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.store.keys import Item

AGENDA_INDEX: Final = "agenda"
# Says that a lead was erased. Its item has hardly anything else.
ERASED_AT: Final = "erased_at"
# Entries in one query of the agenda: as many as a sweep can handle in a few seconds.
AGENDA_PAGE: Final = 25

# What reading a lead raises if its item has a value that this version does not know. AWS's errors are none of these.
UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)

# The kept row of a version of the lead, or an earlier one.
_OLDER: Final = "version <= :version"

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


@dataclass(frozen=True, slots=True)
class _Found:
    """A lead as the table has it, and when its item ends (seconds since 1970)."""

    stored: StoredLead
    ends: int | None


class Leads:
    """The leads in the DynamoDB table. All methods raise botocore's errors. Tests replace the clock, `now`.

    `retention` is the clinic's own, from clinic.toml, unless a test gives another one.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        retention: Retention | None = None,
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now
        self._retention = retention or clinic().retention
        self._zone = clinic().hours.zone
        self._belongings = Belongings(client, table_name)

    def read(self, lead_id: str) -> StoredLead | None:
        """Return the current state of a lead, or None if it does not exist, has expired or was erased.

        DynamoDB deletes an expired lead within days. Nobody may see or change it until then.
        """
        found = self._find(lead_id)
        return found.stored if found else None

    def was_erased(self, lead_id: str) -> bool:
        """Return whether somebody asked for the lead to be erased. What is left of it says so."""
        answer = self._client.get_item(
            TableName=self._table, Key=key(lead_id), ProjectionExpression=ERASED_AT, ConsistentRead=True
        )
        return ERASED_AT in answer.get("Item", {})

    def end_of(self, stored: StoredLead) -> datetime | None:
        """Return when a lead ends under the clinic's retention, or None if it does not."""
        return expires_at(stored, self._retention)

    def end_beside(self, stored: StoredLead) -> datetime:
        """Return when what belongs to a lead ends: with the lead, or after `LONGEST`."""
        return self.end_of(stored) or self._now() + LONGEST

    def _find(self, lead_id: str) -> _Found | None:
        response = self._client.get_item(TableName=self._table, Key=key(lead_id), ConsistentRead=True)
        return self._living(response.get("Item"))

    def _living(self, item: "Item | None") -> _Found | None:
        if not item or ERASED_AT in item:
            return None
        ends = int(plain(item["expires_at"])) if "expires_at" in item else None
        return None if ends is not None and ends <= epoch_seconds(self._now()) else _Found(stored_lead(item), ends)

    def change(self, lead_id: str, decide: Callable[[StoredLead], Progress]) -> tuple[StoredLead, StoredLead] | None:
        """Change a lead as `decide` says, and return the lead before and after, or None if it does not exist.

        `decide` must be pure, because it is called again after each conflict with another writer. If it raises, nothing
        is written. The timeline entry, the metrics and the log line follow from the written change. Safe to repeat.
        Raises BusyLeadError after too many conflicts.

        This does not use a transaction. The SDK retries a throttled write but not a canceled transaction, and a
        transaction makes concurrent plain writes fail.
        """
        read = self._find(lead_id)
        for _ in range(_MOST_CONFLICTS):
            if read is None:
                return None
            before = read.stored
            decided = decide(before)
            if decided == before.progress:
                after = replace(before, progress=decided)
                self._tell(before, after)
                return before, after
            after = replace(before, progress=replace(decided, version=before.progress.version + 1))
            found = self._write(before, after)
            if found is None:
                self._tell(before, after)
                if self._moves_belongings(read, after):
                    self._belongings.end(after, self.end_beside(after))
                if self.end_of(after) and (self.end_of(before) is None or row_of(before) != row_of(after)):
                    self._keep_row(after)
                return before, after
            read = self._living(found)
        raise BusyLeadError

    def _moves_belongings(self, read: _Found, after: StoredLead) -> bool:
        """Whether what belongs to a lead changes with it: its end, whose request it is, and whether that counts."""
        ends, before = self.end_of(after), read.stored
        return (
            read.ends != (epoch_seconds(ends) if ends else None)
            or before.progress.person_keys != after.progress.person_keys
            or is_spam(before) != is_spam(after)
        )

    def settle(self, lead_id: str, decide: Callable[[StoredLead], Progress]) -> StoredLead | None:
        """Change a lead, and let its belongings end with it even if its own end did not change.

        Return the lead, or None if it does not exist. For leads that an older version stored, and after a change of the
        settings.
        """
        changed = self.change(lead_id, decide)
        if changed is None:
            return None
        self._belongings.end(changed[1], self.end_beside(changed[1]))
        if self.end_of(changed[1]):
            self._keep_row(changed[1])
        return changed[1]

    def _keep_row(self, stored: StoredLead) -> None:
        """Keep what the report knows of a lead that has an end, so that the report still counts it after that.

        A slower writer must not replace what a later one kept.
        """
        item = kept_item(stored, self._zone, self._now())
        if item is None:
            return
        nothing = "report_row" not in item
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                # Where nothing is counted, there may be nothing to replace.
                ConditionExpression=_OLDER if nothing else f"attribute_not_exists(version) OR {_OLDER}",
                ExpressionAttributeValues={":version": item["version"]},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def _write(self, before: StoredLead, after: StoredLead) -> "Item | None":
        """Write a change. Return None on success, otherwise the item in the table, or {} if the lead is gone."""
        update = _Update(before, after, self.end_of(after))
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
        self._client.put_item(TableName=self._table, Item=event_item(lead.id, event, self.end_beside(after)))

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

    def __init__(self, before: StoredLead, after: StoredLead, ends: datetime | None) -> None:
        written = progress_attributes(after) | {"expires_at": epoch_seconds(ends) if ends else None}
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
