"""The stored shapes: how a lead's progress and its timeline stand in the table, beside what lead_item.py has."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from shared.leads.agenda import shard
from shared.leads.alert import STREAM_GRACE, AlertState, Progress
from shared.leads.lead import Lead
from shared.leads.notice import Notice
from shared.leads.response import ResponseState
from shared.leads.spam import Reason, known_reasons
from shared.leads.worklist import worklist
from shared.store import lead_item, moments
from shared.store.typed import plain, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    type Item = Mapping[str, AttributeValueTypeDef]

LEAD_SORT_KEY = "LEAD"
# The digest is on the agenda as leads are; this stands where they have their id.
DIGEST = "DIGEST"

lead_of = lead_item.lead_of
moment = moments.moment
timestamp = moments.timestamp

# What a lead's progress is called in its item.
_PROGRESS = {
    "state": "alert_state",
    "notice": "alert_notice",
    "attempts": "alert_attempts",
    "tries": "alert_tries",
    "refusals": "alert_refusals",
    "accepted": "mails_accepted",
    "delivered": "mails_delivered",
    "refused": "mails_refused",
    "bounced": "mails_bounced",
    "rejected": "mails_rejected",
    "plain_after": "plain_after_attempts",
    "redriven": "redriven_attempts",
    "forgiven": "mails_forgiven",
    "told_at": "told_at",
    "response": "response",
    "claimed_by": "claimed_by",
    "claimed_at": "claimed_at",
    "call_again_at": "call_again_at",
    "links_used": "links_used",
    "synthetic": "synthetic",
    "due_at": "agenda_at",
    "overdue_since": "overdue_since",
    "version": "version",
}
_KINDS = {"state": AlertState, "notice": Notice, "response": ResponseState}
_MOMENTS = frozenset({"told_at", "claimed_at", "call_again_at", "due_at", "overdue_since"})
_NUMBERS = frozenset({"attempts", "tries", "refusals", "redriven", "plain_after", "version"})


def key(lead_id: str) -> dict[str, "AttributeValueTypeDef"]:
    """Return the primary key of a lead."""
    return {"pk": {"S": f"LEAD#{lead_id}"}, "sk": {"S": LEAD_SORT_KEY}}


def lead_id_of(keys: "Item") -> str:
    """Return the id of the lead that `keys` (a primary key) belongs to."""
    return str(keys["pk"]["S"]).removeprefix("LEAD#")


def attributes(values: dict[str, object]) -> dict[str, "AttributeValueTypeDef"]:
    """Return `values` in DynamoDB's typed form, leaving out what is None."""
    return {name: typed(value) for name, value in values.items() if value is not None}


def new_lead_item(lead: Lead) -> dict[str, "AttributeValueTypeDef"]:
    """Return the item of a lead nobody has been told of yet, due for the sweep once the stream has had its chance."""
    due_at = lead.received_at + STREAM_GRACE
    return key(lead.id) | attributes(
        {
            **lead_item.lead_attributes(lead),
            **progress_attributes(lead.id, Progress(due_at=due_at, overdue_since=due_at)),
        }
    )


def progress_of(item: "Item") -> Progress:
    """Return how far a stored lead has come."""
    values = {name: plain(item[stored]) for name, stored in _PROGRESS.items() if stored in item}
    return Progress(**{name: _read(name, value) for name, value in values.items()})


def progress_attributes(lead_id: str, progress: Progress) -> dict[str, object]:
    """Return what stands in a lead's item for `progress`, None for what must not stand there.

    `agenda_shard` and `worklist` make the item appear in the table's two sparse indexes.
    """
    listed = worklist(progress)
    return {
        **{stored: _written(getattr(progress, name)) for name, stored in _PROGRESS.items()},
        "agenda_shard": shard(lead_id) if progress.due_at else None,
        "worklist": listed and f"{listed}#{shard(lead_id)}",
    }


def _written(value: object) -> object:
    match value:
        case datetime():
            return timestamp(value)
        case frozenset():
            return set(value) or None
        case False:
            return None
    return value


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever a progress has
    if name in _KINDS:
        return _KINDS[name](value)
    if name in _MOMENTS:
        return moment(value)
    if name in _NUMBERS:
        return int(value)
    return frozenset(value) if isinstance(value, set) else value


def reasons_of(item: "Item") -> tuple[Reason, ...] | None:
    """Return what the spam screen noted on a stored lead, or None where it has not looked at it yet."""
    if (stored := item.get("spam_reasons")) is None:
        return None
    return known_reasons([str(reason) for reason in plain(stored)])


def repeats_key(lead: Lead, day: datetime) -> dict[str, "AttributeValueTypeDef"]:
    """Return the primary key of the item that counts a content on one UTC day. No lead's key, so it starts no alert."""
    return {"pk": {"S": f"REPEATS#{lead.fingerprint}"}, "sk": {"S": f"{day.astimezone(UTC):%Y-%m-%d}"}}


def epoch_seconds(moment: datetime) -> int:
    """Return `moment` (aware) as DynamoDB's time to live wants it."""
    return int(moment.timestamp())


def event_item(lead_id: str, at: datetime, kind: str, **details: str | int) -> dict[str, "AttributeValueTypeDef"]:
    """Return one entry of a lead's timeline. Its key is its time, its kind and its recipient, if it is about one.

    So writing it twice is writing it once, and two mailboxes' reports of one moment stand beside each other.
    """
    sort_key = "#".join(str(part) for part in ("EVENT", timestamp(at), kind, details.get("recipient")) if part)
    return cast(
        "dict[str, AttributeValueTypeDef]", key(lead_id) | attributes({"sk": sort_key, "kind": kind, **details})
    )
