"""A stack with nothing to mend, and what AWS answers to each check about it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared.leads.agenda import Lane, partitions
from tests.unit.doctor.asked import Answer, Pages, World
from tools.operate.doctor.bounces import REPORTS
from tools.operate.doctor.fetch import Page
from tools.operate.doctor.known import Known, Resource
from tools.operate.doctor.version import of_checkout

NOW: Final = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
NAME: Final = "clinic-leads"
ACCOUNT: Final = "111122223333"
AWS: Final = "arn:aws"
OF: Final = f"us-east-1:{ACCOUNT}"
API: Final = "https://a1b2c3.execute-api.us-east-1.amazonaws.com/v1"
SITE: Final = "https://www.example.com"
TOPIC: Final = f"{AWS}:sns:{OF}:clinic-leads-AlarmsTopic"
SENDER: Final = "leads@example.com"
OPS: Final = "ops@example.com"
STAFF: Final = ("frontdesk@example.com", "nurse@example.com", "owner@example.net")
SERVICES: Final = ("submit", "notify", "follow-up", "delivery", "claim", "desk", "erase", "canary", "webhook")
SCHEDULES: Final = ("follow-up", "erase", "retention-check", "canary", "webhook")
ALARMS: Final = ("OverdueAlertsAlarm", "MissingSweepAlarm")
READER: Final = "99999999-2222-3333-4444-555555555555"
SETTING: Final = "made-up-value-of-a-setting"
KEY: Final = "11111111-2222-3333-4444-555555555555"


def _of(kind: str, **names: str) -> dict[str, Resource]:
    return {name: Resource(name, id_, kind) for name, id_ in names.items()}


RESOURCES: Final[Mapping[str, Mapping[str, Resource]]] = {
    "": {
        **_of("AWS::SNS::Topic", AlarmsTopic=TOPIC),
        **_of("AWS::Lambda::Function", **{each.title().replace("-", ""): f"{NAME}-{each}" for each in SERVICES}),
        **_of(
            "AWS::Scheduler::Schedule", **{f"Every{number}": f"{NAME}-{each}" for number, each in enumerate(SCHEDULES)}
        ),
        **_of("AWS::Lambda::EventSourceMapping", NotifyFunctionNewLeads=READER, WebhookFunctionChanged=READER),
        **_of(
            "AWS::Events::Rule", DeliveryFunctionFailures=f"{NAME}-Failures", DeliveryFunctionDeliveries=f"{NAME}-All"
        ),
    },
    "Data": {
        **_of("AWS::KMS::Key", Key=KEY),
        **_of("AWS::SecretsManager::Secret", IdKey="id-key", PeopleSecret="people", StackSecret="stack"),
    },
    "SignIn": {
        **_of("AWS::DynamoDB::Table", Sessions="sessions"),
        **_of("AWS::Cognito::UserPoolDomain", Domain="leads-1"),
    },
    "Email": _of("AWS::SES::ConfigurationSet", ConfigurationSet="emails"),
    "Monitoring": _of("AWS::CloudWatch::Alarm", **{each: f"{NAME}-{each}-1" for each in ALARMS}),
    "WebhookSecrets": _of("AWS::SecretsManager::Secret", Address="address"),
    "WebFirewall": _of("AWS::WAFv2::WebACL", Firewall="wall|1a2b|REGIONAL"),
}
STACK: Final = Known(
    name=NAME,
    arn=f"{AWS}:cloudformation:{OF}:stack/{NAME}/1a2b",
    status="UPDATE_COMPLETE",
    created=NOW - timedelta(days=90),
    outputs={
        "ApiUrl": API,
        "ApiId": "a1b2c3",
        "DeskUrl": f"{API}/desk",
        "UserPoolId": "us-east-1_made-up",
        "DeskClientId": "client",
        "TableName": "leads",
        "AuditTable": "audit",
        "Version": of_checkout(),
    },
    parameters={
        "AllowedOrigins": SITE,
        "SenderAddress": SENDER,
        "AlertRecipients": f"{STAFF[0]},{STAFF[1]}",
        "FallbackRecipients": STAFF[2],
        "OwnerEmail": STAFF[2],
        "OpsEmail": OPS,
        "ThrottleBurst": "20",
        "Firewall": "yes",
        "Webhook": "yes",
        "PublicUrl": "",
    },
    resources=RESOURCES,
    now=NOW,
)


def stack(
    *,
    outputs: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    **changes: Any,  # noqa: ANN401
) -> Known:
    """Return the stack with other outputs, parameters or attributes."""
    return replace(
        STACK,
        outputs={**STACK.outputs, **(outputs or {})},
        parameters={**STACK.parameters, **(parameters or {})},
        **changes,
    )


# --- what AWS answers -------------------------------------------------------------------------------------------------


def account(**changes: Any) -> Answer:  # noqa: ANN401 - as the service has them
    """SES's account."""
    return "get_account", {
        "SendingEnabled": True,
        "ProductionAccessEnabled": True,
        "EnforcementStatus": "HEALTHY",
        "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 12.0},
    } | changes


