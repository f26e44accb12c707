"""webhook: leads are looked at, told at least once, retried from the agenda, and end with their item."""

import base64
import hmac
import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from erase.ledger import Ledger
from erase.remains import Kind as Kept
from erase.remains import Remains, kind_of
from shared.leads.agenda import Lane, partitions
from shared.leads.decisions import Rules
from shared.leads.desk import act, settle
from shared.leads.lead import Lead
from shared.leads.person import Person
from shared.leads.progress import AlertState
from shared.leads.response import ClaimAction, Outcome, ResponseState
from shared.leads.spam import THRESHOLD
from shared.leads.team import Recipient, Team
from shared.runtime.telemetry import metrics
from shared.services.secret import SecretUnavailableError
from shared.store.belongings import WEBHOOK
from shared.store.keys import epoch_seconds
from tests.architecture.templates import ROOT, load
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.fakes import MemoryLeads
from tests.unit.output import everything_printed
from tests.unit.people import CLINIC, NOW, a_full_lead, a_lead
from tests.unit.words import CANARY
from webhook.address import Address
from webhook.batch import SEND_SECONDS, look_at_each
from webhook.body import body
from webhook.health import (
    DISABLED_AFTER,
    LEAST_FAILURES,
    PROBE_EVERY,
    PROBE_GONE_EVERY,
    Health,
    after_failure,
    after_rest,
)
from webhook.line import Line, Receiver
from webhook.missed import Missed
from webhook.post import Answer
from webhook.run import SPARE_SECONDS, SPARE_SECONDS_OF_MISSED, run
from webhook.sign import BOTH_KEYS_FOR, changed, headers, shown
from webhook.signals import Kind, Signal
from webhook.store import ReceiversHealth, Tellings
from webhook.tell import Teller
from webhook.told import LEASE, NEWS_FOR, Choice, Result, Told
from webhook.trial import trial

ADDRESS = "https://hooks.example.com/made-up-and-secret"
KEY = "made-up-key-" * 5
NURSE = Person("nurse@example.com")
RULES = Rules(clinic=CLINIC, team=Team(staff=(Recipient(NURSE.email).id,), fallback=()))
TAKEN, REFUSED, GONE = Answer(None), Answer("Status500"), Answer("Status410", 410)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
_presses = itertools.count()


