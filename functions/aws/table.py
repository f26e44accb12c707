"""The table: the leads and, in the same items, the agenda of what is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from aws import items
from leads.alert import LEASABLE, LEASE, AlertProgress, AlertState, NextStep
from leads.lead import Lead
from leads.spam import QUARANTINE_RETENTION, REPEATED_OFTEN, Reason, Screening

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from mypy_boto3_dynamodb import DynamoDBClient

AGENDA_INDEX = "agenda"

# Repeats are counted for each UTC day, and this long after the last one nobody asks for them.
_REPEATS_KEPT = timedelta(days=2)
# As many as make a difference, and one: who sends the same thing a million times must not make an item grow.
MOST_REPEATS = REPEATED_OFTEN + 1

_SERVER_ERROR = 500


class StorageError(Exception):
    """The table did not take a lead.

    `nothing_stored` is False where the answer was lost, so that the lead may or may not be there. Sending the same
    request again is safe either way.
    """

    def __init__(self, *, nothing_stored: bool) -> None:
        super().__init__()
        self.nothing_stored = nothing_stored


class Stored(Enum):
    """What became of a lead that was put."""

    NEW = auto()
    REPEAT = auto()  # the same request was there already
    CONFLICT = auto()  # another request is there under the same id; nothing was changed


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedLead:
    """A lead whose alert is ours to send until the lease ends. `token` proves it when the outcome is written.

    `reasons` is what the spam screen found at an earlier attempt, None where there was none. A lead is screened once:
    what staff take out of quarantine stays out.
    """

    lead: Lead
    progress: AlertProgress
    token: str
    reasons: tuple[Reason, ...] | None


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """Whose it is, when to look at it next, and when it was first due, whatever was tried since."""

    lead_id: str
    due_at: datetime
    overdue_since: datetime


class _Tries:
    """What the SDK's tries of one put tell: whether one may have written although its answer was lost.

    The error that comes out is the last try's only. A refusal or a failed connection there says nothing about a try
    before it that DynamoDB may have carried out.
    """

    one_may_have_written = False

    def note(
        self, response: tuple["AWSResponse", object] | None, caught_exception: Exception | None, **_: object
    ) -> None:
        """Take note of one try: botocore's needs-retry event. Returns nothing, so the SDK decides on its own."""
        if response is None:
            lost = not isinstance(caught_exception, EndpointConnectionError | ConnectTimeoutError)
        else:
            # A 5xx of DynamoDB's own leaves open whether the write happened (https://docs.aws.amazon.com/
            # amazondynamodb/latest/developerguide/Programming.Errors.html).
            lost = response[0].status_code >= _SERVER_ERROR
        self.one_may_have_written |= lost


