"""How the report's row of a request is stored: in the request's item, and beside it once the request has an end."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from shared.leads.agenda import shard
from shared.leads.month import noon
from shared.leads.report_facts import unpacked, without_health
from shared.leads.report_result import row_of
from shared.leads.report_row import KEPT, QUARANTINE, SPAM
from shared.store.keys import SCHEMA, attributes, epoch_seconds, key, timestamp

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.leads.progress import StoredLead

# The sort key of the row that stays when its request is deleted.
REPORT: Final = "REPORT"
# An item that says nothing stays until no slower writer can come.
_SOON: Final = timedelta(days=1)


def month_key(month: str, own_shard: str) -> str:
    """Return the name of a partition of the index. It has the requests of a month in UTC and of one shard."""
    return f"{month}#{own_shard}"


def attributes_of(stored: "StoredLead") -> dict[str, object]:
    """Return what puts a stored request into the index, with None for the attributes to remove."""
    row, lead = row_of(stored), stored.lead
    return {"report_month": row and _month(lead.id, lead.received_at), "report_row": row}


def kept_item(stored: "StoredLead", zone: "ZoneInfo", now: "datetime") -> "dict[str, AttributeValueTypeDef] | None":
    """Return the item that keeps the row of a request after the request was deleted, or None for the canary's.

    It says less than the request's own row: nothing about health, and the day instead of the time. Of a request that is
    quarantined or spam it says nothing, so it is in no index and ends soon. Such an item replaces an earlier one.
    """
    lead, row = stored.lead, row_of(stored)
    if row is None:
        return None
    at, counts = noon(lead.received_at, zone), unpacked(row).result not in {QUARANTINE, SPAM}
    said: dict[str, object] = {
        "schema": SCHEMA,
        "version": stored.progress.version,
        "expires_at": epoch_seconds(at + KEPT if counts else now + _SOON),
        "received_at": timestamp(at) if counts else None,
        "report_month": _month(lead.id, at) if counts else None,
        "report_row": without_health(row) if counts else None,
    }
    return key(lead.id) | {"sk": {"S": REPORT}} | attributes(said)


def _month(lead_id: str, at: "datetime") -> str:
    return month_key(timestamp(at)[:7], shard(lead_id))
