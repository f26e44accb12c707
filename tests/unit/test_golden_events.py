"""Every handler accepts what AWS sends it: each golden event in tests/events goes through the real entry point."""

import importlib
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from types import SimpleNamespace
from typing import Any

import pytest

from shared.services import clients
from shared.store.intake import new_lead_item
from submit.new_lead import new_lead
from submit.request import parse_request
from tests.golden import NAMES, golden, service_of
from tests.unit.desk import MemorySessions, MemoryUserPool
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.output import everything_printed
from tests.unit.people import CLINIC, ENGLISH, ID_KEY, IDS, NOW, a_lead

# What each handler returns: the status of an HTTP answer, or the whole value. SES's reports have their own test below.
RETURNED: Mapping[str, object] = {
    "api_claim_get": 200,
    "api_claim_get_own_domain": 200,
    "api_claim_post": 200,
    "api_desk_get": 303,
    "api_desk_get_own_domain": 303,
    "api_desk_post": 303,
    "api_submit_form": 303,
    "api_submit_form_base64": 303,
    "api_submit_form_js": 200,
    "api_submit_json": 201,
    "api_submit_json_own_domain": 201,
    "api_submit_multipart": 303,
    "api_submit_preflight": 204,
    "api_submit_start": 200,
    "api_submit_thank_you": 200,
    "schedule_canary": {"accepted": True},
    "schedule_erase": {"due": 0},
    "schedule_follow_up": {"looked_at": 2},
    "schedule_webhook": {"looked_at": 0},
    "stream_changed_leads": {"batchItemFailures": []},
    "stream_new_leads": {"batchItemFailures": []},
}
# What AWS's own examples have, by the start of our file's name.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
# https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
# https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
# https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
PUBLISHED: Mapping[str, tuple[tuple[str, set[str]], ...]] = {
    "api": (
        (
            "",
            {
                *("resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters"),
                *("multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext", "body"),
                "isBase64Encoded",
            },
        ),
        (
            "requestContext",
            {
                *("accountId", "apiId", "domainName", "domainPrefix", "extendedRequestId", "httpMethod", "identity"),
                *("path", "protocol", "requestId", "requestTime", "requestTimeEpoch", "resourceId", "resourcePath"),
                *("stage", "deploymentId"),
            },
        ),
    ),
    "stream": (
        (
            "Records.0",
            {
                *("eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN"),
            },
        ),
        (
            "Records.0.dynamodb",
            {"ApproximateCreationDateTime", "Keys", "SequenceNumber", "SizeBytes", "StreamViewType"},
        ),
    ),
    "ses": (
        ("", {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}),
        (
            "detail.mail",
            {
                *("timestamp", "source", "sourceArn", "sendingAccountId", "messageId", "destination"),
                *("headersTruncated", "headers", "commonHeaders", "tags"),
            },
        ),
    ),
    "schedule": (("", {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}),),
}
SES_EVENTS = [name for name in NAMES if service_of(name) == "delivery"]
# SES accepted an email, or a recipient withdrew a complaint. These change nothing.
IGNORED = {"ses_sent", "ses_complained_not_spam"}
VARIABLES = {
    "AMAZON_ROOTS": "/opt/amazon-roots.pem",
    "ID_KEY": ID_KEY,
    "AWS_CONFIG_FILE": "/dev/null",  # only the SDK understands this setting, so it makes each put
    "ALARMS_TOPIC_ARN": "made-up-topic",
    "ALERT_DETAIL": "contact",
    "ALERT_RECIPIENTS": "frontdesk@example.com,nurse@example.com",
    "ALLOWED_ORIGINS": "https://www.example.com",
    "AUDIT_TABLE": NAME,
    "OWNER_EMAIL": "",
    "CLINIC_PHONE": "(202) 555-0143",
    "CONFIGURATION_SET": "made-up-set",
    "FALLBACK_RECIPIENTS": "owner@example.com",
    "PUBLIC_URL": "https://api.example.com",
    "SENDER_ADDRESS": "leads@example.com",
    "SESSIONS_TABLE": "sessions",
    "SIGN_IN_URL": "https://leads-made-up.auth.us-east-1.amazoncognito.com",
    "STACK_SECRET_ARN": "made-up-secret",
    "PEOPLE_SECRET_ARN": "made-up-people-secret",
    "TABLE_NAME": NAME,
    "TELL_OTHERS": "yes",
    "THANK_YOU_PAGES": "",
    "TURNSTILE_SECRET_ARN": "",
    "TURNSTILE_VERIFY_URL": "https://verifier.example.com",
    "USER_POOL_ID": "us-east-1_MadeUp123",
    "VISITOR_CONFIRMATION": "no",
    "WEBHOOK_ADDRESS_ARN": "made-up-address",
    "WEBHOOK_KEY_ARN": "made-up-key",
}


