"""Requests in every state between a visitor's click and the end, and what has to come of each after an update."""

import re
from collections import Counter
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from tests.deployed import Deployed, eventually, submission
from tests.drills.drill import FUNCTIONS, DeadlyProxy, Drill
from tests.drills.person import a_person, found
from tests.faults import refuse, through
from tools.local.deployment import session
from tools.local.parameters import RECIPIENTS as STAFF

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINK = re.compile(r"/claim/\S+\.(claim|reached|no_answer)\.\S+")
_TOLD = {"accepted", "delivered"}
_BOT = {"leave_empty": "x", "message": "https://spam.example"}


def set_schedules(deployed: Deployed, *, on: bool) -> None:
    """Turn the sweep, the runs of erasures and those of the webhook on or off."""
    scheduler: Any = session().client("scheduler", endpoint_url=deployed.aws)
    kept = ("Name", "Description", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    for each in ("follow-up", "erase", "webhook"):
        schedule = scheduler.get_schedule(Name=f"{deployed.stack.name}-{each}")
        fields = {name: schedule[name] for name in kept if name in schedule}
        scheduler.update_schedule(**fields, State="ENABLED" if on else "DISABLED")


def set_stream(deployed: Deployed, *, on: bool) -> None:
    """Turn the stream on or off. Records written meanwhile arrive afterwards."""
    name = f"{deployed.stack.name}-notify"
    (mapping,) = deployed.lambdas.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    deployed.lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)


@contextmanager
def drilling(deployed: Deployed) -> "Iterator[Drill]":
    """Let the functions' calls be refused, and let functions die."""
    with DeadlyProxy(deployed) as proxy, through(deployed, proxy, *FUNCTIONS):
        yield Drill(deployed, proxy, print, mails_before=len(deployed.all_mails()))


@dataclass(frozen=True, kw_only=True)
class InFlight:
    """Requests that the functions deployed at the time left half-done, by their references."""

    pending: tuple[str, ...]  # stored, and not yet seen by a sender
    refused: str  # SES refused the first try
    leased: str  # its sender took the lease and died before it sent
    quarantined: str
    accepted: str  # alerted, and nobody has claimed it
    claimed: str
    sent: Mapping[str, object]  # what the visitor of `pending[0]` sent
    ordered: str  # an erasure that did not begin
    erased: str  # an erasure that looked once
    people: tuple[Mapping[str, object], ...]  # what those who are erased had sent

    @classmethod
    def made_by(cls, deployed: Deployed) -> Self:
        """Post the requests, and stop each at its state. Schedules must be off. Leaves the stream off."""
        set_stream(deployed, on=True)
        with drilling(deployed) as drill:
            accepted, claimed = drill.post(), drill.post(in_crisis="yes")
            people = [a_person(drill) for _ in range(2)]
            for reference in (accepted, claimed, *(reference for _, reference in people)):
                _recorded(deployed, reference)
            press(deployed, claimed, STAFF[0], "claim")
            quarantined = drill.post(**_BOT)
            drill.is_in_state(quarantined, "quarantined")

            drill.proxy.on("sesv2", "SendEmail", refuse(429, "TooManyRequestsException"))
            refused = drill.post()
            drill.tried(refused)
            drill.proxy.clear()

            drill.proxy.kill_after("notify", "dynamodb", "UpdateItem")
            leased = drill.post()
            drill.is_in_state(leased, "sending")
            assert drill.deployed.emails(leased) == []

            erased = _order(drill, people[0][1])
            assert deployed.erase_now(erased)["state"] == "looking_again"
            ordered = _order(drill, people[1][1])  # now, because a run handles all orders that are due
        set_stream(deployed, on=False)
        sent = submission()
        first = str(deployed.post_json(sent).document["reference"])
        urgent = str(deployed.post_json(submission(in_crisis="yes")).document["reference"])
        return cls(
            pending=(first, urgent),
            refused=refused,
            leased=leased,
            quarantined=quarantined,
            accepted=accepted,
            claimed=claimed,
            sent=sent,
            ordered=ordered,
            erased=erased,
            people=tuple(sent for sent, _ in people),
        )

    @property
    def requests(self) -> tuple[str, ...]:
        """All requests but those of people who are erased."""
        return (*self.pending, self.refused, self.leased, self.quarantined, self.accepted, self.claimed)


