"""The steps of a drill: break something, post, check the lead, let time pass, report the result."""

import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, override

from shared.leads.agenda import Lane, partitions
from shared.leads.identity import REFERENCE_PATTERN
from shared.leads.team import Recipient
from shared.leads.worklist import Worklist
from shared.store.keys import lead_id_of, moment, timestamp
from shared.store.leads import Leads
from shared.store.worklist import WorkIndex
from tests.deployed import Deployed, eventually, reference_in, submission
from tests.faults import Call, FaultProxy
from tools.local.deployment import session
from tools.local.parameters import RECIPIENTS as STAFF

# The functions that call AWS through the proxy.
FUNCTIONS = ("submit", "notify", "follow-up", "delivery", "claim", "desk", "erase")

_EVENTS = Path(__file__).parents[1] / "events"
_NOTHING_TO_DO = {
    "submit": {"httpMethod": "GET", "resource": "/form.js"},
    "notify": {"Records": []},
    "follow-up": {"job": "release", "reference": "KC-0000-0000"},
    "delivery": {},
}
PAST = {"S": "2020-01-01T00:00:00.000Z"}  # an agenda time long ago
_MOMENTS = ("received_at", "agenda_at", "overdue_since", "told_at")

type _Answer = tuple[int, list[tuple[str, str]], bytes]


class DeadlyProxy(FaultProxy):
    """A proxy that can kill a function after AWS did its work and before the response arrives."""

    def __init__(self, deployed: Deployed) -> None:
        super().__init__(deployed.aws)
        self._deployed = deployed
        self._deadly: tuple[str, str] | None = None
        self._victim = ""
        self._spared = 0
        self._counting = Lock()

    def kill_after(self, function: str, service: str, operation: str, *, skip: int = 0) -> None:
        """Kill `function` once, after AWS did this operation for it and before it gets the response.

        The function survives the first `skip` operations.
        """
        self._victim, self._deadly, self._spared = function, (service, operation), skip

    @property
    def killed(self) -> bool:
        """Whether the function was killed."""
        return self._deadly is None

    @override
    def clear(self) -> None:
        super().clear()
        self._deadly = None

    @override
    def handle(self, call: Call, forward: Callable[[str], _Answer]) -> _Answer | None:
        answer = super().handle(call, forward)
        if self._deadly == (call.service, call.operation):
            with self._counting:
                self._spared -= 1
                last = self._spared == -1  # calls that arrive at the same time must not kill it again
            if last:
                self._deployed.restart(self._victim)
                self._deadly = None
                return None
        return answer


