"""Finds requests: by reference, phone number, email address, or a part of a name."""

from collections.abc import Iterable, Iterator
from typing import Final

from desk.desk import Desk
from desk.matching import Wanted, wanted
from desk.names import names_for
from desk.route import Moved, Shown, Visit
from desk.rows import Rows, RowView, row_of_lead
from desk.words.find import LOOKED, NO_REFERENCE, NOTHING_FOUND, ONLY_REFERENCES, TOO_SHORT, found_words, too_many
from shared.leads.desk_list import desk_list
from shared.leads.spoken_reference import possible_reference, reference_in
from shared.store.desk_index import Row

NEWEST: Final = 5000  # requests that are searched for a part of something
_MOST: Final = 50  # results on the page


def show_find(desk: Desk, visit: Visit) -> Shown | Moved:
    """Return the form, or the way to the request whose reference is in the address.

    Nothing else is looked for, because an address may be stored and shared: no name, number or email address may be in
    one.
    """
    text = visit.query.get("q", "")
    reference = reference_in(text)
    if reference is None:
        return _page((), hint=ONLY_REFERENCES if text.strip() else "")
    found = _by_reference(desk, reference)
    return _shown_or_moved(desk, visit, found, NO_REFERENCE.format(reference=reference))


def find(desk: Desk, visit: Visit) -> Shown | Moved:
    """Return the requests that match what was typed, or the way to the one with exactly this reference."""
    text = visit.form.get("q", "").strip()
    possible = possible_reference(text)
    named = _by_reference(desk, possible) if possible else ()
    if named:
        return _shown_or_moved(desk, visit, named, NOTHING_FOUND, text)
    looked_for = wanted(text)
    if looked_for is None:
        return _page((), typed=text, hint=TOO_SHORT)
    rows = tuple(_matching(desk, looked_for))
    reference = reference_in(text)
    hint = NO_REFERENCE.format(reference=reference) if reference and not rows else NOTHING_FOUND
    return _results(desk, visit, rows, typed=text, hint=hint)


def _by_reference(desk: Desk, reference: str) -> tuple[Row, ...]:
    return tuple(_read(desk, desk.index.by_reference(reference)))


def _matching(desk: Desk, looked_for: Wanted) -> Iterator[Row]:
    """Yield each request that matches once: the person's own requests first, which are found however old they are."""
    seen = set()
    for way in filter(None, (looked_for.email, looked_for.phone)):
        for row in _read(desk, reversed(desk.people.by_contact(way, desk.keys.for_people()))):
            seen.add(row.lead_id)
            yield row
    for row in desk.index.newest(NEWEST):
        if row.lead_id not in seen and looked_for.matches(name=row.name, email=row.email, phone=row.phone):
            yield row


def _read(desk: Desk, lead_ids: Iterable[str]) -> Iterator[Row]:
    """Yield the rows of leads that still exist. The canary's are left out."""
    for lead_id in lead_ids:
        stored = desk.leads.read(lead_id)
        if stored and desk_list(stored):
            yield row_of_lead(stored)


def _shown_or_moved(desk: Desk, visit: Visit, rows: tuple[Row, ...], hint: str, typed: str = "") -> Shown | Moved:
    """Return the way to a request if it is the only one. Two requests hardly ever share a reference."""
    if len(rows) == 1:
        return Moved(path=f"/requests/{rows[0].lead_id}", lead_ids=(rows[0].lead_id,))
    return _results(desk, visit, rows, typed=typed, hint=hint)


def _results(desk: Desk, visit: Visit, rows: tuple[Row, ...], *, typed: str, hint: str) -> Shown:
    """Return the page with what was found. `hint` says what to try if that is nothing."""
    words = Rows(clinic=desk.rules.clinic, names=names_for(desk, visit), now=visit.now)
    shown = rows[:_MOST]
    return _page(
        tuple(map(words.view, shown)),
        typed=typed,
        hint="" if rows else hint,
        found=too_many(_MOST) if len(rows) > _MOST else found_words(len(rows)),
    )


def _page(rows: tuple[RowView, ...], *, typed: str = "", hint: str = "", found: str = "") -> Shown:
    values = {"rows": rows, "typed": typed, "hint": hint, "found": found, "looked": LOOKED if found else ""}
    return Shown(template="find.html", values=values, action="search", lead_ids=tuple(row.lead_id for row in rows))