def finish(deployed: Deployed, *batches: InFlight) -> None:
    """Let time pass. Assert that every request ends as it should, and that no email was sent twice."""
    deployed.new_hour()
    set_stream(deployed, on=True)
    for batch in batches:
        for reference in (batch.refused, batch.leased):
            deployed.make_due(reference)
        assert deployed.invoke("follow-up", {"job": "release", "reference": batch.quarantined}) == {"rearmed": 1}
    for reference in (each for batch in batches for each in batch.pending):
        deployed.the_alert(reference)  # the stream delivers them
    deployed.sweep()
    for batch in batches:
        for reference in batch.requests:
            _recorded(deployed, reference)
            assert _alerts(deployed, reference) == dict.fromkeys(STAFF, 1), reference
        _is_still_the_same(deployed, batch)
        _links_work(deployed, batch)
        _erasures_end(deployed, batch)
    assert {lead["reference"]["S"] for lead in deployed.leads()} >= {
        each for batch in batches for each in batch.requests
    }


def _is_still_the_same(deployed: Deployed, batch: InFlight) -> None:
    """A visitor who sends the form once more, from the page that was open before, gets the same reference."""
    answer = deployed.post_json(batch.sent)
    assert (answer.status, answer.document["reference"]) == (201, batch.pending[0]), answer.body


def _links_work(deployed: Deployed, batch: InFlight) -> None:
    """The links in emails from before claim a request, and say that a person was reached."""
    press(deployed, batch.accepted, STAFF[0], "claim")
    assert deployed.lead(batch.accepted)["response"] == {"S": "claimed"}
    press(deployed, batch.claimed, STAFF[0], "reached")
    assert deployed.lead(batch.claimed)["response"] == {"S": "closed"}


def _erasures_end(deployed: Deployed, batch: InFlight) -> None:
    """Both erasures are proven, after as many looks as they still need."""
    for erasure in (batch.ordered, batch.erased):
        report = deployed.erase_now(erasure)
        if report["state"] == "looking_again":
            report = deployed.erase_now(erasure)
        assert (report["state"], report["problems"]) == ("proven", []), report
    assert [found(deployed, sent) for sent in batch.people] == [[], []]


def _alerts(deployed: Deployed, reference: str) -> Counter[str]:
    """Return how many alerts about a request each member of staff got."""
    mails = [mail for mail in deployed.emails(reference) if not mail["Subject"].endswith(" Claimed")]
    return Counter(mail["To"][0] for mail in mails)


def _recorded(deployed: Deployed, reference: str) -> dict[str, Any]:
    """Return a lead once its alert was accepted and its sender has recorded that."""
    lead = eventually(
        lambda: deployed.lead(reference),
        within=30,
        wanted=lambda lead: lead["alert_state"]["S"] in _TOLD and "lease_token" not in lead,
    )
    assert lead["alert_state"]["S"] in _TOLD, lead["alert_state"]
    return lead


def press(deployed: Deployed, reference: str, address: str, action: str) -> None:
    """Press a button of the oldest email about a request that has it."""
    mails = [mail for mail in deployed.emails(reference) if mail["To"] == [address]]
    path = next(found[0] for mail in mails for found in _LINK.finditer(mail["BodyText"]) if found[1] == action)
    answer = deployed.request("POST", path)
    assert answer.status == 200, answer.body


def _order(drill: Drill, reference: str) -> str:
    """Order the erasure of a request, as `make erase-person` does."""
    answer = drill.deployed.invoke("erase", {"job": "order", "lead_ids": [drill.lead_id(reference)]})
    return str(answer["erasure"])
