"""The facts of a packed row of the report (report_row.py), for the functions that count them."""

from datetime import datetime
from typing import Final, NamedTuple

from shared.leads.report_row import BETWEEN


class ReportRow(NamedTuple):
    """The facts, as text. An empty one is unknown, or no."""

    source: str  # utm_source, as the form sent it
    campaign: str  # utm_campaign
    location: str
    locale: str
    interest: str
    form: str
    urgent: str
    claimed_at: str  # when it was first claimed, as ISO 8601
    result: str
    no_contact: str  # whether the person asked for no contact

    @property
    def first_claimed(self) -> datetime | None:
        """When the request was first claimed. Raises ValueError if that cannot be read."""
        return moment(self.claimed_at) if self.claimed_at else None


_FACTS: Final = len(ReportRow._fields)


def unpacked(row: str) -> ReportRow:
    """Return the facts of a packed row. One that another version wrote may have more or fewer of them."""
    parts = row.split(BETWEEN)
    if len(parts) != _FACTS:
        parts = (parts + [""] * _FACTS)[:_FACTS]
    return ReportRow._make(parts)


def without_health(row: str) -> str:
    """Return a packed row without what it says about health, and without the time when the request was claimed."""
    return BETWEEN.join(unpacked(row)._replace(interest="", urgent="", claimed_at=""))


def moment(text: str) -> datetime:
    """Return the moment in a text of a row. Raises ValueError if there is none."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found
