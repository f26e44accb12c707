"""The timeline of a lead: one item for each event."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.leads.event import OPERATOR, SYSTEM, Event
from shared.store.keys import SCHEMA, attributes, epoch_seconds, key, timestamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# An entry ends even if nobody deletes it: it may be written just after its lead was deleted.
KEPT: Final = timedelta(days=730)


def event_item(lead_id: str, event: Event, expires_at: datetime | None) -> dict[str, "AttributeValueTypeDef"]:
    """Return the item of a timeline entry. Its key has the event's time, kind and recipient, if there is one.

    So writing an entry twice has no effect, and simultaneous reports about two recipients are two entries.
    `expires_at` is when its lead expires. If that is None, the entry expires after `KEPT`.
    """
    acted = None if event.actor in {SYSTEM, OPERATOR} else event.actor
    parts = ("EVENT", timestamp(event.at), event.kind, event.details.get("recipient", acted))
    return key(lead_id) | attributes(
        {
            "sk": "#".join(part for part in parts if part),
            "schema": SCHEMA,
            "kind": event.kind,
            "actor": event.actor,
            **event.details,
            "expires_at": epoch_seconds(expires_at or event.at + KEPT),
        }
    )
