"""The page of one request: everything that is known about it, and what can be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from desk.desk import Desk
from desk.just_done import just_done
from desk.moments import fields_of, zone_of
from desk.names import names_for
from desk.possible import Possible, possible
from desk.route import PageError, Role, Shown, Visit
from desk.rows import URGENCY, with_subject
from desk.safety import NOT_WANTED, safety
from desk.withdrawals import counts, recorded_by, to_choose, withdrawals
from desk.words import refusals
from desk.words.actions import BUTTONS, OF_A_PERSON, Act, counts_for
from desk.words.consents import HOWS, agreed, can_be_withdrawn
from desk.words.names import Names
from desk.words.refused import MOST_NOTE, MOST_REASON, Why
from desk.words.state import facts, state
from desk.words.timeline import said
from shared.leads.consent import may_give_back, may_withdraw
from shared.leads.desk import LONGEST_FOLLOW_UP
from shared.leads.desk_list import desk_list
from shared.leads.event import SYSTEM
from shared.leads.plan import owner_of
from shared.leads.progress import StoredLead
from shared.leads.response import ResponseState
from shared.messages import sections
from shared.messages.reaching import Fact, about_form
from shared.runtime.together import together
from shared.store.people import MOST_REQUESTS
from shared.store.timeline import Entry
from shared.web.times import Times

# The newest of a person's other requests, which the page lists.
_MOST_OTHERS: Final = 10
_NO_LINK: Final = "Do not use it: they do not want to be contacted."
# How each place in a timeline begins.
_ENTRY: Final = "EVENT#"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """What was sent and changed nothing: which action, why, and what was typed."""

    act: Act
    why: Why
    status: HTTPStatus
    typed: Mapping[str, str] = field(default=_NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the timeline. `when` also says who did it. `text` is what a person wrote: a note, or a reason."""

    when: str
    words: str
    text: str
    by_staff: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold: when it began and who began it, and the reason that they wrote."""

    since: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another request of the same person."""

    path: str
    reference: str
    received: str
    state: str


def show_request(desk: Desk, visit: Visit) -> Shown:
    """Return the page of a request. Raises PageError if it does not exist."""
    return request_page(desk, visit, read(desk, visit))


def read(desk: Desk, visit: Visit) -> StoredLead:
    """Return the lead in the path. Raises PageError if it was erased, does not exist, or is the canary's."""
    stored = desk.leads.read(visit.lead_id)
    if stored is None or desk_list(stored) is None:
        raise missing(desk, visit)
    return stored


def missing(desk: Desk, visit: Visit) -> PageError:
    """Return the page about the lead in the path, which was erased or does not exist."""
    return refusals.erased() if desk.leads.was_erased(visit.lead_id) else refusals.no_such_request()


def request_page(desk: Desk, visit: Visit, stored: StoredLead, not_done: NotDone | None = None) -> Shown:
    """Return the page of a request. `not_done` is what was sent just now and changed nothing."""
    lead, clinic = stored.lead, desk.rules.clinic
    names, clock = names_for(desk, visit), Times(clinic, visit.now)
    others = _others(desk, stored)
    shown = others[:_MOST_OTHERS]
    warns, progress = safety(desk, visit, stored, others), stored.progress
    to_withdraw, taken_back = can_be_withdrawn(stored), withdrawals(desk, stored)
    # The form of a withdrawal names these, so the audit does too.
    asked = tuple(each for each in others if may_withdraw(each.lead)) if to_withdraw else ()
    said_no = [each.lead.id for each in others if each.lead.reference in warns.not_wanted]
    before = visit.query.get("before", "")
    timeline = desk.timeline.page(lead.id, f"{_ENTRY}{before}" if before else None)
    owned = owner_of(progress, desk.rules.team) is not None
    manages = visit.role is Role.MANAGER
    zone = clinic.hours.zone
    day, time = fields_of(clinic.hours.next_opening(visit.now), zone)
    empty = dict.fromkeys(("text", "outcome", "reason", "to", "consent", "how", "why"), "") | {
        "day": day,
        "time": time,
    }
    typed = empty | dict(not_done.typed if not_done else _NOTHING)
    can = possible(stored, desk.rules, names, desk.colleagues())
    return Shown(
        template="request.html",
        status=not_done.status if not_done else HTTPStatus.OK,
        action="read_request",
        lead_ids=tuple(dict.fromkeys((lead.id, *(each.lead.id for each in (*shown, *asked)), *said_no))),
        values={
            "lead": lead,
            "urgency": URGENCY[lead.priority],
            "done": "" if not_done or before else _done(desk, visit, timeline.entries, (stored, *others), owned=owned),
            "not_done": not_done,
            "facts": tuple(facts(stored, names, clock, clinic)),
            "reason": progress.outcome_reason or "",
            "hold": _hold(stored, names, clock),
            "manages": manages,
            "safety": warns,
            "not_wanted": NOT_WANTED,
            "contact": tuple(
                _linked(each, stored, is_wanted=not warns.not_wanted)
                for each in (*about_form(lead), *sections.who(lead, clinic))
            ),
            "messages": sections.messages(lead, clinic),
            "answers": sections.needs(lead, clinic),
            "talking_points": sections.talking_points(lead, clinic),
            "consents": agreed(
                stored,
                clinic,
                clock,
                taken_back,
                may_give_back(progress, visit.person, manages=manages, recorded_by=recorded_by(taken_back)),
            ),
            "to_withdraw": to_withdraw,
            "also": to_choose(desk, visit, lead, asked),
            "more_also": len(others) >= MOST_REQUESTS,
            "hows": tuple(HOWS.items()),
            "came_from": sections.came_from(lead),
            "lines": tuple(_line(each, names, clock) for each in timeline.entries),
            "newest": f"/requests/{lead.id}" if before else None,
            "earlier": timeline.next and _earlier(lead.id, timeline.next),
            "received": clock.at(lead.received_at),
            "others": tuple(_other(each, names, clock) for each in shown),
            "more_others": len(others) - len(shown),
            "possible": can,
            "kept": not_done is not None and _has_form(not_done.act, can, stored, manages=manages),
            "labels": {act.name: label for act, label in BUTTONS.items()},
            "typed": typed,
            "earliest": fields_of(visit.now, zone)[0],
            "latest": fields_of(visit.now + LONGEST_FOLLOW_UP, zone)[0],
            "zone": zone_of(typed["day"], typed["time"], zone) or zone_of(day, time, zone),
            "most_note": MOST_NOTE,
            "most_reason": MOST_REASON,
            "closed": progress.response is ResponseState.CLOSED,
            "owned": owned,
            "seen": progress.presses,
        },
    )


