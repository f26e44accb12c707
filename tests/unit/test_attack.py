"""A stranger among the visitors: whatever they post before and after a person does, staff hear of that person in time.

The stranger knows everything that the person will write, and can post it first, with signs of spam, many times, in
crisis or not. The system runs on AWS in memory (tests/unit/world.py), with a budget that a few posts use up.
"""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.leads.alert import SHORTLY
from shared.leads.budget import SUMMARY_EVERY, URGENT_SUMMARY_EVERY
from shared.leads.clinic import EmailLimits
from shared.leads.notice import ReportKind
from shared.leads.progress import AlertState
from shared.store.intake import STREAM_GRACE
from tests.unit.people import NOW, form
from tests.unit.world import World

SWEEPS: timedelta = timedelta(minutes=1)
# The stream is off, the urgent summary was just sent, and the sweep was just over. A server does not take the summary
# because of what the stranger wrote in it, and the next one is sent without words.
URGENT_WITHIN = STREAM_GRACE + SWEEPS + 2 * (URGENT_SUMMARY_EVERY + SWEEPS)
# The same, after the wait of a second request. A summary may list the request only after that.
NORMAL_WITHIN = SHORTLY + STREAM_GRACE + SWEEPS + 2 * (SUMMARY_EVERY + SWEEPS)
# What no server takes.
VIRUS = "EICAR"
# More than the repeats of one message that the spam screen counts.
MOST_COPIES = 14
RENDERED_NOW = str(int(NOW.timestamp() * 1000))

PERSON: dict[str, object] = {"submission_id": None, "cf-turnstile-response": None, "consent_texts": None}
# How the stranger's post differs from the person's.
POISONS: list[dict[str, object]] = [
    {},
    {"leave_empty": "https://example.com"},
    {"rendered_at": RENDERED_NOW},
    {"leave_empty": "https://example.com", "rendered_at": RENDERED_NOW},
    {"cf-turnstile-response": "made-up-token", "leave_empty": "https://example.com"},
    {"message": "Leave me alone, it was a mistake."},
    {"name": VIRUS},
    {"call_me": VIRUS, "message": "Something else."},
    {"name": "https://example.com Buy", "leave_empty": "https://example.com"},
    {"email": "sam@example.com", "phone": "(202) 555-0199"},
    {"email": "sam@example.com", "phone": "(202) 555-0199", "message": "Something else."},
]


