"""An alarm on a metric that is never emitted can never ring. Each metric is compared with the code or AWS's list."""

import re
from collections.abc import Iterator

from shared.leads.alert import LONGEST_BACKOFF
from tests.architecture.emitted_metrics import ALERTS, emitted_by, services
from tests.architecture.rules.dashboard import dashboard_metrics
from tests.architecture.templates import Templates, Tree, ref

_FILE = "infra/monitoring.yaml"
_ALARM = "AWS::CloudWatch::Alarm"
_FILTER = "AWS::Logs::MetricFilter"

# The dimensions of AWS's own metrics that we use.
_AWS_DIMENSIONS = {
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    ("AWS/Lambda", "Errors"): {"FunctionName"},
    ("AWS/Lambda", "Duration"): {"FunctionName"},
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {"QueueName"},
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
    ("AWS/ApiGateway", "5XXError"): {"ApiName", "Stage"},
    # https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
    ("AWS/SES", "Reputation.BounceRate"): set(),
    ("AWS/SES", "Reputation.ComplaintRate"): set(),
    # https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
    ("AWS/WAFV2", "BlockedRequests"): {"WebACL", "Rule", "Region"},
    ("AWS/WAFV2", "CountedRequests"): {"WebACL", "Rule", "Region"},
}

# The rates at which SES reviews an account: https://docs.aws.amazon.com/ses/latest/dg/reputationdashboardmessages.html
_REVIEWED_AT = {"Reputation.BounceRate": 0.05, "Reputation.ComplaintRate": 0.001}

# The metric that a scheduled function emits after each run.
_HEARTBEATS = {"follow_up": "Sweeps", "canary": "CanaryAccepted", "erase": "ErasureRuns", "webhook": "WebhookRuns"}


def alarms_watch_metrics_that_exist(templates: Templates) -> list[str]:
    """Name, namespace and dimensions match a metric that is published."""
    broken = []
    for place, properties in _alarms(templates):
        dimensions = {entry["Name"]: entry["Value"] for entry in properties.get("Dimensions", [])}
        namespace = properties.get("Namespace")
        named = "ours" if ref(namespace) == "Namespace" else str(namespace)
        metric = properties["MetricName"]
        broken += [f"{place}: {problem}" for problem in _problems(templates, named, metric, dimensions)]
    return broken


def the_dashboard_shows_metrics_that_exist(templates: Templates) -> list[str]:
    """The same for each line of the dashboard."""
    return [
        f"{place}: {problem}"
        for place, dashboard in templates.of_type("AWS::CloudWatch::Dashboard")
        for namespace, metric, dimensions in dashboard_metrics(dashboard["Properties"]["DashboardBody"]["Fn::Sub"])
        for problem in _problems(templates, "ours" if namespace == "${Namespace}" else namespace, metric, dimensions)
    ]


def _problems(templates: Templates, namespace: str, metric: str, dimensions: Tree) -> list[str]:
    if namespace == "ours":
        known = not dimensions and metric in _counted_in_logs(templates)
        return [] if known else _problems_of_ours(metric, dimensions)
    published = _AWS_DIMENSIONS.get((namespace, metric))
    if published is None:
        return [f"add {namespace} {metric} to the table in {__name__}, with the dimensions AWS documents"]
    if set(dimensions) != published:
        return [f"{namespace} {metric} has the dimensions {sorted(published)}, not {sorted(dimensions)}"]
    return []


def _problems_of_ours(metric: str, dimensions: Tree) -> list[str]:
    if set(dimensions) != {"service"}:
        return [f"{metric}: our metrics have one dimension, service, not {sorted(dimensions)}"]
    service = str(dimensions["service"])
    if service not in services():
        return [f"{metric}: there is no service called {service}, but {sorted(services())}"]
    return [] if metric in emitted_by(service) else [f"{service} does not emit {metric}: {sorted(emitted_by(service))}"]


def _counted_in_logs(templates: Templates) -> set[str]:
    """Return the metrics that a metric filter publishes in our namespace, without dimensions."""
    return {
        transformation["MetricName"]
        for _, log_filter in templates.of_type(_FILTER)
        for transformation in log_filter["Properties"]["MetricTransformations"]
        if ref(transformation["MetricNamespace"]) == "Namespace" and "Dimensions" not in transformation
    }