class LeadTable:
    """The leads in one DynamoDB table."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client = client
        self._name = name
        self._tries = _Tries()
        client.meta.events.register("needs-retry.dynamodb.PutItem", self._tries.note)

    def put(self, lead: Lead) -> Stored:
        """Store a lead that is not there yet: one conditional write. Raises StorageError."""
        self._tries.one_may_have_written = False
        try:
            self._client.put_item(
                TableName=self._name,
                Item=items.new_lead_item(lead),
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # Also reached when the SDK repeated a put whose answer was lost: the item is then our own.
            item: items.Item = error.response.get("Item", {})  # type: ignore[assignment] # the stubs know no Item here
            stored = item.get("fingerprint", {}).get("S")
            return Stored.REPEAT if stored == lead.fingerprint else Stored.CONFLICT
        except (ClientError, BotoCoreError):
            raise StorageError(nothing_stored=not self._tries.one_may_have_written) from None
        return Stored.NEW

    def lease(self, lead_id: str, now: datetime, token: str) -> LeasedLead | None:
        """Take the alert of a lead, or return None where it is not due: done, in other hands, or to be tried later.

        Due is what nobody has tried yet (the stream brings it at once) and what the agenda says is due. The lease's
        end is the next agenda time, so a sender that dies leaves the alert on the agenda by itself.
        """
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=items.key(lead_id),
                ConditionExpression=(
                    f"alert_state IN ({', '.join(f':{state}' for state in LEASABLE)})"
                    # The token is ours already where the SDK repeats a lease whose answer was lost.
                    " AND (alert_attempts = :none OR agenda_at <= :now OR lease_token = :token)"
                ),
                UpdateExpression=(
                    "SET alert_state = :leased, agenda_at = :ends, lease_token = :token ADD alert_attempts :one"
                ),
                ExpressionAttributeValues=items.attributes(
                    {f":{state}": state for state in LEASABLE}
                    | {
                        ":leased": AlertState.SENDING,
                        ":now": items.timestamp(now),
                        ":ends": items.timestamp(now + LEASE),
                        ":token": token,
                        ":none": 0,
                        ":one": 1,
                    }
                ),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        item = answer["Attributes"]
        return LeasedLead(
            lead=items.lead_of(item),
            progress=items.progress_of(item),
            token=token,
            reasons=items.reasons_of(item),
        )

    def count_repeats(self, lead: Lead, now: datetime) -> int:
        """Take note of `lead` and return how many others came with the same content today; `MOST_REPEATS` may be more.

        One write, and safe to repeat: the item holds a set of ids.
        """
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=items.repeats_key(lead, now),
                ConditionExpression=(
                    "attribute_not_exists(lead_ids) OR size(lead_ids) < :most OR contains(lead_ids, :id)"
                ),
                UpdateExpression="ADD lead_ids :ids SET expires_at = :end",
                ExpressionAttributeValues=items.attributes(
                    {
                        ":most": MOST_REPEATS,
                        ":id": lead.id,
                        ":ids": {lead.id},
                        ":end": items.epoch_seconds(now + _REPEATS_KEPT),
                    }
                ),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return MOST_REPEATS
        return len(answer["Attributes"]["lead_ids"]["SS"]) - 1

    def finish_attempt(
        self,
        leased: LeasedLead,
        step: NextStep,
        now: datetime,
        kind: str,
        screening: Screening | None = None,
        **details: str,
    ) -> bool:
        """Write down what became of an attempt and what its `screening` found, then its entry on the timeline.

        Returns False where the lease has passed to another sender, whose outcome then stands. The entry is written
        all the same: the attempt did happen. Two writes and no transaction: the SDK repeats a write that was
        throttled but not a transaction that was cancelled for it, and the alert would go out twice.
        """
        lead = leased.lead
        written: dict[str, object] = {"alert_state": step.progress.state, "alert_refusals": step.progress.refusals}
        removed = ["lease_token"]
        if step.due_at:
            written["agenda_at"] = items.timestamp(step.due_at)
        else:
            removed += ["agenda_shard", "agenda_at", "overdue_since"]
        if screening:
            written |= {"spam_score": screening.score, "spam_reasons": list(screening.reasons)}
            removed.append("turnstile_token")  # has served its purpose
        if step.progress.state is AlertState.QUARANTINED:
            written["expires_at"] = items.epoch_seconds(now + QUARANTINE_RETENTION)
        kept = True
        try:
            self._client.update_item(
                TableName=self._name,
                Key=items.key(lead.id),
                ConditionExpression="lease_token = :token",
                UpdateExpression=(
                    f"SET {', '.join(f'{name} = :{name}' for name in written)} REMOVE {', '.join(removed)}"
                ),
                ExpressionAttributeValues=items.attributes(
                    {":token": leased.token} | {f":{name}": value for name, value in written.items()}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            kept = False
        for entry in (
            items.event_item(lead.id, now, kind, attempt=step.progress.attempts, **details),
            # The public function may write one item only, so the timeline's first entry is written here, each time:
            # the first attempt may not have come this far, and the same key is the same entry.
            items.event_item(lead.id, lead.received_at, "received"),
        ):
            self._client.put_item(TableName=self._name, Item=entry)
        return kept

    def agenda(self, shard: str, until: datetime) -> Iterator[AgendaEntry]:
        """Yield what one agenda partition has up to the moment `until`, by the time it is due."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            IndexName=AGENDA_INDEX,
            KeyConditionExpression="agenda_shard = :shard AND agenda_at <= :until",
            ExpressionAttributeValues=items.attributes({":shard": shard, ":until": items.timestamp(until)}),
        )
        for page in pages:
            for item in page["Items"]:
                due_at = item["agenda_at"]
                # An entry that somebody put on the agenda by hand must not stop the sweep.
                since = item.get("overdue_since", due_at)
                yield AgendaEntry(items.lead_id_of(item), items.moment(str(due_at["S"])), items.moment(str(since["S"])))