@dataclass(frozen=True)
class Drill:
    """One drill. `saw` takes the text that is printed about it at the end."""

    deployed: Deployed
    proxy: DeadlyProxy
    saw: Callable[[str], None]
    begun: float = field(default_factory=time.time)
    mails_before: int = 0  # emails that SES accepted before the drill

    # ---- what happens to the system

    @contextmanager
    def stream_off(self) -> Iterator[None]:
        """Stop the stream. Records written meanwhile arrive afterwards."""
        name = f"{self.deployed.stack.name}-notify"
        (mapping,) = self.deployed.lambdas.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        self.deployed.lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            self.deployed.lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    def report(self, name: str, reference: str, address: str, *, attempt: int = 1) -> None:
        """Send SES's report about the alert to `address`: one of the golden events."""
        event: dict[str, Any] = json.loads((_EVENTS / f"ses_{name}.json").read_text("utf-8"))
        about = {"lead_id": self.lead_id(reference), "notice": "alert", "recipient": Recipient(address).id}
        about["attempt"] = str(attempt)
        event["detail"]["mail"]["tags"] |= {tag: [value] for tag, value in about.items()}
        self.deployed.invoke("delivery", event)

    # ---- time

    def age(self, reference: str, by: timedelta) -> None:
        """Move all times of the lead into the past by `by`."""
        lead = self.deployed.lead(reference)
        self.set(lead, **{name: {"S": timestamp(moment(lead[name]["S"]) - by)} for name in _MOMENTS if name in lead})

    def set(self, lead: Mapping[str, Any], **values: Any) -> None:  # noqa: ANN401 - DynamoDB's typed form
        """Write attributes of a lead directly."""
        self.deployed.dynamodb.update_item(
            TableName=self.deployed.stack.table,
            Key={"pk": lead["pk"], "sk": lead["sk"]},
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in values),
            ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
        )

    def summary_is_due(self) -> None:
        """Let time pass until the next summaries may be sent."""
        self.deployed.summary_is_due()

    def put_off_the_rest(self) -> None:
        """Put off by a day what earlier drills left on the agenda of the next hour.

        On a slow machine it gets due. While SES throttles, a sweep stops after urgent leads such as these.
        """
        now = datetime.now(UTC)
        soon, tomorrow = timestamp(now + timedelta(hours=1)), timestamp(now + timedelta(days=1))
        for lead in self.deployed.leads():
            if lead.get("agenda_at", {"S": tomorrow})["S"] < soon:
                self.set(lead, agenda_at={"S": tomorrow})

    def everything_is_due(self) -> None:
        """Let time pass until each lead whose alert was not sent yet is due."""
        for lead in self.deployed.leads():
            if "told_at" not in lead and "agenda_at" in lead and "in_summary" not in lead:
                self.set(lead, agenda_at=PAST)

    def later(self, reference: str) -> None:
        """Let time pass until the lead is due, then run the sweep."""
        self.deployed.make_due(reference)
        self.deployed.sweep()

    # ---- what can be seen

    def post(self, **changes: object) -> str:
        """Post the request of another person; return its reference."""
        answer = self.deployed.post_json(submission(**changes))
        assert answer.status == 201, answer.body
        return str(answer.document["reference"])

    def post_form(self, fields: Mapping[str, str]) -> str:
        """Post a plain form; return the reference that its visitor reads."""
        answer = self.deployed.post_form(fields)
        assert answer.status == 303, answer.body
        return reference_in(answer)

    def is_in_state(self, reference: str, state: str) -> None:
        """Assert that the lead's alert gets into this state."""
        lead = eventually(
            partial(self.deployed.lead, reference), within=20, wanted=lambda lead: lead["alert_state"] == {"S": state}
        )
        assert lead["alert_state"] == {"S": state}

    def told(self, references: Collection[str]) -> frozenset[str]:
        """Return those of `references` that are in an email to the first member of staff since the drill began."""
        mails = self.deployed.all_mails()[self.mails_before :]
        texts = [f"{mail['Subject']} {mail['BodyText']}" for mail in mails if mail["To"] == [STAFF[0]]]
        return frozenset(references).intersection(REFERENCE_PATTERN.findall("\n".join(texts)))

    def lead_id(self, reference: str) -> str:
        return lead_id_of(self.deployed.lead(reference))

    def tried(self, reference: str, times: int = 1, state: str = "pending") -> dict[str, Any]:
        """Return the lead once it is in this state after this many attempts. Asserts that the sweep and the digest can
        find it.
        """
        wanted = {"alert_state": {"S": state}} | ({"alert_attempts": {"N": str(times)}} if times else {})
        lead = eventually(
            lambda: self.deployed.lead(reference), within=30, wanted=lambda lead: wanted.items() <= lead.items()
        )
        assert wanted.items() <= lead.items(), {name: lead.get(name) for name in wanted}
        assert times or "alert_attempts" not in lead
        self.is_waiting(reference)
        return lead

    def noted(self, reference: str, kind: str) -> dict[str, Any]:
        """Return the entry of this kind on the lead's timeline, once it is there."""

        def entries() -> list[dict[str, Any]]:
            return [event for event in self.deployed.events_of(reference) if event["kind"] == {"S": kind}]

        found = eventually(entries, within=20)
        assert found, f"{reference} has no entry {kind}"
        return found[0]

    def is_waiting(self, *references: str) -> None:
        """Assert that leads are on the agenda and on a list of open leads, where the sweep and the digest look."""
        table = Leads(self.deployed.dynamodb, self.deployed.stack.table)
        until = datetime.now(UTC) + timedelta(days=1)
        parts = [part for lane in Lane for part in partitions(lane)]
        agenda = {entry.lead_id for part in parts for entry in table.agenda(part, until)}
        leads = self.leads()
        assert {lead_id_of(leads[reference]) for reference in references} <= agenda
        assert set(references) <= self._listed(Worklist.OPEN) | self._listed(Worklist.URGENT)

    def is_listed(self, worklist: Worklist, *references: str) -> None:
        """Assert that leads are on the list that the digest and `make redrive` read."""
        assert set(references) <= self._listed(worklist)

    def _listed(self, worklist: Worklist) -> frozenset[str]:
        index = WorkIndex(self.deployed.dynamodb, self.deployed.stack.table)
        return frozenset(entry.reference for entry in index.listed(worklist))

    def leads(self) -> dict[str, dict[str, Any]]:
        """Return every lead by its reference."""
        return {lead["reference"]["S"]: lead for lead in self.deployed.leads()}

    def alerted(self, reference: str) -> str:
        """Assert that each member of staff got the alert once and that the lead records it. Return that as text."""
        self.deployed.the_alert(reference)
        return f"{self._known(reference)}, 1 email to each"

    def all_alerted(self, references: Sequence[str]) -> str:
        """Assert the same for many leads with one read of the emails and one of the table."""
        mails: dict[str, Counter[str]] = {}
        for mail in self.deployed.emails("KC-"):
            mails.setdefault(mail["Subject"].split()[0], Counter())[mail["To"][0]] += 1
        leads = self.leads()
        assert {reference: mails.get(reference) for reference in references} == dict.fromkeys(references, all_of(1))
        assert {leads[reference]["alert_state"]["S"] for reference in references} <= set(_TOLD)
        tries = {leads[reference]["alert_attempts"]["N"] for reference in references}
        return f"alert at try {' or '.join(sorted(tries))}, 1 email to each"

    def alerted_with(self, reference: str, mails: dict[str, int]) -> str:
        """Assert how many emails about the lead each address got, all with one reference. Return that as text."""
        count = sum(mails.values())
        found = eventually(
            partial(self.deployed.emails, reference), within=30, wanted=lambda found: len(found) >= count
        )
        assert Counter(mail["To"][0] for mail in found) == mails
        assert {mail["Subject"].split()[0] for mail in found} == {reference}
        each = ", ".join(f"{number} to {address.partition('@')[0]}" for address, number in mails.items())
        return f"{self._known(reference)}, emails: {each}, all {reference}"

    def _known(self, reference: str) -> str:
        lead = eventually(
            partial(self.deployed.lead, reference), within=10, wanted=lambda lead: lead["alert_state"]["S"] in _TOLD
        )
        assert lead["alert_state"]["S"] in _TOLD
        return f"alert at try {lead['alert_attempts']['N']}"

    def emitted(self, metric: str, function: str = "follow-up", *, at_least: float = 1) -> float:
        """Assert that a function emitted a metric of at least this value since the drill began. Return the largest
        value.

        The emulator sometimes delivers the last log lines of a call with the next call, so we make a call
        that does nothing.
        """

        def largest() -> float:
            self.deployed.invoke(function, _NOTHING_TO_DO[function])
            pages = self.deployed.logs.get_paginator("filter_log_events").paginate(
                logGroupName=f"/aws/lambda/{self.deployed.stack.name}-{function}", startTime=int(self.begun * 1000)
            )
            messages = (event["message"] for page in pages for event in page["events"])
            records = (json.loads(message) for message in messages if message.startswith('{"_aws"'))
            return max((float(value) for record in records for value in record.get(metric, ())), default=0)

        found = eventually(largest, within=20, wanted=lambda value: value >= at_least)
        assert found >= at_least, f"{function} has emitted no {metric} of {at_least}"
        return found


