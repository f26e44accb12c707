"""shared.leads.alert: the next step from each state after each event. No unclaimed lead is ever forgotten."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.alert import (
    FIRST_BACKOFF,
    LONGEST_BACKOFF,
    MOST_TRIES,
    after_attempt,
    after_quarantine,
    after_report,
    after_wait,
    backoff,
    rearmed,
)
from shared.leads.claims import after_claim
from shared.leads.notice import Notice, Outcome, Report, ReportKind
from shared.leads.plan import deadlines, remaining, to_send
from shared.leads.progress import LEASABLE, TRANSITIONS, AlertEvent, AlertState, Case, Progress, StoredLead
from shared.leads.response import ClaimAction, ClaimRefusedError, Refusal, ResponseState
from shared.leads.team import Team
from shared.leads.worklist import Worklist, worklist
from shared.store.intake import STREAM_GRACE
from tests.unit.people import CLINIC, NOW, a_lead
from tests.unit.promises import broken_promise

TEAM = Team(
    staff=("staff-1", "staff-2"),
    fallback=("fallback-1",),
    tell_others=True,
)
STAFF = ("staff-1", "staff-2")
ALL_ACCEPTED = dict.fromkeys(STAFF, Outcome.ACCEPTED)


def a_case(team: Team = TEAM, **lead: Any) -> Case:  # noqa: ANN401 - any attribute of a lead
    return Case(lead=a_lead(**lead), clinic=CLINIC, team=team)


def sending(**changes: Any) -> Progress:  # noqa: ANN401 - any attribute of a progress
    return replace(Progress(state=AlertState.SENDING, attempts=1, tries=1, due_at=NOW), **changes)


def leased(progress: Progress) -> Progress:
    return replace(progress, state=AlertState.SENDING, attempts=progress.attempts + 1, tries=progress.tries + 1)


def attempt(progress: Progress, outcomes: dict[str, Outcome], now: datetime = NOW, team: Team = TEAM) -> Progress:
    return after_attempt(progress, a_case(team), outcomes, now, jitter=1.0)


def told() -> Progress:
    """Both members of staff got the alert."""
    return attempt(sending(), ALL_ACCEPTED)


def report(kind: ReportKind, recipient: str = "staff-1", attempt: int = 1, notice: Notice = Notice.ALERT) -> Report:
    return Report(kind=kind, notice=notice, recipient=recipient, attempt=attempt)


def claimed_until(since: datetime = NOW) -> datetime:
    """Return when the owner is asked how it went."""
    return CLINIC.hours.open_after(since, CLINIC.follow_up.claimed_after)


def answer(progress: Progress, what: ClaimAction, by: str = "staff-1", link: str = "made-up-link") -> Progress:
    return after_claim(progress, a_case(), what, by=by, link=link, now=NOW)


def listed(progress: Progress) -> Worklist | None:
    return worklist(StoredLead(lead=a_lead(), progress=progress))


# ---- the table


def test_every_state_can_be_left_or_is_visible_to_staff() -> None:
    assert set(LEASABLE) == {state for state, event in TRANSITIONS if event is AlertEvent.LEASED}
    for state in set(AlertState) - set(LEASABLE):
        assert listed(Progress(state=state)) in {Worklist.UNDELIVERABLE, Worklist.QUARANTINED}
        assert TRANSITIONS[state, AlertEvent.REARMED] is AlertState.PENDING


def test_only_the_screen_keeps_an_alert_back() -> None:
    assert [step for step, after in TRANSITIONS.items() if after is AlertState.QUARANTINED] == [
        (AlertState.SENDING, AlertEvent.QUARANTINED)
    ]
    kept_back = after_quarantine(sending(), NOW)
    assert (kept_back.state, kept_back.due_at) == (AlertState.QUARANTINED, None)


# ---- sending


def test_an_alert_that_ses_accepted_for_all_is_accepted_and_starts_the_clock() -> None:
    after = told()
    assert after.state is AlertState.ACCEPTED
    assert after.told_at == NOW
    assert (after.notice, after.due_at) == (Notice.REMINDER, deadlines(NOW, a_case())[0])
    assert after.overdue_since == after.due_at


def test_reminder_then_escalation_then_everyone_until_it_is_claimed() -> None:
    reminded = attempt(leased(told()), ALL_ACCEPTED)
    assert (reminded.notice, reminded.due_at) == (Notice.ESCALATION, deadlines(NOW, a_case())[1])
    assert to_send(reminded, TEAM) == ("fallback-1",)
    escalated = attempt(leased(reminded), {"fallback-1": Outcome.ACCEPTED})
    assert listed(escalated) is Worklist.OPEN
    for _ in range(3):  # and then everyone again and again
        assert (escalated.notice, to_send(escalated, TEAM)) == (Notice.ESCALATION, TEAM.everybody)
        assert escalated.due_at == CLINIC.hours.open_after(NOW, CLINIC.follow_up.repeat_after)
        escalated = attempt(leased(escalated), dict.fromkeys(TEAM.everybody, Outcome.ACCEPTED))


def test_without_fallback_recipients_staff_get_the_escalation() -> None:
    team = Team(staff=("staff-1", "staff-2"), fallback=())
    reminded = attempt(leased(attempt(sending(), ALL_ACCEPTED, team=team)), ALL_ACCEPTED, team=team)
    assert to_send(reminded, team) == STAFF


@pytest.mark.parametrize("changes", [{"in_crisis": True}, {"message": "I want to die"}])
def test_an_urgent_lead_is_counted_in_minutes_of_the_wall_clock(changes: dict[str, Any]) -> None:
    sunday_night = datetime.fromisoformat("2026-11-22T03:00:00+00:00")
    remind_at, escalate_at = deadlines(sunday_night, a_case(**changes))
    assert remind_at == sunday_night + timedelta(minutes=CLINIC.targets.urgent_remind_after)
    assert escalate_at == sunday_night + timedelta(minutes=CLINIC.targets.urgent_escalate_after)
    assert deadlines(sunday_night, a_case())[0] == CLINIC.hours.open_after(sunday_night, CLINIC.targets.remind_after)


@pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.DEFERRED, Outcome.BLOCKED])
def test_an_email_that_ses_cannot_take_now_waits_for_the_same_recipient(outcome: Outcome) -> None:
    after = attempt(sending(), {"staff-1": Outcome.ACCEPTED, "staff-2": outcome})
    assert after.state is AlertState.PENDING
    assert after.due_at == NOW + FIRST_BACKOFF
    assert to_send(after, TEAM) == ("staff-2",)


def test_a_refused_recipient_makes_room_for_the_fallback_at_once() -> None:
    after = attempt(sending(), {"staff-1": Outcome.ACCEPTED, "staff-2": Outcome.REFUSED})
    assert (after.state, after.due_at) == (AlertState.PENDING, NOW)
    assert to_send(after, TEAM) == ("fallback-1",)
    assert after.refusals == 1


def test_refused_everywhere_all_are_tried_again_after_a_wait() -> None:
    after = attempt(sending(), dict.fromkeys((*STAFF, "fallback-1"), Outcome.REFUSED))
    assert (after.state, after.due_at) == (AlertState.PENDING, NOW + FIRST_BACKOFF)
    assert to_send(after, TEAM) == STAFF


def test_after_days_of_refusals_it_ends_where_people_see_it_and_can_be_let_go_again() -> None:
    after = attempt(sending(tries=MOST_TRIES), dict.fromkeys((*STAFF, "fallback-1"), Outcome.REFUSED))
    assert (after.state, after.due_at) == (AlertState.UNDELIVERABLE, None)
    assert listed(after) is Worklist.UNDELIVERABLE
    again = rearmed(after, NOW)
    assert (again.state, again.due_at, again.tries) == (AlertState.PENDING, NOW, 0)
    assert to_send(again, TEAM) == STAFF


def test_after_days_of_trying_one_accepted_email_is_enough() -> None:
    after = attempt(sending(tries=MOST_TRIES), {"staff-1": Outcome.ACCEPTED, "staff-2": Outcome.DEFERRED})
    assert after.state is AlertState.ACCEPTED
    assert to_send(after, TEAM) == ("fallback-1",)  # for the recipient who did not get it


def test_an_untried_recipient_is_tried_at_once() -> None:
    after = attempt(sending(), {"staff-1": Outcome.ACCEPTED})  # time ran out
    assert (after.state, after.due_at) == (AlertState.PENDING, NOW)


def test_a_second_request_soon_after_is_alerted_at_the_end_of_its_wait() -> None:
    until = NOW + timedelta(minutes=7)
    waiting = after_wait(sending(), until)
    assert (waiting.state, waiting.due_at, waiting.notice) == (AlertState.PENDING, until, Notice.ALERT)
    assert waiting.overdue_since == until  # the wait does not count as a delay


def test_the_canary_needs_no_answer() -> None:
    after = attempt(sending(synthetic=True), {"staff-1": Outcome.ACCEPTED}, team=Team(staff=("staff-1",), fallback=()))
    assert (after.state, after.due_at) == (AlertState.ACCEPTED, None)
    assert listed(after) is None


# ---- reports


def reported(progress: Progress, *reports: Report, team: Team = TEAM) -> Progress:
    for each in reports:
        progress = after_report(progress, a_case(team), each, NOW)
    return progress


def test_delivered_is_delivered_and_the_clock_goes_on() -> None:
    after = reported(told(), report(ReportKind.DELIVERED))
    assert after.state is AlertState.DELIVERED
    assert (after.notice, after.due_at) == (told().notice, told().due_at)


@pytest.mark.parametrize("kind", [ReportKind.BOUNCED, ReportKind.COMPLAINED])
def test_a_bounce_or_complaint_sends_the_alert_to_the_fallback_at_once(kind: ReportKind) -> None:
    after = reported(told(), report(ReportKind.DELIVERED, "staff-2"), report(kind))
    assert after.state is AlertState(kind)
    assert (after.notice, after.due_at, after.tries) == (Notice.ALERT, NOW, 0)
    assert to_send(after, TEAM) == ("fallback-1",)
    done = attempt(leased(after), {"fallback-1": Outcome.ACCEPTED})
    assert done.notice is Notice.REMINDER
    assert to_send(done, TEAM) == ("staff-2", "fallback-1")  # not to the recipient whose email bounced


def test_a_bounce_after_the_reminder_still_brings_the_alert_to_the_fallback() -> None:
    reminded = attempt(leased(told()), ALL_ACCEPTED)
    after = reported(reminded, report(ReportKind.BOUNCED))
    assert (after.notice, after.due_at) == (Notice.ALERT, NOW)


def test_without_a_working_recipient_a_lead_ends_undeliverable() -> None:
    after = reported(told(), report(ReportKind.BOUNCED), report(ReportKind.BOUNCED, "staff-2"))
    after = attempt(leased(after), {"fallback-1": Outcome.ACCEPTED})
    after = reported(after, report(ReportKind.BOUNCED, "fallback-1", attempt=2))
    assert (after.state, after.due_at) == (AlertState.UNDELIVERABLE, None)


def test_an_unexpected_delivery_is_good_news() -> None:
    gone = reported(
        told(),
        *(report(ReportKind.BOUNCED, box) for box in STAFF),
        team=Team(staff=("staff-1", "staff-2"), fallback=()),
    )
    assert gone.state is AlertState.UNDELIVERABLE
    exhausted = attempt(sending(tries=MOST_TRIES), dict.fromkeys(STAFF, Outcome.DEFERRED))
    after = reported(exhausted, report(ReportKind.DELIVERED))
    assert after.state is AlertState.DELIVERED
    assert after.due_at is not None


def test_a_rejected_email_goes_out_again_with_the_reference_only() -> None:
    after = reported(told(), report(ReportKind.REJECTED))
    assert (after.state, after.due_at) == (AlertState.REJECTED, NOW)
    assert after.shows_reference_only
    assert to_send(after, TEAM) == ("staff-1",)
    assert reported(after, report(ReportKind.REJECTED)) == after  # the same report again
    both = reported(after, report(ReportKind.REJECTED, "staff-2"))  # each email of an attempt has the same content
    assert to_send(both, TEAM) == STAFF
    plain = attempt(leased(both), ALL_ACCEPTED)
    gone = reported(plain, *(report(ReportKind.REJECTED, box, attempt=2) for box in STAFF))
    assert to_send(gone, TEAM) == ("fallback-1",)


def test_a_report_before_our_own_write_is_kept() -> None:
    early = reported(sending(), report(ReportKind.DELIVERED), report(ReportKind.BOUNCED, "staff-2"))
    assert early.state is AlertState.SENDING
    after = attempt(early, ALL_ACCEPTED)
    assert to_send(after, TEAM) == ("fallback-1",)


def test_an_alert_that_bounces_during_its_reminder_is_not_accepted() -> None:
    alone = Team(staff=("staff-1",), fallback=())
    reminding = leased(attempt(sending(), {"staff-1": Outcome.ACCEPTED}, team=alone))
    reminding = reported(reminding, report(ReportKind.BOUNCED), team=alone)
    after = attempt(reminding, {"staff-1": Outcome.ACCEPTED}, team=alone)
    assert (after.state, after.due_at) == (AlertState.UNDELIVERABLE, None)
    with_fallback = attempt(
        reminding, {"staff-1": Outcome.ACCEPTED}, team=Team(staff=("staff-1",), fallback=("fallback-1",))
    )
    assert (with_fallback.notice, with_fallback.due_at) == (Notice.ALERT, NOW)


def test_a_report_on_the_canarys_email_makes_nothing_due() -> None:
    canary = attempt(sending(synthetic=True), {"staff-1": Outcome.ACCEPTED}, team=Team(staff=("staff-1",), fallback=()))
    for kind in ReportKind:
        assert reported(canary, report(kind)).due_at is None


def test_a_report_on_an_email_with_a_lost_response_stops_a_second_one() -> None:
    pending = attempt(sending(), {"staff-1": Outcome.DEFERRED})
    after = reported(pending, report(ReportKind.DELIVERED))
    assert to_send(after, TEAM) == ("staff-2",)
    after = reported(after, report(ReportKind.DELIVERED, "staff-2"))
    assert (after.state, after.notice) == (AlertState.ACCEPTED, Notice.REMINDER)


def test_if_nobody_knows_whether_an_email_arrived_the_next_one_comes_at_once() -> None:
    after = reported(told(), report(ReportKind.UNDETERMINED))
    assert (after.notice, after.due_at) == (Notice.REMINDER, NOW)
    assert reported(after, report(ReportKind.UNDETERMINED)) == after
    # A report about the alert hurries the reminder only, and good news takes the hurry away.
    reminded = attempt(leased(after), ALL_ACCEPTED)
    assert (reminded.notice, reminded.due_at) == (Notice.ESCALATION, deadlines(NOW, a_case())[1])
    assert reported(after, report(ReportKind.DELIVERED)).due_at == deadlines(NOW, a_case())[0]


def test_a_delay_changes_nothing() -> None:
    assert reported(told(), report(ReportKind.DELAYED)) == told()


def test_a_report_on_what_was_sent_before_a_redrive_comes_too_late() -> None:
    gone = reported(
        told(),
        *(report(ReportKind.BOUNCED, box) for box in STAFF),
        team=Team(staff=("staff-1", "staff-2"), fallback=()),
    )
    again = rearmed(gone, NOW)
    assert to_send(again, TEAM) == STAFF
    assert reported(again, report(ReportKind.BOUNCED)) == again


def test_a_report_on_what_a_redrive_did_not_send_again_still_counts() -> None:
    reminding = replace(leased(told()), tries=MOST_TRIES)
    gone = attempt(reminding, dict.fromkeys(STAFF, Outcome.DEFERRED))
    assert gone.state is AlertState.UNDELIVERABLE
    again = attempt(leased(rearmed(gone, NOW)), {})  # everyone has the alert
    assert again.notice is Notice.REMINDER
    after = reported(again, report(ReportKind.BOUNCED))
    assert (after.notice, to_send(after, TEAM)) == (Notice.ALERT, ("fallback-1",))


def both_attempts_accepted() -> Progress:
    """SES accepted the alert twice, because the first response was lost."""
    return attempt(sending(attempts=2, tries=2), ALL_ACCEPTED)


def each_order_of(*reports: Report) -> list[tuple[Report, ...]]:
    """Return every sequence of at most three reports that has each of `reports` at least once, in any order."""
    return [each for count in range(4) for each in product(reports, repeat=count) if set(each) == set(reports)]


@pytest.mark.parametrize("reports", each_order_of(report(ReportKind.DELIVERED), report(ReportKind.REJECTED)))
def test_an_email_that_was_delivered_and_then_rejected_goes_out_again(reports: tuple[Report, ...]) -> None:
    after = reported(told(), *reports)
    assert (after.state, after.notice, after.due_at) == (AlertState.REJECTED, Notice.ALERT, NOW)
    assert to_send(after, TEAM) == ("staff-1",)
    assert after.shows_reference_only


@pytest.mark.parametrize(
    "reports", each_order_of(report(ReportKind.DELIVERED, attempt=2), report(ReportKind.REJECTED, attempt=1))
)
def test_a_recipient_who_has_one_copy_gets_no_other_if_an_earlier_one_was_rejected(reports: tuple[Report, ...]) -> None:
    after = reported(both_attempts_accepted(), *reports)
    assert (after.notice, after.due_at) == (Notice.REMINDER, told().due_at)
    assert to_send(replace(after, notice=Notice.ALERT), TEAM) == ()


def test_what_was_delivered_before_it_bounced_and_a_redrive_does_not_count_after_it() -> None:
    team = replace(TEAM, fallback=())
    bounced = (report(ReportKind.BOUNCED, box) for box in STAFF)
    gone = reported(told(), report(ReportKind.DELIVERED), *bounced, team=team)
    assert gone.state is AlertState.UNDELIVERABLE
    again = attempt(leased(rearmed(gone, NOW)), ALL_ACCEPTED, team=team)
    after = reported(again, report(ReportKind.REJECTED, attempt=2), team=team)
    assert to_send(after, team) == ("staff-1",)


# Mostly about the same few emails, because an email with several reports is the difficult case.
_reports = st.lists(
    st.builds(
        report,
        st.sampled_from(ReportKind),
        st.sampled_from([*["staff-1"] * 4, "staff-2", "fallback-1", "staff-9"]),
        st.integers(1, 2),
        # Not about the last email of a round: once everyone has it, reports on this round no longer count.
        st.sampled_from([*[Notice.ALERT] * 8, *sorted(set(Notice) - {Notice.ESCALATION})]),
    ),
    max_size=8,
)


@given(_reports, st.randoms())
def test_the_order_of_reports_does_not_matter(reports: list[Report], random: Any) -> None:  # noqa: ANN401
    shuffled = [*reports, *reports]
    random.shuffle(shuffled)
    before = both_attempts_accepted()
    one, other = reported(before, *reports), reported(before, *shuffled)
    assert (one.delivered, one.bounced, one.rejected) == (other.delivered, other.bounced, other.rejected)
    assert one.accepted - one.bounced == other.accepted - other.bounced
    assert (one.due_at, one.plain_after) == (other.due_at, other.plain_after)
    assert to_send(replace(one, notice=Notice.ALERT), TEAM) == to_send(replace(other, notice=Notice.ALERT), TEAM)


@given(_reports)
def test_after_any_reports_a_lead_is_due_or_visible(reports: list[Report]) -> None:
    reports = [each for each in reports if each.notice is Notice.ALERT and each.recipient in STAFF]
    after = reported(told(), *reports)
    assert (after.due_at is None) == (after.state is AlertState.UNDELIVERABLE)


# ---- due times and final states


ALONE = Team(staff=("staff-1",), fallback=())


def test_an_answer_that_was_lost_and_then_a_bounce_ends_where_people_see_it() -> None:
    pending = attempt(sending(), {"staff-1": Outcome.DEFERRED}, team=ALONE)
    after = reported(pending, report(ReportKind.BOUNCED), team=ALONE)
    assert (after.state, after.due_at) == (AlertState.UNDELIVERABLE, None)
    assert broken_promise(after, a_case(ALONE), NOW) is None


def test_the_deadlines_follow_the_first_email_that_ses_took_whatever_comes_later() -> None:
    remind_at, escalate_at = deadlines(NOW, a_case())
    later = NOW + timedelta(minutes=9)
    arrived = after_report(told(), a_case(), report(ReportKind.DELIVERED), later)
    assert (arrived.told_at, arrived.due_at) == (NOW, remind_at)
    gone = after_report(arrived, a_case(), report(ReportKind.BOUNCED, "staff-2"), later)
    assert (gone.told_at, gone.due_at) == (NOW, later)
    again = attempt(leased(gone), {"fallback-1": Outcome.ACCEPTED}, now=later)
    assert (again.told_at, again.notice, again.due_at) == (NOW, Notice.REMINDER, remind_at)
    reminded = attempt(leased(told()), ALL_ACCEPTED, now=remind_at)
    assert (reminded.told_at, reminded.notice, reminded.due_at) == (NOW, Notice.ESCALATION, escalate_at)


def test_a_report_starts_the_clock_where_the_answer_was_lost() -> None:
    later = NOW + timedelta(seconds=7)
    pending = attempt(sending(), dict.fromkeys(STAFF, Outcome.DEFERRED))
    assert pending.told_at is None
    assert after_report(pending, a_case(), report(ReportKind.DELIVERED), later).told_at == later


def test_where_the_fallback_is_refused_staff_get_the_escalation() -> None:
    reminded = attempt(leased(told()), ALL_ACCEPTED)
    after = attempt(leased(reminded), {"fallback-1": Outcome.REFUSED})
    assert (after.notice, after.due_at) == (Notice.ESCALATION, NOW)
    assert to_send(after, TEAM) == STAFF


def test_a_bounce_of_what_a_redrive_sent_counts() -> None:
    team = Team(staff=STAFF, fallback=())
    gone = reported(told(), *(report(ReportKind.BOUNCED, box) for box in STAFF), team=team)
    again = attempt(leased(rearmed(gone, NOW)), ALL_ACCEPTED)
    after = reported(again, report(ReportKind.BOUNCED, attempt=2))
    assert (after.notice, after.due_at, to_send(after, TEAM)) == (Notice.ALERT, NOW, ("fallback-1",))


def test_after_a_bounce_the_fallback_does_not_wait_for_the_others_turn() -> None:
    pending = attempt(sending(), {"staff-1": Outcome.ACCEPTED, "staff-2": Outcome.DEFERRED})
    assert pending.due_at == NOW + FIRST_BACKOFF
    after = reported(pending, report(ReportKind.BOUNCED))
    assert after.due_at == NOW
    assert to_send(after, TEAM) == ("staff-2", "fallback-1")


def test_the_others_hear_of_a_claim_only_where_the_clinic_wants_it() -> None:
    team = replace(TEAM, tell_others=False)
    after = after_claim(told(), a_case(team), ClaimAction.CLAIM, by="staff-1", link="made-up-link", now=NOW)
    assert (after.notice, after.due_at) == (Notice.OWNER_REMINDER, claimed_until())


def test_a_person_who_was_reached_is_not_called_again() -> None:
    calling = replace(leased(answer(told(), ClaimAction.NO_ANSWER)), notice=Notice.CALL_AGAIN)
    assert to_send(calling, TEAM) == STAFF
    reached = answer(calling, ClaimAction.REACHED, link="another")
    assert to_send(reached, TEAM) == ()
    after = attempt(reached, {"staff-1": Outcome.DEFERRED})
    assert (after.state, after.notice) == (AlertState.ACCEPTED, Notice.CLOSED)  # nobody is asked to call again


@pytest.mark.parametrize("kind", [ReportKind.BOUNCED, ReportKind.COMPLAINED, ReportKind.REJECTED])
def test_what_is_reported_after_a_claim_raises_no_alarm(kind: ReportKind) -> None:
    alone = attempt(sending(), {"staff-1": Outcome.ACCEPTED}, team=ALONE)
    claimed = after_claim(alone, a_case(ALONE), ClaimAction.CLAIM, by="staff-1", link="made-up-link", now=NOW)
    after = reported(claimed, report(kind), team=ALONE)
    assert after.state is not AlertState.UNDELIVERABLE
    assert after.due_at == claimed_until()
    assert listed(after) is Worklist.OPEN


def test_a_claimed_lead_about_which_no_one_can_be_reminded_ends_where_people_see_it() -> None:
    alone = attempt(sending(), {"staff-1": Outcome.ACCEPTED}, team=ALONE)
    claimed = after_claim(alone, a_case(ALONE), ClaimAction.CLAIM, by="staff-1", link="made-up-link", now=NOW)
    bounced = reported(claimed, report(ReportKind.BOUNCED), team=ALONE)
    assert bounced.notice is Notice.NOT_REACHED
    after = attempt(leased(bounced), {}, now=claimed_until(), team=ALONE)
    assert (after.state, after.due_at) == (AlertState.UNDELIVERABLE, None)


def test_after_a_redrive_emails_show_again_what_the_visitor_wrote() -> None:
    rejected = reported(told(), report(ReportKind.REJECTED))
    assert rejected.shows_reference_only
    again = rearmed(replace(rejected, state=AlertState.UNDELIVERABLE), NOW)
    assert not again.shows_reference_only


def test_a_recipient_refused_once_still_gets_the_next_call_again_email() -> None:
    calling = leased(answer(told(), ClaimAction.NO_ANSWER))
    calling = replace(calling, notice=Notice.CALL_AGAIN)
    refused = attempt(calling, {"staff-1": Outcome.REFUSED, "staff-2": Outcome.ACCEPTED})
    assert to_send(refused, TEAM) == ("fallback-1",)
    done = attempt(leased(refused), {"fallback-1": Outcome.ACCEPTED})
    again = replace(answer(done, ClaimAction.NO_ANSWER, link="another"), notice=Notice.CALL_AGAIN)
    assert to_send(again, TEAM) == STAFF


@pytest.mark.parametrize("kind", ReportKind)
def test_no_report_puts_a_quarantined_lead_on_the_agenda(kind: ReportKind) -> None:
    after = reported(after_quarantine(sending(), NOW), report(kind))
    assert (after.state, after.due_at) == (AlertState.QUARANTINED, None)


# ---- answers


def test_a_claim_stops_the_clock_and_tells_the_others() -> None:
    after = answer(told(), ClaimAction.CLAIM)
    assert (after.response, after.claimed_by, after.claimed_at) == (ResponseState.CLAIMED, "staff-1", NOW)
    assert (after.notice, after.due_at) == (Notice.CLAIMED, NOW)
    assert to_send(after, TEAM) == ("staff-2",)
    done = attempt(leased(after), {"staff-2": Outcome.ACCEPTED})
    assert (done.notice, done.due_at, to_send(done, TEAM)) == (Notice.OWNER_REMINDER, claimed_until(), ("staff-1",))
    assert listed(done) is Worklist.OPEN


def test_a_courtesy_that_cannot_be_sent_is_no_reason_to_worry() -> None:
    taken = leased(answer(told(), ClaimAction.CLAIM))
    assert attempt(taken, {"staff-2": Outcome.REFUSED}).notice is Notice.OWNER_REMINDER
    assert attempt(replace(taken, tries=MOST_TRIES), {"staff-2": Outcome.DEFERRED}).state is AlertState.ACCEPTED


def test_reached_closes_it_and_no_link_is_worth_anything_after() -> None:
    closed = answer(told(), ClaimAction.REACHED)
    assert closed.response is ResponseState.CLOSED
    assert listed(closed) is Worklist.CLOSED
    for what in set(ClaimAction) - {ClaimAction.REOPEN}:
        with pytest.raises(ClaimRefusedError) as refused:
            answer(closed, what, link=f"another-{what}")
        assert refused.value.refusal is Refusal.CLOSED


def test_no_answer_comes_back_at_the_persons_best_time_as_often_as_it_takes() -> None:
    after = told()
    for number in range(3):
        after = answer(after, ClaimAction.NO_ANSWER, link=f"made-up-link-{number + 2}")
        lead = a_lead()
        best = CLINIC.hours.best_moment(lead.best_time, lead.time_zone, NOW)
        after = attempt(leased(after), {"staff-2": Outcome.ACCEPTED})  # hears that nobody answered
        assert (after.notice, after.due_at) == (Notice.CALL_AGAIN, best)
        assert to_send(after, TEAM) == STAFF
        after = attempt(leased(after), ALL_ACCEPTED)
        assert after.notice is Notice.NOT_REACHED


def test_a_second_claim_is_told_that_the_request_is_claimed() -> None:
    taken = answer(told(), ClaimAction.CLAIM)
    for by, refusal in (("staff-1", Refusal.YOURS), ("staff-2", Refusal.CLAIMED)):
        with pytest.raises(ClaimRefusedError) as refused:
            answer(taken, ClaimAction.CLAIM, by=by)
        assert refused.value.refusal is refusal


def test_a_link_counts_once() -> None:
    after = answer(told(), ClaimAction.NO_ANSWER)
    with pytest.raises(ClaimRefusedError) as refused:
        answer(after, ClaimAction.NO_ANSWER)
    assert refused.value.refusal is Refusal.USED


def test_an_answer_during_a_send_is_kept() -> None:
    after = answer(sending(accepted=frozenset({"alert/staff-1"}), told_at=NOW), ClaimAction.CLAIM)
    assert after.state is AlertState.SENDING
    done = attempt(after, {"staff-2": Outcome.DEFERRED})
    assert done.response is ResponseState.CLAIMED
    assert done.notice is Notice.OWNER_REMINDER  # staff-2 never got the alert, so there is nobody to tell


def test_a_recipient_who_claims_is_the_owner_whatever_ses_reported() -> None:
    gone = reported(
        told(),
        *(report(ReportKind.BOUNCED, box) for box in STAFF),
        team=Team(staff=("staff-1", "staff-2"), fallback=()),
    )
    assert answer(gone, ClaimAction.CLAIM).state is AlertState.DELIVERED


# ---- waiting


def test_the_first_alert_waits_for_the_stream() -> None:
    assert timedelta(seconds=10) < STREAM_GRACE < timedelta(minutes=2)


@given(st.integers(0, 100_000), st.floats(0, 1))
def test_the_wait_is_bounded_and_never_nothing(tries: int, jitter: float) -> None:
    assert FIRST_BACKOFF / 2 <= backoff(tries, jitter) <= LONGEST_BACKOFF


def test_the_wait_doubles_up_to_the_longest() -> None:
    waits = [backoff(tries, 1.0) for tries in range(1, 12)]
    assert waits[:3] == [FIRST_BACKOFF, 2 * FIRST_BACKOFF, 4 * FIRST_BACKOFF]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_BACKOFF


def test_about_three_days_of_tries() -> None:
    total = sum((backoff(tries, 0.5) for tries in range(1, MOST_TRIES)), timedelta())
    assert timedelta(days=2.5) < total < timedelta(days=3.5)


@given(st.sampled_from(Notice), st.integers(1, 4), st.integers(0, 3))
def test_no_recipient_gets_the_same_email_twice(notice: Notice, staff: int, fallback: int) -> None:
    team = Team(staff=STAFF[:staff], fallback=("fallback-1", "fallback-2", "fallback-3")[:fallback])
    progress = Progress()
    boxes = remaining(progress, notice, team)
    assert len(set(boxes)) == len(boxes)
    done = replace(progress, accepted=frozenset(f"{notice}/{box}" for box in boxes))
    assert remaining(done, notice, team) == ()