class Context:
    """What our entry points read from Lambda's context."""

    function_name = "made-up"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:made-up"
    aws_request_id = "made-up"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 150_000


class StoppedClock(datetime):
    """The moment at which the links in the golden events were made."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override] # a plain datetime will do
        return NOW.astimezone(tz)


class Tables:
    """DynamoDB's client for the two tables of the desk and the one with the leads."""

    def __init__(self, leads: Any, sessions: Any) -> None:  # noqa: ANN401 - clients in memory
        self._leads, self._sessions = leads, sessions

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of a client
        def call(**asked: Any) -> Any:  # noqa: ANN401 - any parameters
            return getattr(self._sessions if asked["TableName"] == "sessions" else self._leads, name)(**asked)

        return call if name in {"get_item", "put_item", "delete_item"} else getattr(self._leads, name)


class Aws:
    """DynamoDB, Cognito, SES, SNS and Secrets Manager in memory, behind the clients that handlers use."""

    def __init__(self) -> None:
        self.table = MemoryDynamoDB()
        self.emails: list[str] = []
        for number in (0, 1):  # the leads that the golden events are about, old enough to be due
            self.table.put(new_lead_item(a_lead(number, received_at=NOW.replace(year=2020))))

    def client(self, service: str, **_options: object) -> Any:  # noqa: ANN401 - any of boto3's clients
        match service:
            case "dynamodb":
                return Tables(self.table.client(), MemorySessions())
            case "cognito-idp":
                return MemoryUserPool()
            case "sesv2":
                quota = {"SendQuota": {"Max24HourSend": 200.0, "SentLast24Hours": 3.0}}
                return SimpleNamespace(send_email=self._send_email, get_account=lambda: quota)
            case "sns":
                return SimpleNamespace(publish=lambda **_message: {})
            case "secretsmanager":
                return SimpleNamespace(get_secret_value=lambda **_name: {"SecretString": "made-up-secret"})
        raise NotImplementedError(service)

    def post(self, form: dict[str, object]) -> int:
        """Take the canary's request as the public API does, and send its alert at once."""
        item = new_lead_item(new_lead(parse_request(form, CLINIC, ENGLISH), datetime.now(UTC), CLINIC, IDS))
        self.table.put(item | {"alert_state": {"S": "accepted"}, "synthetic": {"BOOL": True}})
        return 201

    def _send_email(self, **email: Any) -> dict[str, str]:  # noqa: ANN401 - what SES takes
        self.emails += email["Destination"]["ToAddresses"]
        return {"MessageId": "made-up"}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """The account behind the handlers, and the environment of all functions."""
    aws = Aws()
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    for client in (clients.cognito, clients.dynamodb, clients.ses, clients.secrets_manager, clients.sns):
        client.cache_clear()
    monkeypatch.setattr(clients, "_session", lambda: aws)
    monkeypatch.setattr("shared.services.intake_client.intake_client", aws.table.client)
    monkeypatch.setattr("canary.public_api.PublicApi.post", aws.post)
    monkeypatch.setattr("canary.fly.LOOK_EVERY_SECONDS", 0)
    monkeypatch.setattr("claim.claim.datetime", StoppedClock)
    return aws


@pytest.fixture(autouse=True)
def _no_client_is_kept() -> Iterator[None]:
    yield
    for client in (clients.cognito, clients.dynamodb, clients.ses, clients.secrets_manager, clients.sns):
        client.cache_clear()


def invoked(name: str) -> Any:  # noqa: ANN401 - what Lambda would send back as JSON
    """Start the function that gets a golden event, and return what its handler returns."""
    return handled(service_of(name), golden(name))


def handled(service: str, event: object) -> Any:  # noqa: ANN401 - as above
    """Start a function, and return what its handler returns."""
    module = f"{service}.handler"
    sys.modules.pop(module, None)  # a new process: it reads its settings and makes its clients
    return importlib.import_module(module).handler(event, Context())


