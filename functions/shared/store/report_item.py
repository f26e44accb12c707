"""How the report's row of a request is stored: in the request's item, and beside it once the request has an end."""

from typing import TYPE_CHECKING, Final

from shared.leads.agenda import shard
from shared.leads.report_result import row_of
from shared.leads.report_row import KEPT
from shared.store.keys import SCHEMA, attributes, epoch_seconds, key, timestamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.leads.progress import StoredLead

# The sort key of the row that stays when its request is deleted.
REPORT: Final = "REPORT"


def month_key(month: str, own_shard: str) -> str:
    """Return the name of a partition of the index. It has the requests of a month in UTC and of one shard."""
    return f"{month}#{own_shard}"


def attributes_of(stored: "StoredLead") -> dict[str, object]:
    """Return what puts a stored request into the index, with None for the attributes to remove."""
    row, lead = row_of(stored), stored.lead
    month = month_key(timestamp(lead.received_at)[:7], shard(lead.id))
    return {"report_month": row and month, "report_row": row}


def kept_item(stored: "StoredLead") -> "dict[str, AttributeValueTypeDef] | None":
    """Return the item that keeps the row of a request after the request was deleted, or None for the canary's."""
    own, received_at = attributes_of(stored), stored.lead.received_at
    if own["report_row"] is None:
        return None
    kept = {"schema": SCHEMA, "received_at": timestamp(received_at), "expires_at": epoch_seconds(received_at + KEPT)}
    return key(stored.lead.id) | {"sk": {"S": REPORT}} | attributes({**own, **kept})
