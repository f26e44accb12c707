"""The digest's content: which requests are in it, in which order, and how fast recent ones were claimed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from follow_up.digest.summary import MOST_LINES, Digest, Request, Section, digest, joined
from shared.leads.clinic import Retention
from shared.leads.lead import Priority
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ResponseState
from shared.leads.retention import expires_at
from shared.leads.speed import elapsed_minutes, speed
from shared.leads.worklist import ListedLead, Listing
from tests.unit.digests import on_the_list
from tests.unit.people import CLINIC, NOW, a_lead
from tests.unit.senders import TEAM

CLAIMED: dict[str, Any] = {"response": ResponseState.CLAIMED, "claimed_by": "staff-2"}
RANK = [Priority.URGENT, Priority.HIGH, Priority.NORMAL]
LISTS = ("opened", "undeliverable", "quarantined", "closed")


def digest_of(
    *opened: ListedLead, leads: Mapping[str, StoredLead | None] | None = None, **lists: list[ListedLead]
) -> Digest:
    listings: dict[str, Any] = {name: Listing(leads=tuple(lists.get(name, ()))) for name in LISTS}
    listings["opened"] = Listing(leads=opened)
    return digest(now=NOW, clinic=CLINIC, team=TEAM, leads=leads or {}, **listings)


def read(listed: ListedLead, *, lead: dict[str, Any] | None = None, **progress: Any) -> StoredLead:  # noqa: ANN401
    """Return what the table has of a listed lead."""
    known = {"response": listed.response, "claimed_by": listed.claimed_by, "claimed_at": listed.claimed_at}
    return StoredLead(
        lead=replace(a_lead(**lead or {}), id=listed.lead_id, received_at=listed.received_at),
        progress=Progress(**known | progress),
    )


def references(section: Section) -> list[str]:
    return [each.listed.reference for each in section.shown]


# --- which requests, and in which order -------------------------------------------------------------------------------

moments = st.timedeltas(timedelta(), timedelta(days=60)).map(lambda age: NOW - age)
urgencies = st.sampled_from([{}, {"in_crisis": True}, {"message": "I want to kill myself."}])
requests = st.lists(
    st.tuples(
        moments,
        st.sampled_from([{}, CLAIMED, CLAIMED | {"claimed_by": "gone"}]),
        urgencies,
        st.booleans(),  # whether it is on the list of urgent leads by now
        st.booleans(),  # whether it can be read
    ),
    max_size=2 * MOST_LINES + 5,
)


def made(number: int, cases: list[Any]) -> tuple[list[ListedLead], dict[str, StoredLead]]:
    listed, leads = [], {}
    for position, (received_at, response, changes, moved, readable) in enumerate(cases):
        one = on_the_list(number + position, received_at=received_at, urgent=bool(changes) and moved, **response)
        listed.append(one)
        if readable:
            leads[one.lead_id] = read(one, lead=changes)
    return listed, leads


@given(requests, requests)
def test_urgent_requests_come_first_then_the_oldest_and_none_is_lost(opened: list[Any], spam: list[Any]) -> None:
    listed, leads = made(0, opened)
    quarantined, more = made(1000, spam)
    found = digest_of(*listed, quarantined=quarantined, leads=leads | more)
    for section, newest_first in ((found.waiting, False), (found.claimed, False), (found.quarantined, True)):
        sign = -1 if newest_first else 1
        order = [(RANK.index(each.priority), sign * each.listed.received_at.timestamp()) for each in section.shown]
        assert order == sorted(order)
        assert len(section.shown) == min(section.count, MOST_LINES)
        assert section.more == section.count - len(section.shown)
    unclaimed = [each for each in listed if each.response is ResponseState.OPEN or each.claimed_by == "gone"]
    assert found.unclaimed == found.waiting.count == len(unclaimed)
    assert found.claimed.count == len(listed) - len(unclaimed)
    certain = [each for each in quarantined if each.lead_id in more or NOW - each.received_at < timedelta(days=30)]
    assert found.quarantined.count == len(certain)
    assert {*found.doubtful} == {each.lead_id for each in quarantined} - {each.lead_id for each in certain}
    assert found.quarantined.exact == (not found.doubtful)
    # No request that is not shown is more urgent than one that is.
    worst = max((RANK.index(each.priority) for each in found.waiting.shown), default=0)
    shown = {each.listed.lead_id for each in found.waiting.shown}
    hidden = [Request(listed=each, stored=leads.get(each.lead_id)) for each in unclaimed if each.lead_id not in shown]
    assert all(RANK.index(each.priority) >= worst for each in hidden)
    everyone = [Request(listed=each, stored=leads.get(each.lead_id)) for each in listed]
    assert found.urgent == sum(each.urgent for each in everyone)


@given(requests, requests)
def test_no_more_leads_are_read_than_are_shown(opened: list[Any], spam: list[Any]) -> None:
    (listed, _), (quarantined, _) = made(0, opened), made(1000, spam)
    first = digest_of(*listed, quarantined=quarantined)
    sections = (first.undeliverable, first.waiting, first.claimed, first.long_open, first.quarantined)
    assert len(first.shown) == sum(len(section.shown) for section in sections) <= 5 * MOST_LINES
    assert len(set(first.shown)) == len(first.shown)


def test_an_undeliverable_lead_is_unclaimed_and_the_urgent_one_is_first() -> None:
    old, urgent = on_the_list(1, minutes_ago=500), on_the_list(2)
    found = digest_of(undeliverable=[old, urgent], leads={urgent.lead_id: read(urgent, lead={"in_crisis": True})})
    assert references(found.undeliverable) == [urgent.reference, old.reference]
    assert (found.unclaimed, found.urgent) == (2, 1)


def test_urgent_spam_is_first_in_its_list_but_does_not_count_as_open() -> None:
    new, urgent = on_the_list(1), on_the_list(2, minutes_ago=500)
    found = digest_of(quarantined=[new, urgent], leads={urgent.lead_id: read(urgent, lead={"message": "suicide"})})
    assert references(found.quarantined) == [urgent.reference, new.reference]
    assert found.urgent == 0


def test_a_lead_whose_owner_left_the_list_is_unclaimed() -> None:
    gone, person = (on_the_list(number, **CLAIMED | {"claimed_by": f"left-{number}"}) for number in (1, 2))
    assert references(digest_of(gone, person).waiting) == [gone.reference, person.reference]
    # The lead itself says that its owner never was a recipient.
    leads = {person.lead_id: read(person, owner_address="desk@example.com")}
    found = digest_of(gone, person, leads=leads)
    assert (references(found.waiting), references(found.claimed)) == ([gone.reference], [person.reference])


def test_a_lead_that_was_closed_since_the_index_was_read_is_left_out() -> None:
    closed = on_the_list(1)
    found = digest_of(closed, leads={closed.lead_id: read(closed, response=ResponseState.CLOSED)})
    assert (found.unclaimed, found.shown) == (0, ())


def days_ago(number: int, days: float, **changes: Any) -> ListedLead:  # noqa: ANN401 - any attribute
    return on_the_list(number, minutes_ago=days * 24 * 60, **changes)


def test_requests_that_are_open_for_too_long_have_a_list_of_their_own() -> None:
    old, older = days_ago(1, 91), days_ago(2, 200, claimed_at=NOW, **CLAIMED)
    just_not, new = days_ago(3, 90), on_the_list(4)
    found = digest_of(old, older, just_not, new, leads={old.lead_id: read(old, lead={"in_crisis": True})})
    assert references(found.long_open) == [old.reference, older.reference]
    assert references(found.waiting) == [just_not.reference, new.reference]
    assert found.claimed.count == 0
    assert (found.unclaimed, found.urgent) == (3, 1), "the headline counts them too"


def test_an_old_request_that_reached_no_one_stays_with_the_others_like_it() -> None:
    old = days_ago(1, 300)
    found = digest_of(undeliverable=[old])
    assert (references(found.undeliverable), found.long_open.count) == ([old.reference], 0)


def test_many_old_requests_hide_no_new_one() -> None:
    old = [days_ago(number, 91 + number) for number in range(3 * MOST_LINES)]
    new = on_the_list(999)
    found = digest_of(*old, new)
    assert references(found.waiting) == [new.reference]
    assert found.long_open.count == len(old)


def test_a_lead_that_is_gone_is_on_no_list_and_in_no_count() -> None:
    waiting, claimed, old = on_the_list(1), on_the_list(2, claimed_at=NOW, **CLAIMED), days_ago(3, 91)
    lists = {"undeliverable": [on_the_list(4)], "quarantined": [on_the_list(5)], "closed": [on_the_list(6)]}
    every = [waiting, claimed, old, *(each for listed in lists.values() for each in listed)]
    found = digest_of(waiting, claimed, old, leads={each.lead_id: None for each in every}, **lists)
    sections = (found.undeliverable, found.waiting, found.claimed, found.long_open, found.quarantined)
    assert [section.count for section in sections] == [0] * 5
    assert (found.unclaimed, found.urgent, found.shown, found.speed.received) == (0, 0, (), 0)


def test_spam_that_may_have_expired_is_on_no_list_until_it_was_read() -> None:
    old, new = days_ago(1, 30), days_ago(2, 29.9)
    found = digest_of(quarantined=[old, new])
    assert (references(found.quarantined), found.quarantined.exact) == ([new.reference], False)
    assert found.doubtful == (old.lead_id,)
    living = digest_of(quarantined=[old, new], leads={old.lead_id: read(old, state=AlertState.QUARANTINED)})
    assert references(living.quarantined) == [new.reference, old.reference]
    gone = digest_of(quarantined=[old, new], leads={old.lead_id: None})
    assert references(gone.quarantined) == [new.reference]
    assert [(each.quarantined.exact, each.doubtful) for each in (living, gone)] == [(True, ())] * 2


@given(st.integers(1, 400), st.floats(0, 500), st.floats(0, 500))
def test_no_living_spam_is_taken_for_expired(keep: int, received: float, quarantined: float) -> None:
    clinic = replace(CLINIC, retention=Retention(spam=keep))
    listed = days_ago(1, received)
    quarantined_at = NOW - timedelta(days=min(received, quarantined))
    stored = read(listed, state=AlertState.QUARANTINED, quarantined_at=quarantined_at)
    ends = expires_at(stored, clinic.retention)
    assert ends is not None
    parts: dict[str, Any] = {name: Listing(leads=()) for name in LISTS}
    parts["quarantined"] = Listing(leads=(listed,))
    unread = digest(now=NOW, clinic=clinic, team=TEAM, **parts)
    known = digest(now=NOW, clinic=clinic, team=TEAM, leads={listed.lead_id: stored if ends > NOW else None}, **parts)
    assert unread.quarantined.count or unread.doubtful
    assert known.quarantined.count == (ends > NOW)


def test_a_lead_that_moved_while_the_lists_were_read_is_there_once() -> None:
    lead = on_the_list(1)
    moved = replace(lead, urgent=True)
    both = joined(Listing(leads=(lead,)), Listing(leads=(moved,), complete=False))
    assert both == Listing(leads=(moved,), complete=False)
    assert not joined(Listing(leads=(), complete=False), Listing(leads=())).complete


@pytest.mark.parametrize("cut", LISTS[:3])
def test_every_list_that_was_not_read_to_its_end_says_so(cut: str) -> None:
    lists: dict[str, Any] = {name: Listing(leads=(), complete=name != cut) for name in LISTS}
    found = digest(now=NOW, clinic=CLINIC, team=TEAM, **lists)
    assert found.waiting.exact is found.claimed.exact is (cut != "opened")
    assert found.undeliverable.exact is (cut != "undeliverable")
    assert found.quarantined.exact is (cut != "quarantined")


# --- how fast ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [CLINIC.hours.open_minutes, elapsed_minutes])
@given(cases=st.lists(st.tuples(moments, st.none() | st.timedeltas(timedelta(), timedelta(days=3))), max_size=15))
def test_response_times_count_the_minutes_until_a_claim(
    minutes: Any,  # noqa: ANN401 - a function
    cases: list[tuple[datetime, timedelta | None]],
) -> None:
    leads = [
        on_the_list(n, received_at=at, claimed_at=None if wait is None else min(at + wait, NOW))
        for n, (at, wait) in enumerate(cases)
    ]
    recent = [lead for lead in leads if lead.received_at >= NOW - timedelta(days=7)]
    found = speed(recent, NOW, 60, minutes)
    waits = [minutes(lead.received_at, lead.claimed_at) for lead in recent if lead.claimed_at is not None]
    assert (found.received, found.claimed) == (len(recent), len(waits))
    assert found.median_minutes == (median(waits) if waits else None)
    assert 0 <= found.in_time <= found.claimed <= found.judged <= found.received
    # Every lead is judged, except those that nobody has claimed yet and that are not late.
    left = [lead for lead in recent if not lead.claimed_at]
    in_time_yet = [lead for lead in left if minutes(lead.received_at, NOW) <= found.target_minutes]
    assert found.judged == found.received - len(in_time_yet)


def test_response_times_are_those_of_the_last_week() -> None:
    recent, older = on_the_list(1), on_the_list(2, received_at=NOW - timedelta(days=7, minutes=1))
    assert digest_of(recent, older).speed.received == 1


NIGHT = datetime(2026, 3, 4, 4, tzinfo=UTC)  # 11 PM in New York
AT_OPENING = datetime(2026, 3, 4, 14, 2, tzinfo=UTC)


def test_at_night_only_the_minutes_of_urgent_requests_count() -> None:
    claimed = replace(on_the_list(1, received_at=NIGHT, claimed_at=AT_OPENING), response=ResponseState.CLOSED)
    found = digest_of(closed=[claimed, replace(claimed, lead_id="ANOTHER", urgent=True)])
    assert (found.speed.median_minutes, found.speed.in_time, found.speed.judged) == (2, 1, 1)
    assert (found.urgent_speed.median_minutes, found.urgent_speed.in_time) == (602, 0)
    targets = CLINIC.targets
    assert found.speed.target_minutes == targets.escalate_after
    assert found.urgent_speed.target_minutes == targets.urgent_escalate_after


def test_an_urgent_lead_is_late_after_minutes_even_where_only_the_lead_says_so() -> None:
    waiting = on_the_list(1, minutes_ago=20)
    found = digest_of(waiting)
    assert (found.speed.judged, found.urgent_speed.received) == (0, 0)
    found = digest_of(waiting, leads={waiting.lead_id: read(waiting, lead={"in_crisis": True})})
    assert (found.speed.received, found.urgent_speed.received, found.urgent_speed.judged) == (0, 1, 1)


def test_an_undeliverable_lead_counts_as_late() -> None:
    found = digest_of(undeliverable=[on_the_list(1, minutes_ago=75)]).speed
    assert (found.received, found.claimed, found.judged) == (1, 0, 1)


def test_a_lead_that_was_closed_while_the_lists_were_read_counts_once() -> None:
    lead = on_the_list(1, claimed_at=NOW)
    assert digest_of(lead, closed=[replace(lead, response=ResponseState.CLOSED)]).speed.received == 1
