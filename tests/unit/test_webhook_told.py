"""webhook.told: which signals a lead gives, each once, and when the webhook looks at it again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.leads.lead import CONTACT
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ClaimAction, Outcome, ResponseState
from shared.leads.spam import THRESHOLD
from tests.unit.people import CLINIC, NOW, a_lead
from webhook.signals import Kind, Signal
from webhook.told import (
    LEASE,
    LONGEST_BACKOFF,
    LONGEST_BACKOFF_OF_RINGS,
    NEWS_FOR,
    Choice,
    Result,
    Told,
    backoff,
    given_up,
    leased,
    noticed,
    tried,
)

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
MONDAY = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)  # 10:00 at the clinic, which is open
SCREENED = Progress(state=AlertState.ACCEPTED, reasons=(), told_at=MONDAY)
RELEASED = replace(SCREENED, redriven=1, score=THRESHOLD)
CLAIMED = replace(SCREENED, response=ResponseState.CLAIMED, action=ClaimAction.CLAIM, acted_at=MONDAY + MINUTE)
CLOSED = replace(
    SCREENED,
    response=ResponseState.CLOSED,
    action=ClaimAction.REACHED,
    acted_at=MONDAY + HOUR,
    closed_at=MONDAY + HOUR,
)


def stored(progress: Progress, **lead: Any) -> StoredLead:  # noqa: ANN401 - any attribute of a lead
    return StoredLead(lead=a_lead(**{"received_at": MONDAY, **lead}), progress=progress)


def look(told: Told, progress: Progress, now: datetime, **lead: Any) -> Told:  # noqa: ANN401 - as above
    return noticed(told, stored(progress, **lead), CLINIC, now)


def kinds(told: Told) -> list[str]:
    return [str(each.kind) for each in told.pending]


def told_all(told: Told, now: datetime) -> Told:
    """Return the state after the receiver took everything, as the table has it."""
    for each in told.pending:
        told = tried(leased(told, now), each, Result.TAKEN, now)
    return replace(told, version=told.version + 1)


def test_a_new_lead_is_told_once_it_is_screened() -> None:
    unscreened = look(Told(), Progress(), MONDAY)
    assert (unscreened.pending, unscreened.due_at) == ((), MONDAY + HOUR), "looks again if nobody screens it"
    screened = look(unscreened, SCREENED, MONDAY + SECOND)
    assert kinds(screened) == ["new"]
    assert screened.to_send(Choice.ALL, MONDAY + SECOND) == screened.pending[0]
    assert screened.to_send(Choice.RINGS, MONDAY + SECOND) is None
    again = look(told_all(screened, MONDAY + SECOND), SCREENED, MONDAY + MINUTE)
    assert again.pending == ()


def test_an_urgent_lead_is_told_as_urgent_and_not_as_new() -> None:
    assert kinds(look(Told(), SCREENED, MONDAY, in_crisis=True)) == ["urgent"]


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(replace(SCREENED, synthetic=True), id="the canary's"),
        pytest.param(replace(SCREENED, state=AlertState.QUARANTINED), id="in quarantine"),
        pytest.param(replace(CLOSED, state=AlertState.QUARANTINED, action=ClaimAction.SPAM), id="closed there"),
    ],
)
def test_a_lead_that_staff_are_not_told_about_gives_no_signal(hidden: Progress) -> None:
    told = look(Told(), hidden, MONDAY + 2 * HOUR)
    assert (told.pending, told.due_at) == ((), None)


def test_a_released_lead_is_new_however_long_it_waited() -> None:
    waited = replace(look(Told(), Progress(), MONDAY), version=1)
    quarantined = look(waited, replace(SCREENED, state=AlertState.QUARANTINED), MONDAY + SECOND)
    now = MONDAY + timedelta(days=7)
    released = look(quarantined, replace(RELEASED, told_at=None), now)
    assert kinds(released) == ["new"], "and nobody is woken for the time in quarantine"
    assert released.rings_at == now + HOUR
    assert released.pending[0].at == now
    again = look(released, replace(RELEASED, told_at=now + MINUTE), now + 2 * MINUTE)
    assert again.rings_at == now + MINUTE + HOUR, "from when staff were told"
    assert kinds(look(Told(), RELEASED, MONDAY + timedelta(days=7))) == [], "released long ago, and told by email"


def test_the_rings_of_a_lead_before_its_quarantine_are_not_spent() -> None:
    rung = told_all(look(Told(), Progress(), MONDAY + HOUR), MONDAY + HOUR)
    assert rung.rang_at
    hidden = look(rung, replace(SCREENED, state=AlertState.QUARANTINED), MONDAY + 2 * HOUR)
    assert hidden == Told(version=rung.version)
    now = MONDAY + timedelta(days=1)
    released = told_all(look(hidden, replace(RELEASED, told_at=None), now), now)
    assert kinds(look(released, replace(RELEASED, told_at=None), now + HOUR)) == ["nobody_claimed"]


def test_nobody_claimed_rings_when_the_fallback_recipients_are_told() -> None:
    told = told_all(look(Told(), SCREENED, MONDAY), MONDAY)
    assert told.due_at == MONDAY + HOUR
    assert look(told, SCREENED, MONDAY + HOUR - SECOND).pending == ()
    rung = look(told, SCREENED, MONDAY + HOUR)
    assert kinds(rung) == ["nobody_claimed"]
    assert look(told_all(rung, MONDAY + HOUR), SCREENED, MONDAY + 9 * HOUR).pending == (), "once"


def test_an_urgent_lead_rings_at_any_hour_and_without_any_email() -> None:
    told = look(Told(), Progress(), NOW, received_at=NOW, in_crisis=True)
    rung = look(told, Progress(), NOW + 15 * MINUTE, received_at=NOW, in_crisis=True)
    assert kinds(rung) == ["urgent", "nobody_claimed"], "even if nothing but the webhook works"


def test_an_urgent_lead_that_somebody_has_is_urgent_no_more() -> None:
    told = look(Told(), SCREENED, MONDAY, in_crisis=True)
    assert kinds(look(told, CLAIMED, MONDAY + MINUTE, in_crisis=True)) == ["claimed"]
    assert kinds(look(Told(), CLAIMED, MONDAY + MINUTE, in_crisis=True)) == ["claimed"]


def test_rings_come_before_what_waits_and_nothing_answers_them_late() -> None:
    claimed = look(look(Told(), SCREENED, MONDAY), CLAIMED, MONDAY + MINUTE)
    assert kinds(claimed) == ["new", "claimed"]
    back = replace(SCREENED, action=ClaimAction.HAND_BACK, acted_at=MONDAY + 2 * MINUTE)
    rung = look(claimed, back, MONDAY + 2 * HOUR)
    assert kinds(rung) == ["nobody_claimed", "new"], "a pager would take the claim for an answer"
    assert rung.is_ring_due
    lost = look(told_all(claimed, MONDAY + HOUR), replace(CLAIMED, state=AlertState.UNDELIVERABLE), MONDAY + HOUR)
    assert kinds(lost) == ["undeliverable"]


def test_a_ring_that_is_true_is_not_given_up() -> None:
    told = look(Told(), SCREENED, MONDAY + HOUR, in_crisis=True)
    later = look(tried(told, told.pending[0], Result.FAILED, MONDAY), SCREENED, MONDAY + 9 * NEWS_FOR, in_crisis=True)
    assert kinds(later) == ["urgent", "nobody_claimed"]
    silent = replace(SCREENED, withdrawn=frozenset({CONTACT}))
    assert kinds(look(later, silent, MONDAY + 9 * NEWS_FOR, in_crisis=True)) == ["urgent"]


def test_a_new_ring_is_sent_at_once_and_anything_may_be_refused_once() -> None:
    told = look(Told(), SCREENED, MONDAY)
    failed = tried(told, told.pending[0], Result.FAILED, MONDAY)
    assert failed.to_send(Choice.ALL, MONDAY) is None
    assert failed.to_send(Choice.ALL, MONDAY, at_once=True) == told.pending[0]
    assert tried(told, told.pending[0], Result.RESTS, MONDAY) == told
    rung = look(failed, SCREENED, MONDAY + HOUR)
    ring, new = rung.pending
    assert rung.to_send(Choice.NEW_RINGS, MONDAY + HOUR) == ring
    refused = tried(rung, ring, Result.REFUSED, MONDAY + HOUR)
    assert refused.to_send(Choice.ALL, MONDAY + HOUR, {ring}) == new
    assert refused.to_send(Choice.NEW_RINGS, MONDAY + 2 * HOUR) is None


def test_a_lead_that_is_handed_back_rings_again() -> None:
    rung = told_all(look(Told(), SCREENED, MONDAY + HOUR), MONDAY + HOUR)
    claimed = told_all(look(rung, CLAIMED, MONDAY + 2 * HOUR), MONDAY + 2 * HOUR)
    back = replace(SCREENED, action=ClaimAction.HAND_BACK, acted_at=MONDAY + 3 * HOUR)
    waiting = look(claimed, back, MONDAY + 3 * HOUR)
    assert (waiting.pending, waiting.due_at) == ((), MONDAY + 4 * HOUR)
    rung = look(waiting, back, MONDAY + 4 * HOUR)
    assert kinds(rung) == ["nobody_claimed"]
    assert kinds(look(told_all(rung, MONDAY + 4 * HOUR), CLAIMED, MONDAY + 5 * HOUR)) == ["claimed"]


def test_a_claimed_lead_wakes_nobody_anymore() -> None:
    rung = look(Told(), SCREENED, MONDAY + HOUR)
    assert kinds(rung) == ["nobody_claimed", "new"]
    assert kinds(look(rung, CLAIMED, MONDAY + HOUR)) == ["new", "claimed"]


def test_a_person_who_wants_no_contact_rings_nobody() -> None:
    told = look(Told(), replace(SCREENED, withdrawn=frozenset({CONTACT})), MONDAY + 9 * HOUR)
    assert (kinds(told), told.due_at) == (["new"], MONDAY + 9 * HOUR)


def test_an_undeliverable_lead_is_told_each_time() -> None:
    lost = replace(SCREENED, state=AlertState.UNDELIVERABLE)
    told = told_all(look(Told(), lost, MONDAY), MONDAY)
    assert look(told, lost, MONDAY + MINUTE).pending == ()
    resent = look(told, SCREENED, MONDAY + 2 * MINUTE)
    assert kinds(look(resent, lost, MONDAY + 3 * MINUTE)) == ["undeliverable"]


def test_an_outcome_is_told_when_it_is_known_and_when_it_is_corrected() -> None:
    told = told_all(look(told_all(look(Told(), SCREENED, MONDAY), MONDAY), CLOSED, MONDAY + HOUR), MONDAY + HOUR)
    booked = look(told, replace(CLOSED, outcome=Outcome.BOOKED), MONDAY + 2 * HOUR)
    assert [(each.kind, each.outcome) for each in booked.pending] == [(Kind.OUTCOME, "booked")]
    ids = {each.id("LEAD") for each in (*booked.pending, *look(told, SCREENED, MONDAY).pending)}
    assert len(ids) == 1


def test_a_webhook_that_was_just_turned_on_tells_no_old_stories() -> None:
    late = MONDAY + NEWS_FOR + HOUR
    assert look(Told(), CLAIMED, late).pending == ()
    assert [each.kind for each in look(Told(), CLOSED, MONDAY + NEWS_FOR + MINUTE).pending] == [Kind.OUTCOME]
    assert kinds(look(Told(), SCREENED, late + HOUR)) == []
    before = told_all(look(Told(), SCREENED, MONDAY), MONDAY)
    off = replace(CLOSED, closed_at=MONDAY + 2 * HOUR)
    assert look(before, off, MONDAY + 2 * HOUR + NEWS_FOR).pending == (), "turned on again after a while"
    assert look(Told(), replace(SCREENED, state=AlertState.UNDELIVERABLE), late + HOUR).pending == ()


def test_a_signal_that_the_receiver_never_took_is_given_up_after_a_day() -> None:
    told = look(Told(), SCREENED, MONDAY)
    failed = tried(leased(told, MONDAY), told.pending[0], Result.FAILED, MONDAY)
    kept = look(failed, SCREENED, MONDAY + NEWS_FOR - SECOND)
    assert "new" in kinds(kept)
    dropped = look(failed, SCREENED, MONDAY + NEWS_FOR)
    assert "new" not in kinds(dropped)
    assert given_up(failed, dropped, MONDAY + NEWS_FOR) == 1


def test_an_ended_lead_leaves_nothing_to_tell() -> None:
    gone = noticed(look(Told(), SCREENED, MONDAY), None, CLINIC, MONDAY + HOUR)
    assert (gone.pending, gone.due_at) == ((), None)


def test_nobody_else_tells_while_somebody_has_the_lease() -> None:
    told = leased(look(Told(), SCREENED, MONDAY), MONDAY)
    assert look(told, SCREENED, MONDAY + SECOND).to_send(Choice.ALL, MONDAY + SECOND, at_once=True) is None
    assert told.due_at == MONDAY + LEASE, "after a crash, it is told again"
    assert look(told, SCREENED, MONDAY + LEASE).to_send(Choice.ALL, MONDAY + LEASE)


def test_tries_start_a_minute_apart_and_end_an_hour_apart() -> None:
    assert [backoff(tries, rings=False) / MINUTE for tries in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff(10_000, rings=False) == LONGEST_BACKOFF
    assert [backoff(tries, rings=True) / MINUTE for tries in range(1, 6)] == [1, 2, 4, 5, 5]
    assert backoff(10_000, rings=True) == LONGEST_BACKOFF_OF_RINGS


def test_a_signal_has_the_same_id_in_each_try_and_another_in_each_lead() -> None:
    (signal,) = look(Told(), SCREENED, MONDAY).pending
    assert signal.id("LEAD") == replace(signal).id("LEAD") != signal.id("OTHER")


class TellingMachine(RuleBasedStateMachine):
    """A lead that changes as staff and SES please, looks at it at any time, a receiver with moods, and crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.progress = Progress()
        self.told = Told()
        self.noticed: list[str] = []  # ids, in the order in which they became pending
        self.hidden_after = 0  # how many of them we noticed before the lead was in quarantine
        self.kinds: dict[str, Kind] = {}
        self.taken: list[str] = []
        self.lost: set[str] = set()

    @initialize(urgent=st.sampled_from([None, True]))
    def a_lead_comes(self, *, urgent: bool | None) -> None:
        self.lead = a_lead(received_at=self.now, in_crisis=urgent)

    @rule(minutes=st.sampled_from([0.1, 1, 3, 16, 61, 24 * 60, 3 * 24 * 60]))
    def time_passes(self, minutes: float) -> None:
        self.now += minutes * MINUTE

    @rule(quarantined=st.sampled_from([False] * 5 + [True]))
    def it_is_screened(self, *, quarantined: bool) -> None:
        if self.progress.reasons is None:
            state = AlertState.QUARANTINED if quarantined else AlertState.ACCEPTED
            told_at = None if quarantined else self.now
            score = THRESHOLD if quarantined else 0
            self.progress = replace(self.progress, reasons=(), state=state, told_at=told_at, score=score)

    @rule(state=st.sampled_from([AlertState.ACCEPTED, AlertState.DELIVERED, AlertState.UNDELIVERABLE]))
    def emails_arrive_or_not(self, state: AlertState) -> None:
        self.now += SECOND
        if self.progress.reasons is not None:
            released = self.progress.state is AlertState.QUARANTINED
            self.progress = replace(self.progress, state=state, redriven=1 if released else self.progress.redriven)

    @rule(response=st.sampled_from(ResponseState), outcome=st.sampled_from([None, Outcome.BOOKED, Outcome.CAME]))
    def staff_act(self, response: ResponseState, outcome: Outcome | None) -> None:
        self.now += SECOND  # nobody acts twice at the same time
        closed = response is ResponseState.CLOSED
        action = {ResponseState.OPEN: ClaimAction.HAND_BACK, ResponseState.CLOSED: ClaimAction.REACHED}
        self.progress = replace(
            self.progress,
            response=response,
            action=action.get(response, ClaimAction.CLAIM),
            acted_at=self.now,
            outcome=outcome if closed else None,
            closed_at=self.now if closed else None,
        )

    @rule()
    def somebody_looks(self) -> None:
        before = {each.id("LEAD") for each in self.told.pending}
        after = noticed(self.told, StoredLead(lead=self.lead, progress=self.progress), CLINIC, self.now)
        ids = [each.id("LEAD") for each in after.pending]
        self.lost |= before - set(ids)
        new = [each for each in after.pending if each.id("LEAD") not in before]
        assert all(each.at <= self.now for each in new), "before it was due"
        self.noticed += [each.id("LEAD") for each in new]
        self.kinds |= {each.id("LEAD"): each.kind for each in after.pending}
        self.told = replace(after, version=self.told.version + 1)
        if self.progress.state is AlertState.QUARANTINED:  # once it is released, it is told as if it came then
            self.hidden_after = len(self.noticed)

    @precondition(lambda self: self.told.to_send(Choice.ALL, self.now))
    @rule(results=st.lists(st.sampled_from(Result), max_size=4), choice=st.sampled_from(Choice), crashes=st.booleans())
    def somebody_tells(self, results: list[Result], choice: Choice, *, crashes: bool) -> None:
        done = set[Signal]()
        for result in results:
            signal = self.told.to_send(choice, self.now, done)
            if signal is None:
                return
            assert choice is Choice.ALL or signal.rings
            assert signal not in done
            self.told = leased(self.told, self.now)
            if result is Result.TAKEN:
                self.taken.append(signal.id("LEAD"))
            if crashes:
                return
            self.told = tried(self.told, signal, result, self.now)
            done.add(signal)
            if result in {Result.FAILED, Result.RESTS}:
                return

    @invariant()
    def what_is_pending_is_on_the_agenda(self) -> None:
        if self.told.pending:
            assert self.told.due_at is not None
            assert self.told.due_at <= self.now + max(LONGEST_BACKOFF, LEASE)

    @invariant()
    def rings_are_first_and_wait_for_minutes_at_most(self) -> None:
        rings = [each.rings for each in self.told.pending]
        assert rings == sorted(rings, reverse=True)
        if any(rings):
            assert self.told.due_at
            assert self.told.due_at <= self.now + LONGEST_BACKOFF_OF_RINGS

    @invariant()
    def nothing_is_noticed_twice(self) -> None:
        since_hidden = self.noticed[self.hidden_after :]
        assert len(since_hidden) == len(set(since_hidden))
        assert sum(self.kinds[each] in {Kind.NEW, Kind.URGENT} for each in since_hidden) <= 1

    @invariant()
    def what_was_noticed_is_told_pending_or_no_news_anymore(self) -> None:
        pending = {each.id("LEAD") for each in self.told.pending}
        assert set(self.noticed) == set(self.taken) | pending | self.lost

    def teardown(self) -> None:
        """Screen the lead and let the receiver take everything: then nothing is left, and the lead was announced."""
        self.it_is_screened(quarantined=False)
        self.somebody_looks()
        self.now += max(LONGEST_BACKOFF, LEASE)
        self.somebody_looks()
        if self.told.to_send(Choice.ALL, self.now):
            self.somebody_tells([Result.TAKEN] * len(self.told.pending), Choice.ALL, crashes=False)
        assert self.told.pending == ()
        visible = self.progress.state is not AlertState.QUARANTINED
        assert self.told.announced or not visible


TestTelling = TellingMachine.TestCase
TestTelling.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def test_a_signal_is_the_same_before_and_after_it_was_stored() -> None:
    odd = NOW + timedelta(microseconds=1234)
    signal = Signal(kind=Kind.NEW, at=odd, since=odd, state=ResponseState.OPEN)
    assert signal.at.microsecond == 1000