@dataclass
class There:
    """The webhook at work: a table, a clock, and a receiver that answers as a test says."""

    table: MemoryDynamoDB = field(default_factory=MemoryDynamoDB)
    now: datetime = NOW
    answer: Answer | Callable[[dict[str, Any]], Answer] = TAKEN
    address: str = ADDRESS
    clock: float = 0.0
    sent: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.leads = MemoryLeads(self.table, lambda: self.now)
        client = self.table.client()
        self.items = Tellings(client, NAME)
        self.health = ReceiversHealth(client, NAME)
        self.teller = Teller(leads=self.leads, items=self.items, clinic=CLINIC, now=lambda: self.now)
        self.missed = Missed(self.leads.agenda, self.teller)
        self.receiver = Receiver(
            read_address=lambda: self.address,
            read_key=lambda: KEY,
            renew=lambda: None,
            public_url="https://leads.example.com/v1",
            local=False,
            post=self._post,
            item=self.health,
            elapsed=lambda: self.clock,
            now=lambda: self.now,
            seconds=lambda: self.now.timestamp(),  # noqa: PLW0108 - the clock moves
        )

    def _post(self, address: Address, body: bytes, headers: dict[str, str], *, local: bool) -> Answer:
        assert not local
        assert f"https://{address.authority}{address.target}" == self.address
        document = json.loads(body)
        assert headers["webhook-id"] == document["id"]
        self.sent.append(document)
        return self.answer(document) if callable(self.answer) else self.answer

    def comes(self, lead: Lead | None = None, **progress: Any) -> Lead:  # noqa: ANN401 - any attribute of a progress
        """Store a lead that was screened, unless `progress` says otherwise."""
        lead = lead or a_lead(received_at=self.now)
        known: dict[str, Any] = {"state": AlertState.ACCEPTED, "reasons": (), "told_at": self.now}
        self.leads.put(lead)
        self.leads.change(lead.id, lambda stored: replace(stored.progress, **known | progress))
        return lead

    def acts(self, lead: Lead, action: ClaimAction) -> None:
        self.leads.change(lead.id, act(action, RULES, self.now, by=NURSE, press=f"press-{next(_presses)}"))

    def closes(self, lead: Lead) -> None:
        decide = settle(Outcome.WRONG_NUMBER, None, RULES, self.now, by=NURSE, press=f"press-{next(_presses)}")
        self.leads.change(lead.id, decide)

    def stream(self, *leads: Lead) -> list[str]:
        """Deliver a record of each lead, and return the numbers of those that failed."""
        records = [
            {"dynamodb": {"SequenceNumber": str(number), "Keys": {"pk": {"S": f"LEAD#{lead.id}"}, "sk": {"S": "LEAD"}}}}
            for number, lead in enumerate(leads)
        ]
        answer = look_at_each(records, self.teller, self.receiver)
        return [str(each["itemIdentifier"]) for each in answer["batchItemFailures"]]

    def run(self, seconds_left: float = 80) -> int:
        return run(self.leads.agenda, self.teller, self.missed, self.receiver, lambda: seconds_left)

    def hears(self, *leads: Lead) -> None:
        """Deliver a record of each lead, and let a run tell about them."""
        assert self.stream(*leads) == []
        self.run()

    @property
    def events(self) -> list[str]:
        return [each["event"] for each in self.sent]

    def item(self, lead: Lead) -> dict[str, Any] | None:
        return self.table.items.get((f"LEAD#{lead.id}", WEBHOOK))

    def on_the_agenda(self) -> list[str]:
        return [
            entry.lead_id
            for each in partitions(Lane.WEBHOOK) + partitions(Lane.WEBHOOK_RINGS)
            for entry in self.leads.agenda(each, self.now + timedelta(days=365))
        ]


def test_a_new_lead_is_told_by_the_next_run_and_once() -> None:
    there = There()
    lead = there.comes()
    assert there.stream(lead, lead) == []
    assert there.sent == []
    there.run()
    assert there.stream(lead) == []
    there.run()
    (said,) = there.sent
    link = f"https://leads.example.com/v1/desk/requests/{lead.id}"
    assert said == {
        "id": said["id"],
        "event": "new",
        "reference": lead.reference,
        "state": "open",
        "outcome": None,
        "at": "2026-03-04T15:30:00.000Z",
        "link": link,
        "text": f"New request {lead.reference}. {link}",
    }


def test_the_life_of_a_lead_is_told_in_order() -> None:
    there = There()
    lead = there.comes(a_lead(received_at=NOW, in_crisis=True))
    there.stream(lead)
    there.now += 15 * MINUTE
    there.run()
    there.acts(lead, ClaimAction.CLAIM)
    there.hears(lead)
    there.now += MINUTE
    there.closes(lead)
    there.hears(lead)
    assert there.events == ["urgent", "nobody_claimed", "claimed", "outcome"]
    assert [each["state"] for each in there.sent] == ["open", "open", "claimed", "closed"]
    assert there.sent[-1]["outcome"] == "wrong_number"
    assert "is closed: wrong number." in there.sent[-1]["text"]
    assert there.on_the_agenda() == []


def test_nothing_is_noted_or_sent_without_an_address() -> None:
    there = There(address="a1B2" * 16)
    lead = there.comes()
    assert there.stream(lead) == []
    assert there.run() == 0
    assert (there.sent, there.item(lead)) == ([], None)


def test_a_receiver_that_fails_is_tried_again_by_the_runs_alone() -> None:
    there = There(answer=REFUSED)
    first, second = there.comes(a_lead(in_crisis=True)), there.comes(a_lead(1, in_crisis=True))
    assert there.stream(first, second) == []
    assert len(there.sent) == 1, "after a failure, a batch only notes the others"
    there.run()
    assert len(there.sent) == 2, "a run stops at its first failure"
    there.answer = TAKEN
    there.now += 2 * MINUTE
    there.run()
    assert {each["reference"] for each in there.sent[2:]} == {first.reference, second.reference}
    assert not there.health.read().failing


