"""Erasures in random sequences: whatever else is at work and whatever dies, nothing is left of an erased person.

Every function runs as a process on AWS in memory (tests/unit/world.py) and can be stopped or killed at any call, while
visitors, staff, SES and the clock go on.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from erase.remains import kind_of
from erase.steps import AGAIN_LATER
from erase.tombstones import LEFT, TOMBSTONES
from erase.traces import Traces, Words
from shared.leads.alert import LEASE
from shared.leads.erasure import SECOND_LOOK, ErasureState
from shared.leads.notice import ReportKind
from shared.leads.response import OF_LINKS, ClaimAction
from shared.store.erasures import ERASURES, Erasures
from tests.unit.cloud import Fate
from tests.unit.dynamodb import NAME
from tests.unit.expressions import Item
from tests.unit.people import SPAM_FORM, form
from tests.unit.test_life_of_a_lead import PLANS, TO_THE_END, Plan
from tests.unit.world import Process, World

if TYPE_CHECKING:
    from shared.leads.lead import Lead

_MAIL_ONLY: dict[str, object] = {
    "preferred_contact": None,
    "consent_texts": None,
    "discreet": None,
    "voicemail_ok": None,
}
ROBIN: dict[str, object] = {
    "name": "Robin Q. Example",
    "email": "robin.q@example.com",
    "phone": "(202) 555-0147",
    **_MAIL_ONLY,
}
KIM: dict[str, object] = {
    "name": "Kim Z. Sample",
    "email": "kim.z@example.com",
    "phone": "(202) 555-0188",
    **_MAIL_ONLY,
}
# The visitors, each with the person who writes. Two requests of one person, one of them urgent, and one in quarantine.
VISITORS: list[tuple[dict[str, object], dict[str, object]]] = [
    (ROBIN, {"message": "I have not slept well since the spring."}),
    (ROBIN, {"message": "It is worse again this autumn, please call.", "in_crisis": "yes"}),
    (KIM, {"message": "Could somebody tell me about prices?"}),
    (KIM, {**SPAM_FORM, "phone": None}),
]
_NUMBERS = st.sampled_from(range(len(VISITORS)))
_PEOPLE = st.sampled_from((ROBIN, KIM))


class ErasureMachine(RuleBasedStateMachine):
    """Visitors, the functions, SES, staff, managers who order erasures, a clock, and everything that can fail."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.presses, numbers = count(), count()
        self.first: dict[str, Lead] = {}  # each lead as it was first stored
        # The random part of an order's id, which would make a run of the test differ from the next one.
        self.patch = patch("shared.store.erasures.secrets.token_hex", lambda _: f"{next(numbers):016}")
        self.patch.start()

    @initialize(numbers=st.sets(_NUMBERS, min_size=1))
    def some_came_before(self, numbers: set[int]) -> None:
        self.world.cloud.suppressed = {str(person["email"]) for person in (ROBIN, KIM)}
        for number in sorted(numbers):
            self.a_visitor_submits(number, TO_THE_END)

    # ---- what begins

    @rule(number=_NUMBERS, plan=PLANS)
    def a_visitor_submits(self, number: int, plan: Plan) -> None:
        person, request = VISITORS[number]
        fields = form(submission_id=f"made-up-submission-{number:04}", **(person | request))
        self._run(self.world.submit(fields), plan)

    @precondition(lambda self: self.world.leads)
    @rule(data=st.data(), plan=PLANS)
    def the_stream_brings_leads(self, data: st.DataObject, plan: Plan) -> None:
        self._run(self.world.notify([data.draw(st.sampled_from(sorted(self.world.leads)))]), plan)

    @rule(plan=PLANS)
    def the_sweep_starts(self, plan: Plan) -> None:
        self._run(self.world.follow_up(), plan)

    @precondition(lambda self: self.world.cloud.emails)
    @rule(data=st.data(), kind=st.sampled_from(ReportKind), plan=PLANS)
    def ses_reports(self, data: st.DataObject, kind: ReportKind, plan: Plan) -> None:
        mail = data.draw(st.sampled_from(self.world.cloud.emails))
        self._run(self.world.delivery(mail, kind), plan)

    @precondition(lambda self: self.world.tokens())
    @rule(data=st.data(), action=st.sampled_from(OF_LINKS), seen=st.integers(0, 2), plan=PLANS)
    def staff_press_a_button(self, data: st.DataObject, action: ClaimAction, seen: int, plan: Plan) -> None:
        token = data.draw(st.sampled_from(self.world.tokens()))
        self._run(self.world.claim(token, "POST", f"action={action}&seen={seen}"), plan)

    @precondition(lambda self: self.world.leads)
    @rule(data=st.data(), plan=PLANS)
    def staff_write_a_note(self, data: st.DataObject, plan: Plan) -> None:
        self._run(self._a_note(data.draw(st.sampled_from(sorted(self.world.leads)))), plan)

    @precondition(lambda self: self.world.leads)
    @rule(person=_PEOPLE, plan=PLANS)
    def a_manager_orders_to_erase_a_person(self, person: dict[str, object], plan: Plan) -> None:
        ids = [lead_id for lead_id, lead in sorted(self.first.items()) if lead.email == person["email"]]
        self._run(self.world.order_to_erase(ids), plan)

    @precondition(lambda self: self.world.leads)
    @rule(data=st.data(), plan=PLANS)
    def a_manager_orders_to_erase_one_request(self, data: st.DataObject, plan: Plan) -> None:
        self._run(self.world.order_to_erase([data.draw(st.sampled_from(sorted(self.world.leads)))]), plan)

    @rule(plan=PLANS)
    def the_function_that_erases_starts(self, plan: Plan) -> None:
        self._run(self.world.erase(), plan)

    @precondition(lambda self: self.first.keys() - self.erased())
    @rule(
        data=st.data(),
        who=st.sampled_from(["desk", "notify", "follow_up", "claim", "delivery"]),
        calls=st.sampled_from([1, 1, 1, 2, 3, 5, 8]),
    )
    def an_erasure_overtakes_a_writer(self, data: st.DataObject, who: str, calls: int) -> None:
        lead_id = data.draw(st.sampled_from(sorted(self.first.keys() - self.erased())))
        self._run(self._a_note(lead_id), TO_THE_END)  # a lead that nobody changed yet is a rarer case
        writer = self._writer(who, lead_id)
        self._run(writer, ((Fate.WELL,) * calls, False))
        self._run(self.world.order_to_erase([lead_id]), TO_THE_END)
        self._run(self.world.erase(), TO_THE_END)
        if not writer.done:
            self._run(writer, TO_THE_END)

    def _writer(self, who: str, lead_id: str) -> Process:
        """Return a process that is about to write to a lead, or a note if there is no such process."""
        mails = [mail for mail in self.world.cloud.emails if mail.lead_id == lead_id]
        match who:
            case "notify":
                return self.world.notify([lead_id])
            case "follow_up":
                return self.world.follow_up()
            case "delivery" if mails:
                return self.world.delivery(mails[-1], ReportKind.BOUNCED)
            case "claim" if tokens := self.world.tokens(*mails) if mails else []:
                return self.world.claim(tokens[0], "POST")
        return self._a_note(lead_id)

    def _a_note(self, lead_id: str) -> Process:
        lead = self.first[lead_id]
        text = f"Called {lead.phone}, {lead.name} was asleep. Wrote to {lead.email}."
        return self.world.note(lead_id, text, f"press-{next(self.presses)}")

    # ---- what goes on

    @precondition(lambda self: self.world.alive)
    @rule(data=st.data(), plan=PLANS)
    def a_process_goes_on(self, data: st.DataObject, plan: Plan) -> None:
        self._run(data.draw(st.sampled_from(self.world.alive)), plan)

    @rule(seconds=st.sampled_from([1, 61, 181, 901, 6 * 3600, 6 * 3600, 86_400]))
    def time_passes(self, seconds: float) -> None:
        self.world.wait(timedelta(seconds=seconds))

    @rule(code=st.sampled_from(["MessageRejected", "SendingPausedException", ""]))
    def ses_has_good_and_bad_hours(self, code: str) -> None:
        self.world.cloud.refusing = {"": code} if code else {}

    # ---- what must hold

    @invariant()
    def nothing_happened_that_nobody_foresaw(self) -> None:
        assert self.world.mistakes == []

    @invariant()
    def an_erased_lead_stays_a_tombstone(self) -> None:
        for lead_id in self.erased():
            assert self.world.leads[lead_id].keys() <= LEFT
            noted = (TOMBSTONES, lead_id) in self.world.cloud.audit.items
            assert noted or lead_id in self.waiting(), "a run that died before it noted it is repeated"

    @invariant()
    def no_request_vanishes_and_none_changes(self) -> None:
        assert self.first.keys() <= self.world.leads.keys()
        for lead_id, item in self.world.leads.items():
            if "erased_at" not in item:
                lead = self.world.known(item)[0]
                first = self.first.setdefault(lead_id, lead)
                assert (lead.answers, lead.received_at) == (first.answers, first.received_at)

    @invariant()
    def only_what_was_ordered_is_erased(self) -> None:
        assert self.erased() <= {lead_id for order in self.orders() for lead_id in order}

    def teardown(self) -> None:
        """The faults end, and every process comes to its end. From now on only the function that erases runs."""
        try:
            self._nothing_is_left_in_the_end()
        finally:
            self.world.close()
            self.patch.stop()

    def _nothing_is_left_in_the_end(self) -> None:
        world = self.world
        world.cloud.refusing = {}
        while world.alive and not world.mistakes:
            world.run(world.alive[0])
        world.wait(LEASE)
        for time in (AGAIN_LATER, SECOND_LOOK, AGAIN_LATER):
            world.wait(time)
            world.run(world.erase())
        self.nothing_happened_that_nobody_foresaw()
        self.an_erased_lead_stays_a_tombstone()
        self.no_request_vanishes_and_none_changes()
        for erasure in Erasures(world.cloud.table.client(), NAME, world.clock).all():
            assert (erasure.state, erasure.problems) == (ErasureState.PROVEN, ())
            assert frozenset(erasure.lead_ids) <= self.erased()
        assert list(self._left()) == []
        emails = {lead.email for lead_id, lead in self.first.items() if lead_id not in self.erased()}
        erased = {lead.email for lead_id, lead in self.first.items() if lead_id in self.erased()}
        assert not (erased - emails) & world.cloud.suppressed

    def _left(self) -> Iterator[Item]:
        """Yield what is left of erased leads, and of people all of whose leads are erased."""
        erased = frozenset(self.erased())
        living = frozenset(self.world.leads) - erased
        texts = {str(self.first[lead_id].email): self.first[lead_id] for lead_id in erased}
        for lead_id in living:
            texts.pop(str(self.first[lead_id].email), None)
        people = [str(text) for lead in texts.values() for text in (lead.email, lead.phone, lead.name) if text]
        gone = Traces((*people, *(str(self.first[lead_id].message) for lead_id in erased)))
        for item in self.world.cloud.items.values():
            stored = cast("Any", item)
            if kind_of(stored, erased) or gone.are_in(Words(stored)):
                yield item

    def erased(self) -> set[str]:
        """Return the ids of the leads that are tombstones."""
        return {lead_id for lead_id, item in self.world.leads.items() if "erased_at" in item}

    def waiting(self) -> set[str]:
        """Return the ids of the leads whose order is still due for its first look."""
        found = Erasures(self.world.cloud.table.client(), NAME, self.world.clock).all()
        return {lead_id for each in found if each.state is ErasureState.ORDERED for lead_id in each.lead_ids}

    def orders(self) -> Iterator[list[str]]:
        """Yield the leads of each order."""
        for (pk, _), item in self.world.cloud.items.items():
            if pk == ERASURES:
                yield [each["S"] for each in item["lead_ids"]["L"]]

    def _run(self, process: Process, plan: Plan) -> None:
        fates, to_the_end = plan
        self.world.run(process, fates, to_the_end=to_the_end)


TestErasureMachine = ErasureMachine.TestCase
TestErasureMachine.settings = settings(
    max_examples=120,
    stateful_step_count=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