def _has_form(act: Act, can: Possible, stored: StoredLead, *, manages: bool) -> bool:
    """Whether the page has a form with fields for an action, so it can show what was typed there."""
    shown = {
        Act.NOTE: True,
        Act.OUTCOME: can.outcomes,
        Act.FOLLOW_UP: can.follow_up,
        Act.HAND_OVER: can.takers,
        Act.WITHDRAW: can_be_withdrawn(stored),
        Act.HOLD: manages and not stored.progress.held,
    }
    return bool(shown.get(act))


def _done(desk: Desk, visit: Visit, entries: Sequence[Entry], requests: tuple[StoredLead, ...], *, owned: bool) -> str:
    """Return what the reader just did. A withdrawal also says for how many requests of the person it counts."""
    words, key = just_done(visit, entries, owned=owned), visit.query.get("done", "")
    if not words or key not in OF_A_PERSON:
        return words
    count = counts(desk, entries[0], requests)
    return f"{words} {counts_for(Act(key), count)}" if count else words


def _hold(stored: StoredLead, names: Names, clock: Times) -> Hold | None:
    progress = stored.progress
    if progress.held_at is None:
        return None
    who = names.in_sentence(progress.held_by) if progress.held_by else ""
    return Hold(
        since=f"Since {clock.on(progress.held_at).removeprefix('on ')}{f', by {who}' if who else ''}",
        reason=progress.hold_reason or "",
    )


def _others(desk: Desk, stored: StoredLead) -> tuple[StoredLead, ...]:
    """Return the person's other requests, newest first. Those that were deleted are left out.

    All are read, because any of them may say that the person does not want to be contacted.
    """
    ids = desk.people.others(stored.lead, desk.keys.for_people())
    found: dict[str, StoredLead | None] = {}

    def get(lead_id: str) -> None:
        found[lead_id] = desk.leads.read(lead_id)

    together(ids, get, lambda: True)
    in_order = (found[each] for each in reversed(ids))
    return tuple(each for each in in_order if each and desk_list(each))


def _earlier(lead_id: str, cursor: str) -> str:
    """Return the path of the page with the entries before a cursor, which has a time and ids."""
    return f"/requests/{lead_id}?{urlencode({'before': cursor.removeprefix(_ENTRY)})}#happened"


def _linked(fact: Fact, stored: StoredLead, *, is_wanted: bool) -> Fact:
    """Return a contact detail for the page. If the person wants no contact, no tap dials or writes."""
    if is_wanted or fact.link is None:
        return fact._replace(link=with_subject(fact.link, stored.lead.reference))
    return fact._replace(link=None, warning=_NO_LINK)


def _line(entry: Entry, names: Names, clock: Times) -> Line:
    who = "" if entry.actor == SYSTEM else names.name(entry.actor, entry.details.get("by"))
    return Line(
        when=f"{who}, {clock.on(entry.at).removeprefix('on ')}" if who else clock.at(entry.at),
        words=said(entry.kind, entry.details, names, clock),
        text=entry.details.get("text", ""),
        by_staff=bool(who),
    )


def _other(stored: StoredLead, names: Names, clock: Times) -> Other:
    return Other(
        path=f"/requests/{stored.lead.id}",
        reference=stored.lead.reference,
        received=clock.at(stored.lead.received_at),
        state=state(stored, names),
    )