def test_a_message_keeps_its_id_in_each_try() -> None:
    there = There(answer=REFUSED)
    there.hears(there.comes())
    for _ in range(3):
        there.now += HOUR
        there.run()
    (said,) = {each["id"] for each in there.sent if each["event"] == "new"}
    assert said.startswith("msg_")


def test_one_message_that_is_always_refused_does_not_stop_the_others() -> None:
    there = There()
    poison, other = there.comes(), there.comes(a_lead(1))
    there.answer = lambda said: REFUSED if said["reference"] == poison.reference else TAKEN
    there.stream(poison, other)
    there.now += MINUTE
    there.run()
    there.run()
    assert other.reference in {each["reference"] for each in there.sent}


def test_a_process_that_dies_tells_it_again_with_the_same_id() -> None:
    there = There()
    lead = there.comes()

    def dies(_: object) -> Answer:
        raise KeyboardInterrupt

    there.answer = dies
    with pytest.raises(KeyboardInterrupt):
        there.hears(lead)
    there.answer = TAKEN
    there.stream(lead)
    assert len(there.sent) == 1, "somebody may still have the lease"
    there.now += LEASE
    there.run()
    assert there.sent[0] == there.sent[1]


def test_what_one_process_is_telling_no_other_tells() -> None:
    there = There()
    lead = there.comes()

    def another_runs_meanwhile(_: object) -> Answer:
        there.run()
        return TAKEN

    there.answer = another_runs_meanwhile
    there.hears(lead)
    assert len(there.sent) == 1


def test_what_changes_while_it_is_told_is_told_too() -> None:
    there = There()
    lead = there.comes()

    def claimed_meanwhile(said: dict[str, Any]) -> Answer:
        if said["event"] == "new":
            there.acts(lead, ClaimAction.CLAIM)
            there.stream(lead)
        return TAKEN

    there.answer = claimed_meanwhile
    there.hears(lead)
    assert there.events == ["new", "claimed"]


def test_a_slow_receiver_ends_the_sending_of_a_batch() -> None:
    there = There()

    def is_slow(_: object) -> Answer:
        there.clock += SEND_SECONDS
        return TAKEN

    there.answer = is_slow
    leads = [there.comes(a_lead(number, in_crisis=True)) for number in range(3)]
    there.now += 15 * MINUTE
    assert there.stream(*leads) == []
    assert len(there.sent) == 1, "not even both rings of the first"
    there.run()
    assert len(there.sent) == 6


def test_a_run_leaves_time_for_the_last_lead() -> None:
    there = There()
    there.stream(there.comes())
    there.run(seconds_left=SPARE_SECONDS - 1)
    assert there.sent == []


def test_a_run_looks_at_the_time_before_each_signal() -> None:
    there = There()
    lead = there.comes(a_lead(received_at=NOW, in_crisis=True))
    there.now += 15 * MINUTE
    run(there.leads.agenda, there.teller, there.missed, there.receiver, lambda: 0.0 if there.sent else 80.0)
    assert there.events == ["urgent"]
    assert [str(each.kind) for each in there.items.read(lead.id).pending] == ["nobody_claimed"], "it is recorded"


def test_a_record_that_cannot_be_handled_stops_no_other() -> None:
    there = There()
    lead = there.comes()
    records: list[dict[str, Any]] = [
        {"dynamodb": {"SequenceNumber": "1"}},
        {"dynamodb": {"SequenceNumber": "2", "Keys": {"pk": {"S": f"LEAD#{lead.id}"}}}},
    ]
    answer = look_at_each(records, there.teller, there.receiver)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    there.run()
    assert there.events == ["new"]


# ---- the receiver's health


