"""Values of items that may be damaged: each reader returns None for anything that it cannot read. Pure."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from shared.leads.progress import StoredLead
from shared.store.keys import moment
from shared.store.progress_item import stored_lead

if TYPE_CHECKING:
    from shared.store.keys import Item

_ENDS: Final = "expires_at"


def text_in(item: "Item", name: str) -> str | None:
    """Return a text in an item."""
    value = item.get(name, {}).get("S")
    return value if isinstance(value, str) else None


def moment_in(item: "Item", name: str) -> datetime | None:
    """Return a time in an item, in UTC."""
    try:
        return moment(text_in(item, name) or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def number_in(item: "Item", name: str) -> int | None:
    """Return a whole number in an item."""
    try:
        return int(str(item.get(name, {}).get("N")))
    except ValueError:
        return None


def end_of(item: "Item") -> datetime | None:
    """Return when an item expires. A number that is too large for a time in seconds is no end."""
    seconds = number_in(item, _ENDS)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def has_bad_end(item: "Item") -> bool:
    """Whether an item has something in place of its end that is no time."""
    return _ENDS in item and end_of(item) is None


def lead_in(item: "Item") -> StoredLead | None:
    """Return the lead in an item."""
    try:
        return stored_lead(item)
    except Exception:  # noqa: BLE001 - damaged in any way
        return None
