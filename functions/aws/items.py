"""The stored shapes: how a lead, its alert's progress and its timeline stand in the table."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from leads.agenda import shard
from leads.alert import STREAM_GRACE, AlertProgress, AlertState
from leads.lead import Lead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    type Item = Mapping[str, AttributeValueTypeDef]

LEAD_SORT_KEY = "LEAD"

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def timestamp(moment: datetime) -> str:
    """Return `moment` (aware) as fixed-width UTC text with milliseconds, so that text order is time order."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def moment(text: str) -> datetime:
    """Return the moment that `timestamp` wrote."""
    return datetime.fromisoformat(text)


def key(lead_id: str) -> dict[str, "AttributeValueTypeDef"]:
    """Return the primary key of a lead."""
    return {"pk": {"S": f"LEAD#{lead_id}"}, "sk": {"S": LEAD_SORT_KEY}}


def lead_id_of(keys: "Item") -> str:
    """Return the id of the lead that `keys` (a primary key) belongs to."""
    return str(keys["pk"]["S"]).removeprefix("LEAD#")


def attributes(values: dict[str, object]) -> dict[str, "AttributeValueTypeDef"]:
    """Return `values` in DynamoDB's typed form, leaving out what is None."""
    return {name: _serialize(value) for name, value in values.items() if value is not None}


def new_lead_item(lead: Lead) -> dict[str, "AttributeValueTypeDef"]:
    """Return the item of a lead nobody has been told of yet, due for the sweep once the stream has had its chance."""
    due_at = timestamp(lead.received_at + STREAM_GRACE)
    return key(lead.id) | attributes(
        {
            "reference": lead.reference,
            "received_at": timestamp(lead.received_at),
            "fingerprint": lead.fingerprint,
            "name": lead.name,
            "email": lead.email,
            "phone": lead.phone,
            "preferred_contact": lead.preferred_contact,
            "best_time": lead.best_time,
            "message": lead.message,
            "consent_contact": True,  # a request without it is refused
            "alert_state": AlertState.PENDING,
            "alert_attempts": 0,
            "alert_refusals": 0,
            "agenda_shard": shard(lead.id),
            "agenda_at": due_at,
            "overdue_since": due_at,
        }
    )


def lead_of(item: "Item") -> Lead:
    """Return the lead that a stored item holds."""
    values: dict[str, Any] = {name: _deserialize(value) for name, value in item.items()}
    return Lead(
        id=lead_id_of(item),
        received_at=moment(values["received_at"]),
        fingerprint=values["fingerprint"],
        name=values["name"],
        email=values.get("email"),
        phone=values.get("phone"),
        preferred_contact=values.get("preferred_contact"),
        best_time=values.get("best_time"),
        message=values.get("message"),
    )


def progress_of(item: "Item") -> AlertProgress:
    """Return how far the alert of a stored lead has come."""
    return AlertProgress(
        state=AlertState(str(item["alert_state"]["S"])),
        attempts=int(item["alert_attempts"]["N"]),
        refusals=int(item["alert_refusals"]["N"]),
    )


def event_item(lead_id: str, at: datetime, kind: str, **details: str | int) -> dict[str, "AttributeValueTypeDef"]:
    """Return one entry of a lead's timeline. Its key is its time and kind, so writing it twice is writing it once."""
    sort_key = f"EVENT#{timestamp(at)}#{kind}"
    return cast(
        "dict[str, AttributeValueTypeDef]", key(lead_id) | attributes({"sk": sort_key, "kind": kind, **details})
    )
