"""A thousand people send requests while AWS fails at random. Each request is one lead, and each recipient gets its
alert.

Two proxies are between the functions and AWS: one behind `submit`, one behind the functions that send email. They
lose, refuse and delay calls at random, with a fixed seed. Clients retry as form.js does. Then AWS recovers and the
sweep does the rest.
"""

import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import chain, product, takewhile
from typing import Any

from botocore.config import Config

from shared.leads.identity import REFERENCE_PATTERN, Signs, reference
from shared.leads.progress import AlertState
from shared.runtime.files import clinic
from shared.store.keys import key, lead_id_of
from tests.deployed import Deployed, about, submission
from tests.drills.drill import schedule
from tests.faults import ANSWER_LOST, CALL_LOST, Call, FaultProxy, delay, refuse, through
from tools.local.deployment import session
from tools.local.parameters import RECIPIENTS

_SEED = 20261123
_PEOPLE = 1_000
_AT_ONCE = 8  # the local AWS starts a process for each, and the machine may have two cores
_SWEEPS = 2
_TRIES = 6  # form.js tries three times; a person who reads "send it again" tries more
_PAUSE = 0.5  # seconds
_OUTCOMES_LOST = 5
_BAD_DAY = 400  # seconds; an idle machine with two cores needs a quarter of it
_MOST_ROUNDS = 40  # a summary lists at most 100 leads, and a sweep that runs out of time leaves leads to the next one
_LIMIT = clinic().email.max_alerts_per_hour
_UNCOUNTED = 3

# DynamoDB's errors and broken connections on a bad day. The SDK gives up on a call after 2 seconds, and AWS still does
# the work.
_TABLE_FAULTS = (
    *(refuse(400, "ProvisionedThroughputExceededException"), refuse(400, "ThrottlingException")),
    *(refuse(500, "InternalServerError"), refuse(503, "ServiceUnavailable")),
    *(CALL_LOST, CALL_LOST, ANSWER_LOST, ANSWER_LOST, delay(0.3)),
)
_TABLE_TOO_LATE = replace(delay(2.5), name="too late for its caller")
# SES gets one try per email, so each of these costs an attempt. Here the SDK gives up after 8 seconds.
_MAIL_FAULTS = (
    *(refuse(429, "TooManyRequestsException"), refuse(400, "SendingPausedException"), refuse(500, "InternalFailure")),
    *(CALL_LOST, ANSWER_LOST, delay(0.3)),
)
_MAIL_TOO_LATE = replace(delay(9), name="too late for its caller")
_OPERATIONS = (
    *(("dynamodb", name) for name in ("PutItem", "UpdateItem", "GetItem", "Query")),
    *(("sesv2", "SendEmail"), ("secretsmanager", "GetSecretValue")),
)
_SECRET_FAULTS = (refuse(500, "InternalServiceError"), CALL_LOST)


def test_a_thousand_requests_on_a_bad_day_are_a_thousand_alerted_leads(
    deployed: Deployed,
) -> None:
    crowd = _Crowd(deployed)
    with (
        schedule(deployed, on=False),
        ExitStack() as later,
        FaultProxy(deployed.aws) as front,
        FaultProxy(deployed.aws) as back,
    ):
        _disturb(front, back, crowd.lead_ids)
        with through(deployed, front, "submit"), through(deployed, back, "notify", "follow-up"):
            tries = crowd.send_all()
            crowd.say(f"seed {_SEED}: all requests accepted; number of tries: {tries}")
            with ThreadPoolExecutor(_SWEEPS) as sweeps:
                # The stream delivers batches one after the other. After a minute the sweeps help.
                while crowd.untried() and crowd.seconds() < _BAD_DAY:
                    crowd.summary_is_due()
                    list(sweeps.map(crowd.sweep, range(_SWEEPS)))
            crowd.say("each alert was attempted")
            later.enter_context(_stream_off(deployed))
        # AWS works again. Changing the functions' environment stopped all workers, so no lease has a holder.
        for left in takewhile(bool, (crowd.let_time_pass() for _ in range(_MOST_ROUNDS))):
            crowd.say(f"{left} are left")
            crowd.sweep()
        faults = {"submit": _faults(front), "behind it": _faults(back)}
        unaware = _unaware(back.calls("sesv2", "SendEmail"), back.calls("dynamodb", "UpdateItem"))

    crowd.say(f"all alerts sent; faults by call: {faults}")
    leads = crowd.leads()
    assert len(leads) == _PEOPLE
    assert {lead_id_of(lead) for lead in leads} == crowd.lead_ids
    assert {lead["alert_state"]["S"] for lead in leads} == {AlertState.ACCEPTED}

    alone = Counter(mail["To"][0] for mail in crowd.mails() if mail["Subject"].startswith("KC-"))
    hours = {f"{datetime.now(UTC):%H}", crowd.hour}
    assert set(alone) == set(RECIPIENTS)
    # The counter is not written if AWS fails at that moment, and then the email is sent.
    assert max(alone.values()) <= _LIMIT * len(hours) * _UNCOUNTED, "most of them are in summaries"
    mails = crowd.emails()
    assert mails.keys() == set(product(map(reference, crowd.lead_ids), RECIPIENTS))
    again = mails - Counter(mails.keys())
    crowd.say(f"{mails.total()} emails, {again.total()} of them repeats; allowed repeats: {unaware.total()}")
    assert again
    assert again <= unaware

    logs = "\n".join([*deployed.log_lines(), deployed.emulator_log.read_text(encoding="utf-8")])
    assert "lead changed" in logs
    assert crowd.canary not in logs
    # The stream has delivered all records, so in the next hour the next lead's alert comes at once.
    deployed.new_hour()
    deployed.the_alert(deployed.post_json(submission()).document["reference"], within=120)


