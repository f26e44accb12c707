"""Erasing requests of a person: the page that asks, its form, and the page with all erasures. For managers."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Final

from desk.alike import is_alike
from desk.choices import MOST_CHOICES, chosen
from desk.desk import Desk
from desk.names import names_for
from desk.person import in_words, requests_of
from desk.route import Moved, Shown, Visit, in_path
from desk.words import erasures as words
from desk.words.alike import why_not
from desk.words.names import Names
from desk.words.refused import Why
from shared.leads.erasure import Erasure, HeldError
from shared.leads.identity import IN_REFERENCE, LEAD_ID, id_prefix, reference
from shared.leads.progress import StoredLead
from shared.web.times import Times

PATH: Final = "/erasures"
# The newest erasures on the page. A clinic has a few each year.
MOST: Final = 50
_FORM: Final = "erase"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One erasure in words."""

    ordered: str
    state: str
    references: tuple[str, ...]
    held: tuple[str, ...]
    proof: str
    problems: tuple[str, ...]
    emails: str
    backups: str


def show_erase(desk: Desk, visit: Visit) -> Shown:
    """Return the page that asks. Raises PageError if the request in the path does not exist."""
    return _page(desk, visit, requests_of(desk, visit))


def erase(desk: Desk, visit: Visit) -> Moved | Shown:
    """Order the erasure of the chosen requests. Raises PageError."""
    requests, wanted = requests_of(desk, visit), {*chosen(visit, _FORM)}
    found = tuple(each for each in requests if each.lead.id in wanted)
    if not found:
        return _page(desk, visit, requests, words.NONE_CHOSEN, HTTPStatus.BAD_REQUEST)
    try:
        desk.erasures.order(found, desk.keys.for_people(), by=visit.person.id, by_email=visit.person.email)
    except HeldError as error:
        return _page(desk, visit, requests, words.is_held(tuple(error.references)), HTTPStatus.CONFLICT)
    return Moved(path=PATH)


def chosen_and_own(visit: Visit) -> tuple[str, ...]:
    """Return the lead in the path and those that a form chooses, for the audit."""
    return tuple(dict.fromkeys((*in_path(visit), *chosen(visit, _FORM))))


def show_erasures(desk: Desk, visit: Visit) -> Shown:
    """Return the page with the newest erasures."""
    found = tuple(islice(desk.erasures.all(), MOST + 1))
    names, clock = names_for(desk, visit), Times(desk.rules.clinic, visit.now)
    shown = found[:MOST]
    return Shown(
        template="erasures.html",
        action="read_erasures",
        lead_ids=tuple(dict.fromkeys(lead_id for each in shown for lead_id in each.lead_ids)),
        values={
            "about": words.ABOUT,
            "nothing": words.NOTHING,
            "rows": tuple(_row(each, names, clock) for each in shown),
            "more": MOST if len(found) > MOST else 0,
        },
    )


def _page(
    desk: Desk,
    visit: Visit,
    requests: tuple[StoredLead, ...],
    why: Why | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Shown:
    """Return the page that asks. After a refusal, it checks what was checked in the form.

    Otherwise it checks the requests with the same name or email address as the one in the path.
    """
    shown = requests[:MOST_CHOICES]
    own = next(each.lead for each in requests if each.lead.id == visit.lead_id)
    proposed = {each.lead.id for each in shown if is_alike(own, each.lead)}
    checked = frozenset(chosen(visit, _FORM)) if why else frozenset(proposed)
    rows = tuple(in_words(desk, visit, shown))
    free = tuple(dict.fromkeys(each.reference for each in rows if not each.held and each.lead_id in checked))
    return Shown(
        template="erase.html",
        status=status,
        action="read_erase",
        lead_ids=tuple(each.lead.id for each in shown),
        values={
            "id": visit.lead_id,
            "rows": rows,
            "possible": any(not each.held for each in rows),
            "more": len(requests) - len(shown),
            "why": why,
            "chosen": checked,
            "whys": {each.lead.id: why_not(own, each.lead) for each in shown if each.lead.id not in proposed},
            "deleted": words.DELETED,
            "stays": words.STAYS,
            "later": words.LATER,
            "emails": words.emails(free) if free else "",
        },
    )


def _row(erasure: Erasure, names: Names, clock: Times) -> _Row:
    # A request may be older than the letters that the clinic chose for references.
    known = {id_prefix(each): each for each in erasure.references}
    prefix = clock.clinic.reference_prefix
    held = tuple(known.get(each[:IN_REFERENCE]) or _reference(each, prefix) for each in erasure.held)
    zone, by = clock.clinic.hours.zone, names.in_sentence(erasure.ordered_by, erasure.by_email)
    return _Row(
        ordered=f"{clock.at(erasure.ordered_at)}, by {by}",
        state=words.state(erasure, clock),
        references=erasure.covered_references,
        held=held,
        proof=words.proof(erasure),
        problems=tuple(words.problems(erasure)),
        emails=words.emails(erasure.covered_references) if erasure.covered_references else "",
        backups=words.backups(erasure.erased_at, clock.now, zone) if erasure.erased_at else "",
    )


def _reference(lead_id: str, prefix: str) -> str:
    return reference(lead_id, prefix) if re.fullmatch(LEAD_ID, lead_id) else lead_id