class AttackMachine(RuleBasedStateMachine):
    """One person, one stranger, and the clinic."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.world.limits = EmailLimits(max_alerts_per_hour=2, max_urgent_alerts_per_hour=2)
        self.posts = self.seen = 0
        self.posted_at: datetime | None = None
        self.lead_id = ""

    def teardown(self) -> None:
        self.world.close()

    @initialize(urgent=st.booleans(), plain=st.booleans(), high=st.booleans())
    def a_person_is_about_to_write(self, *, urgent: bool, plain: bool, high: bool) -> None:
        changes = dict(PERSON) if plain else PERSON | {"submission_id": "made-up-submission-of-theirs"}
        words = "I want to die." if high else "I would like to know more."
        self.person = form(**changes, in_crisis="yes" if urgent else "no", message=words)
        self.urgent = urgent or high

    # ---- the stranger

    @precondition(lambda self: self.posts < MOST_COPIES)
    @rule(
        poison=st.sampled_from(POISONS),
        crisis=st.sampled_from([None, "yes", "no"]),
        knows_the_id=st.booleans(),
        copies=st.integers(1, 4),
    )
    def the_stranger_posts(
        self, poison: dict[str, object], crisis: str | None, copies: int, *, knows_the_id: bool
    ) -> None:
        for _ in range(copies):
            self.posts += 1
            ids = {} if knows_the_id else {"submission_id": f"made-up-submission-{self.posts:04}"}
            changes = poison | ids | ({"in_crisis": crisis} if crisis else {})
            # The person's exact request is theirs, no matter who sends it.
            fields = {name: value for name, value in (self.person | changes).items() if value is not None}
            if fields != self.person:
                self.world.run(self.world.submit(fields))

    # ---- the person and the system

    @precondition(lambda self: self.posted_at is None)
    @rule()
    def the_person_posts(self) -> None:
        before = set(self.world.references)
        self.world.run(self.world.submit(self.person))
        if self.world.references == before:  # the id is taken, and the page sends the request again without one
            self.person = form(**self.person | {"submission_id": None})
            self.world.run(self.world.submit(self.person))
        self.posted_at = self.world.clock()
        (reference,) = self.world.references - before or {""}
        assert reference, "the person's request joined one of the stranger's"
        self.lead_id = next(
            lead_id for lead_id, item in self.world.leads.items() if item["reference"]["S"] == reference
        )

    @precondition(lambda self: self.world.leads)
    @rule(data=st.data())
    def the_stream_brings_some(self, data: st.DataObject) -> None:
        ids = data.draw(st.lists(st.sampled_from(sorted(self.world.leads)), min_size=1, max_size=4, unique=True))
        self.world.run(self.world.notify(ids))
        self._servers_refuse()

    @rule(minutes=st.integers(1, 5))
    def minutes_pass(self, minutes: int) -> None:
        for _ in range(minutes):
            self.world.wait(SWEEPS)
            self.world.run(self.world.follow_up())
            self._servers_refuse()
            self.the_person_is_heard_in_time()

    def _servers_refuse(self) -> None:
        """Let SES report each new email that no server takes."""
        while self.seen < len(self.world.cloud.emails):
            mail = self.world.cloud.emails[self.seen]
            self.seen += 1
            if VIRUS in mail.text:
                self.world.run(self.world.delivery(mail, ReportKind.REJECTED))

    @precondition(lambda self: self.world.cloud.emails)
    @rule(data=st.data(), action=st.sampled_from(["claim", "spam", "duplicate", "not_wanted", "reached"]))
    def staff_close_one_of_the_strangers(self, data: st.DataObject, action: str) -> None:
        tokens = [each for each in self.world.tokens() if not self.lead_id or not each.startswith(self.lead_id)]
        if tokens:
            self.world.run(self.world.claim(data.draw(st.sampled_from(tokens)), "POST", f"action={action}&seen=0"))

    # ---- what must hold

    @invariant()
    def nothing_went_wrong(self) -> None:
        assert self.world.mistakes == []

    @invariant()
    def the_person_is_heard_in_time(self) -> None:
        if self.posted_at is None:
            return
        progress = self.world.progress_of(self.lead_id)
        assert progress.state is not AlertState.QUARANTINED
        within = URGENT_WITHIN if self.urgent else NORMAL_WITHIN
        if self.world.clock() - self.posted_at >= within:
            assert progress.told_at is not None, progress
            assert self._is_in_an_email()

    def _is_in_an_email(self) -> bool:
        reference = str(self.world.leads[self.lead_id]["reference"]["S"])
        return any(
            reference in each.text and each.to == "frontdesk@example.com" and VIRUS not in each.text
            for each in self.world.cloud.emails
        )

    @invariant()
    def staff_get_no_more_emails_than_the_budget(self) -> None:
        first = self.world.clock() - timedelta(hours=1)
        mails = [each for each in self.world.cloud.emails if each.to == "nurse@example.com" and each.at > first]
        alone = [each for each in mails if each.tags["notice"] != "summary"]
        # An hour of the clock, of which two may meet within the last hour.
        assert len(alone) <= 2 * (self.world.limits.max_alerts_per_hour + self.world.limits.max_urgent_alerts_per_hour)
        assert len(mails) - len(alone) <= timedelta(hours=1) / SUMMARY_EVERY + timedelta(hours=1) / URGENT_SUMMARY_EVERY


TestAttackMachine = AttackMachine.TestCase
TestAttackMachine.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
