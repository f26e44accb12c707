"""The CSV file of requests: one line for each, without messages and answers about health.

A spreadsheet runs a cell that begins like a formula, and visitors typed most of these cells. So such a cell gets an
apostrophe in front: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from shared.leads.choices import labels_of
from shared.leads.clinic import Clinic
from shared.leads.contact import readable_phone
from shared.leads.fields import ANSWERS
from shared.leads.lead import Answer
from shared.leads.progress import StoredLead
from shared.leads.report_result import result_of
from shared.leads.report_row import CLAIMED, OPEN, QUARANTINE
from shared.runtime.together import together
from shared.text import DEFAULT, LANGUAGES, text
from shared.web.labels import closed_as_in_words

# Excel takes a file without it for an old encoding.
BOM: Final = "\ufeff"
COLUMNS: Final = (
    *("Reference", "Received", "Urgency", "Form", "Name", "Phone", "Email", "Preferred contact", "Contact"),
    *("Location", "Language", "Campaign source", "Medium", "Campaign", "State", "First claimed", "Closed"),
)
_DO_NOT: Final = "Do not contact"
_STATES: Final = {OPEN: "Open", CLAIMED: "Claimed", QUARANTINE: "In quarantine"}
_LOCATION: Final = next(field for field in ANSWERS if field.name == "location")
# What begins a formula, in the letters of full width too, also after spaces, invisible signs or quotation marks.
_FORMULA: Final = re.compile("^[\\s\"'\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20\u2212]")
_FIRST: Final = ("\t", "\r", "\n")


def requests_csv(requests: Iterable[StoredLead], clinic: Clinic, *, heading: bool = True) -> str:
    """Return the lines of some requests, with the columns' names first unless not `heading`. Times are the clinic's."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    if heading:
        written.write(BOM)
        lines.writerow(COLUMNS)
    lines.writerows(map(guarded, _cells(stored, clinic)) for stored in requests)
    return written.getvalue()


def read_requests(read: Callable[[str], StoredLead | None], lead_ids: Sequence[str]) -> tuple[StoredLead, ...]:
    """Return the requests with some ids, in their order. Those that are gone, and the canary's, are left out."""
    found: dict[str, StoredLead | None] = {}

    def keep(lead_id: str) -> None:
        found[lead_id] = read(lead_id)

    together(lead_ids, keep, lambda: True)
    in_order = (found[lead_id] for lead_id in lead_ids)
    return tuple(each for each in in_order if each and not each.progress.synthetic)


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FIRST) or _FORMULA.match(cell) else cell


def _cells(stored: StoredLead, clinic: Clinic) -> tuple[str, ...]:
    lead, progress, zone = stored.lead, stored.progress, clinic.hours.zone
    told = lead.answers if not lead.no_contact else _without_ways(lead.answers)
    phone = told.get("phone")
    closed_at = progress.closed_at or progress.acted_at

    def said(name: str) -> str:
        return str(told.get(name) or "")

    times = [lead.received_at, progress.claimed_at, closed_at if progress.closed_as else None]
    received, claimed, closed = (f"{each.astimezone(zone):%Y-%m-%d %H:%M}" if each else "" for each in times)
    return (
        lead.reference,
        received,
        str(lead.priority),
        said("form") or "consultation",
        said("name"),
        readable_phone(str(phone)) if phone else "",
        said("email"),
        said("preferred_contact"),
        _DO_NOT if lead.no_contact else "",
        labels_of(_LOCATION, clinic, text(DEFAULT)).get(said("location"), said("location")),
        text(locale).name_for_staff if (locale := said("locale")) in LANGUAGES else locale,
        said("utm_source"),
        said("utm_medium"),
        said("utm_campaign"),
        closed_as_in_words(progress) or _STATES[result_of(progress)],
        claimed,
        closed,
    )


def _without_ways(answers: Mapping[str, Answer]) -> Mapping[str, Answer]:
    """Return the answers of a person who wants no contact, without the ways to reach them."""
    return {name: answer for name, answer in answers.items() if name not in {"phone", "email", "preferred_contact"}}
