"""Until when a request is kept, in words."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from shared.leads.clinic import Clinic
from shared.leads.progress import StoredLead
from shared.leads.retention import expires_at

HELD: Final = "Kept until the hold ends"
OPEN: Final = "Until it is closed, and for some time after that"


def kept(stored: StoredLead, clinic: Clinic) -> str:
    """Return until when a request is kept: its retention, or why it has no end yet."""
    if stored.progress.held:
        return HELD
    end = expires_at(stored, clinic.retention)
    return f"Until {day(end, clinic.hours.zone)}" if end else OPEN


def day(moment: datetime, zone: ZoneInfo) -> str:
    """Return the day of a moment at the clinic: "March 9, 2026"."""
    return f"{moment.astimezone(zone):%B %-d, %Y}"
