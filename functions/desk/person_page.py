"""The page with everything about one person, and its export, for managers."""

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Final

from desk.desk import Desk
from desk.person import in_words, requests_of
from desk.route import Download, Shown, Visit
from desk.words import refusals
from shared.leads.erasure import ErasureState

ACTION: Final = "read_person"
EXPORT: Final = "export"
# Lambda's answer has at most 6 MB, with the text as a JSON string in it and the headers beside it.
_MOST_BYTES: Final = 5_500_000
# The newest erasures, among which the page looks for one of this person. They are ordered and begin in minutes.
_MOST_ERASURES: Final = 50
_TYPES: Final[Mapping[str, str]] = {
    "json": "application/json; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


def show_person(desk: Desk, visit: Visit) -> Shown:
    """Return the page. Raises PageError if the request in the path does not exist."""
    requests = requests_of(desk, visit)
    lead_ids = tuple(each.lead.id for each in requests)
    return Shown(
        template="person.html",
        action=ACTION,
        lead_ids=lead_ids,
        values={
            "id": visit.lead_id,
            "requests": tuple(in_words(desk, visit, requests)),
            "reference": next(each.lead.reference for each in requests if each.lead.id == visit.lead_id),
            "name": next(each.lead.name for each in requests if each.lead.id == visit.lead_id),
            "ordered": _is_ordered(desk, set(lead_ids)),
        },
    )


def export(desk: Desk, visit: Visit) -> Download:
    """Return everything that is stored about the person, as a file. Raises PageError."""
    chosen = visit.form.get("format", "")
    if chosen not in _TYPES:
        raise refusals.no_such_format()
    requests = requests_of(desk, visit)
    lead_ids = tuple(each.lead.id for each in requests)
    found = desk.records.export(lead_ids, visit.now)
    body = found.as_html() if chosen == "html" else found.as_json()
    if len(json.dumps(body)) > _MOST_BYTES:
        raise refusals.too_large()
    reference = next(each.lead.reference for each in requests if each.lead.id == visit.lead_id)
    return Download(
        name=f"person-{reference}-{_day(visit.now)}.{chosen}",
        content_type=_TYPES[chosen],
        body=body,
        action=EXPORT,
        lead_ids=lead_ids,
    )


def format_in(visit: Visit) -> dict[str, str]:
    """Return the format that a form names, for the audit. Anything else is left out."""
    chosen = visit.form.get("format", "")
    return {"format": chosen} if chosen in _TYPES else {}


def _is_ordered(desk: Desk, lead_ids: set[str]) -> bool:
    """Whether some of the requests wait for their erasure."""
    newest = islice(desk.erasures.all(), _MOST_ERASURES)
    return any(each.state is ErasureState.ORDERED and lead_ids & {*each.lead_ids} for each in newest)


def _day(now: datetime) -> str:
    return f"{now:%Y-%m-%d}"