def _disturb(front: FaultProxy, back: FaultProxy, lead_ids: Iterable[str]) -> None:
    """Make one in five of `submit`'s calls fail.

    In the functions that send email, fewer calls to the table and to SES fail, because a delayed call there holds up
    the next one.
    """
    for number in range(20, _PEOPLE, 100):
        front.on("dynamodb", "PutItem", _TABLE_TOO_LATE, skip=number, times=1)
        back.on("dynamodb", "UpdateItem", _TABLE_TOO_LATE, skip=4 * number, times=1)
    for number in (90, 500, 1_200):
        back.on("sesv2", "SendEmail", _MAIL_TOO_LATE, skip=number, times=1)
    # Almost never happens at random: all of the SDK's tries to write one outcome fail.
    for doomed in sorted(lead_ids)[:_OUTCOMES_LOST]:
        back.on("dynamodb", "UpdateItem", CALL_LOST, times=3, when=partial(_writes_outcome, lead_id=doomed))
    front.randomly(_SEED, 0.2, "dynamodb", _TABLE_FAULTS)
    back.randomly(_SEED, 0.04, "dynamodb", _TABLE_FAULTS)
    back.randomly(_SEED, 0.1, "sesv2", _MAIL_FAULTS)
    back.randomly(_SEED, 0.5, "secretsmanager", _SECRET_FAULTS)