_TOLD = ("accepted", "delivered", "bounced")


@contextmanager
def schedule(deployed: Deployed, *, on: bool) -> Iterator[None]:
    """Turn the sweep and the runs of erasures and of the webhook on or off, and restore them afterwards."""
    scheduler: Any = session().client("scheduler", endpoint_url=deployed.aws)
    names = ("Name", "Description", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    found = [scheduler.get_schedule(Name=f"{deployed.stack.name}-{each}") for each in ("follow-up", "erase", "webhook")]
    kept = [({name: each[name] for name in names if name in each}, each["State"]) for each in found]
    for each, _ in kept:
        scheduler.update_schedule(**each, State="ENABLED" if on else "DISABLED")
    try:
        yield
    finally:
        for each, state in kept:
            scheduler.update_schedule(**each, State=state)


@contextmanager
def confirming(deployed: Deployed) -> Iterator[None]:
    """Set VisitorConfirmation to "yes" for a while, and then forget which confirmations went out and which bounced."""
    name = f"{deployed.stack.name}-notify"
    before = deployed.lambdas.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changed = before | {"VISITOR_CONFIRMATION": "yes"}
    deployed.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": changed})
    try:
        yield
    finally:
        deployed.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": before})
        forget_confirmations(deployed)


def forget_confirmations(deployed: Deployed) -> None:
    """Delete the counts of confirmations and of their bounces."""
    for item in deployed.items():
        if item["pk"] == {"S": "CONFIRMATIONS"}:
            deployed.dynamodb.delete_item(TableName=deployed.stack.table, Key={"pk": item["pk"], "sk": item["sk"]})


def bounced_confirmation(deployed: Deployed, reference: str) -> dict[str, Any]:
    """Return SES's report that the confirmation of a request just bounced: a golden event with the sender's tags."""
    event: dict[str, Any] = json.loads((_EVENTS / "ses_bounced.json").read_text("utf-8"))
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    event["time"] = event["detail"]["bounce"]["timestamp"] = now
    tags = event["detail"]["mail"]["tags"]
    for name in ("recipient", "attempt"):
        del tags[name]
    tags |= {"lead_id": [lead_id_of(deployed.lead(reference))], "notice": ["confirmation"]}
    return event


def all_of(number: int) -> dict[str, int]:
    """Return this number of emails for each member of staff."""
    return dict.fromkeys(STAFF, number)
