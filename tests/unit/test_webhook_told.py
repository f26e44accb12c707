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
from tests.unit.people import CLINIC, NOW, a_lead
from webhook.signals import Kind, Signal
from webhook.told import LEASE, LONGEST_BACKOFF, NEWS_FOR, Told, backoff, finished, given_up, leased, noticed

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
MONDAY = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)  # 10:00 at the clinic, which is open
SCREENED = Progress(state=AlertState.ACCEPTED, reasons=(), told_at=MONDAY)
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
    return replace(finished(leased(told, now), set(told.pending), now, failed=False), version=told.version + 1)


def test_a_new_lead_is_told_once_it_is_screened() -> None:
    unscreened = look(Told(), Progress(), MONDAY)
    assert (unscreened.pending, unscreened.due_at) == ((), MONDAY + HOUR), "looks again if nobody screens it"
    screened = look(unscreened, SCREENED, MONDAY + SECOND)
    assert kinds(screened) == ["new"]
    assert screened.can_be_told(MONDAY + SECOND)
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
    released = look(quarantined, replace(SCREENED, told_at=None), MONDAY + timedelta(days=5))
    assert kinds(released)[0] == "new"


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
    assert kinds(rung) == ["new", "nobody_claimed"]
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
    assert kinds(look(Told(), SCREENED, late)) == ["nobody_claimed"], "that is still so"


def test_a_signal_that_the_receiver_never_took_is_given_up_after_a_day() -> None:
    told = look(Told(), SCREENED, MONDAY)
    failed = finished(leased(told, MONDAY), set(), MONDAY, failed=True)
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
    assert not look(told, SCREENED, MONDAY + SECOND).can_be_told(MONDAY + SECOND)
    assert told.due_at == MONDAY + LEASE, "after a crash, it is told again"
    assert look(told, SCREENED, MONDAY + LEASE).can_be_told(MONDAY + LEASE)


def test_tries_start_a_minute_apart_and_end_an_hour_apart() -> None:
    assert [backoff(tries) / MINUTE for tries in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff(10_000) == LONGEST_BACKOFF


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
            self.progress = replace(self.progress, reasons=(), state=state, told_at=told_at)

    @rule(state=st.sampled_from([AlertState.ACCEPTED, AlertState.DELIVERED, AlertState.UNDELIVERABLE]))
    def emails_arrive_or_not(self, state: AlertState) -> None:
        if self.progress.reasons is not None:  # also a release
            self.progress = replace(self.progress, state=state)

    @rule(response=st.sampled_from(ResponseState), outcome=st.sampled_from([None, Outcome.BOOKED, Outcome.CAME]))
    def staff_act(self, response: ResponseState, outcome: Outcome | None) -> None:
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

    @precondition(lambda self: self.told.can_be_told(self.now))
    @rule(takes=st.integers(0, 4), crashes=st.sampled_from([False] * 4 + [True]))
    def somebody_tells(self, takes: int, *, crashes: bool) -> None:
        self.told = leased(self.told, self.now)
        taken = self.told.pending[:takes]
        self.taken += [each.id("LEAD") for each in taken]
        if not crashes:
            failed = len(taken) < len(self.told.pending)
            self.told = finished(self.told, set(taken), self.now, failed=failed)

    @invariant()
    def what_is_pending_is_on_the_agenda(self) -> None:
        if self.told.pending:
            assert self.told.due_at is not None
            assert self.told.due_at <= self.now + max(LONGEST_BACKOFF, LEASE)

    @invariant()
    def nothing_is_noticed_twice(self) -> None:
        assert len(self.noticed) == len(set(self.noticed))
        assert sum(self.kinds[each] in {Kind.NEW, Kind.URGENT} for each in self.noticed) <= 1

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
        if self.told.can_be_told(self.now):
            self.somebody_tells(takes=99, crashes=False)
        assert self.told.pending == ()
        visible = self.progress.state is not AlertState.QUARANTINED
        assert self.told.announced or not visible


TestTelling = TellingMachine.TestCase
TestTelling.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def test_a_signal_is_the_same_before_and_after_it_was_stored() -> None:
    odd = NOW + timedelta(microseconds=1234)
    signal = Signal(kind=Kind.NEW, at=odd, since=odd, state=ResponseState.OPEN)
    assert signal.at.microsecond == 1000
