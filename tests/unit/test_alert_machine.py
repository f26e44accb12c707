"""shared.leads.alert in random sequences of events: in any order, a lead ends done, due or visible to staff."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.leads import desk
from shared.leads.alert import (
    LEASE,
    SHORTLY,
    after_attempt,
    after_put_off,
    after_quarantine,
    after_report,
    after_summary,
    after_wait,
    rearmed,
)
from shared.leads.claims import after_claim, refusal_of
from shared.leads.decisions import Decide, MovedOnError, Rules
from shared.leads.desk_list import DeskList, desk_list
from shared.leads.lead import Priority
from shared.leads.notice import INFORMATION, Notice, Outcome, Report, ReportKind, email_name, recipient_of
from shared.leads.person import Person
from shared.leads.plan import deadlines, of, owner_of, to_send, wanted
from shared.leads.progress import LEASABLE, AlertState, Case, Progress, StoredLead, former_owners
from shared.leads.response import (
    CLOSES,
    OF_LINKS,
    OUTCOMES,
    ClaimAction,
    ClaimRefusedError,
    ClosedAs,
    ResponseState,
)
from shared.leads.response import (
    Outcome as CameOfIt,
)
from shared.leads.retention import expires_at
from shared.leads.team import Team
from shared.leads.worklist import Worklist, worklist
from shared.store.intake import STREAM_GRACE
from tests.unit.choices import BEST_TIME
from tests.unit.people import CLINIC, NOW, a_lead
from tests.unit.promises import ASKING, broken_promise

# A recipient with an account at the desk, and people who are no recipients.
NURSE = Person("nurse@example.com")
PEOPLE = st.sampled_from([NURSE, Person("kim@example.com"), Person("lee@example.com")])
# So few that a lead can use them up.
MOST_TRIES = 4
TEAMS = st.builds(
    Team,
    staff=st.integers(1, 3).map(lambda count: (NURSE.id, "staff-2", "staff-3")[:count]),
    fallback=st.integers(0, 2).map(lambda count: ("fallback-1", "fallback-2")[:count]),
    tell_others=st.booleans(),
)
# Most emails are accepted.
_OUTCOMES = st.sampled_from([*[Outcome.ACCEPTED] * 4, *Outcome])
# SES may report on an email before its sender has recorded anything.
_AT_ONCE = st.one_of(st.none(), st.sampled_from(ReportKind))
AFTER_THE_ALERT = {Notice.REMINDER, Notice.ESCALATION}
REPEATED = set(Notice) - {Notice.ALERT}
_FAILURES = {ReportKind.BOUNCED, ReportKind.COMPLAINED}
# Every zone of the United States, places far away, and zones that say nothing about where a person is.
ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"),
    *("America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam", "Pacific/Pago_Pago"),
    *("Europe/London", "Asia/Tokyo", "UTC", "Etc/GMT+5", "", None),
)
LEADS = st.fixed_dictionaries(
    {
        "in_crisis": st.sampled_from([None, None, True]),
        "best_time": st.sampled_from([None, *BEST_TIME]),
        "time_zone": st.sampled_from(ZONES),
        "preferred_contact": st.sampled_from(["phone", "email"]),
    }
)
A_YEAR = st.integers(0, 365 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


class LifeMachine(RuleBasedStateMachine):
    """One lead, its senders, the emails that SES accepted, the reports and answers, and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.progress = Progress()
        self.leased: Progress | None = None  # the lead as the current sender read it
        self.taken: list[tuple[Notice, str, int]] = []  # accepted by SES, with the attempt
        self.outcomes: dict[str, Outcome] = {}  # by the current sender
        self.crashes = 0
        self.newcomers = 0
        self.used_a_link: set[str] = set()
        self.forms = 0
        self.owners: set[str] = set()  # everyone who ever had it
        self.wished_at: datetime | None = None  # when the person asked for no contact, one step ago
        self.bare: set[tuple[Notice, str, int]] = set()  # emails without the visitor's data
        self.reported: dict[tuple[Notice, str, int], set[ReportKind]] = {}  # SES's reports on each email
        self.patches = ExitStack()
        self.patches.enter_context(patch("shared.leads.alert.MOST_TRIES", MOST_TRIES))

    def teardown(self) -> None:
        self.patches.close()

    @initialize(team=TEAMS, lead=LEADS, synthetic=st.sampled_from([False] * 7 + [True]), later=A_YEAR)
    def a_request_comes(self, team: Team, lead: dict[str, Any], later: timedelta, *, synthetic: bool) -> None:
        self.now += later
        self.case = Case(lead=a_lead(received_at=self.now, **lead), clinic=CLINIC, team=team)
        first = self.now + STREAM_GRACE
        self.progress = Progress(due_at=first, overdue_since=first, synthetic=synthetic)

    @rule(seconds=st.sampled_from([1, 31, 181, 1_000, 3_600, 86_400, 14 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.progress.due_at is not None and not self.progress.in_summary)
    @rule(in_time=st.booleans())
    def a_sender_takes_it(self, *, in_time: bool) -> None:
        before = self.progress
        assert before.due_at is not None
        if in_time:
            self.now = max(self.now, before.due_at)
        is_new = not before.attempts and before.response is ResponseState.OPEN
        if before.due_at > self.now and not is_new:
            return
        assert before.state in LEASABLE
        self.crashes += before.state is AlertState.SENDING
        self.outcomes = {}
        self.progress = self.leased = replace(
            before,
            state=AlertState.SENDING,
            attempts=before.attempts + 1,
            tries=before.tries + 1,
            due_at=self.now + LEASE,
            version=before.version + 1,
        )

    @precondition(lambda self: self.untried())
    @rule(data=st.data(), mails=st.lists(st.tuples(_OUTCOMES, _AT_ONCE), min_size=1, max_size=4))
    def the_sender_writes_to_some(self, data: st.DataObject, mails: list[tuple[Outcome, ReportKind | None]]) -> None:
        for outcome, at_once in mails:
            if untried := self.untried():
                self._written_to(data.draw(st.sampled_from(untried)), outcome)
                if at_once and self.taken:
                    self._reported(data.draw(st.sampled_from(self.taken)), at_once)

    @precondition(lambda self: self.leased)
    @rule(jitter=st.floats(0, 1))
    def the_sender_is_done(self, jitter: float) -> None:
        self.leased = None
        self._becomes(after_attempt(self.progress, self.case, self.outcomes, self.now, jitter=jitter))
        assert self.progress.state is not AlertState.SENDING

    @precondition(lambda self: self.leased and self.leased.attempts == 1 and not self.outcomes)
    @rule(kept_back=st.booleans())
    def the_screen_keeps_it_back_or_it_is_held(self, *, kept_back: bool) -> None:
        self.leased = None
        until = self.now + SHORTLY
        self._becomes(after_quarantine(self.progress, self.now) if kept_back else after_wait(self.progress, until))

    @precondition(lambda self: self.leased and not self.outcomes and not self.progress.synthetic)
    @rule()
    def its_email_is_over_the_budget(self) -> None:
        self.leased = None
        self._becomes(after_put_off(self.progress, self.case, self.now))
        assert self.progress.state is not AlertState.SENDING

    @precondition(lambda self: self.progress.in_summary)
    @rule(data=st.data())
    def a_summary_lists_it(self, data: st.DataObject) -> None:
        before, outcomes = self.progress, dict[str, Outcome]()
        for box in to_send(before, self.case.team):
            outcome = data.draw(_OUTCOMES)
            if outcome.concerns_everybody:
                break
            outcomes[box] = outcome
            if outcome is Outcome.ACCEPTED:
                self.taken.append((before.notice, box, before.attempts + 1))
                if before.shows_reference_only:
                    self.bare.add(self.taken[-1])
        if outcomes or not to_send(before, self.case.team):
            self._becomes(after_summary(before, self.case, outcomes, self.now))
            assert not self.progress.in_summary

    @precondition(lambda self: self.taken)
    @rule(data=st.data(), kind=st.sampled_from(ReportKind))
    def ses_reports(self, data: st.DataObject, kind: ReportKind) -> None:
        self._reported(data.draw(st.sampled_from(self.taken)), kind)

    @precondition(lambda self: self.taken)
    @rule(data=st.data(), what=st.sampled_from([*OF_LINKS, ClaimAction.CLAIM, *[ClaimAction.NO_ANSWER] * 3]))
    def staff_act(self, data: st.DataObject, what: ClaimAction) -> None:
        _, recipient, attempt = data.draw(st.sampled_from(self.taken))
        seen = data.draw(st.sampled_from([None, len(self.progress.links_used)]))
        self._acted(what, recipient, f"{recipient}/{attempt}/{what}/{seen}")

    @rule(what=st.sampled_from(desk.ACTIONS), by=PEOPLE)
    def a_person_at_the_desk_acts(self, what: ClaimAction, by: Person) -> None:
        self._decided(desk.act(what, self.follow_up_rules, self.now, by=by, press=self.form()))

    @rule(by=PEOPLE, to=PEOPLE)
    def a_person_hands_it_over(self, by: Person, to: Person) -> None:
        if self._decided(desk.hand_over(self.follow_up_rules, self.now, by=by, to=to, press=self.form())):
            assert owner_of(self.progress, self.case.team) == to.id

    @rule(by=PEOPLE, days=st.integers(0, 400))
    def a_person_sets_a_follow_up(self, by: Person, days: int) -> None:
        at, before = self.now + timedelta(days=days), owner_of(self.progress, self.case.team)
        if self._decided(desk.follow_up(self.follow_up_rules, self.now, by=by, at=at, press=self.form())):
            assert self.now < at == self.progress.follow_up_at
            assert not self.case.urgent or days <= 1
            assert owner_of(self.progress, self.case.team) == (before or by.id)

    @rule(by=PEOPLE, outcome=st.sampled_from(CameOfIt))
    def a_person_says_what_came_of_it(self, by: Person, outcome: CameOfIt) -> None:
        tried = self.progress.tried
        if self._decided(desk.settle(outcome, None, self.follow_up_rules, self.now, by=by, press=self.form())):
            assert self.progress.outcome is outcome
            assert self.progress.closed_as is not ClosedAs.SPAM
            assert outcome is not CameOfIt.UNREACHABLE or tried >= 3

    @rule(by=PEOPLE)
    def a_person_writes_a_note(self, by: Person) -> None:
        before = self.progress
        assert self._decided(desk.note("A note.", self.now, by=by, press=self.form()))
        unchanged = {name: getattr(before, name) for name in ("noted", "noted_at", "version", "kept_until")}
        assert replace(self.progress, **unchanged) == before

    @precondition(lambda self: self.progress.state in {AlertState.UNDELIVERABLE, AlertState.QUARANTINED})
    @rule(by=PEOPLE)
    def a_person_lets_it_go_again(self, by: Person) -> None:
        again = desk.release if self.progress.state is AlertState.QUARANTINED else desk.tell_again
        self._decided(again(self.now, by=by, press=self.form()), may_lose=set(self.progress.bounced))

    def form(self) -> str:
        self.forms += 1
        return f"form-{self.forms}"

    @property
    def follow_up_rules(self) -> Rules:
        return Rules(clinic=CLINIC, team=self.case.team)

    def _decided(self, decide: Decide, may_lose: set[str] | None = None) -> bool:
        """Return whether a decision of the desk changed the lead."""
        stored = StoredLead(lead=self.case.lead, progress=self.progress)
        try:
            after = decide(stored)
        except (ClaimRefusedError, MovedOnError):
            return False
        repeated = {each for each in stored.progress.accepted if Notice(each.partition("/")[0]) in REPEATED}
        self._becomes(after, repeated if may_lose is None else may_lose)
        return True

    @precondition(lambda self: self.progress.claimed_by in self.case.team.everybody)
    @rule()
    def the_owner_leaves_the_list(self) -> None:
        team, gone = self.case.team, self.progress.claimed_by
        self.newcomers += 1
        staff = tuple(each for each in team.staff if each != gone) or (f"newcomer-{self.newcomers}",)
        fallback = tuple(each for each in team.fallback if each != gone)
        self.case = replace(self.case, team=replace(team, staff=staff, fallback=fallback))
        assert owner_of(self.progress, self.case.team) is None

    def _acted(self, what: ClaimAction, by: str, link: str) -> None:
        before = self.progress
        closed = before.response is ResponseState.CLOSED
        if refusal_of(before, self.case, what, by=by, link=link):
            with pytest.raises(ClaimRefusedError):
                after_claim(before, self.case, what, by=by, link=link, now=self.now)
            return
        after = after_claim(before, self.case, what, by=by, link=link, now=self.now)
        self.used_a_link.add(by)
        assert closed == (what is ClaimAction.REOPEN), "only undoing changes a closed lead"
        assert (after.closed_as is None) == (what not in CLOSES)
        assert after.claimed_by == (None if what is ClaimAction.HAND_BACK else by)
        assert after.tried == before.tried + (what is ClaimAction.NO_ANSWER)
        assert what is not ClaimAction.UNREACHABLE or before.tried >= 3
        repeated = {each for each in before.accepted if Notice(each.partition("/")[0]) in REPEATED}
        self._becomes(after, repeated)

    @precondition(
        lambda self: (
            self.progress.state in {AlertState.UNDELIVERABLE, AlertState.QUARANTINED}
            and self.progress.response is not ResponseState.CLOSED
        )
    )
    @rule()
    def an_operator_lets_it_go_again(self) -> None:
        self._becomes(rearmed(self.progress, self.now), set(self.progress.bounced))
        assert self.progress.due_at == self.now

    @precondition(lambda self: self.progress.due_at and not self.progress.in_summary and self.leased is None)
    @rule()
    def all_goes_well(self) -> None:
        self.a_sender_takes_it(in_time=True)
        while untried := self.untried():
            self._written_to(untried[0], Outcome.ACCEPTED)
        self.the_sender_is_done(0.0)

    def _reported(self, one: tuple[Notice, str, int], kind: ReportKind) -> None:
        notice, recipient, attempt = one
        if attempt <= self.progress.redriven:
            return  # too late to count
        self.reported.setdefault(one, set()).add(kind)
        report = Report(kind=kind, notice=notice, recipient=recipient, attempt=attempt)
        before = self.progress
        may_lose = {report.email} if kind is ReportKind.REJECTED and not self._has_a_copy(notice, recipient) else set()
        self._becomes(after_report(before, self.case, report, self.now), may_lose)
        again = after_report(self.progress, self.case, report, self.now)
        assert _facts(again) == _facts(self.progress), "the second of two equal reports changed something"

    def _has_a_copy(self, notice: Notice, recipient: str) -> bool:
        """Whether a copy since the last redrive or in this round was delivered and not rejected."""
        since = self.progress.redriven if notice is Notice.ALERT else self.progress.round_after
        return any(
            one[:2] == (notice, recipient)
            and one[2] > since
            and ReportKind.DELIVERED in said
            and ReportKind.REJECTED not in said
            for one, said in self.reported.items()
        )

    def _written_to(self, box: str, outcome: Outcome) -> None:
        leased = self.leased
        assert leased is not None
        self.outcomes[box] = outcome
        if outcome is Outcome.ACCEPTED:
            asks = leased.notice not in INFORMATION
            assert not (leased.response is ResponseState.CLOSED and asks)
            assert not (leased.response is ResponseState.CLAIMED and leased.notice in ASKING)
            self.taken.append((leased.notice, box, leased.attempts))
            if leased.shows_reference_only:
                self.bare.add(self.taken[-1])

    def untried(self) -> list[str]:
        """Return the recipients that the current sender can still email, as shared/messages/send.py does."""
        leased, outcomes = self.leased, self.outcomes
        if leased is None or leased.tries > MOST_TRIES or any(each.concerns_everybody for each in outcomes.values()):
            return []
        refused = frozenset(email_name(leased.notice, box) for box, each in outcomes.items() if each is Outcome.REFUSED)
        wanted = to_send(replace(leased, refused=leased.refused | refused), self.case.team)
        return [box for box in wanted if box not in outcomes]

    def _becomes(self, after: Progress, may_lose: set[str] | None = None) -> None:
        lost = self.progress.accepted - after.accepted
        if after.rounds > self.progress.rounds:  # everyone is reminded again
            lost -= of(lost, *REPEATED)
        assert lost <= (may_lose or set()), "a recipient who has the email gets it again"
        assert not (self.progress.told_at and after.told_at != self.progress.told_at), "the clock restarted"
        self.progress = replace(after, version=self.progress.version + 1)

    @invariant()
    def it_is_done_or_due_or_seen(self) -> None:
        if hasattr(self, "case"):
            assert broken_promise(self.progress, self.case, self.now) is None

    @invariant()
    def what_waits_for_a_summary_is_due_and_wanted(self) -> None:
        if self.progress.in_summary:
            assert self.progress.due_at is not None
            assert self.progress.due_at <= self.now
            assert self.progress.state is not AlertState.SENDING
            assert wanted(self.progress)

    @invariant()
    def its_deadlines_follow_the_first_email(self) -> None:
        progress = self.progress
        waiting = progress.state is not AlertState.SENDING and progress.tries == 0 and progress.due_at is not None
        if not (waiting and progress.told_at and progress.notice in AFTER_THE_ALERT):
            return
        if progress.rounds or progress.acted_at or progress.doubted or progress.in_summary:
            return
        reminder, escalation = deadlines(progress.told_at, self.case)
        assert progress.due_at == (reminder if progress.notice is Notice.REMINDER else escalation)

    @invariant()
    def what_is_kept_back_is_off_the_agenda(self) -> None:
        if self.progress.state in {AlertState.QUARANTINED, AlertState.UNDELIVERABLE}:
            assert self.progress.due_at is None

    @invariant()
    def nobody_hears_of_a_claim_where_the_clinic_does_not_want_it(self) -> None:
        if hasattr(self, "case") and not self.case.team.tell_others:
            assert all(box in self.owners for notice, box, _ in self.taken if notice in INFORMATION)

    @invariant()
    def whoever_lost_it_hears_of_it_or_takes_part(self) -> None:
        if self.progress.claimed_by:
            self.owners.add(self.progress.claimed_by)
        assert set(former_owners(self.progress)) <= self.owners - {self.progress.claimed_by, self.progress.acted_by}

    @invariant()
    def only_the_owner_is_asked_how_it_went(self) -> None:
        if hasattr(self, "case") and self.leased and self.leased.notice is Notice.OWNER_REMINDER:
            assert set(to_send(self.leased, self.case.team)) <= {self.leased.claimed_by}

    @invariant()
    def it_is_on_a_list_unless_it_is_the_canarys(self) -> None:
        # The progress is there before the lead is.
        lead = self.case.lead if hasattr(self, "case") else a_lead()
        listed = worklist(StoredLead(lead=lead, progress=self.progress))
        closed = Worklist.CLOSED if lead.priority is Priority.NORMAL else Worklist.URGENT_CLOSED
        assert (listed is None) == self.progress.synthetic
        assert (listed is closed) == (self.progress.response is ResponseState.CLOSED and listed is not None)

    @invariant()
    def its_list_at_the_desk_is_its_state(self) -> None:
        lead, progress = self.case.lead if hasattr(self, "case") else a_lead(), self.progress
        listed = desk_list(StoredLead(lead=lead, progress=progress))
        closed, urgent = progress.response is ResponseState.CLOSED, lead.priority is not Priority.NORMAL
        assert (listed is None) == progress.synthetic
        if listed is not None:
            assert (listed is DeskList.CLOSED) == closed
            assert (listed is DeskList.SPAM) == (progress.state is AlertState.QUARANTINED and not closed)
            nobody_knows = progress.state is AlertState.UNDELIVERABLE and progress.response is ResponseState.OPEN
            assert (listed in {DeskList.UNDELIVERED, DeskList.URGENT_UNDELIVERED}) == nobody_knows
        if listed not in {None, DeskList.CLOSED, DeskList.SPAM}:
            urgent_lists = {DeskList.URGENT, DeskList.URGENT_CLAIMED, DeskList.URGENT_UNDELIVERED}
            assert urgent == (listed in urgent_lists)
            claimed = progress.response is ResponseState.CLAIMED
            assert claimed == (listed in {DeskList.URGENT_CLAIMED, DeskList.CLAIMED})

    @invariant()
    def what_came_of_it_is_said_of_closed_leads_only(self) -> None:
        closed = self.progress.response is ResponseState.CLOSED
        assert (self.progress.closed_at is not None) == closed
        assert closed or (self.progress.outcome is None and self.progress.outcome_reason is None)
        assert not (self.progress.closed_as is ClosedAs.SPAM and self.progress.outcome)
        named = OUTCOMES.get(self.progress.action) if closed and self.progress.action else None
        assert named is None or self.progress.outcome is named

    @invariant()
    def a_wish_for_no_contact_is_never_lost(self) -> None:
        closed_for_it = self.progress.closed_as is ClosedAs.NOT_WANTED
        assert not closed_for_it or self.progress.not_wanted_at is not None
        if self.wished_at and self.progress.action is not ClaimAction.REOPEN:
            assert self.progress.not_wanted_at is not None
        self.wished_at = self.progress.not_wanted_at

    @invariant()
    def it_expires_once_it_is_closed_or_in_quarantine(self) -> None:
        progress = self.progress
        lead = self.case.lead if hasattr(self, "case") else a_lead()
        assert (progress.quarantined_at is not None) == (progress.state is AlertState.QUARANTINED)
        expires = expires_at(StoredLead(lead=lead, progress=progress), CLINIC.retention) is not None
        ended = progress.response is ResponseState.CLOSED or progress.state is AlertState.QUARANTINED
        assert expires == (progress.synthetic or ended)

    @invariant()
    def it_is_not_tried_more_often_than_ever(self) -> None:
        assert 0 <= self.progress.tries <= MOST_TRIES + self.crashes + 1

    @invariant()
    def nobody_is_said_to_have_what_ses_did_not_take(self) -> None:
        assert self.progress.accepted <= {email_name(notice, box) for notice, box, _ in self.taken}

    @invariant()
    def nobody_is_said_to_have_what_ses_rejected(self) -> None:
        if self.progress.state is not AlertState.SENDING:
            sent = {
                email_name(*one[:2]) for one in self.taken if ReportKind.REJECTED not in self.reported.get(one, set())
            }
            said = self.progress.accepted - self.progress.bounced
            # A recipient who used a link has the email, whatever SES reported.
            assert {each for each in said if recipient_of(each) not in self.used_a_link} <= sent

    @invariant()
    def nobodys_mailbox_is_given_up_for_what_was_in_their_first_mail(self) -> None:
        failed = {email_name(*one[:2]) for one, said in self.reported.items() if said & _FAILURES}
        rejected_bare = {
            email_name(*one[:2]) for one in self.bare if ReportKind.REJECTED in self.reported.get(one, set())
        }
        assert self.progress.bounced <= failed | rejected_bare

    @invariant()
    def nobody_is_written_to_whose_mail_comes_back(self) -> None:
        if hasattr(self, "case") and self.progress.state is not AlertState.SENDING:
            gone = {recipient_of(each) for each in self.progress.bounced}
            assert not gone & set(to_send(self.progress, self.case.team))


def _facts(progress: Progress) -> tuple[object, ...]:
    return progress.state, progress.accepted, progress.bounced, progress.rejected, progress.notice, progress.due_at


TestLifeMachine = LifeMachine.TestCase
TestLifeMachine.settings = settings(max_examples=500, stateful_step_count=40, deadline=None, database=None)