def failing(there: There, hours: float) -> None:
    """Let runs fail for some hours."""
    end = there.now + hours * HOUR
    there.answer = REFUSED
    there.stream(there.comes())
    while there.now < end:
        there.now += MINUTE
        there.run()


def test_a_receiver_that_fails_for_hours_is_disabled_and_probed_once_an_hour() -> None:
    there = There()
    failing(there, DISABLED_AFTER / HOUR + 2)
    assert there.health.read().disabled_at is not None
    before = len(there.sent)
    failing(there, 5)
    assert 3 <= len(there.sent) - before <= 6
    there.answer = TAKEN
    there.now += 2 * HOUR
    there.run()
    assert there.health.read().disabled_at is None, "it heals without an operator"


def test_a_short_outage_disables_nothing() -> None:
    there = There()
    failing(there, 1)
    assert there.health.read().disabled_at is None
    assert there.health.read().failing


def test_a_receiver_that_is_gone_is_tried_once_a_day_or_by_an_operator() -> None:
    there = There(answer=GONE)
    lead = there.comes()
    there.hears(lead)
    there.acts(lead, ClaimAction.CLAIM)
    there.now += PROBE_GONE_EVERY - MINUTE
    there.hears(lead)
    assert len(there.sent) == 1
    there.now += MINUTE
    there.run()
    assert len(there.sent) == 2
    there.answer = TAKEN
    assert trial(there.receiver) == {"set": True, "taken": True, "reason": None}
    there.run()
    assert "claimed" in there.events[3:], "what waited is told"


def test_a_trial_says_how_it_ended() -> None:
    there = There(answer=REFUSED)
    assert trial(there.receiver) == {"set": True, "taken": False, "reason": "Status500"}
    assert there.sent[0]["event"] == "test"
    assert there.sent[0]["link"] == "https://leads.example.com/v1/desk"
    there.address = "a1B2" * 16
    assert trial(there.receiver) == {"set": False, "taken": False, "reason": "NoAddress"}


def test_the_alarm_s_metric_grows_while_nothing_gets_through() -> None:
    assert Health().failing_for(NOW) == timedelta()
    health = after_failure(Health(), NOW, gone=False)
    assert health.failing_for(NOW + 16 * MINUTE) == 16 * MINUTE
    assert after_failure(Health(), NOW, gone=True).failing_for(NOW) == PROBE_EVERY, "at once"


def test_few_failures_do_not_disable_it_however_far_apart_they_are() -> None:
    health = Health()
    for number in range(LEAST_FAILURES - 1):
        health = after_failure(health, NOW + number * DISABLED_AFTER, gone=False)
    assert health.disabled_at is None
    assert after_failure(health, NOW + 99 * DISABLED_AFTER, gone=False).disabled_at is not None


def test_a_secret_that_cannot_be_read_is_a_failure_and_loses_nothing() -> None:
    there = There()

    def denied() -> str:
        raise SecretUnavailableError("AccessDeniedException")

    lead = there.comes()
    healthy, there.receiver = there.receiver, replace(there.receiver, read_address=denied)
    there.stream(lead)
    assert there.sent == []
    there.receiver, there.now = healthy, NOW + MINUTE
    there.run()
    assert there.events == ["new"]


def test_a_request_that_the_stream_did_not_deliver_is_found_by_a_run() -> None:
    there = There()
    lead = there.comes(a_lead(received_at=NOW, in_crisis=True))
    there.run()
    assert there.events == ["urgent"]
    there.comes(a_lead(1, received_at=NOW - timedelta(days=3)))
    there.run()
    assert there.events == ["urgent"], "an old one is none"
    assert there.item(lead) is not None


@pytest.mark.parametrize("text", ["hooks.example.com", "http://hooks.example.com/", "a1B2" * 15, "a1B2" * 16 + "."])
def test_an_address_that_cannot_be_used_is_a_failure_and_signals_wait(text: str) -> None:
    there = There(address=text)
    lead = there.comes()
    there.hears(lead)
    assert there.receiver.is_set()
    assert there.health.read().failing
    assert there.items.read(lead.id).pending
    there.address, there.now = ADDRESS, NOW + SECOND
    there.run()
    assert there.events == ["new"], "at another address, what waits is due at once"
    assert not there.receiver.health().failing


