"""How the report's row of a request is stored: in the request's item, and beside it once the request has an end."""

from typing import TYPE_CHECKING, Final

from shared.leads.agenda import shard
from shared.leads.report_row import KEPT, row_of
from shared.store.keys import SCHEMA, attributes, epoch_seconds, key, timestamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.leads.progress import StoredLead

# The sort key of the row that stays when its request is deleted.
REPORT: Final = "REPORT"


def report_attributes(lead_id: str, received_at: str, row: str | None) -> dict[str, object]:
    """Return what puts a request into the index `report`, with None for the attributes to remove.

    A partition has the requests of a month in UTC and of one shard. `received_at` is as stored.
    """
    return {"report_month": row and month_key(received_at[:7], shard(lead_id)), "report_row": row}


def month_key(month: str, own_shard: str) -> str:
    """Return the name of a partition of the index."""
    return f"{month}#{own_shard}"


def attributes_of(stored: "StoredLead") -> dict[str, object]:
    """Return the attributes of a stored request."""
    return report_attributes(stored.lead.id, timestamp(stored.lead.received_at), row_of(stored))


def kept_item(stored: "StoredLead") -> "dict[str, AttributeValueTypeDef] | None":
    """Return the item that keeps the row of a request after the request was deleted, or None for the canary's."""
    row = row_of(stored)
    if row is None:
        return None
    received_at = timestamp(stored.lead.received_at)
    return (
        key(stored.lead.id)
        | {"sk": {"S": REPORT}}
        | attributes(
            {
                "schema": SCHEMA,
                "received_at": received_at,
                **report_attributes(stored.lead.id, received_at, row),
                "expires_at": epoch_seconds(stored.lead.received_at + KEPT),
            }
        )
    )
