"""The main promise, walked at random: whatever breaks, in whatever order, every stored lead reaches the staff.

But for what is kept back as spam, until they take it out.
"""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aws import items
from aws.mailer import MailDeferredError, MailRefusedError
from aws.table import StorageError
from follow_up.sweep import sweep
from leads.alert import LEASE, LONGEST_BACKOFF, AlertState
from notify.batch import alert_each
from submit.receive import receive
from tests.unit.fakes import CrashError
from tests.unit.people import CLINIC, form
from tests.unit.senders import Desk

# What can break, and whether a mail that SES took may then go out again: (where, method, when, error, may repeat).
FAULTS = [
    ("mailer", "send", "before", MailDeferredError("TooManyRequestsException"), False),
    ("mailer", "send", "before", MailRefusedError("MessageRejected"), False),
    ("mailer", "send", "before", CrashError(), False),
    ("mailer", "send", "after", MailDeferredError("ReadTimeoutError"), True),
    ("mailer", "send", "after", CrashError(), True),
    ("table", "finish_attempt", "before", OSError(), True),
    ("table", "finish_attempt", "after", OSError(), False),
    ("table", "count_repeats", "before", OSError(), False),
    ("table", "count_repeats", "after", OSError(), False),
    ("table", "lease", "before", OSError(), False),
    ("table", "lease", "after", OSError(), False),
    ("table", "put", "before", StorageError(nothing_stored=True), False),
    ("table", "put", "after", StorageError(nothing_stored=False), False),
]
# What some of the visitors send besides: they fill in what people do not see.
_BOTS = {
    4: {"homepage": "https://example.com"},
    5: {"homepage": "https://example.com", "message": "Another offer."},
    6: {"homepage": "https://example.com", "in_crisis": "yes"},
}


class LeadsMachine(RuleBasedStateMachine):
    """Visitors, the stream, the sweep, a clock, and everything that can break."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.answered: set[str] = set()  # references that visitors were given
        self.may_repeat = 0  # how many mails more than one a lead the faults so far can explain
        self.released: set[str] = set()  # what staff took out of quarantine

    @rule(number=st.integers(0, 6))
    def a_visitor_submits(self, number: int) -> None:
        fields = form(submission_id=f"made-up-submission-{number:04}", **_BOTS.get(number, {}))
        with suppress(StorageError):
            receipt = receive(fields, self.desk.table, CLINIC, self.desk.clock())
            self.answered.add(receipt.reference)

    @precondition(lambda self: self.quarantined())
    @rule()
    def staff_take_a_request_out_of_quarantine(self) -> None:
        lead_id = min(self.quarantined())
        self.desk.release(lead_id)
        self.released.add(lead_id)

    @precondition(lambda self: self.desk.table.leads)
    @rule(data=st.data())
    def the_stream_brings_leads_in_any_order_and_more_than_once(self, data: st.DataObject) -> None:
        ids = data.draw(st.lists(st.sampled_from(sorted(self.desk.table.leads)), min_size=1, max_size=3))
        records = [{"dynamodb": {"Keys": items.key(lead_id), "SequenceNumber": lead_id}} for lead_id in ids]
        alert_each(records, self.desk.sender(), lambda: 60)

    @rule(leads=st.integers(0, 10))
    def the_sweep_runs_as_far_as_its_time_allows(self, leads: int) -> None:
        left = iter([1.0] * leads)
        sweep(self.desk.sender(), time_left=lambda: next(left, 0.0))

    @rule(seconds=st.sampled_from([0.5, 5, 31, 61, 121, 901]))
    def time_passes(self, seconds: float) -> None:
        self.desk.clock.time += timedelta(seconds=seconds)

    @rule(fault=st.sampled_from(FAULTS))
    def something_is_about_to_break(self, fault: tuple[str, str, str, Exception, bool]) -> None:
        where, method, when, error, may_repeat = fault
        faults = self.desk.mailer.faults if where == "mailer" else self.desk.table.faults
        (faults.before if when == "before" else faults.after)[method].append(error)
        self.may_repeat += may_repeat

    @rule()
    def the_next_sender_is_slower_than_its_lease(self) -> None:
        def meanwhile() -> None:
            self.desk.clock.time += LEASE
            sweep(self.desk.sender(), time_left=lambda: 1)
            self.may_repeat += 1

        self.desk.mailer.meanwhile = meanwhile

    @invariant()
    def who_was_given_a_reference_is_in_the_table(self) -> None:
        stored = {str(item["reference"]["S"]) for item in self.desk.table.leads.values()}
        assert self.answered <= stored

    @invariant()
    def every_lead_is_done_or_due_soon(self) -> None:
        for lead_id in self.desk.table.leads:
            due_in = self.desk.due_at(lead_id)
            if due_in is None:
                assert self.desk.table.state_of(lead_id) in {AlertState.ACCEPTED, AlertState.QUARANTINED}
            else:
                assert due_in <= LONGEST_BACKOFF.total_seconds()

    @invariant()
    def only_a_bot_is_kept_back_and_only_once_and_nobody_in_crisis(self) -> None:
        for lead_id in self.quarantined():
            lead = items.lead_of(self.desk.table.leads[lead_id])
            assert lead.trap_filled
            assert not lead.in_crisis
        assert not self.quarantined() & self.released

    @invariant()
    def what_is_called_accepted_was_mailed(self) -> None:
        mailed = {mail.lead_id for mail in self.desk.mailer.sent}
        leads = self.desk.table.leads
        assert {one for one in leads if self.desk.table.state_of(one) is AlertState.ACCEPTED} <= mailed

    @invariant()
    def only_a_crash_or_a_lost_lease_repeats_a_mail_and_then_under_the_same_reference(self) -> None:
        mails = Counter(mail.lead_id for mail in self.desk.mailer.sent)
        assert mails.total() - len(mails) <= self.may_repeat
        for mail in self.desk.mailer.sent:
            assert str(self.desk.table.leads[mail.lead_id]["reference"]["S"]) in mail.message.subject

    def quarantined(self) -> set[str]:
        table = self.desk.table
        return {lead_id for lead_id in table.leads if table.state_of(lead_id) is AlertState.QUARANTINED}

    def teardown(self) -> None:
        """The faults end; the longest wait later, one sweep is enough."""
        self.desk.mailer.meanwhile = None
        for faults in (self.desk.mailer.faults, self.desk.table.faults):
            faults.before.clear()
            faults.after.clear()
        self.desk.clock.time += LONGEST_BACKOFF
        sweep(self.desk.sender(), time_left=lambda: 1)
        self.only_a_bot_is_kept_back_and_only_once_and_nobody_in_crisis()
        for lead_id in set(self.desk.table.leads) - self.quarantined():
            assert self.desk.table.state_of(lead_id) is AlertState.ACCEPTED
        self.what_is_called_accepted_was_mailed()
        self.only_a_crash_or_a_lost_lease_repeats_a_mail_and_then_under_the_same_reference()


TestLeadsMachine = LeadsMachine.TestCase
TestLeadsMachine.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
