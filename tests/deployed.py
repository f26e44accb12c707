"""The deployed system for tests: post to it, and read its emails, its table and its logs."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from follow_up.summary.item import key_of_item
from shared.leads.identity import REFERENCE_PATTERN, LeadIds
from shared.store.desk_index import DeskIndex
from shared.store.email_counts import key_of_hour
from shared.store.keys import key
from tools.local.deployment import Stack, session
from tools.local.parameters import RECIPIENTS as STAFF

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=made-up-boundary"


@dataclass(frozen=True)
class Answer:
    """A response of the API. Redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.body)


def reference_in(answer: Answer) -> str:
    """Return the reference in the address of the thank-you page that an answer redirects to."""
    query = urllib.parse.urlsplit(answer.headers["location"]).query
    return urllib.parse.parse_qs(query)["reference"][0]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True)
class Deployed:
    """One deployed stack. Tests can read back everything that a function wrote anywhere."""

    stack: Stack
    aws: str
    emulator_log: Path

    # ---- what a visitor does

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request to the API."""
        request = urllib.request.Request(  # noqa: S310 - our own loopback
            self.stack.api + path, data=body, headers=dict(headers or {}), method=method
        )
        try:
            with _opener.open(request, timeout=40) as answer:
                return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read().decode())

    def post_json(self, fields: object, **headers: str) -> Answer:
        """Post as form.js does."""
        return self.request("POST", "/consultations", json.dumps(fields).encode(), {"Content-Type": JSON, **headers})

    def post_form(self, fields: Mapping[str, str], **headers: str) -> Answer:
        """Post as a plain HTML form does."""
        body = urllib.parse.urlencode(fields, doseq=True).encode()
        return self.request("POST", "/consultations", body, {"Content-Type": FORM, **headers})

    def post_multipart(self, fields: Mapping[str, str], file: bytes | None = None, **headers: str) -> Answer:
        """Post as a form with enctype="multipart/form-data" does, with its file field left empty or filled in."""
        parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
        parts.append((f'name="scan"; filename="{"" if file is None else "scan.txt"}"', file or b""))
        body = b"".join(
            f"--made-up-boundary\r\nContent-Disposition: form-data; {about}\r\n\r\n".encode() + value + b"\r\n"
            for about, value in parts
        )
        body += b"--made-up-boundary--\r\n"
        return self.request("POST", "/consultations", body, {"Content-Type": MULTIPART, **headers})

    # ---- what time does

    def new_hour(self) -> None:
        """Forget how many emails each recipient got in this hour, as when the next one begins."""
        for urgent in (False, True):
            self.dynamodb.delete_item(TableName=self.stack.table, Key=key_of_hour(datetime.now(UTC), urgent=urgent))

    def summary_is_due(self) -> None:
        """Let time pass until the next summaries may be sent."""
        for urgent in (False, True):
            self.dynamodb.update_item(
                TableName=self.stack.table,
                Key=key_of_item(urgent=urgent),
                UpdateExpression="SET next_at = :past, #schema = :schema",
                ExpressionAttributeNames={"#schema": "schema"},
                ExpressionAttributeValues={":past": {"S": "2020-01-01T00:00:00.000Z"}, ":schema": {"N": "1"}},
            )

    # ---- what staff and ops see

    def emails(self, reference: str) -> list[dict[str, Any]]:
        """Return the emails about `reference` that SES accepted, oldest first."""
        return [mail for mail in self.all_mails() if reference in mail["Subject"]]

    def all_mails(self) -> list[dict[str, Any]]:
        """Return every email that SES accepted, oldest first."""
        with urllib.request.urlopen(f"{self.aws}/_ministack/ses/messages", timeout=60) as answer:  # noqa: S310
            accounts = json.load(answer)["messages"]
        return [mail for mails in accounts.values() for mail in mails]

    def ids(self) -> LeadIds:
        """Return what makes the stack's ids, with its key."""
        configuration = self.lambdas.get_function_configuration(FunctionName=f"{self.stack.name}-submit")
        return LeadIds(configuration["Environment"]["Variables"]["ID_KEY"])

    def the_alert(self, reference: str, within: float = 30) -> dict[str, Any]:
        """Return the alert about `reference`. Asserts that each member of staff got it once."""

        def to_staff() -> list[dict[str, Any]]:
            return [mail for mail in self.emails(reference) if mail["To"][0] in STAFF]

        mails = eventually(to_staff, within=within, wanted=lambda mails: len(mails) >= len(STAFF))
        assert sorted(mail["To"] for mail in mails) == sorted([address] for address in STAFF)
        return mails[0]

    def leads(self) -> list[dict[str, Any]]:
        """Return every lead, in DynamoDB's typed form. An erased one is a tombstone, and no lead anymore."""
        return [item for item in self.items() if item["sk"] == {"S": "LEAD"} and "erased_at" not in item]

    def entries(self) -> list[dict[str, Any]]:
        """Return every lead and every entry of a lead's timeline."""
        return [item for item in self.items() if item["pk"]["S"].startswith("LEAD#")]

    def items(self) -> list[dict[str, Any]]:
        """Return every item of the table, in DynamoDB's typed form."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.stack.table, ConsistentRead=True)
        return [dict(item) for page in pages for item in page["Items"]]

    def lead(self, reference: str) -> dict[str, Any]:
        """Return the item of the one lead that `reference` names, or its tombstone."""
        # Tests wait with this, and to read the whole table again and again took most of their time.
        (lead_id,) = DeskIndex(self.dynamodb, self.stack.table).by_reference(reference)
        return dict(self.dynamodb.get_item(TableName=self.stack.table, Key=key(lead_id), ConsistentRead=True)["Item"])

    def events_of(self, reference: str) -> list[dict[str, Any]]:
        """Return the entries of the lead's timeline, in order."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.stack.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :event)",
            ExpressionAttributeValues={":pk": self.lead(reference)["pk"], ":event": {"S": "EVENT#"}},
            ConsistentRead=True,
        )
        return [dict(item) for page in pages for item in page["Items"]]

    def timeline(self, reference: str) -> list[str]:
        """Return the kinds of the lead's timeline entries, in order."""
        return [event["kind"]["S"] for event in self.events_of(reference)]

    def log_lines(self) -> list[str]:
        """Return every line in every log group."""
        lines: list[str] = []
        for groups in self.logs.get_paginator("describe_log_groups").paginate():
            for group in groups["logGroups"]:
                pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
                lines += [event["message"] for page in pages for event in page["events"]]
        return lines

    def emitted_metrics(self) -> set[tuple[str, str, tuple[tuple[str, str], ...]]]:
        """Return (namespace, metric, dimensions) of everything the functions emitted, from their logs."""
        emitted = set()
        for line in self.log_lines():
            if not line.startswith('{"_aws"'):
                continue
            record = json.loads(line)
            for directive in record["_aws"]["CloudWatchMetrics"]:
                for names in directive["Dimensions"]:
                    dimensions = tuple((name, record[name]) for name in sorted(names))
                    emitted |= {(directive["Namespace"], metric["Name"], dimensions) for metric in directive["Metrics"]}
        return emitted

    def metric_data(self) -> list[Any]:
        """Return every metric the account has, with its dimensions."""
        return [m for page in self.cloudwatch.get_paginator("list_metrics").paginate() for m in page["Metrics"]]

    def alarms(self) -> list[Any]:
        """Return every alarm."""
        pages = self.cloudwatch.get_paginator("describe_alarms").paginate()
        return [alarm for page in pages for alarm in page["MetricAlarms"]]

    def failed_records_queue(self) -> str:
        """Return the URL of the queue for stream records that failed."""
        (url,) = [url for url in self.sqs.list_queues().get("QueueUrls", []) if "FailedRecords" in url]
        return url

    def queued_messages(self) -> Any:  # noqa: ANN401 - JSON
        """Return the messages in every queue without removing them."""
        with urllib.request.urlopen(f"{self.aws}/_ministack/sqs/messages", timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    # ---- what ops do

    def invoke(self, function: str, event: object) -> Any:  # noqa: ANN401 - JSON
        """Run a function as its trigger would, and return its result."""
        name = f"{self.stack.name}-{function}"
        answer = self.lambdas.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        payload = answer["Payload"].read()
        assert not answer.get("FunctionError"), payload
        return json.loads(payload)

    def sweep(self) -> None:
        """Run the sweep now instead of at the next minute."""
        self.invoke("follow-up", {})

    def make_due(self, reference: str) -> None:
        """Pretend that the lead's next agenda time has passed. The lead must have one."""
        item = self.lead(reference)
        self.dynamodb.update_item(
            TableName=self.stack.table,
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET agenda_at = :past",
            ConditionExpression="attribute_exists(agenda_at)",
            ExpressionAttributeValues={":past": {"S": "2020-01-01T00:00:00.000Z"}},
        )

    def erase_now(self, erasure_id: str) -> dict[str, Any]:
        """Pretend that an erasure is due, run the function that erases, and return the order's report."""
        self.dynamodb.update_item(
            TableName=self.stack.table,
            Key={"pk": {"S": "ERASURES"}, "sk": {"S": erasure_id}},
            UpdateExpression="SET due_at = :past",
            ConditionExpression="attribute_exists(due_at)",
            ExpressionAttributeValues={":past": {"S": "2020-01-01T00:00:00.000Z"}},
        )
        self.invoke("erase", {})
        (report,) = [
            each for each in self.invoke("erase", {"job": "erasures"})["erasures"] if each["erasure"] == erasure_id
        ]
        return dict(report)

    @contextmanager
    def ops_mails(self) -> Iterator[Callable[[], list[str]]]:
        """Subscribe to the alarms topic. Yield a function that returns all messages since then."""
        (topic,) = [each["TopicArn"] for each in self.sns.list_topics()["Topics"] if "Alarms" in each["TopicArn"]]
        anybody = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
        queue = self.sqs.create_queue(QueueName=f"ops-{uuid.uuid4()}", Attributes={"Policy": policy})["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        subscription = self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
        heard: list[str] = []

        def told() -> list[str]:
            for message in self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
                heard.append(json.loads(message["Body"])["Message"])
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            return heard

        yield told
        self.sns.unsubscribe(SubscriptionArn=subscription)
        self.sqs.delete_queue(QueueUrl=queue)

    @contextmanager
    def denied(self, action: str, *functions: str) -> Iterator[None]:
        """Deny an action to functions for a while. They restart before and after, as after a deployment."""
        statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        roles = []
        for function in functions:
            name = f"{self.stack.name}-{function}"
            role = self.lambdas.get_function_configuration(FunctionName=name)["Role"].rsplit("/", 1)[-1]
            roles.append(role)
            self.iam.put_role_policy(RoleName=role, PolicyName="outage", PolicyDocument=document)
            self.restart(function)
        try:
            yield
        finally:
            for role, function in zip(roles, functions, strict=True):
                self.iam.delete_role_policy(RoleName=role, PolicyName="outage")
                self.restart(function)

    def restart(self, function: str) -> None:
        """Restart a function, so it loses what it kept in memory."""
        name = f"{self.stack.name}-{function}"
        before = self.lambdas.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        self.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": before})

    def set_sandbox(self, *, on: bool) -> None:
        """Put the SES account into the sandbox, where it refuses unverified recipients, or take it out."""
        self.ses.put_account_details(
            MailType="TRANSACTIONAL",
            WebsiteURL="https://www.example.com",
            UseCaseDescription="a test",
            ProductionAccessEnabled=not on,
        )

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return session().client("dynamodb", endpoint_url=self.aws)

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        return session().client("cloudwatch", endpoint_url=self.aws)

    @cached_property
    def events(self) -> "EventBridgeClient":
        return session().client("events", endpoint_url=self.aws)

    @cached_property
    def sns(self) -> "SNSClient":
        return session().client("sns", endpoint_url=self.aws)

    @cached_property
    def iam(self) -> "IAMClient":
        return session().client("iam", endpoint_url=self.aws)

    @cached_property
    def sqs(self) -> "SQSClient":
        return session().client("sqs", endpoint_url=self.aws)

    @cached_property
    def lambdas(self) -> "LambdaClient":
        return session().client("lambda", endpoint_url=self.aws)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        return session().client("logs", endpoint_url=self.aws)

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        return session().client("secretsmanager", endpoint_url=self.aws)

    @cached_property
    def ses(self) -> "SESV2Client":
        return session().client("sesv2", endpoint_url=self.aws)


# A test waits at least this many seconds for something, because other tests and programs may keep this machine busy.
PATIENCE = 150


def eventually[T](check: Callable[[], T], *, within: float, wanted: Callable[[T], bool] = bool) -> T:
    """Call `check` until its result is `wanted` or `within` seconds have passed. Return the last result.

    If `within` is shorter than `PATIENCE`, `PATIENCE` applies.
    """
    deadline = time.monotonic() + max(within, PATIENCE)
    while True:
        result = check()
        if wanted(result) or time.monotonic() > deadline:
            return result
        time.sleep(0.25)


# Fictional numbers (555-0100 to 555-0199) in enough area codes. Not in 202, which examples use.
_AREAS = (*range(205, 211), *range(212, 220), *range(301, 306), *range(307, 311), *range(312, 322))
_people = count()


def somebodys_phone() -> str:
    """Return the phone number of another person. A second request from the same person within minutes waits."""
    area, number = divmod(next(_people), 100)
    return f"{_AREAS[area]}-555-01{number:02}"


def plain_form(**changes: str) -> dict[str, str]:
    """Return what a plain form without a script sends, without a submission id."""
    return {
        "name": "Fay Example",
        "patient_is_adult": "yes",
        "phone": somebodys_phone(),
        "best_time": "any",
        "consent_contact": "on",
    } | changes


def about(mail: Mapping[str, Any]) -> set[str]:
    """Return the references that an email is about. A summary is about many."""
    return set(REFERENCE_PATTERN.findall(mail["Subject"]) or REFERENCE_PATTERN.findall(mail["BodyText"]))


def submission(**changes: object) -> dict[str, object]:
    """Return a complete request of another made-up person, with its own submission id and message.

    Repeated content would look like spam.
    """
    own = str(uuid.uuid4())
    return {
        "name": "Robin Example",
        "patient_is_adult": True,
        "email": f"robin-{own}@example.com",
        "phone": somebodys_phone(),
        "preferred_contact": "phone",
        "best_time": "evening",
        "message": f"I would like to ask about a consultation, for example {own}.",
        "consent_contact": True,
        "submission_id": own,
    } | changes
