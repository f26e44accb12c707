"""shared.leads.desk: what a person at the desk decides about a lead, and who is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from shared.leads import desk
from shared.leads.alert import after_attempt, after_put_off, after_quarantine, after_report
from shared.leads.claims import after_claim
from shared.leads.decisions import Attempt, Decide, MovedOnError, Rules, fill_in, quarantine
from shared.leads.desk_list import DeskList, desk_list
from shared.leads.notice import Notice, Report, ReportKind
from shared.leads.notice import Outcome as Answer
from shared.leads.person import Person
from shared.leads.plan import owner_of, to_send
from shared.leads.progress import AlertState, Case, Progress, StoredLead, former_owners
from shared.leads.response import (
    DESK_ONLY,
    MOST_ACTIONS,
    OUTCOMES,
    ClaimAction,
    ClaimRefusedError,
    ClosedAs,
    Outcome,
    Refusal,
    ResponseState,
)
from shared.leads.team import Recipient, Team
from shared.messages.send import addresses_for
from tests.unit.people import CLINIC, a_lead

MONDAY = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)  # 10:00 at the clinic, which is open
MINUTE = timedelta(minutes=1)
NURSE = Person("nurse@example.com")  # a recipient
KIM, LEE = Person("kim@example.com"), Person("lee@example.com")  # no recipients
TEAM = Team(
    staff=(Recipient("frontdesk@example.com").id, NURSE.id),
    fallback=(Recipient("owner@example.com").id,),
    tell_others=True,
)
FRONT_DESK, BACKUP = TEAM.staff[0], TEAM.fallback[0]
RULES = Rules(clinic=CLINIC, team=TEAM)
TEXT = "She asked for Tuesday."


class Life:
    """A lead whose alert everyone on the staff has, with a clock."""

    def __init__(self, **lead: Any) -> None:  # noqa: ANN401 - any attribute
        self.now = MONDAY
        self.lead = a_lead(received_at=MONDAY, **lead)
        self.progress = Progress(due_at=MONDAY)
        self._forms = 0
        self.team = TEAM
        self.send()

    @property
    def stored(self) -> StoredLead:
        return StoredLead(lead=self.lead, progress=self.progress)

    @property
    def case(self) -> Case:
        return self.rules.case(self.stored)

    @property
    def rules(self) -> Rules:
        return replace(RULES, team=self.team)

    def form(self) -> str:
        self._forms += 1
        return f"form-{self._forms}"

    def decide(self, decision: Decide) -> Progress:
        self.progress = decision(self.stored)
        return self.progress

    def act(self, action: ClaimAction, by: Person = KIM, **more: Any) -> Progress:  # noqa: ANN401 - of any type
        return self.decide(desk.act(action, self.rules, self.now, by=by, **({"press": self.form()} | more)))

    def hand_over(self, to: Person, by: Person = KIM, **more: Any) -> Progress:  # noqa: ANN401
        return self.decide(desk.hand_over(self.rules, self.now, by=by, to=to, **({"press": self.form()} | more)))

    def follow_up(self, at: datetime, by: Person = KIM, **more: Any) -> Progress:  # noqa: ANN401
        return self.decide(desk.follow_up(self.rules, self.now, by=by, at=at, **({"press": self.form()} | more)))

    def settle(self, outcome: Outcome, reason: str | None = None, by: Person = KIM, **more: Any) -> Progress:  # noqa: ANN401
        decision = desk.settle(outcome, reason, self.rules, self.now, by=by, **({"press": self.form()} | more))
        return self.decide(decision)

    def send(self, answer: Answer = Answer.ACCEPTED) -> tuple[Notice, tuple[str, ...]]:
        """Send what is due next at its time. Return which email it was and who got it."""
        assert self.progress.due_at is not None
        self.now = max(self.now, self.progress.due_at)
        sending = replace(
            self.progress,
            state=AlertState.SENDING,
            attempts=self.progress.attempts + 1,
            tries=self.progress.tries + 1,
            due_at=self.now,
        )
        got = to_send(sending, self.team)
        self.progress = after_attempt(sending, self.case, dict.fromkeys(got, answer), self.now, jitter=1.0)
        return sending.notice, got

    def report(self, kind: ReportKind, notice: Notice, by: Person) -> None:
        """Let SES report about the last email."""
        said = Report(kind=kind, notice=notice, recipient=by.id, attempt=self.progress.attempts)
        self.progress = after_report(self.progress, self.case, said, self.now)

    def next(self) -> tuple[Notice, timedelta]:
        """Return which email is next, and in how long."""
        assert self.progress.due_at is not None
        return self.progress.notice, self.progress.due_at - self.now


def refusal(of: Callable[[], object]) -> Refusal:
    with pytest.raises(ClaimRefusedError) as refused:
        of()
    return refused.value.refusal


def details(progress: Progress) -> dict[str, str]:
    assert progress.event is not None
    return dict(progress.event.details)


# ---- persons


def test_a_person_who_is_a_recipient_is_one_actor_in_emails_and_at_the_desk() -> None:
    assert Person("Nurse@Example.com").id == NURSE.id == Recipient("nurse@example.com").id
    assert NURSE.address_for(TEAM) is None
    assert KIM.address_for(TEAM) == "kim@example.com"


@pytest.mark.parametrize(("by", "address"), [(NURSE, None), (KIM, "kim@example.com")])
def test_a_claim_at_the_desk_names_its_person(by: Person, address: str | None) -> None:
    after = Life().act(ClaimAction.CLAIM, by=by)
    assert (after.claimed_by, after.owner_address, after.acted_by_address) == (by.id, address, address)
    assert after.event is not None
    assert (after.event.kind, after.event.actor) == ("claimed", by.id)
    assert details(after) == {"by": by.email}


def test_a_person_who_is_no_recipient_is_reminded_and_the_others_hear_of_them() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    assert life.send() == (Notice.CLAIMED, TEAM.staff)
    assert life.send() == (Notice.OWNER_REMINDER, (KIM.id,))


def test_a_person_at_the_desk_may_still_have_a_mailbox_that_fails() -> None:
    life = Life()
    bounce = Report(kind=ReportKind.BOUNCED, notice=Notice.ALERT, recipient=NURSE.id, attempt=1)
    life.progress = after_report(life.progress, life.case, bounce, life.now)
    life.act(ClaimAction.CLAIM, by=NURSE)
    assert owner_of(life.progress, TEAM) == NURSE.id
    life.send()
    assert life.next()[0] is Notice.NOT_REACHED


def test_what_is_handed_back_still_names_who_did_it() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    after = life.act(ClaimAction.HAND_BACK)
    assert (after.claimed_by, after.owner_address) == (None, None)
    assert (after.acted_by, after.acted_by_address) == (KIM.id, "kim@example.com")


@pytest.mark.parametrize("action", sorted({*ClaimAction} - {*desk.ACTIONS}))
def test_what_needs_more_than_a_press_is_no_plain_action(action: ClaimAction) -> None:
    assert refusal(lambda: Life().act(action)) is Refusal.NOT_POSSIBLE


# ---- a press


@pytest.mark.parametrize(
    "press",
    [
        lambda life: life.act(ClaimAction.NO_ANSWER, press="form"),
        lambda life: life.hand_over(LEE, press="form"),
        lambda life: life.follow_up(life.now + MINUTE, press="form"),
        lambda life: life.settle(Outcome.BOOKED, press="form"),
    ],
)
def test_the_same_press_twice_counts_once(press: Callable[[Life], Progress]) -> None:
    life = Life()
    after = press(life)
    assert refusal(lambda: press(life)) is Refusal.USED
    assert life.progress == after


def test_the_same_correction_twice_counts_once() -> None:
    life = Life()
    life.settle(Outcome.BOOKED)
    life.settle(Outcome.CAME, press="form")
    assert refusal(lambda: life.settle(Outcome.CAME, press="form")) is Refusal.USED


def test_a_flood_of_corrections_does_not_fill_a_lead() -> None:
    life = Life()
    life.settle(Outcome.BOOKED)
    life.progress = replace(life.progress, links_used=frozenset(map(str, range(MOST_ACTIONS))))
    life.settle(Outcome.CAME)
    life.act(ClaimAction.REOPEN)
    assert refusal(lambda: life.hand_over(LEE)) is Refusal.TOO_MANY
    life.settle(Outcome.BOOKED)
    assert refusal(lambda: life.settle(Outcome.CAME)) is Refusal.TOO_MANY
    assert refusal(lambda: life.act(ClaimAction.REOPEN)) is Refusal.TOO_MANY
    assert life.progress.outcome is Outcome.BOOKED


# ---- two people at once


def test_the_second_person_to_claim_learns_that_somebody_was_faster() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM, by=LEE)
    assert refusal(lambda: life.act(ClaimAction.CLAIM)) is Refusal.CLAIMED
    assert refusal(lambda: life.act(ClaimAction.CLAIM, by=LEE)) is Refusal.YOURS


@pytest.mark.parametrize(
    "late",
    [
        lambda life, seen: life.act(ClaimAction.REACHED, seen=seen),
        lambda life, seen: life.act(ClaimAction.SPAM, seen=seen),
        lambda life, seen: life.act(ClaimAction.HAND_BACK, seen=seen),
        lambda life, seen: life.hand_over(KIM, seen=seen),
        lambda life, seen: life.follow_up(life.now + MINUTE, seen=seen),
        lambda life, seen: life.settle(Outcome.DECLINED, seen=seen),
    ],
)
def test_after_a_colleague_closed_it_an_older_page_changes_nothing(late: Callable[[Life, int], object]) -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    seen = life.progress.presses
    life.settle(Outcome.BOOKED, by=LEE)
    assert refusal(lambda: late(life, seen)) is Refusal.CLOSED
    assert life.progress.outcome is Outcome.BOOKED


@pytest.mark.parametrize(
    "late",
    [
        lambda life, seen: life.hand_over(NURSE, seen=seen),
        lambda life, seen: life.follow_up(life.now + MINUTE, seen=seen),
    ],
)
def test_an_older_page_does_not_undo_a_colleagues_claim(late: Callable[[Life, int], object]) -> None:
    life = Life()
    seen = life.progress.presses
    life.act(ClaimAction.CLAIM, by=LEE)
    assert refusal(lambda: late(life, seen)) is Refusal.CLAIMED


def test_of_two_people_who_reopen_it_the_first_gets_it() -> None:
    life = Life()
    life.act(ClaimAction.REACHED)
    seen = life.progress.presses
    life.act(ClaimAction.REOPEN, by=LEE, seen=seen)
    assert refusal(lambda: life.act(ClaimAction.REOPEN, seen=seen)) is Refusal.CLAIMED


def test_an_older_page_of_the_owner_says_that_the_lead_changed() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    seen = life.progress.presses
    life.act(ClaimAction.NO_ANSWER)
    assert refusal(lambda: life.follow_up(life.now + MINUTE, seen=seen)) is Refusal.NOT_POSSIBLE


@pytest.mark.parametrize(
    "late",
    [
        lambda life, seen: life.act(ClaimAction.SPAM, seen=seen),
        lambda life, seen: life.act(ClaimAction.NOT_WANTED, seen=seen),
        lambda life, seen: life.settle(Outcome.DUPLICATE, seen=seen),
        lambda life, seen: life.settle(Outcome.BOOKED, seen=seen),
    ],
)
def test_an_old_page_does_not_end_what_a_colleague_claimed_meanwhile(late: Callable[[Life, int], Progress]) -> None:
    life = Life()
    seen = life.progress.presses
    life.act(ClaimAction.CLAIM, by=LEE, seen=seen)
    assert refusal(lambda: late(life, seen)) is Refusal.CLAIMED
    late(life, life.progress.presses)
    assert life.progress.response is ResponseState.CLOSED


@pytest.mark.parametrize("action", [ClaimAction.SPAM, ClaimAction.NOT_WANTED])
def test_an_old_page_does_not_end_what_a_colleague_handed_back(action: ClaimAction) -> None:
    life = Life()
    seen = life.progress.presses
    life.act(ClaimAction.CLAIM, by=LEE)
    life.act(ClaimAction.HAND_BACK, by=LEE)
    assert refusal(lambda: life.act(action, seen=seen)) is Refusal.NOT_POSSIBLE


def test_a_call_counts_from_an_old_page_too() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM, by=LEE)
    assert life.act(ClaimAction.REACHED, seen=0).closed_as is ClosedAs.REACHED


@pytest.mark.parametrize("action", [ClaimAction.SPAM, ClaimAction.NOT_WANTED])
def test_ones_own_action_makes_no_page_too_old_to_end_a_request(action: ClaimAction) -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    assert life.act(action, seen=0).response is ResponseState.CLOSED


# ---- handing over


def test_the_new_owner_gets_an_email_at_once_and_then_the_others_hear_of_it() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    life.send()
    after = life.hand_over(LEE)
    assert (after.response, after.claimed_by, after.owner_address) == (ResponseState.CLAIMED, LEE.id, LEE.email)
    assert (after.acted_by, after.action) == (KIM.id, ClaimAction.HAND_OVER)
    assert details(after) == {"by": KIM.email, "to": LEE.email}
    assert life.next() == (Notice.OWNER_REMINDER, timedelta())
    assert life.send() == (Notice.OWNER_REMINDER, (LEE.id,))
    assert life.send() == (Notice.CLAIMED, TEAM.staff)
    assert life.next()[0] is Notice.NOT_REACHED  # when it would come if the new owner had claimed it


def test_the_new_owner_is_told_even_if_a_follow_up_is_set_right_after() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    life.send()
    life.hand_over(LEE)
    life.follow_up(life.now + timedelta(days=20))
    assert life.next() == (Notice.OWNER_REMINDER, timedelta())
    assert life.send() == (Notice.OWNER_REMINDER, (LEE.id,))
    life.report(ReportKind.DELIVERED, Notice.OWNER_REMINDER, LEE)
    assert life.send() == (Notice.CLAIMED, TEAM.staff)
    assert life.next() == (Notice.OWNER_REMINDER, timedelta(days=20))
    assert life.send() == (Notice.OWNER_REMINDER, (LEE.id,))
    assert life.next()[0] is Notice.NOT_REACHED


def test_a_follow_up_goes_to_the_new_owner_with_the_lead() -> None:
    life = Life()
    at = life.now + timedelta(days=20)
    life.follow_up(at)
    life.send()
    assert life.hand_over(LEE).follow_up_at == at
    assert life.send() == (Notice.OWNER_REMINDER, (LEE.id,))
    life.send()
    assert life.next() == (Notice.OWNER_REMINDER, timedelta(days=20))


def test_a_new_owner_who_acts_needs_no_email_about_it() -> None:
    life = Life()
    life.hand_over(LEE)
    assert life.act(ClaimAction.NO_ANSWER, by=LEE).handed_over_at is None
    assert life.next()[0] is not Notice.OWNER_REMINDER


def test_if_the_email_to_the_new_owner_comes_back_everyone_is_told_at_once() -> None:
    life = Life()
    life.hand_over(LEE)
    life.follow_up(life.now + timedelta(days=20))
    life.send()
    life.report(ReportKind.BOUNCED, Notice.OWNER_REMINDER, LEE)
    life.send()
    assert life.next()[0] is Notice.NOT_REACHED
    assert life.next()[1] <= timedelta()


def test_who_hands_over_is_not_told_of_it() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM, by=NURSE)
    life.send()
    life.hand_over(KIM, by=NURSE)
    life.send()
    assert life.send() == (Notice.CLAIMED, (FRONT_DESK,))


def test_a_lead_that_nobody_claimed_may_be_handed_over() -> None:
    life = Life()
    life.hand_over(NURSE)
    assert (life.progress.claimed_by, life.progress.owner_address) == (NURSE.id, None)
    assert life.send() == (Notice.OWNER_REMINDER, (NURSE.id,))


def test_if_the_new_owner_cannot_be_emailed_everyone_is_told_at_once() -> None:
    life = Life()
    life.hand_over(LEE)
    assert life.send(Answer.REFUSED) == (Notice.OWNER_REMINDER, (LEE.id,))
    life.send()
    assert life.next() == (Notice.NOT_REACHED, timedelta())


def test_taking_over_from_a_colleague_is_like_a_claim() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM, by=LEE)
    life.send()
    life.hand_over(KIM)
    assert life.progress.claimed_by == KIM.id
    assert life.send() == (Notice.CLAIMED, (*TEAM.staff, LEE.id))
    assert life.next() == (Notice.OWNER_REMINDER, CLINIC.follow_up.claimed_after * MINUTE)


@pytest.mark.parametrize("tell_others", [True, False])
@pytest.mark.parametrize(
    ("take", "news"),
    [
        (lambda life: life.hand_over(NURSE, by=NURSE), Notice.CLAIMED),
        (lambda life: life.hand_over(LEE, by=NURSE), Notice.CLAIMED),
        (lambda life: life.act(ClaimAction.NO_ANSWER, by=NURSE), Notice.NO_ANSWER),
        (lambda life: life.act(ClaimAction.NOT_WANTED, by=NURSE), Notice.CLOSED),
        (lambda life: life.settle(Outcome.BOOKED, by=NURSE), Notice.CLOSED),
    ],
)
def test_a_former_owner_hears_that_a_colleague_took_or_closed_it(
    take: Callable[[Life], object], news: Notice, *, tell_others: bool
) -> None:
    life = Life()
    life.team = replace(TEAM, tell_others=tell_others)
    life.act(ClaimAction.CLAIM)
    while life.progress.notice is not Notice.OWNER_REMINDER:
        life.send()
    take(life)
    if life.progress.handed_over_at:
        assert life.send() == (Notice.OWNER_REMINDER, (LEE.id,))
    assert addresses_for(life.progress, {})[KIM.id] == KIM.email
    assert life.send() == (news, (FRONT_DESK, KIM.id) if tell_others else (KIM.id,))
    assert life.progress.notice is not news or life.progress.due_at is None


def test_two_colleagues_who_lost_it_one_after_the_other_both_hear_of_it_once() -> None:
    life = Life()
    life.team = replace(TEAM, tell_others=False)
    life.act(ClaimAction.CLAIM)
    life.act(ClaimAction.NO_ANSWER, by=LEE)
    life.act(ClaimAction.NO_ANSWER, by=NURSE)
    assert set(life.send()[1]) == {KIM.id, LEE.id}
    life.act(ClaimAction.REACHED, by=NURSE)
    assert life.progress.due_at is None


def test_a_former_owner_who_takes_it_back_needs_no_news() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    life.hand_over(LEE, by=LEE)
    life.hand_over(KIM)
    assert set(former_owners(life.progress)) == {LEE.id}


def test_the_owner_has_it_already() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM, by=LEE)
    assert refusal(lambda: life.hand_over(LEE)) is Refusal.NOT_POSSIBLE


# ---- following up


def test_the_owner_is_reminded_at_the_time_that_they_chose_and_then_everyone() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    life.send()
    after = life.follow_up(life.now + timedelta(days=20))
    assert details(after) == {"by": KIM.email, "follow_up_at": "2026-03-29T14:00+00:00"}
    assert life.next() == (Notice.OWNER_REMINDER, timedelta(days=20))
    assert life.send() == (Notice.OWNER_REMINDER, (KIM.id,))
    assert life.send() == (Notice.NOT_REACHED, (*TEAM.everybody, KIM.id))


def test_a_follow_up_claims_a_lead_that_has_no_owner_and_leaves_others_theirs() -> None:
    life = Life()
    life.follow_up(life.now + timedelta(days=1))
    assert life.progress.claimed_by == KIM.id
    life.follow_up(life.now + timedelta(days=2), by=NURSE)
    assert (life.progress.claimed_by, life.progress.owner_address) == (KIM.id, KIM.email)
    assert life.progress.acted_by == NURSE.id


def test_the_next_action_ends_a_follow_up() -> None:
    life = Life()
    life.follow_up(life.now + timedelta(days=1))
    assert life.act(ClaimAction.NO_ANSWER).follow_up_at is None


def test_a_follow_up_is_kept_even_if_no_email_about_the_lead_was_sent() -> None:
    life = Life()
    life.progress = Progress(due_at=life.now)
    life.follow_up(life.now + timedelta(days=1))
    assert life.next() == (Notice.OWNER_REMINDER, timedelta(days=1))


def test_a_follow_up_set_while_a_reminder_is_over_the_budget_is_kept() -> None:
    life = Life()
    life.act(ClaimAction.CLAIM)
    life.send()
    life.progress = replace(life.progress, notice=Notice.OWNER_REMINDER, state=AlertState.SENDING, attempts=3)
    life.follow_up(life.now + timedelta(days=13))
    life.progress = after_put_off(life.progress, life.case, life.now)
    assert not life.progress.in_summary
    assert life.send()[0] is Notice.CLAIMED  # nobody knows whether the others got it
    assert life.next() == (Notice.OWNER_REMINDER, timedelta(days=13))


@pytest.mark.parametrize("wait", [timedelta(), -MINUTE, desk.LONGEST_FOLLOW_UP + MINUTE])
def test_a_follow_up_is_to_come_and_not_years_away(wait: timedelta) -> None:
    life = Life()
    assert refusal(lambda: life.follow_up(life.now + wait)) is Refusal.NOT_POSSIBLE


def test_a_follow_up_of_an_urgent_lead_is_within_a_day_and_then_its_usual_clock_runs() -> None:
    life = Life(in_crisis=True)
    late = life.now + desk.LONGEST_URGENT_FOLLOW_UP + MINUTE
    assert refusal(lambda: life.follow_up(late)) is Refusal.TOO_FAR
    life.follow_up(life.now + desk.LONGEST_URGENT_FOLLOW_UP)
    assert life.send() == (Notice.CLAIMED, TEAM.staff)
    assert life.next() == (Notice.OWNER_REMINDER, timedelta(hours=24))
    life.send()
    assert life.next() == (Notice.NOT_REACHED, CLINIC.follow_up.urgent_claimed_after * MINUTE)


# ---- outcomes


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_closes_a_lead(outcome: Outcome) -> None:
    life = Life()
    life.progress = replace(life.progress, tried=3)
    after = life.settle(outcome, TEXT)
    named = {
        Outcome.UNREACHABLE: ClosedAs.UNREACHABLE,
        Outcome.DUPLICATE: ClosedAs.DUPLICATE,
        Outcome.WRONG_NUMBER: ClosedAs.WRONG_NUMBER,
    }
    assert after.closed_as is named.get(outcome, ClosedAs.REACHED)
    assert (after.outcome, after.outcome_reason, after.closed_at) == (outcome, TEXT, MONDAY)
    assert details(after).items() >= {"by": KIM.email, "outcome": str(outcome), "text": TEXT}.items()
    assert desk_list(life.stored) is DeskList.CLOSED


@pytest.mark.parametrize(
    ("action", "outcome"), [*OUTCOMES.items(), (ClaimAction.REACHED, None), (ClaimAction.SPAM, None)]
)
def test_closing_by_a_link_says_what_came_of_it_if_that_is_known(action: ClaimAction, outcome: Outcome | None) -> None:
    life = Life()
    progress = replace(life.progress, tried=3)
    after = after_claim(progress, life.case, action, by=FRONT_DESK, link="press", now=MONDAY)
    assert (after.outcome, after.outcome_reason, after.closed_at) == (outcome, None, MONDAY)


def test_a_correction_changes_the_outcome_and_nothing_else() -> None:
    life = Life()
    before = life.settle(Outcome.BOOKED, TEXT)
    life.now += timedelta(days=3)
    after = life.settle(Outcome.DUPLICATE, by=LEE)
    assert after.event is not None
    assert (after.event.kind, details(after)) == ("outcome_changed", {"by": LEE.email, "outcome": "duplicate"})
    assert (after.outcome, after.outcome_reason, after.closed_as) == (Outcome.DUPLICATE, None, ClosedAs.DUPLICATE)
    changed = {"action": before.action, "outcome": before.outcome, "outcome_reason": TEXT, "kept_until": None}
    assert replace(after, links_used=before.links_used, **changed) == before  # type: ignore[arg-type] # fields by name


def test_a_correction_that_says_the_same_keeps_why_the_lead_was_closed() -> None:
    life = Life()
    life.act(ClaimAction.NOT_WANTED)
    assert life.settle(Outcome.DECLINED, TEXT).closed_as is ClosedAs.NOT_WANTED


def test_a_lead_that_an_older_version_closed_gets_its_time() -> None:
    life = Life()
    life.act(ClaimAction.REACHED)
    life.progress = replace(life.progress, closed_at=None)
    life.now += timedelta(days=3)
    assert life.settle(Outcome.CAME).closed_at == MONDAY


def test_nobody_is_unreachable_before_three_tries() -> None:
    life = Life()
    assert refusal(lambda: life.settle(Outcome.UNREACHABLE)) is Refusal.NOT_POSSIBLE
    life.settle(Outcome.BOOKED)
    assert refusal(lambda: life.settle(Outcome.UNREACHABLE)) is Refusal.NOT_POSSIBLE


def test_spam_has_no_outcome_until_it_is_reopened() -> None:
    life = Life()
    life.act(ClaimAction.SPAM)
    assert refusal(lambda: life.settle(Outcome.BOOKED)) is Refusal.NOT_POSSIBLE
    life.act(ClaimAction.REOPEN)
    assert life.settle(Outcome.BOOKED).outcome is Outcome.BOOKED


def test_reopening_forgets_how_it_was_closed() -> None:
    life = Life()
    life.settle(Outcome.BOOKED, TEXT)
    after = life.act(ClaimAction.REOPEN)
    assert (after.outcome, after.outcome_reason, after.closed_at) == (None, None, None)


# ---- a person who wants no contact


def unwanted() -> Life:
    life = Life()
    life.act(ClaimAction.NOT_WANTED)
    life.now += MINUTE
    return life


@pytest.mark.parametrize(
    "later",
    [
        lambda life: life.settle(Outcome.NOT_SUITABLE),
        lambda life: life.settle(Outcome.NOT_SUITABLE) and life.act(ClaimAction.REOPEN),
        lambda life: life.settle(Outcome.DECLINED, TEXT) and life.act(ClaimAction.REOPEN),
        lambda life: life.act(ClaimAction.REOPEN, by=LEE),
        lambda life: life.act(ClaimAction.REOPEN, by=LEE) and life.act(ClaimAction.REACHED),
        lambda life: life.act(ClaimAction.REOPEN, by=LEE) and life.hand_over(NURSE, by=LEE),
    ],
)
def test_that_a_person_wants_no_contact_stays_true_whatever_is_done_later(later: Callable[[Life], Progress]) -> None:
    assert later(unwanted()).not_wanted_at == MONDAY


def test_who_reopens_as_the_very_next_thing_had_only_slipped() -> None:
    assert unwanted().act(ClaimAction.REOPEN).not_wanted_at is None


def test_a_slip_does_not_take_back_what_the_person_said_before() -> None:
    life = unwanted()
    life.act(ClaimAction.REOPEN, by=LEE)
    life.now += MINUTE
    life.act(ClaimAction.NOT_WANTED, by=LEE)
    assert life.act(ClaimAction.REOPEN, by=LEE).not_wanted_at == MONDAY


def test_a_wish_that_an_older_version_stored_counts_too() -> None:
    life = unwanted()
    life.progress = replace(life.progress, not_wanted_at=None)
    assert fill_in(frozenset())(life.stored).not_wanted_at == MONDAY
    assert life.settle(Outcome.NOT_SUITABLE).not_wanted_at == MONDAY


# ---- notes


def test_a_note_changes_nothing_but_the_timeline() -> None:
    life = Life()
    before = life.progress
    after = life.decide(desk.note(TEXT, life.now, by=KIM, press="form"))
    assert replace(after, noted=None, noted_at=None) == before
    assert after.event is not None
    assert (after.event.kind, after.event.actor) == ("note", KIM.id)
    assert details(after) == {"by": KIM.email, "text": TEXT, "press": "form"}


def test_a_note_that_is_sent_again_is_the_same_entry() -> None:
    life = Life()
    first = life.decide(desk.note(TEXT, life.now, by=KIM, press="form"))
    life.now += MINUTE
    again = life.decide(desk.note(TEXT, life.now, by=KIM, press="form"))
    assert (again, again.event) == (first, first.event)


def test_another_text_from_the_same_form_is_another_note() -> None:
    life = Life()
    life.decide(desk.note(TEXT, life.now, by=KIM, press="form"))
    life.now += MINUTE
    after = life.decide(desk.note("She called back.", life.now, by=KIM, press="form"))
    assert after.event is not None
    assert after.event.at == life.now


# ---- quarantine, and leads that nobody knows of


def quarantined() -> Life:
    life = Life()
    life.progress = after_quarantine(Progress(state=AlertState.SENDING, attempts=1), MONDAY)
    assert desk_list(life.stored) is DeskList.SPAM
    return life


def test_a_person_releases_a_lead_from_quarantine() -> None:
    life = quarantined()
    after = life.decide(desk.release(MONDAY, by=KIM, press=life.form()))
    assert (after.state, after.quarantined_at, after.due_at) == (AlertState.PENDING, None, MONDAY)
    assert after.event is not None
    assert (after.event.kind, after.event.actor, details(after)) == ("released", KIM.id, {"by": KIM.email})
    with pytest.raises(MovedOnError):
        life.decide(desk.release(MONDAY, by=KIM, press=life.form()))


@pytest.mark.parametrize(
    ("state", "decision"),
    [(AlertState.QUARANTINED, desk.release), (AlertState.UNDELIVERABLE, desk.tell_again)],
)
def test_what_is_let_go_twice_with_one_press_was_done_before(
    state: AlertState, decision: Callable[..., Decide]
) -> None:
    life = Life()
    life.progress = Progress(state=state, attempts=3)
    life.decide(decision(MONDAY, by=KIM, press="form"))
    assert refusal(lambda: life.decide(decision(MONDAY, by=KIM, press="form"))) is Refusal.USED


def test_a_lead_that_staff_wrote_about_meanwhile_is_not_quarantined() -> None:
    life = Life()
    life.progress = replace(Progress(state=AlertState.SENDING, attempts=1, lease="token"), due_at=MONDAY)
    life.decide(desk.note(TEXT, life.now, by=KIM, press="form"))
    attempt = Attempt(token="token", number=1, notice=Notice.ALERT)
    after = life.decide(quarantine(attempt, RULES, MONDAY))
    assert after.state is AlertState.PENDING
    assert after.due_at is not None


def test_spam_in_quarantine_is_closed_and_expires() -> None:
    life = quarantined()
    after = life.act(ClaimAction.SPAM)
    assert (after.closed_as, after.quarantined_at) == (ClosedAs.SPAM, MONDAY)
    assert desk_list(life.stored) is DeskList.CLOSED
    with pytest.raises(MovedOnError):
        life.decide(desk.release(MONDAY, by=KIM, press=life.form()))


@pytest.mark.parametrize(
    "decision",
    [
        *(partial(Life.act, action=each) for each in desk.ACTIONS if each not in {ClaimAction.CLAIM, ClaimAction.SPAM}),
        *(partial(Life.settle, outcome=each) for each in Outcome),
        partial(Life.hand_over, to=LEE),
        lambda life: life.follow_up(MONDAY + MINUTE),
    ],
)
def test_a_quarantined_lead_is_released_or_claimed_before_anything_else(decision: Callable[[Life], object]) -> None:
    life = quarantined()
    before = life.progress
    assert refusal(lambda: decision(life)) is Refusal.QUARANTINED
    assert life.progress == before
    assert life.act(ClaimAction.CLAIM).quarantined_at is None


def test_a_person_has_the_alert_sent_again() -> None:
    life = Life()
    life.progress = Progress(state=AlertState.UNDELIVERABLE, attempts=3)
    assert desk_list(life.stored) is DeskList.UNDELIVERED
    after = life.decide(desk.tell_again(MONDAY, by=NURSE, press=life.form()))
    assert after.event is not None
    assert (after.due_at, after.event.kind, after.event.actor) == (MONDAY, "redriven", NURSE.id)
    with pytest.raises(MovedOnError):
        life.decide(desk.tell_again(MONDAY, by=NURSE, press=life.form()))


# ---- lists


@pytest.mark.parametrize(
    ("lead", "claimed", "expected"),
    [
        ({}, False, DeskList.OPEN),
        ({}, True, DeskList.CLAIMED),
        ({"in_crisis": True}, False, DeskList.URGENT),
        ({"message": "I want to die"}, True, DeskList.URGENT_CLAIMED),
    ],
)
def test_an_open_lead_is_on_the_list_of_its_urgency(lead: dict[str, Any], claimed: bool, expected: DeskList) -> None:  # noqa: FBT001 - a table
    life = Life(**lead)
    if claimed:
        life.act(ClaimAction.CLAIM)
    assert desk_list(life.stored) is expected


@pytest.mark.parametrize(
    ("lead", "response", "expected"),
    [
        ({}, ResponseState.OPEN, DeskList.UNDELIVERED),
        ({"in_crisis": True}, ResponseState.OPEN, DeskList.URGENT_UNDELIVERED),
        ({}, ResponseState.CLAIMED, DeskList.CLAIMED),
        ({"in_crisis": True}, ResponseState.CLAIMED, DeskList.URGENT_CLAIMED),
    ],
)
def test_a_lead_that_nobody_knows_of_stays_urgent_and_a_claimed_one_with_its_owner(
    lead: dict[str, Any], response: ResponseState, expected: DeskList
) -> None:
    life = Life(**lead)
    life.progress = replace(life.progress, state=AlertState.UNDELIVERABLE, response=response)
    assert desk_list(life.stored) is expected


def test_the_canarys_leads_are_on_no_list() -> None:
    assert desk_list(StoredLead(lead=a_lead(), progress=Progress(synthetic=True))) is None


def test_what_only_the_desk_can_do_is_in_no_table_of_links() -> None:
    assert not DESK_ONLY & {*desk.ACTIONS}
