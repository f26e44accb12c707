"""For every alarm, a drill causes the problem and publishes the metrics that the functions really emit. The alarm must
ring, and stop afterwards.

CloudWatch makes metrics from the functions' log lines. The local AWS does not, so the tests publish them, and
tests/cloudwatch.py evaluates them. `Scene` derives the metrics that AWS's services publish themselves.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.leads.alert import MOST_TRIES
from shared.leads.confirmation import FEWEST_BOUNCES
from shared.leads.team import Recipient
from shared.store.email_counts import key_of_hour
from shared.store.keys import DIGEST, LEAD_SORT_KEY, timestamp
from tests.architecture.templates import ROOT, load
from tests.cloudwatch import LOOKS_BACK, Alarm, Datum, Metric, emitted
from tests.deployed import Answer, Deployed, eventually, submission
from tests.desk import a_client, made_up_sign_in
from tests.drills.drill import bounced_confirmation, confirming, forget_confirmations, schedule
from tests.faults import FaultProxy, answered, refuse, through
from tests.owner import an_owner, is_due
from tests.receiver import answers, receiver_of
from tools.local.desk_client import DeskClient, OpenPage
from tools.local.parameters import FALLBACK, RECIPIENTS

FUNCTIONS = ("submit", "notify", "follow-up", "delivery", "claim", "canary", "desk", "erase", "webhook")
FOLLOW_UP, CANARY, ERASE, WEBHOOK = (
    "follow_up",
    "canary",
    "erase",
    "webhook",
)  # as the services name themselves in metrics
FIRST, SECOND, OWNER = (Recipient(address).id for address in (*RECIPIENTS, *FALLBACK))

# Events that change nothing and emit no metric, for the functions whose last metrics the drills wait for.
_HARMLESS: dict[str, object] = {
    "notify": {"Records": []},
    "follow-up": {"source": "a test"},
    "erase": {"source": "a test"},
    "webhook": {"source": "a test"},
}

_MINUTE = timedelta(minutes=1)
_THROTTLED = refuse(429, "TooManyRequestsException")
_SERVER_ERROR = refuse(500, "InternalServerError")
_DENIED = refuse(400, "AccessDeniedException")

type Drill = Callable[[Scene], Generator[None]]


@dataclass
class Scene:
    """What a drill works with: the deployed stack, a proxy in front of AWS, and all metrics since it began."""

    deployed: Deployed
    proxy: FaultProxy
    built: Path
    undo: ExitStack = field(default_factory=ExitStack)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    _aws: list[Datum] = field(default_factory=list)

    # ---- what happens

    def request(self, method: str, path: str, fields: object = None) -> Answer:
        """Send a request as a visitor does."""
        body, headers = (json.dumps(fields).encode(), {"Content-Type": "application/json"}) if fields else (None, {})
        return self.answered(self.deployed.request(method, path, body, headers))

    def answered[A: (Answer, OpenPage)](self, answer: A) -> A:
        """Return an answer of the API, and publish 5XXError: 1 if the status was 500 or more, from whatever source.

        API Gateway publishes it for each request. The local AWS does not.
        """
        dimensions = frozenset({("ApiName", self.deployed.stack.name), ("Stage", "v1")})
        failed = float(answer.status >= 500)
        self._aws.append(Datum(Metric("AWS/ApiGateway", "5XXError", dimensions), datetime.now(UTC), failed))
        return answer

    def post(self, **changes: object) -> str:
        """Post the request of another person; return its reference."""
        answer = self.request("POST", "/consultations", submission(**changes))
        assert answer.status == 201, answer.body
        return str(answer.document["reference"])

    def fails(self, function: str, event: object = None) -> None:
        """Invoke a function that must fail."""
        name = f"{self.deployed.stack.name}-{function}"
        answer = self.deployed.lambdas.invoke(FunctionName=name, Payload=json.dumps(event or {}).encode())
        assert answer.get("FunctionError"), answer["Payload"].read()

    def ses_rates(self, name: str, rate: float) -> None:
        """Let SES publish one of the rates of the whole account. The local AWS publishes none."""
        self._aws.append(Datum(Metric("AWS/SES", f"Reputation.{name}", frozenset()), datetime.now(UTC), rate))

    def refused_by_the_api(self) -> None:
        """Let the API refuse one request with 429. The local AWS neither throttles nor reads its access log.

        So this counts the line as the deployed metric filter says.
        """
        (found,) = [
            log_filter
            for log_filter in self.deployed.logs.describe_metric_filters()["metricFilters"]
            if log_filter["logGroupName"] == f"/aws/apigateway/{self.deployed.stack.name}"
        ]
        assert (
            found["filterPattern"]
            == '{ ($.resource = "/consultations") && (($.status = "429") || ($.error = "WAF_FILTERED")) }'
        )
        (counts,) = found["metricTransformations"]
        metric = Metric(counts["metricNamespace"], counts["metricName"], frozenset())
        self._aws.append(Datum(metric, datetime.now(UTC), float(counts["metricValue"])))

    def confirmed(self) -> str:
        """Post the request of a person who wants email. Wait until their confirmation was sent, or was not sent.

        Return the request's reference.
        """
        reference = self.post(preferred_contact="email")
        self.deployed.the_alert(reference)
        assert eventually(
            partial(self.deployed.timeline, reference),
            within=20,
            wanted=lambda kinds: bool({"confirmation_sent", "confirmation_failed"} & set(kinds)),
        )
        return reference

    def over_budget(self, *, urgent: bool, **changes: object) -> Generator[None]:
        """Let a request come when staff have had all emails of an hour, and a new hour begin."""
        self.emails_used_up(urgent=urgent)
        reference = self.put_off(**changes)
        yield
        self.deployed.new_hour()
        yield
        self.deployed.sweep()
        assert "summarized" in self.deployed.timeline(reference)

    def emails_used_up(self, *, urgent: bool) -> None:
        """Let each member of staff have had all emails of this hour."""
        counts = {name: {"N": "1000"} for name in (FIRST, SECOND)}
        key = key_of_hour(datetime.now(UTC), urgent=urgent)
        self.deployed.dynamodb.put_item(
            TableName=self.deployed.stack.table, Item={**key, **counts, "schema": {"N": "1"}}
        )

    def put_off(self, **changes: object) -> str:
        """Post the request of another person, and wait until it waits for a summary; return its reference."""
        reference = self.post(**changes)
        lead = eventually(partial(self.deployed.lead, reference), within=20, wanted=lambda lead: "in_summary" in lead)
        assert "in_summary" in lead
        return reference

    def stream_brings(self, reference: str) -> None:
        """Deliver a lead's stream record, perhaps again."""
        lead = self.deployed.lead(reference)
        record = {"dynamodb": {"Keys": {"pk": lead["pk"], "sk": lead["sk"]}, "SequenceNumber": "1"}}
        self.deployed.invoke("notify", {"Records": [record]})

    def later(self, reference: str) -> None:
        """Let time pass until a lead is due, then run the sweep."""
        self.deployed.make_due(reference)
        self.deployed.sweep()

    def ses_reports(self, name: str, reference: str, recipient: str, attempt: int = 1) -> None:
        """Send SES's report about an email: one of the golden events."""
        event = json.loads((Path(__file__).parents[1] / "events" / f"ses_{name}.json").read_text("utf-8"))
        lead_id = self.deployed.lead(reference)["pk"]["S"].removeprefix("LEAD#")
        about = {"lead_id": lead_id, "notice": "alert", "recipient": recipient, "attempt": str(attempt)}
        event["detail"]["mail"]["tags"] |= {tag: [value] for tag, value in about.items()}
        self.deployed.invoke("delivery", event)

    def confirmation_bounces(self, reference: str) -> None:
        """Send SES's report that the confirmation of a request bounced."""
        self.deployed.invoke("delivery", bounced_confirmation(self.deployed, reference))

    def change(self, item: dict[str, Any], **values: object) -> None:
        """Write attributes, in DynamoDB's typed form, into an item."""
        self.deployed.dynamodb.update_item(
            TableName=self.deployed.stack.table,
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in values),
            ExpressionAttributeValues={f":{name}": value for name, value in values.items()},  # type: ignore[misc]
        )

    @contextmanager
    def stream_off(self) -> Iterator[None]:
        """Stop the stream."""
        mapping = self._mapping()
        self.deployed.lambdas.update_event_source_mapping(UUID=mapping, Enabled=False)
        try:
            yield
        finally:
            self.deployed.lambdas.update_event_source_mapping(UUID=mapping, Enabled=True)

    @contextmanager
    def stream_impatient(self) -> Iterator[None]:
        """Make the stream give up on a record after a second instead of an hour.

        The local AWS gives up for no other reason. Until then it retries without a limit.
        """
        mapping = self._mapping()
        before = self.deployed.lambdas.get_event_source_mapping(UUID=mapping)["MaximumRecordAgeInSeconds"]
        self.deployed.lambdas.update_event_source_mapping(UUID=mapping, MaximumRecordAgeInSeconds=1)
        try:
            yield
        finally:
            self.deployed.lambdas.update_event_source_mapping(UUID=mapping, MaximumRecordAgeInSeconds=before)

    def _mapping(self) -> str:
        name = f"{self.deployed.stack.name}-notify"
        (mapping,) = self.deployed.lambdas.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        return mapping["UUID"]

    @contextmanager
    def without_setting(self, function: str) -> Iterator[None]:
        """Deploy a function without one of its settings, so it cannot start."""
        name = f"{self.deployed.stack.name}-{function}"
        before = self.deployed.lambdas.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        broken = {variable: value for variable, value in before.items() if variable != "TABLE_NAME"}
        self.deployed.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": broken})
        try:
            yield
        finally:
            self.deployed.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": before})

    @contextmanager
    def working_day_over(self) -> Iterator[None]:
        """Deploy the follow-up function for a clinic that is closed now and opens in three days."""
        open_on = f"{datetime.now(ZoneInfo('America/New_York')) + timedelta(days=3):%A}".lower()
        name = f"{self.deployed.stack.name}-follow-up"
        self.deployed.lambdas.update_function_code(FunctionName=name, ZipFile=self._code({open_on: ["09:00-17:00"]}))
        try:
            yield
        finally:
            self.deployed.lambdas.update_function_code(FunctionName=name, ZipFile=self._code(None))

    def _code(self, hours: dict[str, list[str]] | None) -> bytes:
        folder, content = self.built / "FollowUpFunction", io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for path in (path for path in folder.rglob("*") if path.is_file()):
                code = path.read_bytes()
                if path.name == "clinic.json" and hours:
                    settings = json.loads(code)
                    closed_on = settings["hours"]["closed_on"]
                    code = json.dumps(settings | {"hours": hours | {"closed_on": closed_on}}).encode()
                archive.writestr(str(path.relative_to(folder)), code)
        return content.getvalue()

    def forget_the_past(self) -> None:
        """Discard the metrics published so far, as if the process had died before it wrote them."""
        time.sleep(1)  # metrics have timestamps, and those of the same moment would stay
        self.since = datetime.now(UTC)

    # ---- what can be seen

    def left_to_the_sweep(self, references: Collection[str]) -> list[str]:
        """Return which requests nobody had begun to send, after a sweep, for which they are due."""
        left = [
            str(lead["reference"]["S"])
            for lead in self.deployed.leads()
            if lead["reference"]["S"] in references and "alert_attempts" not in lead
        ]
        if left:
            self.deployed.sweep()
        return left

    def in_state(self, reference: str, state: str, attempts: int) -> None:
        """Wait until a lead is in this state after this many attempts."""
        wanted = {"alert_state": {"S": state}, "alert_attempts": {"N": str(attempts)}}
        lead = eventually(
            partial(self.deployed.lead, reference), within=20, wanted=lambda lead: wanted.items() <= lead.items()
        )
        assert {name: lead[name] for name in wanted} == wanted

    def published(self) -> list[Datum]:
        """Return all metrics published since the beginning."""
        # The local AWS may hold back a function's last log lines until its next invocation, so make one.
        for function, event in _HARMLESS.items():
            name = f"{self.deployed.stack.name}-{function}"
            self.deployed.lambdas.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        data = [*self._emitted(), *self._errors(), *self._aws, *self._queue()]
        return [datum for datum in data if datum.at >= self.since]

    def _emitted(self) -> Iterator[Datum]:
        for function in FUNCTIONS:
            pages = self.deployed.logs.get_paginator("filter_log_events").paginate(
                logGroupName=f"/aws/lambda/{self.deployed.stack.name}-{function}",
                startTime=int(self.since.timestamp() * 1000) - 1000,
            )
            for page in pages:
                for event in page["events"]:
                    yield from emitted(event["message"])

    def _errors(self) -> Iterator[Datum]:
        # The local AWS publishes these too, as Lambda does: 0 or 1 for each invocation.
        for function in FUNCTIONS:
            name = f"{self.deployed.stack.name}-{function}"
            statistics = self.deployed.cloudwatch.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName="Errors",
                Dimensions=[{"Name": "FunctionName", "Value": name}],
                StartTime=self.since,
                EndTime=datetime.now(UTC) + _MINUTE,
                Period=1,
                Statistics=["Sum"],
            )
            for point in statistics["Datapoints"]:
                metric = Metric("AWS/Lambda", "Errors", frozenset({("FunctionName", name)}))
                yield Datum(metric, max(point["Timestamp"], self.since), point["Sum"])

    def _queue(self) -> Iterator[Datum]:
        # SQS publishes the number of messages each minute. Here we ask its API.
        name = self.deployed.failed_records_queue().rpartition("/")[2]
        metric = Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", frozenset({("QueueName", name)}))
        yield Datum(metric, datetime.now(UTC), self.failed_records())

    def failed_records(self) -> int:
        """Return how many messages are on the queue."""
        attributes = self.deployed.sqs.get_queue_attributes(
            QueueUrl=self.deployed.failed_records_queue(), AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])