class _Crowd:
    """A thousand made-up people. One word marks everything that is theirs and occurs nowhere else."""

    def __init__(self, deployed: Deployed) -> None:
        self._deployed = deployed
        self._started = time.monotonic()
        self.hour = f"{datetime.now(UTC):%H}"
        self.canary = f"canary{uuid.uuid4().hex}"
        self._people = [self._person() for _ in range(_PEOPLE)]
        ids, now = deployed.ids(), datetime.now(UTC)
        self.lead_ids = {ids.lead_id(str(person["submission_id"]), "", now, Signs()) for person in self._people}
        # A sweep may take longer than the SDK's timeout and must not be called twice because of that.
        config = Config(read_timeout=200, retries={"total_max_attempts": 1})
        self._lambdas = session().client("lambda", endpoint_url=deployed.aws, config=config)

    def _person(self) -> dict[str, object]:
        own = str(uuid.uuid4())
        return submission(
            name=f"Robin {self.canary}",
            message=f"I would like to ask about a consultation, for example {self.canary} {own}.",
            submission_id=own,
        )

    def seconds(self) -> float:
        """Return the seconds since the test began."""
        return time.monotonic() - self._started

    def say(self, what: str) -> None:
        """Print the current state."""
        print(f"{self.seconds():5.0f} s: {what}", flush=True)  # noqa: T201 - shown where the test fails

    def send_all(self) -> dict[int, int]:
        """Send every request until it is accepted. Return how many people needed how many tries."""
        with ThreadPoolExecutor(_AT_ONCE) as browsers:
            return dict(sorted(Counter(browsers.map(self._send, self._people)).items()))

    def _send(self, person: dict[str, object]) -> int:
        for number in range(1, _TRIES + 1):
            with suppress(OSError):  # no response arrived
                answer = self._deployed.post_json(person)
                if answer.status in {HTTPStatus.CREATED, HTTPStatus.OK}:
                    return number
                assert answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR, answer.body
            time.sleep(_PAUSE)
        raise AssertionError(f"not accepted in {_TRIES} tries")

    def leads(self) -> list[dict[str, Any]]:
        """Return the crowd's leads, in DynamoDB's typed form."""
        return [lead for lead in self._deployed.leads() if self.canary in lead["name"]["S"]]

    def untried(self) -> bool:
        """Whether a lead has had no attempt to send its alert."""
        return any("alert_attempts" not in lead for lead in self.leads())

    def sweep(self, _number: int = 0) -> None:
        """Run one sweep."""
        answer = self._lambdas.invoke(FunctionName=f"{self._deployed.stack.name}-follow-up", Payload=b"{}")
        assert not answer.get("FunctionError"), answer["Payload"].read()

    def let_time_pass(self) -> int:
        """Make every lead without an accepted alert due, and end its lease. Return how many there are."""
        self.summary_is_due()
        left = [lead for lead in self.leads() if lead["alert_state"] != {"S": AlertState.ACCEPTED}]
        for lead in left:
            self._deployed.dynamodb.update_item(
                TableName=self._deployed.stack.table,
                Key={"pk": lead["pk"], "sk": lead["sk"]},
                UpdateExpression="SET agenda_at = :past",
                ExpressionAttributeValues={":past": {"S": "2020-01-01T00:00:00.000Z"}},
            )
        return len(left)

    def summary_is_due(self) -> None:
        """Let time pass until the next summary may be sent."""
        self._deployed.summary_is_due()

    def mails(self) -> list[dict[str, Any]]:
        """Return the emails about the crowd."""
        return [mail for mail in self._deployed.emails("") if self.canary in mail["BodyText"]]

    def emails(self) -> Counter[tuple[str, str]]:
        """Count the emails about each reference by recipient. A summary is about many."""
        mails: Counter[tuple[str, str]] = Counter()
        for mail in self.mails():
            mails.update((each, address) for each in about(mail) for address in mail["To"])
        return mails


@contextmanager
def _stream_off(deployed: Deployed) -> Iterator[None]:
    name = f"{deployed.stack.name}-notify"
    (mapping,) = deployed.lambdas.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    deployed.lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    deployed.lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def _faults(proxy: FaultProxy) -> dict[str, int]:
    """Count the calls by operation and fault."""
    calls = chain.from_iterable(proxy.calls(*operation) for operation in _OPERATIONS)
    return dict(Counter(f"{call.operation}: {call.fault or 'none'}" for call in calls))


def _unaware(sends: Iterable[Call], updates: Iterable[Call]) -> Counter[tuple[str, str]]:
    """Count the emails that SES accepted without a record of it. Only these may go out again.

    Either SES's response did not reach the sender, or the outcome did not reach the table.
    """
    written = {
        (lead_id_of(call.document["Key"]), call.document["ExpressionAttributeValues"][":alert_attempts"]["N"])
        for call in updates
        if call.status == HTTPStatus.OK and _writes_outcome(call.document)
    }
    lost = Counter(
        lead_id_of(call.document["Key"])
        for call in updates
        if call.status != HTTPStatus.OK and _writes_outcome(call.document)
    )
    unaware: Counter[tuple[str, str]] = Counter()
    for call in sends:
        tags = {tag["Name"]: tag["Value"] for tag in call.document["EmailTags"]}
        unanswered = call.fault in {ANSWER_LOST.name, _MAIL_TOO_LATE.name}
        (address,) = call.document["Destination"]["ToAddresses"]
        if call.status != HTTPStatus.OK:
            continue
        if tags["notice"] == "summary":
            text = call.document["Content"]["Simple"]["Body"]["Text"]["Data"]
            unaware.update((each, address) for each in set(REFERENCE_PATTERN.findall(text)) if unanswered)
        elif unanswered or (tags["lead_id"], tags["attempt"]) not in written:
            unaware[reference(tags["lead_id"]), address] += 1
    # A summary whose outcome could not be written on a lead lists that lead again.
    unaware.update({(reference(each), box): count for each, count in lost.items() for box in RECIPIENTS})
    return unaware


def _writes_outcome(update: Any, *, lead_id: str | None = None) -> bool:  # noqa: ANN401 - JSON
    """Whether an UpdateItem ends an attempt, of any lead or of this one."""
    ours = lead_id is None or update["Key"] == key(lead_id)
    state = update.get("ExpressionAttributeValues", {}).get(":alert_state")
    return bool(ours and state not in (None, {"S": "sending"}))