def identity(*, verified: bool = True, dkim: str = "SUCCESS", signs: bool = True, forwards: bool = False) -> Answer:
    """An identity of SES."""
    return "get_email_identity", {
        "VerifiedForSendingStatus": verified,
        "VerificationStatus": "SUCCESS" if verified else "PENDING",
        "FeedbackForwardingStatus": forwards,
        "DkimAttributes": {"SigningEnabled": signs, "Status": dkim},
    }


UNKNOWN_IDENTITY: Final[Answer] = ("get_email_identity", "NotFoundException")
NOT_SUPPRESSED: Final[Answer] = ("get_suppressed_destination", "NotFoundException")


def rate(value: float | None) -> Answer:
    """A rate of SES's reputation."""
    points = [] if value is None else [{"Timestamp": NOW - timedelta(hours=1), "Maximum": value}]
    return "get_metric_statistics", {"Datapoints": points}


def configuration_set(*, sends: bool = True) -> Answer:
    """The stack's configuration set."""
    return "get_configuration_set", {"SendingOptions": {"SendingEnabled": sends}}


def destinations(*kinds: str, enabled: bool = True) -> Answer:
    """Where SES sends reports of these kinds."""
    bus = {"EventBusArn": f"{AWS}:events:{OF}:event-bus/default"}
    listed = [{"Name": "reports", "Enabled": enabled, "MatchingEventTypes": list(kinds), "EventBridgeDestination": bus}]
    return "get_configuration_set_event_destinations", {"EventDestinations": listed if kinds else []}


def subscriptions(*arns: str, address: str = OPS, others: Mapping[str, str] | None = None) -> Answer:
    """The subscriptions to the alarms: those of an address, and of `others` by their ARNs."""
    about = {"Protocol": "email", "TopicArn": TOPIC, "Owner": ACCOUNT}
    listed = [*((arn, address) for arn in arns), *(others or {}).items()]
    found = [about | {"SubscriptionArn": arn, "Endpoint": endpoint} for arn, endpoint in listed]
    return "list_subscriptions_by_topic", {"Subscriptions": found}


SUBSCRIBED: Final = f"{TOPIC}:1a2b3c4d"


def authenticated(value: str | None) -> Answer:
    """The attributes of a confirmed subscription."""
    attributes = {"PendingConfirmation": "false"} | ({"ConfirmationWasAuthenticated": value} if value else {})
    return "get_subscription_attributes", {"Attributes": attributes}


