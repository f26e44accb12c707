"""shared.leads.claims and plan: what staff do about a lead, and what comes next until the person was reached."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.leads.alert import after_attempt, after_quarantine, after_report
from shared.leads.claims import after_claim, call_again_at, refusal_of
from shared.leads.notice import Notice, Outcome, Report, ReportKind
from shared.leads.plan import owner_of, to_send
from shared.leads.progress import AlertState, Case, Progress
from shared.leads.response import CLOSES, MOST_ACTIONS, ClaimAction, ClaimRefusedError, ClosedAs, Refusal, ResponseState
from shared.leads.team import Team
from tests.unit.people import CLINIC, a_lead

TEAM = Team(staff=("frontdesk", "nurse"), fallback=("owner",), tell_others=True)
# A Saturday night in New York. The clinic opens on Monday at 9:00.
SATURDAY_NIGHT = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)  # 10:00 at the clinic, which is open
MINUTE = timedelta(minutes=1)


class Life:
    """A lead whose alert everyone on the staff has, with a clock."""

    def __init__(self, now: datetime = MONDAY, team: Team = TEAM, **lead: Any) -> None:  # noqa: ANN401 - any attribute
        self.now = now
        self.case = Case(lead=a_lead(received_at=now, **lead), clinic=CLINIC, team=team)
        self.progress = Progress(due_at=now)
        self.presses = 0
        self.send()

    def send(self, outcome: Outcome = Outcome.ACCEPTED) -> tuple[Notice, tuple[str, ...]]:
        """Send what is due next at its time. Return which email it was and who got it."""
        before = self.progress
        assert before.due_at is not None
        self.now = max(self.now, before.due_at)
        sending = replace(
            before, state=AlertState.SENDING, attempts=before.attempts + 1, tries=before.tries + 1, due_at=self.now
        )
        got = to_send(sending, self.case.team)
        self.progress = after_attempt(sending, self.case, dict.fromkeys(got, outcome), self.now, jitter=1.0)
        return before.notice, got

    def act(self, action: ClaimAction, by: str = "nurse", address: str | None = None) -> None:
        self.presses += 1
        self.progress = after_claim(
            self.progress, self.case, action, by=by, link=f"press-{self.presses}", now=self.now, address=address
        )

    def next(self) -> tuple[Notice, timedelta]:
        """Return which email is next, and in how long."""
        assert self.progress.due_at is not None
        return self.progress.notice, self.progress.due_at - self.now

    def without(self, *gone: str) -> None:
        """Take recipients off the lists."""
        team = self.case.team
        self.case = replace(
            self.case,
            team=replace(
                team,
                staff=tuple(each for each in team.staff if each not in gone),
                fallback=tuple(each for each in team.fallback if each not in gone),
            ),
        )


# ---- no answer


def test_nobody_answers_in_a_crisis_at_night_so_the_next_try_is_in_minutes() -> None:
    life = Life(SATURDAY_NIGHT, in_crisis=True)
    life.act(ClaimAction.NO_ANSWER)
    assert life.send() == (Notice.NO_ANSWER, ("frontdesk",))  # told that nobody answered, and not that all is well
    waits = []
    for _ in range(5):
        notice, wait = life.next()
        assert notice is Notice.CALL_AGAIN
        waits.append(wait // MINUTE)
        assert life.send() == (Notice.CALL_AGAIN, ("frontdesk", "nurse"))
        life.act(ClaimAction.NO_ANSWER)
        life.send()
    assert waits == [10, 20, 40, 60, 60]
    assert life.progress.tried == 6


def test_if_nobody_acts_on_the_next_try_everyone_is_told_within_minutes() -> None:
    life = Life(SATURDAY_NIGHT, in_crisis=True)
    life.act(ClaimAction.NO_ANSWER)
    life.send()
    life.send()
    assert life.next() == (Notice.NOT_REACHED, 15 * MINUTE)
    assert life.send() == (Notice.NOT_REACHED, TEAM.everybody)
    for _ in range(3):
        assert life.next() == (Notice.NOT_REACHED, 60 * MINUTE)
        assert life.send() == (Notice.NOT_REACHED, TEAM.everybody)


def test_other_requests_are_tried_again_at_the_persons_best_time() -> None:
    life = Life(best_time="afternoon", time_zone="America/Los_Angeles")
    life.act(ClaimAction.NO_ANSWER)
    life.send()
    assert life.progress.call_again_at == datetime(2026, 3, 9, 19, 0, tzinfo=UTC)  # noon for them
    assert life.next() == (Notice.CALL_AGAIN, timedelta(hours=5))


@pytest.mark.parametrize("urgent", [{"in_crisis": True}, {"message": "I want to die"}])
def test_an_urgent_person_is_tried_at_any_hour(urgent: dict[str, Any]) -> None:
    case = Life(SATURDAY_NIGHT, **urgent).case
    assert call_again_at(case, 1, SATURDAY_NIGHT) == SATURDAY_NIGHT + 10 * MINUTE
    assert call_again_at(case, 1_000, SATURDAY_NIGHT) == SATURDAY_NIGHT + 60 * MINUTE


def test_with_tell_others_off_nobody_hears_of_a_try_and_the_next_one_still_comes() -> None:
    life = Life(team=replace(TEAM, tell_others=False))
    life.act(ClaimAction.NO_ANSWER)
    assert life.next()[0] is Notice.CALL_AGAIN


# ---- claimed and forgotten


@pytest.mark.parametrize(
    ("lead", "now", "waits"),
    [
        ({"in_crisis": True}, SATURDAY_NIGHT, (15, 15, 60)),
        ({}, MONDAY, (240, 180 + 16 * 60 + 60, 24 * 60)),  # four hours, four more over the night, then a working day
    ],
)
def test_a_claim_that_is_forgotten_comes_back_to_the_owner_then_to_everyone(
    lead: dict[str, Any], now: datetime, waits: tuple[int, ...]
) -> None:
    life = Life(now, **lead)
    life.act(ClaimAction.CLAIM)
    assert life.send() == (Notice.CLAIMED, ("frontdesk",))
    assert life.next() == (Notice.OWNER_REMINDER, waits[0] * MINUTE)
    assert life.send() == (Notice.OWNER_REMINDER, ("nurse",))
    assert life.next() == (Notice.NOT_REACHED, waits[1] * MINUTE)
    assert life.send() == (Notice.NOT_REACHED, TEAM.everybody)
    assert life.next() == (Notice.NOT_REACHED, waits[2] * MINUTE)


def test_a_lead_that_nobody_claims_comes_back_to_everyone() -> None:
    life = Life()
    for notice, got in (
        (Notice.REMINDER, TEAM.staff),
        (Notice.ESCALATION, TEAM.fallback),
        (Notice.ESCALATION, TEAM.everybody),
        (Notice.ESCALATION, TEAM.everybody),
    ):
        assert life.send() == (notice, got)


def test_an_owner_whose_emails_bounce_is_replaced_by_everyone() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    life.send()
    reminded = life.progress.due_at
    report = Report(kind=ReportKind.BOUNCED, notice=Notice.ALERT, recipient="nurse", attempt=1)
    life.progress = after_report(life.progress, life.case, report, life.now)
    assert (life.progress.notice, life.progress.due_at) == (Notice.NOT_REACHED, reminded)
    assert life.send() == (Notice.NOT_REACHED, ("frontdesk", "owner"))


def test_an_owner_that_ses_refuses_is_replaced_by_everyone() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    life.send()
    assert life.send(Outcome.REFUSED) == (Notice.OWNER_REMINDER, ("nurse",))
    assert life.next() == (Notice.NOT_REACHED, timedelta())


# ---- owners


def test_an_owner_who_left_the_list_is_no_owner() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    life.send()
    life.without("nurse")
    assert owner_of(life.progress, life.case.team) is None
    assert life.send() == (Notice.OWNER_REMINDER, ())
    assert life.next() == (Notice.NOT_REACHED, timedelta())
    assert life.send() == (Notice.NOT_REACHED, ("frontdesk", "owner"))
    life.act(ClaimAction.CLAIM, by="frontdesk")  # anyone else may claim it
    assert owner_of(life.progress, life.case.team) == "frontdesk"


def test_an_owner_who_is_no_recipient_is_reminded_at_their_own_address() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM, by="desk-1", address="desk@example.com")
    assert life.send() == (Notice.CLAIMED, TEAM.staff)
    assert life.send() == (Notice.OWNER_REMINDER, ("desk-1",))
    assert life.send() == (Notice.NOT_REACHED, (*TEAM.everybody, "desk-1"))
    life.act(ClaimAction.NO_ANSWER, by="nurse")
    assert life.progress.owner_address is None


# ---- the other actions


def test_a_lead_that_is_handed_back_is_unclaimed_and_everyone_is_reminded_at_once() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    life.send()
    life.now += timedelta(hours=2)
    life.act(ClaimAction.HAND_BACK)
    assert (life.progress.response, life.progress.claimed_by) == (ResponseState.OPEN, None)
    assert life.next() == (Notice.REMINDER, timedelta())
    assert life.send() == (Notice.REMINDER, TEAM.staff)
    assert life.next() == (Notice.ESCALATION, CLINIC.targets.escalate_after * MINUTE)


def test_after_an_email_the_owner_is_asked_on_the_next_working_day() -> None:
    life = Life(preferred_contact="email")
    life.act(ClaimAction.EMAILED)
    life.send()
    assert life.next() == (Notice.OWNER_REMINDER, timedelta(days=1))
    assert life.send() == (Notice.OWNER_REMINDER, ("nurse",))


def test_a_person_who_may_not_be_emailed_was_not_emailed() -> None:
    life = Life(preferred_contact="phone")
    assert refusal_of(life.progress, life.case, ClaimAction.EMAILED, by="nurse", link="x") is Refusal.NOT_POSSIBLE


@pytest.mark.parametrize(("action", "reason"), CLOSES.items())
def test_a_closed_lead_says_why_and_can_be_reopened(action: ClaimAction, reason: ClosedAs) -> None:
    life = Life()
    for _ in range(3):
        life.act(ClaimAction.NO_ANSWER)
        life.send()
    life.act(action)
    assert (life.progress.response, life.progress.closed_as) == (ResponseState.CLOSED, reason)
    assert life.send() == (Notice.CLOSED, ("frontdesk",))
    assert life.progress.due_at is None
    life.act(ClaimAction.REOPEN)
    assert (life.progress.response, life.progress.closed_as) == (ResponseState.CLAIMED, None)
    assert life.send() == (Notice.CLAIMED, ("frontdesk",))
    assert life.next()[0] is Notice.OWNER_REMINDER


def test_colleagues_who_know_who_has_it_are_not_told_of_each_step() -> None:
    life = Life(preferred_contact="email")
    life.act(ClaimAction.CLAIM)
    life.send()
    life.act(ClaimAction.EMAILED)
    assert life.next()[0] is Notice.OWNER_REMINDER
    life.act(ClaimAction.REACHED)
    assert life.progress.due_at is None


@pytest.mark.parametrize(("tried", "possible"), [(0, False), (2, False), (3, True), (9, True)])
def test_staff_may_give_up_after_three_tries(tried: int, *, possible: bool) -> None:
    life = Life()
    life.progress = replace(life.progress, tried=tried)
    refusal = refusal_of(life.progress, life.case, ClaimAction.UNREACHABLE, by="nurse", link="x")
    assert (refusal is None) is possible


def test_a_flood_of_presses_does_not_fill_a_lead_and_it_can_still_be_closed() -> None:
    life = Life()
    life.progress = replace(life.progress, links_used=frozenset(f"press {number}" for number in range(MOST_ACTIONS)))
    for action in ClaimAction:
        refusal = refusal_of(life.progress, life.case, action, by="nurse", link="another")
        assert (refusal is None) is (action in CLOSES and action is not ClaimAction.UNREACHABLE)


@pytest.mark.parametrize("action", [ClaimAction.HAND_BACK, ClaimAction.REOPEN, ClaimAction.UNREACHABLE])
def test_what_makes_no_sense_is_refused(action: ClaimAction) -> None:
    life = Life()
    with pytest.raises(ClaimRefusedError) as refused:
        life.act(action)
    assert refused.value.refusal is Refusal.NOT_POSSIBLE


@pytest.mark.parametrize(
    ("action", "kept"), [(ClaimAction.CLAIM, True), (ClaimAction.REACHED, True), (ClaimAction.SPAM, False)]
)
def test_a_quarantined_lead_that_staff_take_does_not_expire_as_spam(action: ClaimAction, *, kept: bool) -> None:
    case = Life().case
    quarantined = after_quarantine(Progress(state=AlertState.SENDING, attempts=1), MONDAY)
    after = after_claim(quarantined, case, action, by="nurse", link="press", now=MONDAY)
    assert (after.quarantined_at is None) is kept
    assert (after.due_at is not None) is (action is ClaimAction.CLAIM)


def doubt(life: Life, attempt: int, notice: Notice, recipient: str) -> None:
    report = Report(kind=ReportKind.UNDETERMINED, notice=notice, recipient=recipient, attempt=attempt)
    life.progress = after_report(life.progress, life.case, report, life.now)


def test_a_doubtful_delivery_hurries_one_email_and_not_every_round() -> None:
    life = Life()
    doubt(life, 1, Notice.ALERT, "nurse")
    assert life.send() == (Notice.REMINDER, TEAM.staff)
    life.send()
    for _ in range(3):
        doubt(life, 1, Notice.ALERT, "nurse")
        assert life.next()[1] > timedelta(hours=6)
        life.send()


def test_two_actions_during_one_send_are_not_lost_on_the_others() -> None:
    life = Life()
    life.send()
    life.progress = replace(life.progress, state=AlertState.SENDING, attempts=life.progress.attempts + 1)
    life.act(ClaimAction.CLAIM)
    life.act(ClaimAction.REACHED)
    life.progress = after_attempt(life.progress, life.case, {"owner": Outcome.ACCEPTED}, life.now, jitter=1.0)
    # The fallback recipient was just asked to claim it.
    assert life.send() == (Notice.CLOSED, ("frontdesk", "owner"))


def test_a_repeated_bounce_does_not_cut_off_an_owner_who_used_a_link() -> None:
    life = Life(team=Team(staff=("nurse",), fallback=()))
    bounce = Report(kind=ReportKind.BOUNCED, notice=Notice.ALERT, recipient="nurse", attempt=1)
    life.progress = after_report(life.progress, life.case, bounce, life.now)
    assert life.progress.state is AlertState.UNDELIVERABLE
    life.act(ClaimAction.CLAIM)
    life.progress = after_report(life.progress, life.case, bounce, life.now)
    assert life.send() == (Notice.OWNER_REMINDER, ("nurse",))
    again = Report(kind=ReportKind.BOUNCED, notice=Notice.OWNER_REMINDER, recipient="nurse", attempt=2)
    life.progress = after_report(life.progress, life.case, again, life.now)
    assert life.next()[0] is Notice.NOT_REACHED  # and a new bounce counts


def test_an_owner_who_got_no_email_hears_at_once_how_to_reach_the_person() -> None:
    case = Life().case
    quarantined = after_quarantine(Progress(state=AlertState.SENDING, attempts=1), MONDAY)
    claimed = after_claim(quarantined, case, ClaimAction.CLAIM, by="nurse", link="press", now=MONDAY)
    assert (claimed.notice, claimed.due_at) == (Notice.OWNER_REMINDER, MONDAY)


def test_a_lead_handed_back_before_its_alert_gets_the_alert_then_the_reminder() -> None:
    case = Life().case
    progress = after_quarantine(Progress(state=AlertState.SENDING, attempts=1), MONDAY)
    for action in (ClaimAction.CLAIM, ClaimAction.HAND_BACK):
        progress = after_claim(progress, case, action, by="nurse", link=action, now=MONDAY)
    assert (progress.notice, progress.due_at) == (Notice.ALERT, MONDAY)
    sent = after_attempt(progress, case, dict.fromkeys(TEAM.staff, Outcome.ACCEPTED), MONDAY, jitter=1.0)
    assert (sent.notice, sent.due_at) == (Notice.REMINDER, MONDAY + CLINIC.targets.remind_after * MINUTE)


def test_a_late_report_on_an_earlier_round_is_not_taken_for_this_one() -> None:
    life = Life(SATURDAY_NIGHT, in_crisis=True)
    life.act(ClaimAction.NO_ANSWER)
    life.send()
    life.send()
    attempt = life.progress.attempts
    life.act(ClaimAction.NO_ANSWER)
    life.send()
    report = Report(kind=ReportKind.DELIVERED, notice=Notice.CALL_AGAIN, recipient="nurse", attempt=attempt)
    life.progress = after_report(life.progress, life.case, report, life.now)
    assert life.send() == (Notice.CALL_AGAIN, ("frontdesk", "nurse"))


def test_an_action_during_a_send_begins_a_new_round() -> None:
    life = Life(SATURDAY_NIGHT, in_crisis=True)
    life.act(ClaimAction.NO_ANSWER)
    life.send()
    life.now += 10 * MINUTE
    life.progress = replace(life.progress, state=AlertState.SENDING, attempts=life.progress.attempts + 1)
    life.act(ClaimAction.NO_ANSWER)
    life.progress = after_attempt(life.progress, life.case, {"nurse": Outcome.ACCEPTED}, life.now, jitter=1.0)
    assert life.send() == (Notice.NO_ANSWER, ("frontdesk",))
    assert life.next() == (Notice.CALL_AGAIN, 20 * MINUTE)
    assert life.send() == (Notice.CALL_AGAIN, ("frontdesk", "nurse"))


@pytest.mark.parametrize("action", [ClaimAction.CLAIM, ClaimAction.HAND_OVER, ClaimAction.FOLLOW_UP])
def test_nobody_is_reminded_of_the_canarys_lead_even_if_somebody_claims_it(action: ClaimAction) -> None:
    case = Life().case
    sending = Progress(state=AlertState.SENDING, attempts=1, tries=1, due_at=MONDAY)
    claimed = after_claim(sending, case, action, by="desk-1", link="press", now=MONDAY, address="desk@example.com")
    after = after_attempt(replace(claimed, synthetic=True), case, {"simulator": Outcome.ACCEPTED}, MONDAY, jitter=0)
    assert after.due_at is None
