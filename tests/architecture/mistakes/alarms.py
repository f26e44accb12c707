"""Careless edits of alarms and of the dashboard."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import alarms
from tests.architecture.templates import Templates, Tree

_FILE = "infra/monitoring.yaml"


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    resources = templates.files[_FILE]["Resources"]
    for name, resource in resources.items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            yield from _alarm(name, resource["Properties"])

    reach = alarms.alarms_reach_somebody
    yield Mutation(reach, "nobody is subscribed", remove("AlarmsToOps"))
    somebody_else = put("AlarmsToOps/Properties/Endpoint", "somebody@example.com")
    yield Mutation(reach, "somebody else is subscribed", somebody_else)
    another_topic = put("Monitoring/Properties/Parameters/AlarmsTopic", {"Ref": "OpsEmail"})
    yield Mutation(reach, "the alarms get no topic", another_topic)

    for name in ("MissingSweepAlarm", "CanaryAlarm"):
        yield Mutation(alarms.silence_is_noticed, f"no {name}", remove(name, _FILE))

    for name in ("UndeliverableAlertsAlarm", "UndeliverableLeadsAlarm"):
        both = alarms.undeliverable_leads_ring_by_event_and_by_count
        yield Mutation(both, f"no {name}", remove(name, _FILE))

    for name in ("BounceRateAlarm", "ComplaintRateAlarm"):
        reviewed = alarms.operators_hear_before_ses_reviews_the_account
        yield Mutation(reviewed, f"no {name}", remove(name, _FILE))
        percent = put(f"{name}/Properties/Threshold", 5, _FILE)
        yield Mutation(reviewed, f"{name}: a percentage instead of a part of 1", percent)
        backwards = put(f"{name}/Properties/ComparisonOperator", "LessThanThreshold", _FILE)
        yield Mutation(reviewed, f"{name} rings while all is well", backwards)

    once = alarms.what_lasts_is_told_once
    short = put("OverdueAlertsAlarm/Properties/EvaluationPeriods", 1, _FILE)
    yield Mutation(once, "an alarm that ends between two attempts", short)
    patient = put("BlockedAlertsAlarm/Properties/DatapointsToAlarm", 4, _FILE)
    yield Mutation(once, "an alarm that waits for four attempts", patient)

    can_fail = alarms.what_can_fail_has_an_alarm
    for function in templates.functions():
        name = f"{function.id.removesuffix('Function')}ErrorsAlarm"
        yield Mutation(can_fail, f"no {name}", remove(name, _FILE))
    yield Mutation(can_fail, "no FailedRecordsAlarm", remove("FailedRecordsAlarm", _FILE))
    yield Mutation(can_fail, "no alarm for the API", remove("ApiServerErrorsAlarm", _FILE))
    mixed_up = put("Monitoring/Properties/Parameters/SubmitFunctionName", {"Ref": "NotifyFunction"})
    yield Mutation(can_fail, "another function's name is passed", mixed_up)

    for name in ("RequestFloodAlarm", "ThrottledRequestsAlarm", "ConfirmationsPausedAlarm"):
        yield Mutation(alarms.a_flood_is_noticed, f"no {name}", remove(name, _FILE))
        endless = remove(f"{name}/Properties/OKActions", _FILE)
        yield Mutation(alarms.a_flood_is_noticed, f"{name} does not say when it is over", endless)

    counts = alarms.refused_requests_are_counted
    yield Mutation(counts, "nothing counts refused requests", remove("ThrottledRequests", _FILE))
    pattern = "ThrottledRequests/Properties/FilterPattern"
    yield Mutation(counts, "requests that the firewall blocks", put(pattern, '{ $.status = "429" }', _FILE))
    number = '{ ($.status = 429) || ($.error = "WAF_FILTERED") }'
    yield Mutation(counts, "the status as a number", put(pattern, number, _FILE))
    fields = put("Api/Properties/AccessLogSetting/Format", '{"code":"$context.status"}')
    yield Mutation(counts, "another name in the access log", fields)
    another = put("Monitoring/Properties/Parameters/ApiAccessLogName", {"Ref": "SubmitLog"})
    yield Mutation(counts, "another log", another)

    elsewhere = put("/Globals/Function/Environment/Variables/POWERTOOLS_METRICS_NAMESPACE", "Leads")
    yield Mutation(alarms.metrics_are_written_where_alarms_look, "another namespace", elsewhere)

    yield from _dashboard(resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])


def _alarm(name: str, properties: Tree) -> Iterator[Mutation]:
    place = f"{name}/Properties"
    reach, exist = alarms.alarms_reach_somebody, alarms.alarms_watch_metrics_that_exist
    yield Mutation(reach, f"{name} notifies nobody", remove(f"{place}/AlarmActions", _FILE))
    yield Mutation(reach, f"{name} is off", put(f"{place}/ActionsEnabled", value=False, file=_FILE))
    yield Mutation(reach, f"{name} does not say what to do", remove(f"{place}/AlarmDescription", _FILE))
    yield Mutation(exist, f"{name}: a metric that nobody emits", put(f"{place}/MetricName", "Nothing", _FILE))
    dimensions = properties.get("Dimensions", [])
    unknown = [{"Name": "Service", "Value": "any"}, *dimensions[1:]]
    yield Mutation(exist, f"{name}: no such dimension", put(f"{place}/Dimensions", unknown, _FILE))
    if dimensions and dimensions[0]["Name"] == "service":
        others = "notify" if dimensions[0]["Value"] == "submit" else "submit"
        yield Mutation(exist, f"{name}: another function", put(f"{place}/Dimensions/0/Value", others, _FILE))
    opposite = {"breaching": "notBreaching", "notBreaching": "breaching"}[properties["TreatMissingData"]]
    silence = put(f"{place}/TreatMissingData", opposite, _FILE)
    yield Mutation(alarms.silence_is_noticed, f"{name} treats missing data the wrong way", silence)


def _dashboard(body: str) -> Iterator[Mutation]:
    for shown, instead in (
        ("RequestsInvalid", "RequestsWrong"),
        ("follow_up", "follow-up"),
        ("service", "Service"),
        ("FunctionName", "Function"),
        ("Duration", "Durations"),
    ):
        edit = put("Dashboard/Properties/DashboardBody/Fn::Sub", body.replace(f'"{shown}"', f'"{instead}"'), _FILE)
        yield Mutation(alarms.the_dashboard_shows_metrics_that_exist, f"{shown} becomes {instead}", edit)