def refused_requests_are_counted(templates: Templates) -> list[str]:
    """The filter reads the API's access log, and the fields in its pattern are those of that log's lines."""
    line = templates.main["Resources"]["Api"]["Properties"]["AccessLogSetting"].get("Format", "{}")
    filters = [log_filter["Properties"] for _, log_filter in templates.of_type(_FILTER)]
    broken = [] if "RequestsThrottled" in _counted_in_logs(templates) else [f"{_FILE}: count RequestsThrottled"]
    for properties in filters:
        pattern = properties["FilterPattern"]
        if _passed(templates, ref(properties["LogGroupName"])) != "Ref ApiAccessLog":
            broken.append(f"{_FILE}: let the {_FILTER} read ApiAccessLog")
        missing = [name for name in re.findall(r"\$\.(\w+)", pattern) if f'"{name}":"$context' not in line]
        if missing or not all(part in pattern for part in ('$.status = "429"', '$.error = "WAF_FILTERED"')):
            broken.append(f"{_FILE}: match status 429 and WAF_FILTERED, in fields of the access log ({missing})")
    return broken


def alarms_reach_somebody(templates: Templates) -> list[str]:
    """Each alarm says what to do and notifies the topic that operators subscribe to."""
    broken = []
    topics = {place.split(": ")[1] for place, _ in templates.of_type("AWS::SNS::Topic")}
    for place, properties in _alarms(templates):
        told = {_passed(templates, ref(action)) for action in properties.get("AlarmActions", [])}
        if not told & {f"Ref {topic}" for topic in topics}:
            broken.append(f"{place}: set AlarmActions: [!Ref AlarmsTopic]")
        if not properties.get("AlarmDescription"):
            broken.append(f"{place}: say in AlarmDescription what happened and what to do")
        if properties.get("ActionsEnabled", True) is not True:
            broken.append(f"{place}: remove ActionsEnabled: false")
    subscribed = {
        ref(subscription["Properties"].get("TopicArn"))
        for _, subscription in templates.of_type("AWS::SNS::Subscription")
        if subscription["Properties"].get("Protocol") == "email"
        and ref(subscription["Properties"].get("Endpoint")) == "OpsEmail"
    }
    broken += [
        f"template.yaml: subscribe OpsEmail to the topic {topic} by email" for topic in sorted(topics - subscribed)
    ]
    return broken


def silence_is_noticed(templates: Templates) -> list[str]:
    """An alarm on too few events must treat missing data as too few. Any other must stay off while nothing happens."""
    broken = []
    for place, properties in _alarms(templates):
        expected = "breaching" if properties["ComparisonOperator"].startswith("LessThan") else "notBreaching"
        if properties.get("TreatMissingData") != expected:
            broken.append(f"{place}: set TreatMissingData: {expected}")
    heartbeats = {
        (entry["Value"], properties["MetricName"])
        for _, properties in _alarms(templates)
        if properties["ComparisonOperator"].startswith("LessThan")
        for entry in properties.get("Dimensions", [])
    }
    broken += [
        f"{_FILE}: add an alarm for too few {_HEARTBEATS.get(function.service)} of {function.service} (see"
        f" _HEARTBEATS in {__name__}): a schedule that stops raises no error"
        for function in templates.functions()
        if any(event["Type"].startswith("Schedule") for event in function.events.values())
        and (function.service, _HEARTBEATS.get(function.service)) not in heartbeats
    ]
    return broken


def what_lasts_is_told_once(templates: Templates) -> list[str]:
    """A lead is retried within `LONGEST_BACKOFF`. An alarm that covers less time would ring again at each attempt."""
    longest = LONGEST_BACKOFF.total_seconds()
    return [
        f"{place}: let EvaluationPeriods times Period be more than {longest:.0f} seconds (shared/leads/alert.py:"
        " LONGEST_BACKOFF), with DatapointsToAlarm: 1"
        for place, properties in _alarms(templates)
        if properties["MetricName"] in {"OldestOverdue", "AlertsBlocked"}
        and (
            properties.get("DatapointsToAlarm") != 1
            or properties["EvaluationPeriods"] * properties["Period"] <= longest
        )
    ]


