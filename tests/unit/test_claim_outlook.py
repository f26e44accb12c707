"""claim.outlook: what a page says about the next reminders is what the plan does."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim.outlook import Reminder, reminders, tells_others
from shared.leads.claims import after_claim, refusal_of
from shared.leads.notice import INFORMATION, Notice, email_name
from shared.leads.plan import planned, to_send
from shared.leads.progress import AlertState, Case, Progress
from shared.leads.response import ClaimAction
from shared.leads.team import Team
from tests.unit.people import CLINIC, NOW, a_lead

TEAM = Team(staff=("staff-1", "staff-2"), fallback=("fallback-1",), tell_others=True)
CASE = Case(lead=a_lead(phone=None, preferred_contact="email"), clinic=CLINIC, team=TEAM)
TOLD = Progress(
    state=AlertState.ACCEPTED,
    notice=Notice.REMINDER,
    attempts=1,
    accepted=frozenset({"alert/staff-1", "alert/staff-2"}),
    told_at=NOW,
    due_at=NOW + timedelta(minutes=15),
)


def after(*actions: ClaimAction) -> Progress:
    progress = TOLD
    for number, action in enumerate(actions):
        progress = after_claim(progress, CASE, action, by="staff-1", link=f"made-up-{number}", now=NOW)
    return progress


def test_a_new_request_is_followed_by_the_reminder_and_the_escalation() -> None:
    assert reminders(TOLD, CASE, NOW) == (
        Reminder(notice=Notice.REMINDER, at=NOW + timedelta(minutes=15)),
        Reminder(notice=Notice.ESCALATION, at=NOW + timedelta(minutes=60)),
    )


def test_an_alert_is_no_reminder() -> None:
    assert [each.notice for each in reminders(Progress(due_at=NOW), CASE, NOW)] == [Notice.REMINDER, Notice.ESCALATION]


def test_the_owner_is_reminded_and_then_everyone() -> None:
    first, second = reminders(after(ClaimAction.CLAIM), CASE, NOW)
    assert (first.notice, second.notice) == (Notice.OWNER_REMINDER, Notice.NOT_REACHED)
    assert first.at == NOW + timedelta(hours=4) < second.at


def test_an_owner_whose_email_fails_is_not_promised_a_reminder() -> None:
    bounced = replace(after(ClaimAction.CLAIM), bounced=frozenset({"alert/staff-1"}))
    assert reminders(bounced, CASE, NOW)[0] == Reminder(notice=Notice.NOT_REACHED, at=NOW + timedelta(hours=4))


def test_a_late_reminder_is_due_now() -> None:
    late = NOW + timedelta(minutes=20)
    assert reminders(TOLD, CASE, late)[0].at == late


@pytest.mark.parametrize("state", [AlertState.UNDELIVERABLE, AlertState.QUARANTINED])
def test_no_reminder_is_promised_that_cannot_come(state: AlertState) -> None:
    assert reminders(replace(TOLD, state=state), CASE, NOW) == ()
    assert reminders(replace(TOLD, synthetic=True), CASE, NOW) == ()
    assert reminders(after(ClaimAction.REACHED), CASE, NOW) == ()


def test_the_others_are_told_only_if_the_clinic_wants_it_and_anyone_has_the_alert() -> None:
    claimed = after(ClaimAction.CLAIM)
    assert tells_others(claimed, CASE, NOW)
    assert not tells_others(TOLD, CASE, NOW)
    alone = replace(CASE, team=Team(staff=("staff-1",), fallback=(), tell_others=True))
    assert not tells_others(after_claim(TOLD, alone, ClaimAction.CLAIM, by="staff-1", link="x", now=NOW), alone, NOW)
    assert not tells_others(claimed, replace(CASE, team=replace(TEAM, tell_others=False)), NOW)


def sent(progress: Progress, now: datetime) -> Progress:
    """Return the progress after the due email was sent to everyone."""
    names = {email_name(progress.notice, each) for each in to_send(progress, TEAM)}
    return planned(replace(progress, accepted=progress.accepted | names), CASE, now)


@given(st.lists(st.sampled_from(ClaimAction), max_size=6))
def test_the_outlook_is_what_happens_if_nobody_does_anything(actions: list[ClaimAction]) -> None:
    progress = TOLD
    for number, action in enumerate(actions):
        if refusal_of(progress, CASE, action, by="staff-1", link=f"made-up-{number}") is None:
            progress = after_claim(progress, CASE, action, by="staff-1", link=f"made-up-{number}", now=NOW)
    promised = reminders(progress, CASE, NOW)
    for _ in range(5):
        if progress.due_at is None or not promised:
            break
        now = max(progress.due_at, NOW)
        if progress.notice not in INFORMATION:
            assert promised[0] == Reminder(notice=progress.notice, at=now)
            promised = promised[1:]
        progress = sent(progress, now)
    assert not promised
