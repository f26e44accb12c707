"""The table: the leads and, in the same items, the agenda of what is due."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from shared.leads.alert import LEASE, AlertState, Progress
from shared.leads.lead import Lead
from shared.leads.spam import QUARANTINE_RETENTION, REPEATED_OFTEN, Reason, Screening
from shared.store import items

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from mypy_boto3_dynamodb import DynamoDBClient

AGENDA_INDEX = "agenda"

# Repeats are counted for each UTC day, and this long after the last one nobody asks for them.
_REPEATS_KEPT = timedelta(days=2)
# As many as make a difference, and one: who sends the same thing a million times must not make an item grow.
MOST_REPEATS = REPEATED_OFTEN + 1

# The canary's leads remove themselves where the canary itself did not come to it.
_CANARY_KEPT = timedelta(hours=1)

# How often a write is made anew because somebody else wrote meanwhile. Of those who meet, one gets through each time,
# and a lead has as many writers at once as it has mailboxes, and a few more.
_MOST_CONFLICTS = 30

_SERVER_ERROR = 500


class StorageError(Exception):
    """The table did not take a lead.

    `nothing_stored` is False where the answer was lost, so that the lead may or may not be there. Sending the same
    request again is safe either way.
    """

    def __init__(self, *, nothing_stored: bool) -> None:
        super().__init__()
        self.nothing_stored = nothing_stored


class BusyLeadError(Exception):
    """Others kept writing the same lead. Doing it again later is safe."""


class Stored(Enum):
    """What became of a lead that was put."""

    NEW = auto()
    REPEAT = auto()  # the same request was there already
    CONFLICT = auto()  # another request is there under the same id; nothing was changed


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedLead:
    """A lead whose mail is ours to send until the lease ends. `token` proves it when the outcome is written.

    `reasons` is what the spam screen found at an earlier attempt, None where there was none. A lead is screened once:
    what staff take out of quarantine stays out.
    """

    lead: Lead
    progress: Progress
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
        """Take what is due for a lead, or return None where it is not due: done, in other hands, or to be tried later.

        Due is what nobody has tried yet (the stream brings it at once) and what the agenda says is due. The lease's
        end is the next agenda time, so a sender that dies leaves the alert on the agenda by itself.
        """
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=items.key(lead_id),
                # What is not on the agenda has no time there. The token is ours already where the SDK repeats a lease
                # whose answer was lost.
                ConditionExpression=(
                    "attribute_exists(agenda_at)"
                    " AND (alert_attempts = :none OR agenda_at <= :now OR lease_token = :token)"
                ),
                UpdateExpression=(
                    "SET alert_state = :leased, agenda_at = :ends, lease_token = :token"
                    " ADD alert_attempts :one, alert_tries :one, version :one"
                ),
                ExpressionAttributeValues=items.attributes(
                    {
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
        decide: Callable[[Progress], Progress],
        now: datetime,
        kind: str,
        screening: Screening | None = None,
        **details: str,
    ) -> Progress | None:
        """Write down what follows from an attempt and what its `screening` found, then its entry on the timeline.

        `decide` is given the progress as it is by now: reports and answers may have come meanwhile. Returns what was
        written, or None where the lease has passed to another sender, whose outcome then stands. The entry is written
        all the same: the attempt did happen. Two writes and no transaction: the SDK repeats a write that was throttled
        but not a transaction that was cancelled for it, and a transaction makes others' plain writes fail meanwhile.
        """
        lead = leased.lead
        more: dict[str, object] = {"lease_token": None}
        if screening:
            more |= {"spam_score": screening.score, "spam_reasons": list(screening.reasons)}
            more["turnstile_token"] = None  # has served its purpose
        current, written = leased.progress, None
        for _ in range(_MOST_CONFLICTS):
            after = decide(current)
            if after.state is AlertState.QUARANTINED:
                more["expires_at"] = items.epoch_seconds(now + QUARANTINE_RETENTION)
            elif after.synthetic:
                more["expires_at"] = items.epoch_seconds(now + _CANARY_KEPT)
            try:
                self._client.update_item(
                    **_update(self._key(lead.id), current, after, more, token=leased.token),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                item: items.Item = error.response.get("Item", {})  # type: ignore[assignment] # the stubs know no Item here
                if item.get("lease_token") != {"S": leased.token}:
                    break
                current = items.progress_of(item)
            else:
                written = after
                break
        passing = _passing(leased.progress, now)
        for entry in (
            items.event_item(lead.id, now, kind, attempt=leased.progress.attempts, **details, **passing),
            # The public function may write one item only, so the timeline's first entry is written here, each time:
            # the first attempt may not have come this far, and the same key is the same entry.
            items.event_item(lead.id, lead.received_at, "received", **passing),
        ):
            self._client.put_item(TableName=self._name, Item=entry)
        return written

    def change(
        self, lead_id: str, decide: Callable[[Lead, Progress], Progress], at: datetime, kind: str, **details: str
    ) -> tuple[Lead, Progress] | None:
        """Write down what `decide` makes of a lead's progress, then an entry of `kind` on the timeline.

        Returns the lead and its progress by now, or None where there is no such lead. What `decide` raises is raised,
        and nothing is written then. Raises BusyLeadError. Safe to repeat: the same `at` and `kind` are the same entry.
        """
        for _ in range(_MOST_CONFLICTS):
            item = self._client.get_item(TableName=self._name, Key=items.key(lead_id), ConsistentRead=True).get("Item")
            if item is None:
                return None
            lead, current = items.lead_of(item), items.progress_of(item)
            after = decide(lead, current)
            entry = items.event_item(lead_id, at, kind, **details, **_passing(after, at))
            if after == current:
                self._client.put_item(TableName=self._name, Item=entry)
                return lead, current
            passing = after.state is AlertState.QUARANTINED or after.synthetic
            more = {} if passing else {"expires_at": None}  # who is let out of quarantine stays
            with suppress(self._client.exceptions.ConditionalCheckFailedException):  # somebody else wrote meanwhile
                self._client.update_item(**_update(self._key(lead_id), current, after, more))
                self._client.put_item(TableName=self._name, Item=entry)
                return lead, after
        raise BusyLeadError

    def read(self, lead_id: str) -> tuple[Lead, Progress] | None:
        """Return a lead and its progress as they are now, or None if there is no such lead. A consistent read."""
        item = self._client.get_item(TableName=self._name, Key=items.key(lead_id), ConsistentRead=True).get("Item")
        return None if item is None else (items.lead_of(item), items.progress_of(item))

    def _key(self, lead_id: str) -> dict[str, Any]:
        return {"TableName": self._name, "Key": items.key(lead_id)}

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


def _passing(progress: Progress, at: datetime) -> dict[str, int]:
    """Return when an entry of the canary's timeline goes away by itself; nothing for a person's, which stays."""
    return {"expires_at": items.epoch_seconds(at + _CANARY_KEPT)} if progress.synthetic else {}


def _update(
    key: dict[str, Any], current: Progress, after: Progress, more: Mapping[str, object], token: str | None = None
) -> Any:  # noqa: ANN401 - the arguments of update_item, which are those of a transaction's update too
    """Return the update from one progress to the next, which fails where somebody else has written meanwhile.

    `key` names the table and the lead; `more` is what else to write, None for what to remove.
    """
    lead_id = items.lead_id_of(key["Key"])
    written = items.progress_attributes(lead_id, replace(after, version=current.version + 1)) | dict(more)
    kept = {name: value for name, value in written.items() if value is not None}
    removed = [name for name in written if name not in kept]
    names = {f"#{name}": name for name in written}
    return {
        **key,
        "ConditionExpression": "version = :read" + (" AND lease_token = :token" if token else ""),
        "UpdateExpression": (
            f"SET {', '.join(f'#{name} = :{name}' for name in kept)} REMOVE {', '.join(f'#{n}' for n in removed)}"
        ),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": items.attributes(
            {":read": current.version, ":token": token} | {f":{name}": value for name, value in kept.items()}
        ),
    }