@pytest.mark.parametrize("status", [400, 402, 405, 409, 413, 415, 422])
def test_a_message_that_is_refused_stops_no_other(status: int) -> None:
    there = There()
    first, second = there.comes(), there.comes(a_lead(1))
    there.acts(first, ClaimAction.CLAIM)
    there.answer = lambda said: Answer(f"Status{status}", status) if said["event"] == "new" else TAKEN
    there.hears(first, second)
    assert sorted(there.events) == ["claimed", "new", "new"]
    assert not there.health.read().failing
    assert there.items.read(first.id).tries == 1, "it is sent again later"


@pytest.mark.parametrize("status", [401, 403, 404, 408, 410, 429, 500])
def test_a_receiver_that_would_refuse_each_message_gets_no_other(status: int) -> None:
    there = There(answer=Answer(f"Status{status}", status))
    there.hears(there.comes(), there.comes(a_lead(1)))
    assert len(there.sent) == 1
    assert there.health.read().failing


def test_rings_come_before_anything_else_that_waits() -> None:
    there = There(answer=REFUSED)
    waiting = [there.comes(a_lead(number)) for number in range(3)]
    there.hears(*waiting)
    there.answer, there.now = TAKEN, NOW + 2 * MINUTE
    there.sent.clear()
    urgent = there.comes(a_lead(7, received_at=there.now, in_crisis=True))
    there.hears(urgent)
    assert there.events == ["urgent", "new", "new", "new"]


def test_a_request_that_must_ring_is_found_behind_its_other_signals() -> None:
    there = There(answer=REFUSED)
    others = [there.comes(a_lead(number, received_at=NOW)) for number in range(5)]
    there.hears(*others)
    rings = there.comes(a_lead(9, received_at=NOW), told_at=NOW - HOUR)
    there.answer = TAKEN
    there.items.write(rings.id, replace(there.items.read(rings.id), rings_at=NOW, retry_at=NOW - HOUR), NOW + 9 * HOUR)
    there.sent.clear()
    there.now += 2 * MINUTE
    there.run()
    assert there.sent[0]["reference"] == rings.reference


def test_a_receiver_with_too_many_messages_gets_a_rest_and_no_failure() -> None:
    there = There(answer=Answer("Status429", 429, "120"))
    there.hears(there.comes(a_lead(received_at=NOW, in_crisis=True)))
    assert len(there.sent) == 1
    assert (there.health.read().failures, there.health.read().rests_until) == (0, NOW + 2 * MINUTE)
    there.answer, there.now = TAKEN, NOW + MINUTE
    there.run()
    assert len(there.sent) == 1
    there.now += MINUTE
    there.run()
    assert len(there.sent) == 2


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, 60), ("7", 7), ("0", 1), ("999999", 300), ("-1", 60), ("Wed, 04 Mar 2026", 60)]
)
def test_a_rest_is_some_minutes_at_most(header: str | None, seconds: int) -> None:
    assert Answer("Status429", 429, header).rest == seconds * SECOND
    assert Answer("Status503", 503, header).rest is None


def test_a_recovery_makes_what_waits_due_at_once() -> None:
    there = There()
    leads = [there.comes(a_lead(number)) for number in range(3)]
    failing(there, 3)
    there.stream(*leads)
    there.run()
    there.answer, there.now = TAKEN, there.now + MINUTE
    trial(there.receiver)
    there.run()
    assert {each.reference for each in leads} <= {each["reference"] for each in there.sent[-9:]}
    assert not any(there.items.read(each.id).pending for each in leads)
    assert not there.health.read().catch_up


