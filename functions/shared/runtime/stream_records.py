"""Finds the records of our table in an event. Anything else, such as a test event of the console, is left out."""

from collections.abc import Mapping
from typing import Any

from shared.runtime.telemetry import logger


def records_of(event: object) -> list[dict[str, Any]]:
    """Return the records of the table's stream in `event`. Logs a line if it leaves something out."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    found = [each for each in records if _is_ours(each)] if isinstance(records, list) else []
    if not isinstance(records, list) or len(found) < len(records):
        logger.info("event ignored")
    return found


def _is_ours(record: object) -> bool:
    """Return whether a record may be of our table. Without keys it may, so that Lambda reports it as failed.

    AWS's sample events are about other services or tables. The keys of those tables have other names.
    """
    change = record.get("dynamodb") if isinstance(record, Mapping) else None
    if not isinstance(change, Mapping) or not isinstance(change.get("SequenceNumber"), str):
        return False
    keys = change.get("Keys", {})
    return isinstance(keys, Mapping) and (not keys or "pk" in keys)
