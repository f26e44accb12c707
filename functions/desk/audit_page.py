"""The page of the audit: who saw and did what, for managers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from urllib.parse import urlencode

from desk.desk import Desk
from desk.names import PERSON_ID
from desk.route import Shown, Visit
from desk.words import audit as words
from shared.leads.audit_chain import SHORT, Entry
from shared.leads.identity import LEAD_ID, REFERENCE_PATTERN, REFERENCE_PREFIX, id_prefix, reference
from shared.leads.person import Person
from shared.store.audit import Page

PATH: Final = "/audit"
ACTION: Final = "read_audit"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,11}")
_LEAD_ID: Final = re.compile(LEAD_ID)
_MOST_READ: Final = 50  # requests whose stored references are read for a page


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filter:
    """What somebody looks for. `typed` is the reference as they typed it, and `lead_id` an id or its beginning."""

    typed: str = ""
    lead_id: str | None = None
    person: str | None = None
    before: int | None = None

    def path(self, **more: object) -> str:
        """Return the address of the page with this filter. It has ids only, never an email address."""
        lead = {"reference": self.typed} if self.lead_id and self.typed else {}
        person = {"person": self.person} if self.person else {}
        query = urlencode({**lead, **person, **more})
        return f"{PATH}?{query}" if query else PATH

    def details(self) -> dict[str, str]:
        """Return what the entry of this look says. `lead` is an id or its beginning."""
        found = {"lead": self.lead_id, "person": self.person, "before": self.before and str(self.before)}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One entry in words. `requests` are pairs of a reference and the path of its page."""

    number: int
    at: str
    email: str
    path: str  # of the page with this person's entries
    action: str
    requests: tuple[tuple[str, str], ...]


def show_audit(desk: Desk, visit: Visit) -> Shown:
    """Return a page of entries, with the state of the chain. Raises AuditError."""
    reference_of = _references(desk)
    asked = _filter(visit, reference_of)
    wrong = bool(asked.typed) and asked.lead_id is None
    page = Page((), None) if wrong else _page(desk, asked)
    people = _people(desk, page, asked)
    last = desk.audit.last()
    return Shown(
        template="audit.html",
        values={
            "about": words.ABOUT,
            "typed": asked.typed,
            "problem": words.NO_SUCH_REFERENCE.format(prefix=desk.rules.clinic.reference_prefix) if wrong else "",
            "people": tuple((id_, email, id_ == asked.person) for id_, email in people.items()),
            "rows": tuple(_row(desk, entry, people, reference_of) for entry in page.entries),
            "nothing": words.NOTHING_HERE if page.next else words.NOTHING,
            "first": asked.path() if asked.before else None,
            "next": page.next and asked.path(before=page.next),
            "everything": PATH if asked.typed or asked.person else None,
            "last": last.number,
            "digest": last.digest[:SHORT],
        },
        action=ACTION,
        details=asked.details(),
    )


def _references(desk: Desk) -> Callable[[str], str]:
    """Return what tells the reference of a request.

    If the clinic has letters of its own, a request may be older, so it is read. A page reads a limited number.
    """
    prefix, read = desk.rules.clinic.reference_prefix, 0

    @cache
    def reference_of(lead_id: str) -> str:
        nonlocal read
        stored = None
        if prefix != REFERENCE_PREFIX and read < _MOST_READ:
            read += 1
            stored = desk.leads.read(lead_id)
        return stored.lead.reference if stored else reference(lead_id, prefix)

    return reference_of


def _filter(visit: Visit, reference_of: Callable[[str], str]) -> _Filter:
    """Return what somebody looks for. A value that our own pages never send is ignored."""
    query = {name: value.strip() for name, value in visit.query.items()}
    typed = query.get("reference", "").upper()
    if REFERENCE_PATTERN.fullmatch(typed):
        lead_id: str | None = id_prefix(typed)
    elif _LEAD_ID.fullmatch(query.get("lead", "")):
        lead_id = query["lead"]
        typed = reference_of(lead_id)
    else:
        lead_id = None
    person, before = query.get("person", ""), query.get("before", "")
    return _Filter(
        typed=typed[:20],
        lead_id=lead_id,
        person=person if PERSON_ID.fullmatch(person) else None,
        before=int(before) if _NUMBER.fullmatch(before) else None,
    )


def _page(desk: Desk, asked: _Filter) -> Page:
    page = desk.audit.page(lead_id=asked.lead_id, actor=asked.person, before=asked.before)
    if asked.lead_id is None or page.next is None:
        return page
    # Once an entry tells the whole id, nothing older than the request can be about it.
    known = {each for entry in page.entries for each in entry.lead_ids if each.startswith(asked.lead_id)}
    stored = desk.leads.read(known.pop()) if len(known) == 1 else None
    if stored is None:
        return page
    return desk.audit.page(
        lead_id=asked.lead_id, actor=asked.person, before=asked.before, since=stored.lead.received_at
    )


def _people(desk: Desk, page: Page, asked: _Filter) -> dict[str, str]:
    """Return the people to choose from: their addresses by id, in order."""
    found = {person.id: person.email for person in desk.colleagues()}
    found |= {entry.actor: entry.email for entry in page.entries if PERSON_ID.fullmatch(entry.actor)}
    if asked.person:
        found.setdefault(asked.person, asked.person)
    return dict(sorted(found.items(), key=lambda each: each[1]))


def _row(desk: Desk, entry: Entry, people: Mapping[str, str], reference_of: Callable[[str], str]) -> _Row:
    return _Row(
        number=entry.number,
        at=_time(entry.at.astimezone(desk.rules.clinic.hours.zone)),
        email=entry.email,
        path=_Filter(person=Person(entry.email).id).path(),
        action=words.described(entry.action, _about(entry, people, reference_of)),
        requests=tuple((reference_of(each), f"/requests/{each}") for each in entry.lead_ids),
    )


def _about(entry: Entry, people: Mapping[str, str], reference_of: Callable[[str], str]) -> Mapping[str, str]:
    """Return the details of an entry for a reader: people by their addresses, and requests by their references."""
    about = {name: people.get(value, value) for name, value in entry.details.items()}
    if _LEAD_ID.fullmatch(lead := about.get("lead", "")):
        about["lead"] = reference_of(lead)
    return about


def _time(local: datetime) -> str:
    return f"{local:%b %-d, %Y, %-I:%M:%S %p %Z}"