def test_a_new_ring_tries_a_disabled_receiver_and_nothing_else_does() -> None:
    there = There()
    failing(there, DISABLED_AFTER / HOUR + 1)
    there.run()
    before = len(there.sent)
    there.hears(there.comes(a_lead(1)))
    assert len(there.sent) == before
    there.hears(there.comes(a_lead(2, received_at=there.now, in_crisis=True)))
    assert there.events[before:] == ["urgent"]
    there.now += MINUTE
    there.run()
    assert len(there.sent) == before + 1, "once"


def test_an_answer_about_the_secrets_reads_them_again_and_tries_once_more() -> None:
    there = There()
    keys = iter([KEY, "another-" * 8])
    renewed: list[int] = []
    receiver = replace(there.receiver, read_key=lambda: next(keys), renew=lambda: renewed.append(1))
    answers = iter([Answer("Status401", 401), TAKEN])
    there.answer = lambda _: next(answers)
    line = Line(receiver, Health(), Choice.ALL)
    assert line.take(there.comes(), SIGNAL) is Result.TAKEN
    assert (len(renewed), len(there.sent)) == (1, 2)
    there.answer = GONE
    Line(there.receiver, Health(), Choice.ALL).take(a_lead(), SIGNAL)
    assert len(there.sent) == 3, "nothing changed, so it is not tried again"


def test_the_health_of_another_address_does_not_count() -> None:
    there = There(answer=GONE)
    there.hears(there.comes())
    assert there.receiver.health().disabled_at is not None
    there.address = "https://hooks.example.com/another-and-secret"
    assert there.receiver.health().disabled_at is None
    assert "another" not in str(there.table.items["WEBHOOK", "WEBHOOK"])


def test_a_health_that_cannot_be_stored_does_not_lose_what_was_taken() -> None:
    there = There(answer=REFUSED)
    lead = there.comes()
    there.hears(lead)

    class Broken:
        def read(self) -> Health:
            return there.health.read()

        def write(self, _: Health) -> bool:
            raise EndpointConnectionError(endpoint_url="https://dynamodb.example.com")

    there.receiver, there.answer, there.now = replace(there.receiver, item=Broken()), TAKEN, NOW + MINUTE
    there.run()
    assert there.items.read(lead.id).pending == ()


def test_a_failing_receiver_counts_only_while_something_waits() -> None:
    there = There(answer=REFUSED)
    lead = there.comes(a_lead(received_at=NOW, in_crisis=True))
    there.hears(lead)
    there.now += 20 * MINUTE
    with everything_counted() as counted:
        there.run()
    assert counted["WebhookFailing"] == [20 * 60]
    there.items.write(lead.id, replace(there.items.read(lead.id), pending=()), there.now + HOUR)
    with everything_counted() as counted:
        there.run()
    assert counted["WebhookFailing"] == [0]


def test_a_ring_that_is_refused_is_a_problem_at_once() -> None:
    there = There(answer=Answer("Status400", 400))
    with everything_counted() as counted:
        there.hears(there.comes(a_lead(received_at=NOW, in_crisis=True)))
    assert counted["WebhookProblems"] == [1]


@contextmanager
def everything_counted() -> Iterator[dict[str, list[float]]]:
    """Collect the webhook's metrics."""
    found: dict[str, list[float]] = defaultdict(list)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "add_metric", lambda name, _unit, value: found[name].append(value))
        yield found


# ---- where its data is


def test_a_put_whose_answer_was_lost_is_recognized_as_our_own() -> None:
    there = There()
    lead = there.comes()
    real = there.table.client()

    def repeats(**asked: Any) -> Any:  # noqa: ANN401 - as boto3 takes them
        real.put_item(**asked)
        return real.put_item(**asked)

    client = SimpleNamespace(put_item=repeats, get_item=real.get_item, exceptions=real.exceptions)
    items = Tellings(cast("Any", client), NAME)
    assert items.write(lead.id, Told(), NOW + HOUR)
    assert items.write(lead.id, replace(items.read(lead.id), announced=True), NOW + HOUR)
    assert not items.write(lead.id, Told(version=1), NOW + HOUR), "somebody else's is not"


