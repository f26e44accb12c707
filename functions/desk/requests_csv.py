"""The CSV file of requests: one line for each, without messages and answers about health.

A spreadsheet runs a cell that begins like a formula, and visitors typed most of these cells. So such a cell gets an
apostrophe in front: https://owasp.org/www-community/attacks/CSV_Injection. Some spreadsheets also begin a cell after a
semicolon or a tab, whatever the file says, so a formula after one of those gets an apostrophe too.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from shared.leads.choices import labels_of
from shared.leads.clinic import Clinic
from shared.leads.contact import readable_phone
from shared.leads.fields import ANSWERS
from shared.leads.lead import TEXTS
from shared.leads.progress import StoredLead
from shared.leads.report_result import result_of
from shared.leads.report_row import CLAIMED, OPEN, QUARANTINE, SPAM
from shared.leads.response import Outcome
from shared.runtime.telemetry import logger, sanitized
from shared.runtime.together import together
from shared.store.leads import UNREADABLE
from shared.text import DEFAULT, LANGUAGES, text
from shared.web.labels import closed_as_in_words

# Excel takes a file without it for an old encoding.
BOM: Final = "\ufeff"
COLUMNS: Final = (
    *("Reference", "Received", "Form", "Name", "Ask for", "Phone", "Email", "Preferred contact", "May text"),
    *("May email news", "Voicemail", "Discreet", "Contact"),
    *("Location", "Language", "Campaign source", "Medium", "Campaign", "State", "First claimed", "Closed"),
)
_DO_NOT: Final = "Do not contact"
_STATES: Final = {OPEN: "Open", CLAIMED: "Claimed", QUARANTINE: "In quarantine"}
_LOCATION: Final = next(field for field in ANSWERS if field.name == "location")
_YES_OR_NO: Final = {True: "Yes", False: "No"}
# Nobody calls or writes to these: the phone number or the address may be another person's.
_NOT_REACHED: Final = frozenset({QUARANTINE, SPAM, str(Outcome.WRONG_NUMBER)})
# Where a spreadsheet may begin a cell or a line.
_BREAKS: Final = "\\t;\\r\\n\\v\\f\\x1c-\\x1e\\x85\u2028\u2029"
# What begins a formula, in the letters of full width too, also after spaces, invisible signs or quotation marks.
_FORMULA: Final = re.compile(
    f"(^|[{_BREAKS}])(?=(?:[\"'\u200b-\u200f\u2060\ufeff]|[^\\S{_BREAKS}])*[=+\\-@\uff1d\uff0b\uff0d\uff20\u2212])"
)
_FIRST: Final = ("\t", "\r", "\n")


class Requests(NamedTuple):
    """Requests for a file. `unread` is how many could not be read."""

    found: tuple[StoredLead, ...]
    unread: int


def requests_csv(requests: Iterable[StoredLead], clinic: Clinic, *, heading: bool = True) -> str:
    """Return the lines of some requests, with the columns' names first unless not `heading`. Times are the clinic's."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    if heading:
        written.write(BOM)
        lines.writerow(COLUMNS)
    lines.writerows(map(guarded, _cells(stored, clinic)) for stored in requests)
    return written.getvalue()


def read_requests(read: Callable[[str], StoredLead | None], lead_ids: Sequence[str]) -> Requests:
    """Return the requests with some ids, in their order. Those that are gone, and the canary's, are left out.

    One that this version cannot read must not keep the others from the file. It is left out too, and logged.
    """
    found: dict[str, StoredLead | None] = {}
    unread: list[str] = []

    def keep(lead_id: str) -> None:
        try:
            found[lead_id] = read(lead_id)
        except UNREADABLE as error:
            unread.append(lead_id)
            logger.error("lead not read", extra={"lead_id": lead_id, "error": str(sanitized(error))})

    together(lead_ids, keep, lambda: True)
    in_order = (found.get(lead_id) for lead_id in lead_ids)
    return Requests(tuple(each for each in in_order if each and not each.progress.synthetic), len(unread))


def guarded(cell: str) -> str:
    """Return a cell in which no spreadsheet finds a formula."""
    safe = _FORMULA.sub(r"\1'", cell)
    return f"'{safe}" if safe.startswith(_FIRST) else safe


def _cells(stored: StoredLead, clinic: Clinic) -> tuple[str, ...]:
    lead, progress, zone = stored.lead, stored.progress, clinic.hours.zone
    reached = not lead.no_contact and result_of(progress) not in _NOT_REACHED
    phone = lead.phone if reached else None
    email = lead.email if reached and lead.email_may_be_used else None
    # They prefer texts, and took back their consent to them.
    unwanted = lead.preferred_contact == "text" and TEXTS in lead.withdrawn
    closed_at = progress.closed_at or progress.acted_at

    def said(name: str) -> str:
        return str(lead.answers.get(name) or "")

    times = [lead.received_at, progress.claimed_at, closed_at if progress.closed_as else None]
    received, claimed, closed = (f"{each.astimezone(zone):%Y-%m-%d %H:%M}" if each else "" for each in times)
    return (
        lead.reference,
        received,
        said("form") or "consultation",
        said("name"),
        said("call_me"),
        readable_phone(phone) if phone else "",
        email or "",
        said("preferred_contact") if reached and not unwanted else "",
        _YES_OR_NO[phone is not None and lead.texts_may_be_sent],
        _YES_OR_NO[email is not None and lead.news_may_be_sent],
        "" if lead.voicemail_ok is None else _YES_OR_NO[lead.voicemail_ok],
        "" if lead.discreet is None else _YES_OR_NO[lead.discreet],
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
