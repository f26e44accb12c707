"""leads.alert, walked at random: whatever happens in whatever order, an alert is done or due."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from leads.alert import (
    LEASABLE,
    LEASE,
    LONGEST_BACKOFF,
    STREAM_GRACE,
    TRANSITIONS,
    AlertEvent,
    AlertProgress,
    AlertState,
    after_send,
    use_fallback,
)
from tests.unit.people import NOW


class AlertMachine(RuleBasedStateMachine):
    """One alert, its lease and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.progress = AlertProgress(state=AlertState.PENDING, attempts=0, refusals=0)
        self.due_at: datetime | None = NOW + STREAM_GRACE
        self.waited_since = NOW

    @rule(seconds=st.integers(0, 1_000))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.progress.state in LEASABLE and self.due_at is not None)
    @rule()
    def lease_what_is_due(self) -> None:
        assert self.due_at is not None
        if self.progress.attempts and self.due_at > self.now:
            return
        self.progress = AlertProgress(
            state=TRANSITIONS[self.progress.state, AlertEvent.LEASED],
            attempts=self.progress.attempts + 1,
            refusals=self.progress.refusals,
        )
        self.due_at, self.waited_since = self.now + LEASE, self.now

    @precondition(lambda self: self.progress.state is AlertState.SENDING)
    @rule(
        event=st.sampled_from([event for event in AlertEvent if event is not AlertEvent.LEASED]),
        jitter=st.floats(0, 1),
        has_fallback=st.booleans(),
    )
    def the_send_ends(self, event: AlertEvent, jitter: float, *, has_fallback: bool) -> None:
        before = use_fallback(self.progress)
        step = after_send(self.progress, event, self.now, has_fallback=has_fallback, jitter=jitter)
        assert (use_fallback(step.progress) != before) == (event is AlertEvent.REFUSED)
        self.progress, self.due_at, self.waited_since = step.progress, step.due_at, self.now

    @precondition(lambda self: self.progress.state is AlertState.QUARANTINED)
    @rule()
    def somebody_takes_it_out_of_quarantine(self) -> None:
        self.progress, self.due_at, self.waited_since = (
            replace(self.progress, state=AlertState.PENDING),
            self.now,
            self.now,
        )

    @invariant()
    def it_is_done_or_due(self) -> None:
        assert (self.due_at is None) == (self.progress.state in {AlertState.ACCEPTED, AlertState.QUARANTINED})

    @invariant()
    def it_never_waits_longer_than_the_longest_backoff(self) -> None:
        if self.due_at is not None:
            assert self.due_at - self.waited_since <= LONGEST_BACKOFF

    @invariant()
    def no_more_refusals_than_attempts(self) -> None:
        assert 0 <= self.progress.refusals <= self.progress.attempts


TestAlertMachine = AlertMachine.TestCase
TestAlertMachine.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