def alarms(*states: str, muted: bool = False) -> Answer:
    """The first alarms, in these states."""
    return "describe_alarms", {
        "MetricAlarms": [
            {
                "AlarmName": f"{NAME}-{name}-1",
                "AlarmDescription": "Something is wrong. See Alarms in docs/operations.md.",
                "StateValue": state,
                "StateUpdatedTimestamp": NOW - timedelta(days=2),
                "ActionsEnabled": not muted,
            }
            for name, state in zip(sorted(ALARMS), states, strict=False)
        ]
    }


def function(
    state: str | None = "Active", *, updated: str = "Successful", reserved: int | None = None
) -> tuple[Answer, Answer]:
    """A function, with the settings that Lambda tells to everyone who asks for its state."""
    reason = {"StateReason": "The role cannot be assumed."} if state == "Failed" else {}
    settings = {"Environment": {"Variables": {"ID_KEY": SETTING}}}
    about = ({"State": state} if state else {}) | reason | settings
    return (
        (
            "get_function_configuration",
            about | {"LastUpdateStatus": updated, "LastUpdateStatusReason": "The layer is gone."},
        ),
        ("get_function_concurrency", {} if reserved is None else {"ReservedConcurrentExecutions": reserved}),
    )


def figures(**by_function: Mapping[str, tuple[timedelta, float]]) -> Answer:
    """How often and how long ago each function ran, failed or could not start. Names have "_" for "-"."""
    results = []
    for number, (name, metric) in enumerate(
        (name, metric) for name in sorted(SERVICES, key=_place) for metric in ("Invocations", "Errors", "Throttles")
    ):
        usual = {"Invocations": (timedelta(minutes=10), 3.0)}
        found = {**usual, **by_function.get(name.replace("-", "_"), {})}.get(metric)
        at, values = ([NOW - found[0]], [found[1]]) if found and found[1] else ([], [])
        results.append({"Id": f"q{number}", "Timestamps": at, "Values": values, "StatusCode": "Complete"})
    return "get_metric_data", {"MetricDataResults": results}


def _place(service: str) -> str:
    return service.title().replace("-", "")


def schedule(state: str = "ENABLED") -> Answer:
    """A schedule."""
    return "get_schedule", {
        "Name": f"{NAME}-follow-up",
        "State": state,
        "ScheduleExpression": "rate(1 minute)",
        "ScheduleExpressionTimezone": "UTC",
        "Description": "Starts the sweep",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": f"{AWS}:lambda:{OF}:function:{NAME}-follow-up",
            "RoleArn": f"{AWS}:iam::{ACCOUNT}:role/start",
            "RetryPolicy": {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0},
        },
    }


def mapping(state: str = "Enabled", result: str = "OK") -> Answer:
    """A reader of the stream."""
    about = {"UUID": READER, "FunctionArn": f"{AWS}:lambda:{OF}:function:{NAME}-notify"}
    return "get_event_source_mapping", about | {"State": state, "LastProcessingResult": result}


def rule(state: str = "ENABLED") -> Answer:
    """A rule of EventBridge."""
    return "describe_rule", {"State": state}


def due(*ago: timedelta, lead_id: str = "7Q2M4XHD") -> Answer:
    """What a partition of the agenda has."""
    times = [(NOW - each).isoformat(timespec="milliseconds").replace("+00:00", "Z") for each in ago]
    keys = {"pk": {"S": f"LEAD#{lead_id}"}, "sk": {"S": "LEAD"}}
    return "query", {"Items": [keys | {"agenda_at": {"S": at}, "overdue_since": {"S": at}} for at in times]}


AGENDA: Final = sum(len(partitions(lane)) for lane in (Lane.URGENT, Lane.ORDINARY, Lane.URGENT_SUMMARY, Lane.SUMMARY))


def table(*, protected: bool = True, key: str = KEY, streams: bool = True, index: str = "ACTIVE") -> Answer:
    """A table."""
    return "describe_table", {
        "Table": {
            "DeletionProtectionEnabled": protected,
            "SSEDescription": {"Status": "ENABLED", "KMSMasterKeyArn": f"{AWS}:kms:{OF}:key/{key}"},
            "StreamSpecification": {"StreamEnabled": streams},
            "GlobalSecondaryIndexes": [{"IndexName": "agenda", "IndexStatus": index}],
        }
    }