def test_nothing_is_written_beside_an_erased_lead() -> None:
    there = There()
    lead = there.comes()
    there.stream(lead)
    Remains(there.table.client(), NAME).clear(frozenset({lead.id}), (), ())
    there.table.items.pop((f"LEAD#{lead.id}", "LEAD"))
    there.hears(lead)
    assert there.item(lead) is None
    assert there.sent == []


def test_the_item_beside_a_lead_ends_with_it_and_names_nobody() -> None:
    there = There()
    lead = there.comes(a_full_lead(received_at=NOW))
    there.stream(lead)
    item = there.item(lead)
    assert item is not None
    for answer in lead.answers.values():
        assert not isinstance(answer, str) or len(answer) < 8 or answer not in json.dumps(item)
    there.closes(lead)  # the webhook may be off by now
    after, stored = there.item(lead), there.leads.read(lead.id)
    assert stored is not None
    assert after is not None
    ends = there.leads.end_of(stored)
    assert ends is not None
    assert after["expires_at"] == {"N": str(epoch_seconds(ends))}


def test_the_item_of_a_lead_that_may_be_the_canarys_ends_within_days() -> None:
    there = There()
    lead = there.comes(reasons=None, state=AlertState.PENDING, told_at=None)
    there.stream(lead)
    item = there.item(lead)
    assert item is not None
    assert int(item["expires_at"]["N"]) <= epoch_seconds(NOW + timedelta(days=7))


def test_a_deleted_item_is_not_brought_back() -> None:
    there = There()
    lead = there.comes()
    told = there.items.read(lead.id)
    assert there.items.write(lead.id, told, NOW + HOUR)
    there.table.items.pop((f"LEAD#{lead.id}", WEBHOOK))
    assert not there.items.write(lead.id, replace(told, version=1), NOW + HOUR)


def test_a_state_is_stored_and_read_without_a_loss() -> None:
    there = There(answer=REFUSED)
    lead = there.comes(redriven=1, score=THRESHOLD)
    there.hears(lead)
    told = there.items.read(lead.id)
    assert told.visible_at
    assert there.items.write(lead.id, told, NOW + HOUR)
    assert there.items.read(lead.id) == replace(told, version=told.version + 1)
    health = after_rest(after_failure(Health(address="x", catch_up=True), NOW, gone=True), NOW, MINUTE)
    health = replace(health, version=there.health.read().version)
    assert there.health.write(health)
    assert not there.health.write(health), "somebody else wrote"
    assert there.health.read() == replace(health, version=health.version + 1)


def test_nothing_a_visitor_wrote_and_no_address_is_sent_or_printed() -> None:
    there = There()
    texts = {
        name: CANARY for name in ("name", "message", "symptoms") if isinstance(a_full_lead().answers.get(name), str)
    }
    lead = there.comes(a_full_lead(received_at=NOW, **texts))
    assert len(texts) >= 2
    with everything_printed() as output:
        there.hears(lead)
        there.answer, there.now = REFUSED, NOW + 9 * HOUR
        there.run()
        there.acts(lead, ClaimAction.CLAIM)
        there.hears(lead)
    assert there.sent
    for text in (output.getvalue(), json.dumps(there.sent), json.dumps(there.item(lead))):
        assert CANARY not in text
        assert "secret" not in text
        assert KEY not in text


# ---- what is sent


SIGNAL = Signal(kind=Kind.NEW, at=NOW, since=NOW, state=ResponseState.OPEN)


def test_a_workflow_of_teams_gets_a_card() -> None:
    link = "https://leads.example.com/v1/desk/requests/x"
    said = json.loads(body(SIGNAL, "msg_1", "KC-7Q2M-4XHD", link, card=True))
    (attachment,) = said["attachments"]
    assert said["type"] == "message"
    assert attachment["content"]["body"][0]["text"] == "New request KC-7Q2M-4XHD."
    assert attachment["content"]["actions"][0]["url"] == link
    assert "attachments" not in json.loads(body(SIGNAL, "msg_1", "KC-7Q2M-4XHD", link, card=False))


