"""leads.alert: from each state, by each event, to what is due next. Nothing that is not done is ever forgotten."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.alert import (
    FIRST_BACKOFF,
    LEASABLE,
    LEASE,
    LONGEST_BACKOFF,
    STREAM_GRACE,
    TRANSITIONS,
    AlertEvent,
    AlertProgress,
    AlertState,
    NextStep,
    after_send,
    backoff,
    use_fallback,
)
from tests.unit.people import NOW

ENDINGS = tuple(event for event in AlertEvent if event is not AlertEvent.LEASED)
# How an alert is done: by the event, or by hand (docs/operations.md).
DONE = {AlertEvent.ACCEPTED: AlertState.ACCEPTED, AlertEvent.QUARANTINED: AlertState.QUARANTINED}

_progress = st.builds(
    AlertProgress,
    state=st.just(AlertState.SENDING),
    attempts=st.integers(1, 100_000),
    refusals=st.integers(0, 100_000),
)
_jitter = st.floats(0, 1)


def sending(attempts: int = 1, refusals: int = 0) -> AlertProgress:
    return AlertProgress(state=AlertState.SENDING, attempts=attempts, refusals=refusals)


def test_what_is_not_done_can_be_leased_and_what_is_done_is_final() -> None:
    assert set(LEASABLE) == set(AlertState) - set(DONE.values())
    assert not [state for state, _ in TRANSITIONS if state in DONE.values()]


def test_only_the_screen_keeps_an_alert_back() -> None:
    assert [step for step, after in TRANSITIONS.items() if after is AlertState.QUARANTINED] == [
        (AlertState.SENDING, AlertEvent.QUARANTINED)
    ]
    step = after_send(sending(), AlertEvent.QUARANTINED, NOW, has_fallback=True, jitter=0.5)
    kept_back = AlertProgress(state=AlertState.QUARANTINED, attempts=1, refusals=0)
    assert step == NextStep(progress=kept_back, due_at=None)


def test_a_send_can_end_in_every_way_and_only_a_send_can_end() -> None:
    assert {event for state, event in TRANSITIONS if state is AlertState.SENDING} == set(AlertEvent)
    assert {event for state, event in TRANSITIONS if state is AlertState.PENDING} == {AlertEvent.LEASED}


def test_every_state_can_be_reached_and_every_road_but_quarantine_leads_to_accepted() -> None:
    reached = {AlertState.PENDING}
    for _ in AlertState:
        reached |= {TRANSITIONS[step] for step in TRANSITIONS if step[0] in reached}
    assert reached == set(AlertState)
    leads_on = {AlertState.ACCEPTED}
    for _ in AlertState:
        leads_on |= {state for (state, _event), after in TRANSITIONS.items() if after in leads_on}
    assert leads_on == set(AlertState) - {AlertState.QUARANTINED}


@pytest.mark.parametrize(("state", "event"), [pair for pair in product(AlertState, ENDINGS) if pair not in TRANSITIONS])
def test_an_end_that_nobody_began_is_an_error(state: AlertState, event: AlertEvent) -> None:
    progress = AlertProgress(state=state, attempts=1, refusals=0)
    with pytest.raises(KeyError):
        after_send(progress, event, NOW, has_fallback=True, jitter=0.5)


@given(progress=_progress, event=st.sampled_from(ENDINGS), has_fallback=st.booleans(), jitter=_jitter)
def test_what_is_not_done_is_due_again_soon_enough(
    progress: AlertProgress, event: AlertEvent, jitter: float, *, has_fallback: bool
) -> None:
    step = after_send(progress, event, NOW, has_fallback=has_fallback, jitter=jitter)
    if event in DONE:
        assert step.due_at is None
        assert step.progress.state is DONE[event]
    else:
        assert step.due_at is not None
        assert timedelta(0) <= step.due_at - NOW <= LONGEST_BACKOFF
        assert step.progress.state in LEASABLE


@given(progress=_progress, event=st.sampled_from(ENDINGS), has_fallback=st.booleans())
def test_attempts_and_refusals_are_counted_right(
    progress: AlertProgress, event: AlertEvent, *, has_fallback: bool
) -> None:
    after = after_send(progress, event, NOW, has_fallback=has_fallback, jitter=0.5).progress
    assert after.attempts == progress.attempts
    assert after.refusals == progress.refusals + (1 if event is AlertEvent.REFUSED else 0)


@given(attempts=st.integers(1, 1_000_000), jitter=_jitter)
def test_a_wait_stays_within_its_bounds(attempts: int, jitter: float) -> None:
    assert FIRST_BACKOFF / 2 <= backoff(attempts, jitter) <= LONGEST_BACKOFF
    assert backoff(attempts, jitter) >= backoff(attempts, 1) / 2


@given(attempts=st.integers(1, 1_000), jitter=_jitter)
def test_a_wait_never_gets_shorter_by_another_attempt(attempts: int, jitter: float) -> None:
    assert backoff(attempts + 1, jitter) >= backoff(attempts, jitter)


def test_waits_double_up_to_the_longest() -> None:
    assert [backoff(attempt, 1).total_seconds() for attempt in (1, 2, 3, 4, 5, 6, 7, 40)] == [
        *(30, 60, 120, 240, 480),
        *(900, 900, 900),
    ]


def test_jitter_spreads_waits_so_that_senders_do_not_march_in_step() -> None:
    assert backoff(1, 0) == FIRST_BACKOFF / 2
    assert len({backoff(3, jitter / 10) for jitter in range(10)}) == 10


def test_the_fallback_is_next_at_once_after_a_refusal_and_the_first_choice_after_a_wait() -> None:
    first = after_send(sending(), AlertEvent.REFUSED, NOW, has_fallback=True, jitter=1)
    assert (first.due_at, use_fallback(first.progress)) == (NOW, True)
    second = after_send(sending(2, refusals=1), AlertEvent.REFUSED, NOW, has_fallback=True, jitter=1)
    assert (second.due_at, use_fallback(second.progress)) == (NOW + timedelta(seconds=60), False)


def test_without_a_fallback_a_refusal_waits() -> None:
    step = after_send(sending(), AlertEvent.REFUSED, NOW, has_fallback=False, jitter=1)
    assert step.due_at == NOW + FIRST_BACKOFF


@given(refusals=st.integers(0, 1_000))
def test_refusals_alternate_between_the_two_mailboxes(refusals: int) -> None:
    assert use_fallback(sending(refusals=refusals)) != use_fallback(sending(refusals=refusals + 1))
    assert use_fallback(sending(refusals=0)) is False


def test_a_deferral_stays_with_the_same_mailbox() -> None:
    step = after_send(sending(2, refusals=1), AlertEvent.DEFERRED, NOW, has_fallback=True, jitter=0)
    assert use_fallback(step.progress) is True


def test_the_stream_has_its_chance_before_the_sweep_and_a_lease_outlives_it() -> None:
    assert timedelta(0) < STREAM_GRACE < LEASE < LONGEST_BACKOFF
