"""shared.leads.retention: when a lead ends, and that it is readable until then and not a moment longer."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.leads import consent, desk
from shared.leads.clinic import Retention
from shared.leads.consent import How
from shared.leads.decisions import Attempt, Decide, MovedOnError, Rules, finish, lease, quarantine, rearm
from shared.leads.desk_list import DeskList
from shared.leads.event import Event
from shared.leads.hold import hold, unhold
from shared.leads.lead import CONTACT, NEWS, TEXTS
from shared.leads.notice import Notice
from shared.leads.notice import Outcome as Answer
from shared.leads.person import Person
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ClaimAction, ClaimRefusedError, Outcome, ResponseState
from shared.leads.retention import CANARY_RETENTION, GRACE, LONGEST, expires_at
from shared.leads.spam import Reason, Screening
from shared.leads.team import Recipient, Team
from shared.store.desk_index import DeskIndex
from shared.store.keys import epoch_seconds
from shared.store.people import People, digests
from shared.store.report_item import REPORT
from shared.store.timeline import Timeline
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.fakes import MemoryLeads
from tests.unit.people import CLINIC, NOW, a_lead

KIM = Person("kim@example.com")
RULES = Rules(clinic=CLINIC, team=Team(staff=(Recipient("nurse@example.com").id,), fallback=()))
KEY = b"made-up key"
SPAM = Screening(reasons=(Reason.TRAP_FILLED,), score=200)
DAY = timedelta(days=1)
CLOSED = Progress(
    state=AlertState.DELIVERED, response=ResponseState.CLOSED, action=ClaimAction.REACHED, closed_at=NOW, acted_at=NOW
)
# The defaults that docs/privacy.md and clinic.toml name.
DEFAULTS = {
    Outcome.BOOKED: 30,
    Outcome.CAME: 30,
    Outcome.NO_SHOW: 90,
    Outcome.NOT_SUITABLE: 90,
    Outcome.DECLINED: 90,
    Outcome.UNREACHABLE: 180,
    Outcome.REFERRED: 90,
    Outcome.DUPLICATE: 30,
    Outcome.WRONG_NUMBER: 30,
}


def end(progress: Progress, retention: Retention | None = None) -> timedelta | None:
    """Return how long after NOW a lead that came in a week before ends."""
    found = expires_at(StoredLead(lead=a_lead(received_at=NOW - 7 * DAY), progress=progress), retention or Retention())
    return found - NOW if found else None


@pytest.mark.parametrize(("outcome", "days"), DEFAULTS.items())
def test_a_closed_lead_is_kept_as_long_as_its_outcome_says(outcome: Outcome, days: int) -> None:
    assert end(replace(CLOSED, outcome=outcome)) == days * DAY
    assert end(replace(CLOSED, outcome=outcome), Retention(**{outcome: 7})) == 7 * DAY


def test_each_outcome_has_a_retention() -> None:
    assert {each.name for each in fields(Retention)} == {*DEFAULTS, "reached", "spam"} == {*Outcome, "reached", "spam"}


@pytest.mark.parametrize(
    ("progress", "kept"),
    [
        pytest.param(CLOSED, 365 * DAY, id="reached, and nothing more is known"),
        pytest.param(replace(CLOSED, action=ClaimAction.SPAM), 30 * DAY, id="closed as spam"),
        pytest.param(replace(CLOSED, action=ClaimAction.DUPLICATE), 30 * DAY, id="from before outcomes were stored"),
        pytest.param(replace(CLOSED, action=ClaimAction.NOT_WANTED), 90 * DAY, id="wants no contact"),
        pytest.param(replace(CLOSED, closed_at=None, acted_at=NOW - DAY), 364 * DAY, id="closed by an old version"),
        pytest.param(replace(CLOSED, closed_at=None, acted_at=None), 358 * DAY, id="closed, and nobody knows when"),
        pytest.param(Progress(state=AlertState.QUARANTINED, quarantined_at=NOW), 30 * DAY, id="in quarantine"),
        pytest.param(
            replace(CLOSED, outcome=Outcome.BOOKED, kept_until=NOW + 31 * DAY), 31 * DAY, id="worked on since"
        ),
        pytest.param(replace(CLOSED, outcome=Outcome.BOOKED, kept_until=NOW + DAY), 30 * DAY, id="worked on before"),
        pytest.param(replace(CLOSED, held_at=NOW), None, id="under legal hold"),
        pytest.param(Progress(state=AlertState.QUARANTINED, quarantined_at=NOW, held_at=NOW), None, id="held spam"),
        pytest.param(Progress(), None, id="open"),
        pytest.param(Progress(response=ResponseState.CLAIMED, kept_until=NOW), None, id="claimed"),
        pytest.param(Progress(state=AlertState.UNDELIVERABLE), None, id="nobody could be told"),
        pytest.param(Progress(synthetic=True), CANARY_RETENTION - 7 * DAY, id="the canary's"),
    ],
)
def test_the_state_says_when_a_lead_ends(progress: Progress, kept: timedelta | None) -> None:
    assert end(progress) == kept


def test_a_lead_does_not_vanish_while_staff_work_on_it() -> None:
    later = NOW + 60 * DAY
    closed = StoredLead(lead=a_lead(), progress=replace(CLOSED, outcome=Outcome.NO_SHOW))
    for decision in (
        desk.settle(Outcome.BOOKED, None, RULES, later, by=KIM, press="one"),
        desk.note("They call again in May.", NOW + 89 * DAY, by=KIM, press="two"),
    ):
        after = replace(closed, progress=decision(closed))
        found = expires_at(after, Retention())
        assert after.progress.event is not None
        assert found == after.progress.event.at + GRACE


# ---- three years


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


def kinds() -> Iterator[tuple[str, Progress]]:
    """Yield each kind of closed, quarantined and open lead."""
    for outcome in Outcome:
        yield outcome, replace(CLOSED, outcome=outcome)
    yield "reached", CLOSED
    yield "spam", replace(CLOSED, action=ClaimAction.SPAM)
    yield "quarantine", Progress(state=AlertState.QUARANTINED, quarantined_at=NOW)
    yield "held", replace(CLOSED, outcome=Outcome.BOOKED, held_at=NOW)
    yield "open", Progress(state=AlertState.DELIVERED)


def without_expired(table: MemoryDynamoDB, now: datetime) -> None:
    """Delete what DynamoDB would delete by now: two days late, as it says it may be."""
    late = epoch_seconds(now - 2 * DAY)
    for key, item in list(table.items.items()):
        if "expires_at" in item and int(item["expires_at"]["N"]) <= late:
            del table.items[key]


def test_for_three_years_each_lead_is_readable_until_its_end_and_never_after() -> None:
    clock, dynamodb = Clock(), MemoryDynamoDB()
    table = MemoryLeads(dynamodb, now=clock)
    people, timeline = People(table.client, NAME, clock), Timeline(table.client, NAME, clock)
    ends: dict[str, datetime | None] = {}
    for number, (name, progress) in enumerate(kinds()):
        lead = a_lead(number, phone=f"+1202555{100 + number:04}", email=None)
        table.put(lead)
        known = replace(progress, person_keys=digests(lead, KEY), event=Event(kind=name, at=NOW))
        changed = table.change(lead.id, lambda _stored, known=known: known)  # type: ignore[misc] # bound on purpose
        assert changed
        ends[lead.id] = table.end_of(changed[1])
    assert len({*ends.values()}) == 5
    everybody = frozenset(key[0].removeprefix("PERSON#") for key in dynamodb.items if key[0].startswith("PERSON#"))
    for day in range(3 * 366):
        for clock.time in (NOW + day * DAY, NOW + (day + 1) * DAY - timedelta(seconds=1)):
            without_expired(dynamodb, clock.time)
            alive = {lead_id for lead_id, ends_at in ends.items() if ends_at is None or ends_at > clock.time}
            assert {lead_id for lead_id in ends if table.read(lead_id)} == alive
            assert {lead_id for lead_id in ends if timeline.page(lead_id).entries} == alive
            assert {*people.every(everybody)} == alive
            if day % 30 in {0, 29}:
                index = DeskIndex(table.client, NAME, clock)
                assert {row.lead_id for row in index.newest()} == alive
                assert {row.lead_id for each in DeskList for row in index.page([each], size=50).rows} == alive
    held_and_open = [lead_id for lead_id, ends_at in ends.items() if ends_at is None]
    assert len(held_and_open) == 2
    left = {key[0].partition("#")[0] for key in dynamodb.items}
    assert left == {"LEAD", "PERSON"}
    assert len(dynamodb.items) == 2 * 3  # each with its entry and its person


# ---- any life


class RetentionMachine(RuleBasedStateMachine):
    """One lead with everything that can change it. What is stored always agrees with what its state says."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.table = MemoryLeads(now=self.clock)
        self.presses = 0

    @initialize(crisis=st.booleans(), seen=st.booleans())
    def a_request_comes_in(self, *, crisis: bool, seen: bool) -> None:
        self.lead = a_lead(in_crisis=crisis or None)
        self.table.put(self.lead)
        if seen:
            self.an_attempt_ends(spam=False)

    def _press(self) -> str:
        self.presses += 1
        return f"press-{self.presses}"

    def _change(self, make: Callable[[str], Decide]) -> None:
        self.clock.time += timedelta(minutes=7)
        try:
            changed = self.table.change(self.lead.id, make(self._press()))
        except (ClaimRefusedError, MovedOnError):
            return
        assert (changed is None) == self.gone

    @property
    def stored(self) -> StoredLead | None:
        return self.table.read(self.lead.id)

    @property
    def gone(self) -> bool:
        return self.stored is None

    @precondition(lambda self: not self.gone and self.stored.progress.due_at)
    @rule(spam=st.booleans())
    def an_attempt_ends(self, *, spam: bool) -> None:
        stored = self.stored
        assert stored
        assert stored.progress.due_at
        self.clock.time = max(self.clock.time, stored.progress.due_at)
        self.table.change(self.lead.id, lease(self.clock(), token := self._press()))
        leased = self.stored
        assert leased
        attempt = Attempt(
            token=token,
            number=leased.progress.attempts,
            notice=leased.progress.notice,
            outcomes={} if spam else dict.fromkeys(RULES.team.staff, Answer.ACCEPTED),
            screening=Screening(reasons=(Reason.TRAP_FILLED,), score=200)
            if spam and not leased.progress.reasons
            else None,
            person_keys=digests(self.lead, KEY),
        )
        is_spam = spam and leased.progress.notice is Notice.ALERT and leased.progress.told_at is None
        self._change(
            lambda _press: (
                quarantine(attempt, RULES, self.clock())
                if is_spam
                else finish(attempt, RULES, self.clock(), jitter=0.5)
            )
        )

    @rule(action=st.sampled_from(desk.ACTIONS))
    def staff_act(self, action: ClaimAction) -> None:
        self._change(lambda press: desk.act(action, RULES, self.clock(), by=KIM, press=press))

    @rule(outcome=st.sampled_from(Outcome))
    def staff_say_what_came_of_it(self, outcome: Outcome) -> None:
        self._change(lambda press: desk.settle(outcome, "Made up.", RULES, self.clock(), by=KIM, press=press))

    @rule()
    def staff_write_a_note(self) -> None:
        self._change(lambda press: desk.note("Made up.", self.clock(), by=KIM, press=press))

    @rule(found_in=st.sampled_from([AlertState.QUARANTINED, AlertState.UNDELIVERABLE]))
    def an_operator_sends_it_again(self, found_in: AlertState) -> None:
        self._change(lambda _press: rearm(found_in, self.clock()))

    @rule(kind=st.sampled_from([CONTACT, TEXTS, NEWS]), how=st.sampled_from(How))
    def the_person_withdraws(self, kind: str, how: How) -> None:
        self._change(lambda press: consent.withdraw(kind, how, RULES, self.clock(), by=KIM, press=press))

    @rule(kind=st.sampled_from([CONTACT, TEXTS, NEWS]))
    def that_was_a_slip(self, kind: str) -> None:
        self._change(
            lambda press: consent.give_back(
                kind, RULES, self.clock(), by=KIM, press=press, manages=True, recorded_by={}
            )
        )

    @rule(starts=st.booleans())
    def a_manager_holds_it(self, *, starts: bool) -> None:
        now = self.clock()
        self._change(
            lambda press: hold("Made up.", now, by=KIM, press=press) if starts else unhold(now, by=KIM, press=press)
        )

    # What belongs to an open request ends after ten years, so a life here is shorter.
    @precondition(lambda self: self.clock() < NOW + LONGEST - 800 * DAY)
    @rule(days=st.sampled_from([1, 29, 31, 91, 400]))
    def time_passes(self, days: int) -> None:
        self.clock.time += days * DAY

    @invariant()
    def the_stored_end_is_what_the_state_says(self) -> None:
        if not hasattr(self, "lead") or (stored := self.stored) is None:
            return
        ends = self.table.end_of(stored)
        wanted = epoch_seconds(ends) if ends else None
        for key, item in self.table.dynamodb.items.items():
            if key[1] == REPORT:  # it outlives its request: test_report_index.py
                continue
            found = int(str(item["expires_at"]["N"])) if "expires_at" in item else None
            # What belongs to an open lead would end years later, whatever happens.
            far = key[1] != "LEAD" and wanted is None and found is not None and found > epoch_seconds(NOW + LONGEST) - 1
            assert found == wanted or far, (key, ends)

    @invariant()
    def what_belongs_to_it_is_readable_as_long_as_it_is(self) -> None:
        if not hasattr(self, "lead"):
            return
        timeline = Timeline(self.table.client, NAME, self.clock)
        has_entries = any(key[1].startswith("EVENT#") for key in self.table.dynamodb.items)
        assert bool(timeline.page(self.lead.id).entries) == (has_entries and not self.gone)


RetentionMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnyLife = RetentionMachine.TestCase