def test_each_signal_has_its_own_sentence() -> None:
    texts = {
        json.loads(body(replace(SIGNAL, kind=kind), "m", "KC-7Q2M-4XHD", "L", card=False))["text"] for kind in Kind
    }
    assert len(texts) == len(Kind)


def test_a_signature_is_that_of_the_standard() -> None:
    """The example of https://www.standardwebhooks.com, with its published secret."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    content = b'{"test": 2432232314}'
    found = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, content, secret)
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert found["webhook-timestamp"] == "1614265330"


def test_a_key_that_aws_made_up_is_shown_as_the_standard_wants_it() -> None:
    key = base64.b64decode(shown(KEY).removeprefix("whsec_"))
    assert key == KEY.encode()
    signature = headers("msg_1", 7, b"{}", KEY)["webhook-signature"]
    assert signature == "v1," + base64.b64encode(hmac.digest(key, b"msg_1.7.{}", "sha256")).decode()


def test_messages_are_signed_with_both_keys_after_a_change() -> None:
    secret = changed(KEY, shown("another"), 1000)
    assert shown(secret) == shown("another")
    both = headers("msg_1", 1000 + BOTH_KEYS_FOR - 1, b"{}", secret)["webhook-signature"].split(" ")
    each = [headers("msg_1", 1000 + BOTH_KEYS_FOR - 1, b"{}", key)["webhook-signature"] for key in ("another", KEY)]
    assert both == each
    assert " " not in headers("msg_1", 1000 + BOTH_KEYS_FOR, b"{}", secret)["webhook-signature"]
    with pytest.raises(ValueError, match="no key"):
        headers("msg_1", 1000, b"{}", "one two")
    assert shown(changed(secret, "whsec_third", 2000)) == "whsec_third"


def test_no_sentence_asks_to_call() -> None:
    for kind in Kind:
        text = json.loads(body(replace(SIGNAL, kind=kind), "m", "KC-7Q2M-4XHD", "L", card=False))["text"]
        assert "call" not in text.lower()


def test_a_key_that_is_none_is_a_failure_and_no_error() -> None:
    there = There()
    receiver = replace(there.receiver, read_key=lambda: "whsec_no-key!")
    line = Line(receiver, Health(), Choice.ALL)
    assert line.take(there.comes(), SIGNAL) is Result.FAILED
    assert there.sent == []


def test_an_erasure_removes_the_item_beside_a_lead() -> None:
    there = There()
    lead = there.comes()
    there.stream(lead)
    item = there.item(lead)
    assert item is not None
    assert kind_of(item, frozenset({lead.id})) is Kept.WEBHOOK
    assert kind_of(item, frozenset({"ANOTHER"})) is None
    Remains(there.table.client(), NAME).clear(frozenset({lead.id}), (), ())
    assert there.item(lead) is None


def test_the_weekly_check_finds_an_item_whose_lead_is_gone_or_ends_before_it() -> None:
    there = There()
    lead = there.comes()
    there.stream(lead)
    item = there.item(lead)
    assert item is not None
    ledger = Ledger(margin=60)
    ledger.add(item)
    ((owner, (orphan,)),) = ledger.orphans()
    assert (owner, orphan.sk) == (lead.id, WEBHOOK)
    assert orphan.written_at < "2", "older than any day that the check asks about"
    stored: dict[str, Any] = dict(there.table.items[f"LEAD#{lead.id}", "LEAD"])
    ledger.add({**stored, "expires_at": {"N": "1"}})
    assert ledger.late == 1


def test_the_template_fits_the_times_in_the_code() -> None:
    webhook = load((ROOT / "template.yaml").read_text("utf-8"))["Resources"]["WebhookFunction"]["Properties"]
    stream = webhook["Events"]["ChangedLeads"]["Properties"]
    assert stream["MaximumRecordAgeInSeconds"] == NEWS_FOR / SECOND
    assert stream["MaximumBatchingWindowInSeconds"] == 1
    assert SPARE_SECONDS < SPARE_SECONDS_OF_MISSED < webhook["Timeout"] < LEASE / SECOND