# ---------------------------------------------------------------------------------------------------------------------
# The drills. Each one causes a problem, yields while it lasts, ends it, yields, and shows that the system recovered.
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A drill and the only alarms that ring in it. `dead` are services that emit nothing meanwhile."""

    drill: Drill
    alarms: frozenset[str]
    dead: frozenset[str]


DRILLS: dict[str, Expected] = {}


def rings(*alarms: str, dead: str = "") -> Callable[[Drill], Drill]:
    """Register a drill with the names of the alarms that ring in it, without the ending "Alarm"."""

    def register(drill: Drill) -> Drill:
        DRILLS[drill.__name__] = Expected(
            drill=drill, alarms=frozenset(f"{alarm}Alarm" for alarm in alarms), dead=frozenset({dead} - {""})
        )
        return drill

    return register


def throttled(scene: Scene) -> str:
    """Post a request whose alert must wait, which is no reason for an alarm yet; return its reference."""
    scene.proxy.on("sesv2", "SendEmail", _THROTTLED)
    reference = scene.post()
    scene.in_state(reference, "pending", 1)
    return reference


@rings("RefusedAlerts")
def ses_in_the_sandbox_refuses_everybody(scene: Scene) -> Generator[None]:
    scene.deployed.set_sandbox(on=True)
    reference = scene.post()
    scene.in_state(reference, "pending", 1)
    yield
    scene.deployed.set_sandbox(on=False)
    yield
    scene.later(reference)
    scene.deployed.the_alert(reference)


@rings("RefusedAlerts")
def ses_in_the_sandbox_refuses_everybody_in_a_sweep(scene: Scene) -> Generator[None]:
    reference = throttled(scene)
    scene.proxy.clear()
    scene.deployed.set_sandbox(on=True)
    scene.later(reference)
    yield
    scene.deployed.set_sandbox(on=False)
    yield
    scene.later(reference)
    scene.deployed.the_alert(reference)


@rings("BlockedAlerts")
def the_account_is_paused(scene: Scene) -> Generator[None]:
    scene.proxy.on("sesv2", "SendEmail", refuse(400, "SendingPausedException"))
    reference = scene.post()
    scene.in_state(reference, "pending", 1)
    yield
    scene.proxy.clear()
    yield
    scene.later(reference)
    scene.deployed.the_alert(reference)


@rings("BlockedAlerts")
def the_account_is_suspended_when_the_sweep_comes(scene: Scene) -> Generator[None]:
    reference = throttled(scene)
    scene.proxy.clear()
    scene.proxy.on("sesv2", "SendEmail", refuse(400, "AccountSuspendedException"))
    scene.later(reference)
    yield
    scene.proxy.clear()
    yield
    scene.later(reference)
    scene.deployed.the_alert(reference)


@rings("OverdueAlerts")
def ses_throttles_for_eleven_minutes(scene: Scene) -> Generator[None]:
    reference = throttled(scene)
    since = {"S": timestamp(datetime.now(UTC) - 11 * _MINUTE)}
    scene.change(scene.deployed.lead(reference), agenda_at=since, overdue_since=since)
    scene.deployed.sweep()
    yield
    scene.proxy.clear()
    scene.later(reference)  # this sweep finds the lead overdue, and alerts
    scene.deployed.the_alert(reference)
    yield


def last_try(scene: Scene) -> str:
    """Post a request that has one try left, as after three days of tries; return its reference."""
    reference = throttled(scene)
    scene.change(scene.deployed.lead(reference), alert_tries={"N": str(MOST_TRIES - 1)})
    scene.deployed.make_due(reference)
    return reference


def redriven(scene: Scene, reference: str) -> None:
    """Do what `make redrive` does."""
    assert scene.deployed.invoke("follow-up", {"job": "redrive"}) == {"rearmed": 1}
    scene.deployed.sweep()
    scene.deployed.the_alert(reference)


@rings("UndeliverableAlerts")
def the_stream_brings_a_request_whose_last_try_fails(scene: Scene) -> Generator[None]:
    reference = last_try(scene)
    scene.stream_brings(reference)
    scene.in_state(reference, "undeliverable", 2)
    yield
    scene.proxy.clear()
    yield
    redriven(scene, reference)


@rings("UndeliverableAlerts", "UndeliverableLeads")
def the_sweep_finds_a_request_whose_last_try_fails(scene: Scene) -> Generator[None]:
    reference = last_try(scene)
    scene.deployed.sweep()
    scene.in_state(reference, "undeliverable", 2)
    yield
    scene.proxy.clear()
    yield
    redriven(scene, reference)


@rings("UndeliverableLeads")
def a_request_ended_undeliverable_and_its_process_died_before_it_said_so(scene: Scene) -> Generator[None]:
    reference = last_try(scene)
    scene.stream_brings(reference)
    scene.in_state(reference, "undeliverable", 2)
    scene.forget_the_past()
    scene.deployed.sweep()
    yield
    scene.proxy.clear()
    yield
    redriven(scene, reference)


@rings("UndeliverableAlerts", "BouncingMailbox")
def mail_comes_back_from_every_mailbox(scene: Scene) -> Generator[None]:
    reference = scene.post()
    scene.deployed.the_alert(reference)
    scene.in_state(reference, "accepted", 1)
    scene.ses_reports("bounced", reference, FIRST)
    scene.ses_reports("bounced_suppressed", reference, SECOND)
    scene.deployed.sweep()
    scene.in_state(reference, "accepted", 2)
    scene.ses_reports("bounced_mailbox_full", reference, OWNER, attempt=2)
    scene.in_state(reference, "undeliverable", 2)
    yield
    yield
    before = len(scene.deployed.emails(reference))
    assert scene.deployed.invoke("follow-up", {"job": "redrive"}) == {"rearmed": 1}
    scene.deployed.sweep()
    assert len(scene.deployed.emails(reference)) > before
    scene.ses_reports("delivered", reference, FIRST, attempt=3)
    scene.in_state(reference, "delivered", 3)


@rings("BouncingMailbox")
def mail_comes_back_from_one_mailbox(scene: Scene) -> Generator[None]:
    reference = scene.post()
    scene.deployed.the_alert(reference)
    scene.in_state(reference, "accepted", 1)
    scene.ses_reports("bounced", reference, SECOND)
    yield
    yield
    scene.deployed.sweep()
    scene.ses_reports("delivered", reference, OWNER, attempt=2)


@rings("ComplainingMailbox")
def a_mailbox_takes_alerts_for_spam(scene: Scene) -> Generator[None]:
    reference = scene.post()
    scene.deployed.the_alert(reference)
    scene.in_state(reference, "accepted", 1)
    scene.ses_reports("complained", reference, FIRST)
    yield
    yield
    scene.ses_reports("complained_not_spam", reference, FIRST)
    scene.deployed.sweep()
    scene.ses_reports("delivered", reference, OWNER, attempt=2)


@rings("BounceRate")
def too_many_emails_of_the_account_bounce(scene: Scene) -> Generator[None]:
    scene.ses_rates("BounceRate", 0.045)
    yield
    yield
    scene.ses_rates("BounceRate", 0.01)


@rings("ComplaintRate")
def too_many_people_complain_about_emails_of_the_account(scene: Scene) -> Generator[None]:
    scene.ses_rates("ComplaintRate", 0.0009)
    yield
    yield
    scene.ses_rates("ComplaintRate", 0.0001)


@rings("QuarantinedRequests")
def a_request_looks_like_spam(scene: Scene) -> Generator[None]:
    reference = scene.post(leave_empty="x", message="https://spam.example.net")
    scene.in_state(reference, "quarantined", 1)
    yield
    yield
    released(scene, reference)


@rings("QuarantinedRequests")
def a_request_looks_like_spam_to_the_sweep(scene: Scene) -> Generator[None]:
    with scene.stream_off():
        reference = scene.post(leave_empty="x", message="https://spam.example.net")
        scene.later(reference)
    scene.in_state(reference, "quarantined", 1)
    yield
    yield
    released(scene, reference)


def released(scene: Scene, reference: str) -> None:
    """Do what `make release` does."""
    assert scene.deployed.invoke("follow-up", {"job": "release", "reference": reference}) == {"rearmed": 1}
    scene.deployed.sweep()
    scene.deployed.the_alert(reference)


@rings("FailedDigests")
def the_digest_is_refused_until_the_working_day_is_over(scene: Scene) -> Generator[None]:
    scene.undo.enter_context(scene.working_day_over())
    digest = {"pk": {"S": DIGEST}, "sk": {"S": DIGEST}}
    due = {"S": timestamp(datetime.now(UTC) - _MINUTE)}
    scene.deployed.sweep()  # puts the digest on the agenda if it is not there
    scene.proxy.on("sesv2", "SendEmail", _THROTTLED)
    scene.change(digest, agenda_at=due)
    scene.deployed.sweep()
    yield
    scene.proxy.clear()
    yield
    scene.change(digest, agenda_at=due)
    scene.deployed.sweep()
    assert "DigestsSent" in {datum.metric.name for datum in scene.published()}


@rings("FailedOwnerReports")
def the_owners_report_is_refused(scene: Scene) -> Generator[None]:
    scene.undo.enter_context(an_owner(scene.deployed))
    scene.proxy.on("sesv2", "SendEmail", _THROTTLED)
    is_due(scene.deployed)
    scene.deployed.sweep()
    yield
    scene.proxy.clear()
    yield
    is_due(scene.deployed)
    scene.deployed.sweep()
    assert "OwnerReportsSent" in {datum.metric.name for datum in scene.published()}


@rings("FailedDueLeads")
def a_due_request_cannot_be_read(scene: Scene) -> Generator[None]:
    reference = scene.post()
    scene.deployed.the_alert(reference)
    scene.in_state(reference, "accepted", 1)
    lead = scene.deployed.lead(reference)
    scene.change(lead, consents={"S": "poison"})
    scene.later(reference)
    yield
    scene.change(lead, consents=lead["consents"])
    yield
    scene.later(reference)
    scene.in_state(reference, "accepted", 2)  # a lead that cannot be read cannot be leased either


@rings("FirstTriesFailed")
def the_first_try_of_a_put_fails(scene: Scene) -> Generator[None]:
    for _ in range(3):  # so that two are in one clock hour, whatever the time is
        scene.proxy.on("dynamodb", "PutItem", _SERVER_ERROR, times=1, when=_is_a_lead)
        scene.deployed.the_alert(scene.post())
    yield
    scene.proxy.clear()
    yield


def _is_a_lead(document: Any) -> bool:  # noqa: ANN401 - any call
    return bool(document["Item"]["sk"] == {"S": LEAD_SORT_KEY})


@rings("StorageFailures", "ApiServerErrors")
def the_table_takes_no_request(scene: Scene) -> Generator[None]:
    scene.proxy.on("dynamodb", "PutItem", _DENIED)
    assert scene.request("POST", "/consultations", submission()).status == 503
    yield
    scene.proxy.clear()
    yield
    scene.deployed.the_alert(scene.post())


@rings("RequestFlood")
def many_requests_come_at_once(scene: Scene) -> Generator[None]:
    scene.deployed.new_hour()  # with the alerts of the tests before, these would be over the budget
    references = [scene.post() for _ in range(31)]
    yield
    yield
    # A batch of the stream starts at most 20 of them. On a busy machine, one has more, and the sweep sends the rest.
    assert eventually(lambda: not scene.left_to_the_sweep(references), within=300)
    for reference in references:
        scene.deployed.the_alert(reference)


@rings("ThrottledRequests")
def the_api_refuses_a_request_because_too_many_came(scene: Scene) -> Generator[None]:
    scene.refused_by_the_api()
    yield
    yield
    scene.deployed.the_alert(scene.post())


@rings("EmailBudget")
def more_requests_come_than_staff_get_emails_for(scene: Scene) -> Generator[None]:
    yield from scene.over_budget(urgent=False)


@rings("UrgentEmailBudget")
def more_urgent_requests_come_than_staff_get_emails_for(scene: Scene) -> Generator[None]:
    yield from scene.over_budget(urgent=True, in_crisis="yes")


@rings("DayEmails")
def most_emails_of_the_day_are_used_up(scene: Scene) -> Generator[None]:
    quota = {"SendQuota": {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 161.0}}
    scene.proxy.on("sesv2", "GetAccount", answered(quota))
    scene.deployed.sweep()
    yield
    scene.proxy.clear()
    yield
    scene.deployed.sweep()


@rings("ConfirmationsPaused")
def confirmations_to_visitors_bounce(scene: Scene) -> Generator[None]:
    scene.undo.enter_context(confirming(scene.deployed))
    for _ in range(FEWEST_BOUNCES):
        scene.confirmation_bounces(scene.confirmed())
    scene.confirmed()
    yield
    forget_confirmations(scene.deployed)  # as two days later
    yield
    assert "confirmation_sent" in scene.deployed.timeline(scene.confirmed())


@rings("MissingSweep", "FollowUpErrors", dead=FOLLOW_UP)
def the_table_denies_the_agenda(scene: Scene) -> Generator[None]:
    scene.proxy.on("dynamodb", "Query", _DENIED)
    scene.fails("follow-up")
    yield
    scene.proxy.clear()
    yield
    scene.deployed.sweep()


@rings("Canary", dead=CANARY)
def the_canary_does_not_come_through(scene: Scene) -> Generator[None]:
    scene.proxy.on("dynamodb", "PutItem", _DENIED)
    assert scene.deployed.invoke("canary", {}) == {"accepted": False}
    yield
    scene.proxy.clear()
    yield
    assert scene.deployed.invoke("canary", {}) == {"accepted": True}


@rings("CanaryErrors", "Canary", dead=CANARY)
def the_canary_cannot_start(scene: Scene) -> Generator[None]:
    with scene.without_setting("canary"):
        scene.fails("canary")
        yield
    yield
    assert scene.deployed.invoke("canary", {}) == {"accepted": True}


@rings("MissingErasureRuns", "EraseErrors", dead=ERASE)
def the_table_denies_the_orders_to_erase(scene: Scene) -> Generator[None]:
    scene.proxy.on("dynamodb", "Query", _DENIED)
    scene.fails("erase")
    yield
    scene.proxy.clear()
    yield
    scene.deployed.invoke("erase", {})


@rings("MissingWebhookRuns", "WebhookErrors", dead=WEBHOOK)
def the_table_denies_the_health_of_the_webhook(scene: Scene) -> Generator[None]:
    with receiver_of(scene.deployed):  # without an address, a run reads nothing
        scene.proxy.on("dynamodb", "GetItem", _DENIED)
        scene.fails("webhook")
        yield
        scene.proxy.clear()
        yield
        scene.deployed.invoke("webhook", {})


@rings("FailingWebhook")
def the_receiver_of_the_webhook_fails(scene: Scene) -> Generator[None]:
    with receiver_of(scene.deployed) as inbox:
        inbox.manner = answers(500)
        scene.post(in_crisis=True)  # which is told without waiting for a run
        assert eventually(lambda: inbox.received, within=20, wanted=bool)
        health = {"pk": {"S": "WEBHOOK"}, "sk": {"S": "WEBHOOK"}}
        eventually(lambda: [each for each in scene.deployed.items() if each["pk"] == health["pk"]], within=20)
        scene.change(health, failing_since={"S": timestamp(datetime.now(UTC) - timedelta(minutes=16))})
        scene.deployed.invoke("webhook", {})
        yield
        inbox.manner = answers(200)
        assert scene.deployed.invoke("webhook", {"job": "test"})["taken"]
        yield
        scene.deployed.invoke("webhook", {})


@rings("WebhookProblems")
def the_receiver_of_the_webhook_refuses_a_message_that_rings(scene: Scene) -> Generator[None]:
    with receiver_of(scene.deployed) as inbox:
        inbox.manner = answers(400)
        scene.post(in_crisis=True)
        assert eventually(lambda: inbox.received, within=20, wanted=bool)
        yield
        inbox.manner = answers(200)
        yield
        scene.deployed.invoke("webhook", {})


@rings("UnprovenErasures")
def something_is_left_of_an_erased_person(scene: Scene) -> Generator[None]:
    reference = scene.post()
    scene.deployed.the_alert(reference)
    scene.in_state(reference, "accepted", 1)
    lead = scene.deployed.lead(reference)
    lead_id = lead["pk"]["S"].removeprefix("LEAD#")
    erasure = scene.deployed.invoke("erase", {"job": "order", "lead_ids": [lead_id]})["erasure"]
    assert scene.deployed.erase_now(erasure)["state"] == "looking_again"
    left = {"pk": {"S": "LEFT#1"}, "sk": {"S": "LEFT"}}
    scene.deployed.dynamodb.put_item(TableName=scene.deployed.stack.table, Item={**left, "words": lead["email"]})
    assert scene.deployed.erase_now(erasure)["problems"]
    yield
    scene.deployed.dynamodb.delete_item(TableName=scene.deployed.stack.table, Key=left)
    yield
    assert scene.deployed.erase_now(erasure)["state"] == "proven"


@rings("OverdueItems")
def an_item_is_kept_for_too_long(scene: Scene) -> Generator[None]:
    kept = {"pk": {"S": "KEPT#1"}, "sk": {"S": "KEPT"}}
    ended = {"N": str(int((datetime.now(UTC) - timedelta(days=8)).timestamp()))}
    scene.deployed.dynamodb.put_item(TableName=scene.deployed.stack.table, Item={**kept, "expires_at": ended})
    assert scene.deployed.invoke("erase", {"job": "check"})["expired"] > 0
    yield
    scene.deployed.dynamodb.delete_item(TableName=scene.deployed.stack.table, Key=kept)
    yield


@rings("SubmitErrors")
def submit_cannot_start(scene: Scene) -> Generator[None]:
    with scene.without_setting("submit"):
        scene.fails("submit")
        yield
    yield
    scene.post()


@rings("ClaimErrors")
def claim_cannot_start(scene: Scene) -> Generator[None]:
    with scene.without_setting("claim"):
        scene.fails("claim")
        yield
    yield
    assert scene.request("GET", "/claim/a-token").status < 500


@rings("DeskErrors")
def the_desk_cannot_start(scene: Scene) -> Generator[None]:
    with scene.without_setting("desk"):
        scene.fails("desk")
        yield
    yield
    assert at_the_desk(scene, DeskClient(scene.deployed.stack.desk.url)).status == 303


@rings("UnreachableAudit", "ApiServerErrors")
def the_audit_takes_no_entry(scene: Scene) -> Generator[None]:
    yield from the_desk_without(scene, "PutItem")


@rings("FailedDeskPages", "ApiServerErrors")
def the_desk_cannot_read_its_sessions(scene: Scene) -> Generator[None]:
    yield from the_desk_without(scene, "GetItem")


@rings("FailedSignIns")
def somebody_tries_made_up_sign_ins(scene: Scene) -> Generator[None]:
    for _ in range(5):
        assert scene.answered(made_up_sign_in(scene.deployed)).status == 403
    yield
    yield
    signed_in(scene)


def the_desk_without(scene: Scene, operation: str) -> Generator[None]:
    """A nurse signs in. Then the tables refuse one operation, and later they take it again."""
    browser = signed_in(scene)
    scene.proxy.on("dynamodb", operation, _DENIED)
    assert at_the_desk(scene, browser).status == 503
    yield
    scene.proxy.clear()
    yield
    assert at_the_desk(scene, browser).status == 200


def signed_in(scene: Scene) -> DeskClient:
    """Return the browser of somebody who signed in at the desk."""
    browser = a_client(scene.deployed)
    at_the_desk(scene, browser)
    return browser


def at_the_desk(scene: Scene, browser: DeskClient) -> OpenPage:
    """Open the first page of the desk."""
    return scene.answered(browser.once("GET", browser.desk))


@rings("NotifyErrors", "FailedRecords")
def notify_cannot_start(scene: Scene) -> Generator[None]:
    with scene.stream_impatient(), scene.without_setting("notify"):
        scene.fails("notify", {"Records": []})
        reference = scene.post()
        assert eventually(scene.failed_records, within=20) == 1
        yield
    scene.deployed.sqs.purge_queue(QueueUrl=scene.deployed.failed_records_queue())
    yield
    scene.later(reference)
    scene.deployed.the_alert(reference)


@rings("DeliveryErrors")
def the_table_denies_what_ses_reports(scene: Scene) -> Generator[None]:
    reference = scene.post()
    scene.deployed.the_alert(reference)
    scene.in_state(reference, "accepted", 1)
    scene.proxy.on("dynamodb", "UpdateItem", _DENIED)
    with pytest.raises(AssertionError):
        scene.ses_reports("delivered", reference, FIRST)
    yield
    scene.proxy.clear()
    yield
    scene.ses_reports("delivered", reference, FIRST)


# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Watch:
    """The deployed alarms, and the metrics published while everything works."""

    deployed: Deployed
    quiet: tuple[Datum, ...]
    told: Callable[[], list[str]]

    @cached_property
    def alarms(self) -> dict[str, Alarm]:
        """The deployed alarms by their logical names, which are part of the names that CloudFormation makes up."""
        described = [Alarm.of(alarm) for alarm in self.deployed.alarms()]
        return {name: alarm for name in logical_names() for alarm in described if f"-{name}-" in f"-{alarm.name}-"}

    def ringing(self, data: list[Datum], since: datetime, dead: frozenset[str], looks_back: int) -> set[str]:
        """Return the alarms that ring, given the `data` published after `since`.

        Alarms on silence are evaluated at the end of the silence.
        """
        now, found = datetime.now(UTC), set()
        for name, alarm in self.alarms.items():
            silent = alarm.metric.service in dead
            # Just long enough that the last heartbeat is too old to count.
            at = since + alarm.sees(looks_back) - alarm.period / 2 if silent else now
            before = self.beats(alarm, self.quiet, until=since if silent else at)
            if alarm.rings([*before, *data], at, looks_back):
                found.add(name)
        return found

    @staticmethod
    def beats(alarm: Alarm, quiet: tuple[Datum, ...] | list[Datum], until: datetime) -> list[Datum]:
        """Return the values that an alarm would see in its last periods before `until` if nothing changed."""
        heard = [datum for datum in quiet if datum.metric == alarm.metric]
        return [replace(datum, at=until - alarm.period * (age + 0.5)) for age in range(10) for datum in heard]

    def has_told(self, alarm: str) -> bool:
        """Whether the topic told operators about an alarm."""
        return any(alarm in text for text in self.told())

    def publish(self, data: list[Datum]) -> None:
        """Publish `data`, as CloudWatch does with log lines. The local AWS then evaluates its own alarms."""
        for namespace in {datum.metric.namespace for datum in data}:
            self.deployed.cloudwatch.put_metric_data(
                Namespace=namespace,
                MetricData=[
                    {
                        "MetricName": datum.metric.name,
                        "Dimensions": [{"Name": name, "Value": value} for name, value in datum.metric.dimensions],
                        "Timestamp": datum.at,
                        "Value": datum.value,
                    }
                    for datum in data
                    if datum.metric.namespace == namespace
                ],
            )


def logical_names() -> set[str]:
    """Return the alarms of the template."""
    resources = load((ROOT / "infra" / "monitoring.yaml").read_text("utf-8"))["Resources"]
    return {name for name, resource in resources.items() if resource["Type"] == "AWS::CloudWatch::Alarm"}


@pytest.fixture(scope="module")
def proxy(deployed: Deployed) -> Iterator[FaultProxy]:
    """The proxy, with every function behind it, no scheduled sweep, and no due leads of other tests."""
    with schedule(deployed, on=False), FaultProxy(deployed.aws) as proxy, through(deployed, proxy, *FUNCTIONS):
        yield proxy


@pytest.fixture
def scene(deployed: Deployed, proxy: FaultProxy, built: Path) -> Iterator[Scene]:
    take_off_the_agenda(deployed)
    scene = Scene(deployed, proxy, built)
    with scene.undo:
        yield scene
    proxy.clear()
    deployed.set_sandbox(on=False)


def take_off_the_agenda(deployed: Deployed) -> None:
    """Take the due and undeliverable leads of other tests off the agenda."""
    for lead in deployed.leads():
        if "agenda_shard" in lead or lead["alert_state"] == {"S": "undeliverable"}:
            deployed.dynamodb.update_item(
                TableName=deployed.stack.table,
                Key={"pk": lead["pk"], "sk": lead["sk"]},
                UpdateExpression="REMOVE agenda_shard, agenda_at, overdue_since, worklist",
            )


@pytest.fixture(scope="module")
def watch(deployed: Deployed, proxy: FaultProxy, built: Path) -> Iterator[Watch]:
    take_off_the_agenda(deployed)
    deployed.sqs.purge_queue(QueueUrl=deployed.failed_records_queue())
    well = Scene(deployed, proxy, built)
    # Each heartbeat that an alarm listens to. One that is missing here would ring in every drill.
    deployed.sweep()
    assert deployed.invoke("canary", {}) == {"accepted": True}
    deployed.invoke("erase", {})
    deployed.invoke("webhook", {})
    with deployed.ops_mails() as told:
        yield Watch(deployed, tuple(well.published()), told)


def test_every_alarm_of_the_template_is_deployed_and_has_a_drill(watch: Watch) -> None:
    assert set(watch.alarms) == logical_names(), "infra/monitoring.yaml has alarms that are not deployed"
    assert len(watch.deployed.alarms()) == len(watch.alarms)
    drilled = set().union(*(expected.alarms for expected in DRILLS.values()))
    assert drilled == logical_names(), (
        f"add drills for {sorted(logical_names() - drilled)} to tests/integration/test_alarms.py,"
        f" remove those for {sorted(drilled - logical_names())}"
    )


@pytest.mark.parametrize("looks_back", [0, LOOKS_BACK])
def test_while_all_is_well_no_alarm_rings(watch: Watch, looks_back: int) -> None:
    assert watch.ringing([], datetime.now(UTC), frozenset(), looks_back) == set()


@pytest.mark.parametrize("name", DRILLS)
def test_an_alarm_rings_while_its_trouble_lasts_and_no_longer(name: str, scene: Scene, watch: Watch) -> None:
    expected = DRILLS[name]
    drill = expected.drill(scene)
    scene.undo.callback(drill.close)

    next(drill)
    # Log lines arrive a little later than responses.
    judge = partial(watch.ringing, since=scene.since, dead=expected.dead)
    trouble = eventually(
        scene.published, within=10, wanted=lambda data: judge(data, looks_back=LOOKS_BACK) == expected.alarms
    )
    assert judge(trouble, looks_back=LOOKS_BACK) == expected.alarms
    assert judge(trouble, looks_back=0) == expected.alarms
    watch.publish(trouble)

    next(drill)
    scene.since = datetime.now(UTC)
    next(drill, None)
    scene.deployed.sweep()

    def still_ringing(after: list[Datum]) -> list[str]:
        found = []
        for alarm in (watch.alarms[name] for name in expected.alarms):
            at = datetime.now(UTC) + alarm.sees() + alarm.period
            beats = watch.beats(alarm, after, until=at)
            found += [alarm.name] if alarm.rings([*trouble, *after, *beats], at) else []
        return found

    after = eventually(scene.published, within=10, wanted=lambda data: not still_ringing(data))
    assert still_ringing(after) == [], "these alarms do not end"

    # The topic notifies operators. (The local AWS has no alarms on silence.)
    for alarm_name in expected.alarms - {"MissingSweepAlarm", "MissingErasureRunsAlarm", "MissingWebhookRunsAlarm"}:
        assert eventually(partial(watch.has_told, alarm_name), within=5), alarm_name
