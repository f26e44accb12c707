"""The page with everything about one person, and its export, for managers."""

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Final

from desk.alike import is_alike
from desk.choices import MOST_CHOICES, choices, chosen
from desk.desk import Desk
from desk.person import in_words, requests_of
from desk.route import Download, Shown, Visit
from desk.words import refusals
from desk.words.erasures import NONE_CHOSEN
from desk.words.refused import Why
from shared.leads.erasure import ErasureState
from shared.leads.lead import Lead
from shared.leads.progress import StoredLead
from shared.store.audit import TooLongError

ACTION: Final = "read_person"
EXPORT: Final = "export"
# Lambda's answer has at most 6 MB, with the text as a JSON string in it and the headers beside it.
_MOST_BYTES: Final = 5_500_000
# Lambda ends a request of the desk after 28 seconds. Reading the audit may take this many of them.
_MOST_SECONDS: Final = 15.0
# The newest erasures, among which the page looks for one of this person. They are ordered and begin in minutes.
_MOST_ERASURES: Final = 50
_TYPES: Final[Mapping[str, str]] = {
    "json": "application/json; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


def show_person(desk: Desk, visit: Visit) -> Shown:
    """Return the page. Raises PageError if the request in the path does not exist."""
    return _page(desk, visit, requests_of(desk, visit))


def _page(
    desk: Desk,
    visit: Visit,
    requests: tuple[StoredLead, ...],
    why: Why | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Shown:
    lead_ids = tuple(each.lead.id for each in requests)
    own = next(each.lead for each in requests if each.lead.id == visit.lead_id)
    listed = requests[:MOST_CHOICES]
    return Shown(
        template="person.html",
        status=status,
        action=ACTION,
        lead_ids=lead_ids,
        values={
            "id": visit.lead_id,
            "requests": tuple(in_words(desk, visit, requests)),
            "boxes": tuple(
                choices(desk, visit, EXPORT, own=own, requests=listed, is_proposed=lambda each: _is_own(own, each))
            ),
            "more": len(requests) - len(listed),
            "why": why,
            "reference": own.reference,
            "name": own.name,
            "ordered": _is_ordered(desk, set(lead_ids)),
        },
    )


def export(desk: Desk, visit: Visit) -> Download | Shown:
    """Return everything that is stored about the chosen requests of the person, as a file. Raises PageError."""
    file_type = visit.form.get("format", "")
    if file_type not in _TYPES:
        raise refusals.no_such_format()
    requests, wanted = requests_of(desk, visit), {*chosen(visit, EXPORT)}
    leads = {each.lead.id: each.lead for each in requests if each.lead.id in wanted}
    if not leads:
        return _page(desk, visit, requests, NONE_CHOSEN, HTTPStatus.BAD_REQUEST)
    lead_ids = tuple(leads)
    try:
        found = desk.records.export(lead_ids, visit.now, _MOST_SECONDS)
    except TooLongError:
        raise refusals.too_large() from None
    body = found.as_html() if file_type == "html" else found.as_json()
    if len(json.dumps(body)) > _MOST_BYTES:
        raise refusals.too_large()
    # The file may be for somebody other than the person of the request in the path.
    named = leads.get(visit.lead_id, leads[lead_ids[0]])
    return Download(
        name=f"person-{named.reference}-{_day(visit.now)}.{file_type}",
        content_type=_TYPES[file_type],
        body=body,
        action=EXPORT,
        lead_ids=lead_ids,
    )


def format_in(visit: Visit) -> dict[str, str]:
    """Return the format that a form names, for the audit. Anything else is left out."""
    chosen = visit.form.get("format", "")
    return {"format": chosen} if chosen in _TYPES else {}


def _is_own(own: Lead, other: StoredLead) -> bool:
    """Whether a request is the one in the path, or looks like the same person's."""
    return own.id == other.lead.id or is_alike(own, other.lead)


def _is_ordered(desk: Desk, lead_ids: set[str]) -> bool:
    """Whether some of the requests wait for their erasure."""
    newest = islice(desk.erasures.all(), _MOST_ERASURES)
    return any(each.state is ErasureState.ORDERED and lead_ids & {*each.lead_ids} for each in newest)


def _day(now: datetime) -> str:
    return f"{now:%Y-%m-%d}"