def test_every_golden_event_has_an_expected_result() -> None:
    missing = set(NAMES) - set(SES_EVENTS) - set(RETURNED)
    assert not missing, (
        f"No test uses {', '.join(f'tests/events/{name}.json' for name in sorted(missing))}."
        " Add what its handler returns to RETURNED in tests/unit/test_golden_events.py, or delete the file."
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_event_has_the_parts_of_the_published_examples(name: str) -> None:
    for place, parts in PUBLISHED[name.partition("_")[0]]:
        value: Any = golden(name)
        for step in filter(None, place.split(".")):
            value = value[int(step) if step.isdigit() else step]
        assert set(value) == parts, f"{name}: {place or 'the event'}"


@pytest.mark.parametrize("name", RETURNED)
def test_the_handler_accepts_its_golden_event(name: str, aws: Aws) -> None:
    with everything_printed():
        result = invoked(name)
    assert (result["statusCode"] if name.startswith("api_") else result) == RETURNED[name]
    if service_of(name) in {"notify", "follow_up"}:
        assert sorted(aws.emails) == sorted(VARIABLES["ALERT_RECIPIENTS"].split(",") * 2), "two leads, two recipients"


@pytest.mark.parametrize("name", SES_EVENTS)
@pytest.mark.usefixtures("aws")
def test_the_handler_accepts_every_report_of_ses(name: str) -> None:
    with everything_printed() as output:
        assert invoked(name) is None
    assert ("report recorded" in output.getvalue()) == (name not in IGNORED)


def test_a_golden_request_is_stored_as_its_visitor_wrote_it(aws: Aws) -> None:
    before = set(aws.table.items)
    names = [name for name in RETURNED if golden(name).get("httpMethod") == "POST" and service_of(name) == "submit"]
    with everything_printed():
        for name in names:
            invoked(name)
    stored = [item for key, item in aws.table.items.items() if key not in before]
    assert len({item["pk"]["S"] for item in stored}) == 2, "the same form in three encodings is one lead"
    assert {item["message"]["S"] for item in stored} == {"I would like to know more: Café?"}


# What else may start a function: a test in the console, or a tool that keeps functions warm.
OTHER_EVENTS: Mapping[str, object] = {
    "nothing": {},
    "null": None,
    "a list": [{"Records": []}],
    "a text": "warm-up",
    "a number": 7,
    "the console's test event": {"key1": "value1", "key2": "value2", "key3": "value3"},
    "a warm-up event": {"source": "serverless-plugin-warmup"},
    "a scheduled ping": golden("schedule_canary") | {"source": "aws.events"},
    "a job that does not exist": {"job": "redriv"},
    "records that are no list": {"Records": {"0": {}}},
    "records of another kind": {"Records": [None, "text", {}, {"Sns": {"Message": "hello"}}, {"dynamodb": None}]},
    "records without a sequence": {"Records": [{"dynamodb": {}}, {"dynamodb": {"Keys": {"pk": {"S": "LEAD#A"}}}}]},
    "the console's sample of a stream": {
        "Records": [
            {
                "eventID": "c4ca4238a0b923820dcc509a6f75849b",
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {
                    "Keys": {"Id": {"N": "101"}},
                    "NewImage": {"Message": {"S": "New item!"}, "Id": {"N": "101"}},
                    "SequenceNumber": "4421584500000000017450439091",
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
            }
        ]
    },
    "a path that is missing": {"httpMethod": "GET", "path": None, "resource": None},
    "another service's event": {"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification"},
}
RUNS = {"nothing", "a scheduled ping"}  # what a person or the schedule sends to start a sweep or a canary


@pytest.mark.parametrize(
    "service", ["submit", "claim", "notify", "delivery", "follow_up", "canary", "erase", "webhook"]
)
@pytest.mark.parametrize("name", OTHER_EVENTS)
def test_any_other_event_is_ignored_with_a_line_in_the_log(service: str, name: str, aws: Aws) -> None:
    before = dict(aws.table.items)
    with everything_printed() as output:
        result = handled(service, OTHER_EVENTS[name])
    printed = output.getvalue()
    assert '"ERROR"' not in printed
    runs = {
        "follow_up": {"looked_at": 2},
        "canary": {"accepted": True},
        "erase": {"due": 0},
        "webhook": {"looked_at": 0},
    }
    if service in runs and name in RUNS:
        assert result == runs[service]
        return
    no_failures: dict[str, object] = {"batchItemFailures": []}
    assert result == {"notify": no_failures, "webhook": no_failures, "delivery": None}.get(service, {})
    assert "event ignored" in printed or "report ignored" in printed
    assert "Failed" not in printed
    assert (aws.emails, aws.table.items) == ([], before)


def test_a_foreign_record_costs_no_other_its_alert(aws: Aws) -> None:
    event = golden("stream_new_leads")
    event["Records"].insert(1, {"eventSource": "aws:sqs", "body": "hello"})
    with everything_printed() as output:
        assert handled("notify", event) == {"batchItemFailures": []}
    assert len(aws.emails) == 4
    assert "event ignored" in output.getvalue()