def backups(status: str = "ENABLED") -> Answer:
    """The backups of a table."""
    return "describe_continuous_backups", {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status},
        }
    }


def ends(status: str = "ENABLED", attribute: str = "expires_at") -> Answer:
    """Whether a table deletes what has ended."""
    return "describe_time_to_live", {"TimeToLiveDescription": {"TimeToLiveStatus": status, "AttributeName": attribute}}


def key(state: str = "Enabled") -> Answer:
    """The key of the tables."""
    gone = {"DeletionDate": NOW + timedelta(days=9)} if state == "PendingDeletion" else {}
    return "describe_key", {"KeyMetadata": {"KeyId": KEY, "KeyState": state} | gone}


def rotation(*, on: bool = True) -> Answer:
    """Whether the key gets new material."""
    return "get_key_rotation_status", {"KeyRotationEnabled": on}


def secret(*, versions: int = 1, deleted: bool = False, rotated: bool = False) -> Answer:
    """A secret, without its value."""
    stages = {f"version-of-a-secret-that-is-made-up-{each}": [f"STAGE{each}"] for each in range(versions)}
    return "describe_secret", {
        "ARN": f"{AWS}:secretsmanager:{OF}:secret:address-1a2b3c",
        "RotationEnabled": rotated,
        **({"VersionIdsToStages": stages} if versions else {}),
        **({"DeletedDate": NOW} if deleted else {}),
    }


def factors(mode: str = "ON", *, app: bool = True) -> Answer:
    """What a pool asks for besides a password."""
    configuration = {"MfaConfiguration": mode, "SoftwareTokenMfaConfiguration": {"Enabled": app}}
    return "get_user_pool_mfa_config", configuration


def pool(*, invited_only: bool = True, protected: bool = True) -> Answer:
    """The pool of accounts."""
    protection = "ACTIVE" if protected else "INACTIVE"
    admin = {"AllowAdminCreateUserOnly": invited_only}
    return "describe_user_pool", {"UserPool": {"DeletionProtection": protection, "AdminCreateUserConfig": admin}}


def members(enabled: int = 0, *, disabled: int = 0) -> Answer:
    """The accounts with a role."""
    users = [{"Username": f"u{number}", "Enabled": number < enabled} for number in range(enabled + disabled)]
    return "list_users_in_group", {"Users": users}


def desk_client(desk: str = f"{API}/desk") -> Answer:
    """The desk's client of the pool."""
    urls = {"CallbackURLs": [f"{desk}/signed-in"], "LogoutURLs": [f"{desk}/signed-out"]}
    return "describe_user_pool_client", {"UserPoolClient": urls}


def pool_domain(pool_id: str = STACK.outputs["UserPoolId"]) -> Answer:
    """The address of the sign-in page."""
    return "describe_user_pool_domain", {"DomainDescription": {"UserPoolId": pool_id} if pool_id else {}}


BRANDED: Final[Answer] = (
    "describe_managed_login_branding_by_client",
    {"ManagedLoginBranding": {"UserPoolId": "us-east-1_a"}},
)


def mapped(base: str = "v1", api: str = "a1b2c3", stage: str = "v1") -> Answer:
    """What a domain of API Gateway leads to."""
    return "get_base_path_mappings", {"items": [{"basePath": base, "restApiId": api, "stage": stage}]}


WALL: Final[Answer] = (
    "get_web_acl_for_resource",
    {
        "WebACL": {
            "Name": "wall",
            "Id": "1a2b",
            "ARN": f"{AWS}:wafv2:{OF}:regional/webacl/wall/1a2b",
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": {
                "SampledRequestsEnabled": False,
                "CloudWatchMetricsEnabled": True,
                "MetricName": NAME,
            },
        }
    },
)