def operators_hear_before_ses_reviews_the_account(templates: Templates) -> list[str]:
    """An alarm at AWS's own limit would ring too late."""
    rings_at = {
        properties["MetricName"]: properties["Threshold"]
        for _, properties in _alarms(templates)
        if properties["ComparisonOperator"].startswith("GreaterThan")
    }
    return [
        f"{_FILE}: add an alarm on AWS/SES {metric} with a Threshold between 0 and {limit}"
        for metric, limit in _REVIEWED_AT.items()
        if not 0 < rings_at.get(metric, 0) < limit
    ]


def undeliverable_leads_ring_by_event_and_by_count(templates: Templates) -> list[str]:
    """Each alarm makes up for the other: an event is lost if its process dies, and the count is a minute late."""
    watched = {properties["MetricName"] for _, properties in _alarms(templates)}
    return [
        f"{_FILE}: add an alarm on {metric}, of the service {ALERTS}"
        for metric in ("AlertsUndeliverable", "UndeliverableLeads")
        if metric not in watched
    ]


def a_flood_is_noticed(templates: Templates) -> list[str]:
    """Each sign of a flood has an alarm, which also says when the flood is over."""
    told = {
        properties["MetricName"]
        for _, properties in _alarms(templates)
        if properties["ComparisonOperator"].startswith("GreaterThan") and properties.get("OKActions")
    }
    return [
        f"{_FILE}: add an alarm on too many {metric}, with OKActions"
        for metric in ("RequestsStored", "RequestsThrottled", "ConfirmationsPaused")
        if metric not in told
    ]


def what_can_fail_has_an_alarm(templates: Templates) -> list[str]:
    """Each function's errors, the API's errors, and each queue of failed events have an alarm."""
    watched = {
        (properties["MetricName"], entry["Name"], _passed(templates, ref(entry["Value"])))
        for _, properties in _alarms(templates)
        for entry in properties.get("Dimensions", [])
    }
    resources = templates.main["Resources"]
    needed = [("Errors", "FunctionName", f"Ref {function.id}") for function in templates.functions()]
    needed += [
        ("ApproximateNumberOfMessagesVisible", "QueueName", f"Fn::GetAtt {name}.QueueName")
        for name, resource in resources.items()
        if resource["Type"] == "AWS::SQS::Queue"
    ]
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Serverless::Api":
            needed.append(("5XXError", "ApiName", _text(resource["Properties"]["Name"])))
            needed.append(("5XXError", "Stage", f"Ref {name}.Stage"))
    return [
        f"{_FILE}: add an alarm on {metric} where {dimension} is {value}"
        for metric, dimension, value in needed
        if (metric, dimension, value) not in watched
    ]


def metrics_are_written_where_alarms_look(templates: Templates) -> list[str]:
    """The alarms use the namespace that the functions write to."""
    passed = _passed(templates, "Namespace")
    return [
        f"{function.id}: POWERTOOLS_METRICS_NAMESPACE differs from the Namespace passed to {_FILE}"
        for function in templates.functions()
        if _text(function.variables.get("POWERTOOLS_METRICS_NAMESPACE")) != passed
    ]


def _alarms(templates: Templates) -> Iterator[tuple[str, Tree]]:
    for place, alarm in templates.of_type(_ALARM):
        yield place, alarm["Properties"]


def _passed(templates: Templates, parameter: str | None) -> str:
    """Return what the main template passes to the monitoring stack, as `Ref X` or `Fn::GetAtt X`."""
    for resource in templates.main["Resources"].values():
        if resource.get("Properties", {}).get("TemplateURL") == _FILE:
            return _text(resource["Properties"].get("Parameters", {}).get(parameter))
    return ""


def _text(value: object) -> str:
    if isinstance(value, dict) and "Fn::If" in value:  # what it is if the stack is configured so
        return _text(value["Fn::If"][1])
    return " ".join(map(str, *value.items())) if isinstance(value, dict) else str(value)
