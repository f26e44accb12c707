"""The main promise in random sequences: if any process dies at any call, every stored lead reaches staff or is visible.

Every function runs as a process on AWS in memory (tests/unit/world.py). Several run at once, in any order, and each can
be stopped, resumed or killed at any call, while SES reports, staff answer and an operator releases requests.
"""

from collections import Counter
from datetime import datetime, timedelta
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.leads.alert import LEASE
from shared.leads.canary import SIMULATOR
from shared.leads.notice import INFORMATION, Notice, ReportKind, email_name
from shared.leads.progress import AlertState, StoredLead
from shared.leads.response import OF_LINKS, ClaimAction, ResponseState
from shared.leads.team import Team
from shared.leads.worklist import Worklist, worklist
from shared.store.keys import epoch_seconds
from shared.store.worklist import WorkIndex
from tests.unit.cloud import Fate
from tests.unit.dynamodb import NAME
from tests.unit.people import SPAM_FORM, form
from tests.unit.promises import ASKING, broken_promise
from tests.unit.world import Process, World

# So few that a lead can use them up.
MOST_TRIES = 3
TEAMS = [
    Team(staff=("staff-1", "staff-2"), fallback=("fallback-1",), tell_others=True),
    Team(staff=("staff-1",), fallback=("fallback-1",), tell_others=False),
    Team(staff=("staff-1",), fallback=()),
]
_MAIL_ONLY = {"phone": None, "preferred_contact": None, "consent_texts": None, "discreet": None, "voicemail_ok": None}
# The visitors. The first two are the same person, who gets one confirmation a day.
VISITORS: list[dict[str, object]] = [
    {"email": "sam@example.com", "message": "Hello.", **_MAIL_ONLY},
    {"email": "sam@example.com", "message": "Hello again.", **_MAIL_ONLY},
    {"email": "kim@example.com", "in_crisis": "yes", **_MAIL_ONLY},
    SPAM_FORM,
    {**SPAM_FORM, "in_crisis": "yes"},
    {"best_time": "evening", "time_zone": "Pacific/Honolulu"},
]
_NUMBERS = st.sampled_from(range(len(VISITORS)))
_TROUBLE = [fate for fate in Fate if fate is not Fate.WELL]
# How far a process gets: some calls succeed, one may fail, and then it waits or goes on to its end.
TO_THE_END: "Plan" = ((), True)
PLANS = st.one_of(
    st.just(TO_THE_END),
    st.builds(lambda calls: ((Fate.WELL,) * calls, False), st.integers(0, 10)),
    st.builds(
        lambda calls, fate, to_the_end: ((*[Fate.WELL] * calls, fate), to_the_end),
        st.integers(0, 10),
        st.sampled_from(_TROUBLE),
        st.booleans(),
    ),
)
type Plan = tuple[tuple[Fate, ...], bool]