def form(api: str = API, method: str = "post") -> str:
    """A page with the form."""
    return f'<form data-consultation-form method="{method}" action="{api}/consultations"></form>'


def page(text: str = "", status: int = 200, url: str = f"{SITE}/") -> Pages:
    """The clinic's home page."""
    return {f"GET {SITE}/": Page(url, status, text or form())}


def preflight(origin: str = SITE) -> Pages:
    """What the API answers to a browser that asks whether a script may read its answers."""
    headers = {"access-control-allow-origin": origin} if origin else {}
    return {f"OPTIONS {API}/consultations": Page(f"{API}/consultations", 204, "", headers)}


DOMAIN: Final = "leads.example.com"
DOMAIN_URL: Final = f"https://{DOMAIN}/v1"


def with_domain(public: str = API) -> Known:
    """The stack with a DomainName. Links begin with another address unless `public` is the domain's."""
    target = "d-1a2b3c.execute-api.us-east-1.amazonaws.com"
    return stack(
        parameters={"DomainName": DOMAIN, "PublicUrl": "" if public == API else public},
        outputs={"DomainTarget": target, "DeskUrl": f"{public}/desk"},
    )


def answering(status: int = 200, url: str = API) -> Pages:
    """The API's own page."""
    return {f"GET {url}/": Page(f"{url}/", status)}


def seen(known: Known = STACK, pages: Pages | None = None, **aws: Sequence[Answer]) -> World:
    """Return what one check sees."""
    return World(stack=known, pages=pages or {}, aws=aws)


# By the title of each check: a stack with nothing to mend.
HEALTHY: Final[Mapping[str, World]] = {
    "Credentials": seen(
        identity=[("get_caller_identity", {"Arn": f"{AWS}:iam::{ACCOUNT}:user/ops", "Account": ACCOUNT})]
    ),
    "Stack": seen(),
    "Concurrency of Lambda": seen(
        functions=[
            (
                "get_account_settings",
                {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}},
            )
        ]
    ),
    "Version": seen(),
    "SES account": seen(email=[account()]),
    "Sender": seen(email=[identity(), identity()]),
    "Suppression list": seen(email=[NOT_SUPPRESSED] * 3),
    "Bounces and complaints": seen(metrics=[rate(0.001), rate(None)]),
    "Reports": seen(email=[configuration_set(), destinations(*REPORTS)]),
    "OpsEmail": seen(topics=[subscriptions(SUBSCRIBED), authenticated("true")]),
    "Alarms": seen(metrics=[alarms("OK", "OK")]),
    "Functions": seen(functions=[*function()] * len(SERVICES)),
    "Runs and errors": seen(metrics=[figures()]),
    "Schedules": seen(schedules=[schedule()] * len(SCHEDULES)),
    "Stream": seen(functions=[mapping()] * 2),
    "Rules": seen(rules=[rule()] * 2),
    "Overdue": seen(tables=[due()] * AGENDA),
    "Requests": seen(tables=[table(), backups(), ends()]),
    "Stream and indexes": seen(tables=[table()]),
    "Audit": seen(tables=[table(), backups(), ends()]),
    "Sessions": seen(tables=[ends()]),
    "Key": seen(keys=[key(), rotation()]),
    "Secrets": seen(secrets=[secret()] * 3),
    "Webhook": seen(secrets=[secret(versions=2)]),
    "Accounts are safe": seen(people=[factors(), pool()]),
    "Accounts": seen(people=[members(1, disabled=1), members()]),
    "Addresses": seen(people=[desk_client()]),
    "Sign-in page": seen(people=[pool_domain(), BRANDED]),
    "API": seen(pages=answering()),
    "Domain": seen(),
    "Allowed origins": seen(pages=preflight()),
    "Firewall": seen(firewall=[WALL]),
    "Website": seen(pages=page()),
}