class LivesMachine(RuleBasedStateMachine):
    """Visitors, the functions, SES, staff, an operator, a clock, and everything that can fail."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.patches = [
            patch(f"{module}.MOST_TRIES", MOST_TRIES) for module in ("shared.leads.alert", "shared.messages.send")
        ]
        for each in self.patches:
            each.start()

    @initialize(team=st.sampled_from(TEAMS), numbers=st.sets(_NUMBERS, min_size=1, max_size=3), told=st.booleans())
    def some_came_before(self, team: Team, numbers: set[int], *, told: bool) -> None:
        self.world.team = team
        for number in sorted(numbers):
            self.a_visitor_submits(number, TO_THE_END)
        if told:
            self.world.run(self.world.notify(sorted(self.world.leads)))

    # ---- what begins

    @rule(number=_NUMBERS, plan=PLANS)
    def a_visitor_submits(self, number: int, plan: Plan) -> None:
        fields = form(submission_id=f"made-up-submission-{number:04}", **VISITORS[number])
        self._run(self.world.submit(fields), plan)

    @rule(plan=PLANS)
    def the_canary_flies(self, plan: Plan) -> None:
        self._run(self.world.canary("canary-made-up-0001"), plan)

    @precondition(lambda self: self.world.leads)
    @rule(data=st.data(), plan=PLANS)
    def the_stream_brings_leads_in_any_order_and_more_than_once(self, data: st.DataObject, plan: Plan) -> None:
        ids = data.draw(st.lists(st.sampled_from(sorted(self.world.leads)), min_size=1, max_size=2))
        self._run(self.world.notify(ids), plan)

    @rule(plan=PLANS)
    def the_sweep_starts(self, plan: Plan) -> None:
        self._run(self.world.follow_up(), plan)

    @precondition(lambda self: self.world.cloud.emails)
    @rule(data=st.data(), kind=st.sampled_from(ReportKind), plan=PLANS)
    def ses_reports(self, data: st.DataObject, kind: ReportKind, plan: Plan) -> None:
        number = data.draw(st.sampled_from(range(len(self.world.cloud.emails))))
        self._report(number, kind, plan)

    @precondition(lambda self: self.fresh())
    @rule(data=st.data(), kind=st.sampled_from(ReportKind), plan=PLANS)
    def ses_reports_before_the_sender_has_written_anything(
        self, data: st.DataObject, kind: ReportKind, plan: Plan
    ) -> None:
        self._report(data.draw(st.sampled_from(self.fresh())), kind, plan)

    def _report(self, number: int, kind: ReportKind, plan: Plan) -> None:
        self._run(self.world.delivery(self.world.cloud.emails[number], kind), plan)

    @precondition(lambda self: self.world.tokens())
    @rule(data=st.data(), method=st.sampled_from(["POST", "POST", "POST", "GET"]), plan=PLANS)
    def staff_answer(self, data: st.DataObject, method: str, plan: Plan) -> None:
        self._run(self.world.claim(data.draw(st.sampled_from(self.world.tokens())), method), plan)

    @precondition(lambda self: self.world.tokens())
    @rule(data=st.data(), action=st.sampled_from(OF_LINKS), seen=st.integers(0, 4), plan=PLANS)
    def staff_press_a_button_of_the_page(self, data: st.DataObject, action: ClaimAction, seen: int, plan: Plan) -> None:
        token = data.draw(st.sampled_from(self.world.tokens()))
        self._run(self.world.claim(token, "POST", f"action={action}&seen={seen}"), plan)

    @precondition(lambda self: self.shown())
    @rule(data=st.data(), plan=PLANS)
    def an_operator_lets_go_again(self, data: st.DataObject, plan: Plan) -> None:
        state, reference = data.draw(st.sampled_from(self.shown()))
        self._run(self.world.operator(reference if state is AlertState.QUARANTINED else None), plan)

    # ---- what goes on

    @precondition(lambda self: self.next_due())
    @rule(
        data=st.data(),
        more=st.integers(0, 3),
        kind=st.one_of(st.none(), st.sampled_from(ReportKind)),
        another=st.booleans(),
        plans=st.tuples(PLANS, PLANS, PLANS),
    )
    def others_are_at_it_while_a_sender_is_at_work(
        self, data: st.DataObject, more: int, kind: ReportKind | None, plans: tuple[Plan, Plan, Plan], *, another: bool
    ) -> None:
        self.the_next_ones_time_comes()
        sender = self.world.follow_up()
        fresh: list[int] = []
        while not (sender.done or fresh):
            self._run(sender, ((Fate.WELL,), False))
            fresh = [number for number in self.fresh() if self.world.takers[number] is sender]
        self._run_on(sender, ((Fate.WELL,) * more, False))
        if fresh and another:
            lead_id = str(self.world.cloud.emails[fresh[0]].lead_id)
            self._run(self.world.notify([lead_id]), plans[1])
        if fresh and kind:
            self._report(data.draw(st.sampled_from(fresh)), kind, plans[0])
        elif fresh and (tokens := self.world.tokens(self.world.cloud.emails[fresh[0]])):
            self._run(self.world.claim(data.draw(st.sampled_from(tokens)), "POST"), plans[1])
        self._run_on(sender, plans[2])

    @precondition(lambda self: self.world.alive)
    @rule(data=st.data(), plan=PLANS)
    def who_waits_goes_on(self, data: st.DataObject, plan: Plan) -> None:
        self._run(data.draw(st.sampled_from(self.world.alive)), plan)

    @rule(seconds=st.sampled_from([1, 31, 61, 181, 901, 4_000, 86_400]))
    def time_passes(self, seconds: float) -> None:
        self.world.wait(timedelta(seconds=seconds))

    @precondition(lambda self: self.next_due())
    @rule()
    def the_next_ones_time_comes(self) -> None:
        due_at = self.next_due()
        assert due_at
        self.world.wait(max(timedelta(), due_at - self.world.clock()))

    @rule(
        whom=st.sampled_from(["", "frontdesk@example.com", "nurse@example.com", "owner@example.com"]),
        code=st.sampled_from(["TooManyRequestsException", "MessageRejected", "SendingPausedException", ""]),
    )
    def ses_has_good_and_bad_hours(self, whom: str, code: str) -> None:
        self.world.cloud.refusing = {whom: code} if code else {}

    # ---- what must hold

    @invariant()
    def nothing_happened_that_nobody_foresaw(self) -> None:
        assert self.world.mistakes == []

    @invariant()
    def who_was_given_a_reference_is_in_the_table(self) -> None:
        assert self.world.references <= {str(item["reference"]["S"]) for item in self.world.leads.values()}

    @invariant()
    def each_lead_that_became_undeliverable_was_counted(self) -> None:
        """The alarm's metric counts each such lead, unless its writer never learned that the write succeeded."""
        assert self.world.ends_counted <= self.world.ended
        assert self.world.ended - self.world.ends_counted <= self.world.ends_unheard

    @invariant()
    def every_item_says_which_version_of_the_stored_shapes_it_has(self) -> None:
        assert all(item["schema"] == {"N": "1"} for item in self.world.cloud.items.values())

    @invariant()
    def the_gauge_shows_who_is_undeliverable_even_where_a_metric_was_lost(self) -> None:
        found = [self.world.progress_of(lead_id) for lead_id in self.world.leads]
        waiting = [each for each in found if each.state is AlertState.UNDELIVERABLE and not each.synthetic]
        index = WorkIndex(self.world.cloud.table.client(), NAME)
        assert index.count(Worklist.UNDELIVERABLE) == sum(each.response is not ResponseState.CLOSED for each in waiting)

    @invariant()
    def every_lead_is_done_or_due_or_seen(self) -> None:
        for lead_id, item in self.world.leads.items():
            progress = self.world.known(item)[1]
            broken = broken_promise(progress, self.world.case_of(lead_id), self.world.clock())
            assert broken is None, (broken, progress)
            assert ("agenda_shard" in item) == (progress.due_at is not None)
            listed = worklist(StoredLead(lead=self.world.known(item)[0], progress=progress))
            assert (listed is None) == progress.synthetic
            if progress.attempts or progress.acted_at:  # a lead that was just stored is on no list of urgent ones yet
                assert item.get("worklist", {"S": ""})["S"].partition("#")[0] == (listed or "")
            if progress.state is AlertState.QUARANTINED:
                assert self.world.known(item)[0].trap_filled
                assert not self.world.known(item)[0].in_crisis

    @invariant()
    def nobody_is_said_to_have_what_ses_did_not_take_or_rejected(self) -> None:
        taken: dict[str | None, set[str]] = {}
        sent: dict[str | None, set[str]] = {}
        for number, each in enumerate(self.world.cloud.emails):
            if each.lead_id and "recipient" in each.tags:
                name = email_name(Notice(each.tags["notice"]), each.tags["recipient"])
                taken.setdefault(each.lead_id, set()).add(name)
                if not self._reached(number, {ReportKind.REJECTED}):
                    sent.setdefault(each.lead_id, set()).add(name)
        for lead_id in self.world.leads:
            progress = self.world.progress_of(lead_id)
            assert progress.accepted <= taken.get(lead_id, set())
            if progress.state is not AlertState.SENDING and not progress.redriven:
                assert progress.accepted - progress.bounced <= sent.get(lead_id, set())

    @invariant()
    def a_mail_goes_out_twice_only_where_nobody_knew_that_ses_had_it(self) -> None:
        names: dict[tuple[str, str], list[int]] = {}
        for number, each in enumerate(self.world.cloud.emails):
            if each.lead_id:
                name = f"{each.tags['notice']}/{each.tags.get('recipient')}"
                names.setdefault((each.lead_id, name), []).append(number)
                assert str(self.world.leads[each.lead_id]["reference"]["S"]) in each.subject
        for (lead_id, name), numbers in names.items():
            excused = 0 if "confirm" in name else sum(map(self.world.allowed, numbers[:-1]))
            assert len(numbers) - 1 <= excused + self.world.undone[lead_id, name], name

    @invariant()
    def the_visitor_gets_one_confirmation_and_after_staff_were_told(self) -> None:
        told, confirmed = set(), Counter[str | None]()
        for each in self.world.cloud.emails:
            if each.tags["notice"] == "confirmation":
                assert each.lead_id in told
                confirmed[each.lead_id] += 1
                assert each.to == self.world.known(self.world.leads[str(each.lead_id)])[0].email
            elif each.lead_id:
                told.add(each.lead_id)
        assert set(confirmed.values()) <= {1}

    @invariant()
    def nobody_is_asked_for_what_is_closed_or_to_take_what_is_taken(self) -> None:
        for each in self.world.cloud.emails:
            if "attempt" in each.tags and each.tags["notice"] not in INFORMATION:
                read = self.world.leased[str(each.lead_id), int(each.tags["attempt"])]
                assert read.response is not ResponseState.CLOSED
                assert read.response is ResponseState.OPEN or each.tags["notice"] not in ASKING

    @invariant()
    def no_member_of_staff_ever_sees_the_canary(self) -> None:
        synthetic = {lead_id for lead_id, item in self.world.leads.items() if "synthetic" in item}
        for each in self.world.cloud.emails:
            assert (each.to == SIMULATOR) == (each.lead_id in synthetic) or each.lead_id not in synthetic
            assert "canary" not in each.text.lower() or each.to == SIMULATOR

    def teardown(self) -> None:
        """The faults end. From now on, time passes and only sweeps run."""
        try:
            self._all_is_well_in_the_end()
        finally:
            self.world.close()
            for each in self.patches:
                each.stop()

    def _all_is_well_in_the_end(self) -> None:
        world = self.world
        while world.alive:
            world.kill(world.alive[0])
        if world.mistakes:
            return
        world.cloud.refusing = {}
        world.wait(LEASE)
        self._sweep(12)
        unclosed = [each for each in world.leads if world.progress_of(each).response is not ResponseState.CLOSED]
        for lead_id in unclosed:
            world.reached(lead_id)
        assert self._sweep(40) is None, "something is due although each lead is closed"
        self.nothing_happened_that_nobody_foresaw()
        self.every_lead_is_done_or_due_or_seen()
        self.nobody_is_said_to_have_what_ses_did_not_take_or_rejected()
        self.a_mail_goes_out_twice_only_where_nobody_knew_that_ses_had_it()
        self.the_visitor_gets_one_confirmation_and_after_staff_were_told()
        self.nobody_is_asked_for_what_is_closed_or_to_take_what_is_taken()
        failures = {ReportKind.BOUNCED, ReportKind.COMPLAINED, ReportKind.REJECTED}
        has_it = {
            each.lead_id
            for number, each in enumerate(world.cloud.emails)
            if each.tags["notice"] == Notice.ALERT and not self._reached(number, failures)
        }
        for lead_id, item in world.leads.items():
            lead, progress = world.known(item)
            listed = worklist(StoredLead(lead=lead, progress=progress))
            if listed in {Worklist.OPEN, Worklist.URGENT} and "claimed_at" not in item:
                assert lead_id in has_it, "the alert must not be lost"

    def _sweep(self, most: int) -> datetime | None:
        """Run at most `most` sweeps, each when something is due. Return when the next one is due."""
        for _ in range(most):
            self.world.run(self.world.follow_up())
            if (due_at := self.next_due()) is None:
                return None
            self.world.wait(max(timedelta(), due_at - self.world.clock()))
        return due_at

    def _reached(self, number: int, kinds: set[ReportKind]) -> bool:
        """Whether the table's timeline has a report of `kinds` on that email. A lost report leaves no trace."""
        each = self.world.cloud.emails[number]
        return any(
            item.get("recipient", {}).get("S") == each.tags["recipient"]
            and item.get("notice", {}).get("S") == each.tags["notice"]
            and item.get("attempt", {}).get("S") == each.tags["attempt"]
            for (pk, sk), item in self.world.cloud.items.items()
            if pk == f"LEAD#{each.lead_id}" and sk.rpartition("#")[2] in kinds
        )

    def fresh(self) -> list[int]:
        """Return the emails whose senders are still running."""
        return [number for number, process in enumerate(self.world.takers) if process in self.world.alive]

    def shown(self) -> list[tuple[AlertState, str]]:
        """Return what an operator sees."""
        wanted = {AlertState.QUARANTINED, AlertState.UNDELIVERABLE}
        leads = self.world.leads.values()
        found = [(self.world.known(item)[1].state, str(item["reference"]["S"])) for item in leads]
        return sorted(each for each in found if each[0] in wanted)

    def next_due(self) -> datetime | None:
        """Return when the next lead is due. One that has ended is there until DynamoDB deletes it, and never due."""
        now = epoch_seconds(self.world.clock())
        there = (
            each for each in self.world.leads.values() if "expires_at" not in each or int(each["expires_at"]["N"]) > now
        )
        return min((due for item in there if (due := self.world.known(item)[1].due_at)), default=None)

    def _run_on(self, process: Process, plan: Plan) -> None:
        if not process.done:
            self._run(process, plan)

    def _run(self, process: Process, plan: Plan) -> None:
        fates, to_the_end = plan
        self.world.run(process, fates, to_the_end=to_the_end)


TestLivesMachine = LivesMachine.TestCase
TestLivesMachine.settings = settings(
    max_examples=120,
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
