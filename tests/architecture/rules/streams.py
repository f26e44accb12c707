"""By default, a stream retries one bad record forever and blocks the others. Every stream reader must change that."""

import json
from collections.abc import Iterator

from tests.architecture.templates import Function, Templates, Tree, getatt, listed, statements

_STREAMS = {"DynamoDB", "Kinesis"}
_OLDEST_ALLOWED = 604_800  # a week; the default of -1 means forever


def _sources(templates: Templates) -> Iterator[tuple[str, Function, Tree]]:
    for function in templates.functions():
        for name, event in function.events.items():
            if event["Type"] in _STREAMS:
                yield f"{function.id}.Events.{name}", function, event["Properties"]


def bad_records_are_isolated(templates: Templates) -> list[str]:
    """A batch with a bad record is split and reported in part, so the other records get through."""
    broken = []
    for place, _, source in _sources(templates):
        if source.get("BisectBatchOnFunctionError") is not True:
            broken.append(f"{place}: set BisectBatchOnFunctionError: true")
        if "ReportBatchItemFailures" not in listed(source.get("FunctionResponseTypes")):
            broken.append(
                f"{place}: set FunctionResponseTypes: [ReportBatchItemFailures]; the handler returns that format"
            )
    return broken


def its_size_is_stated(templates: Templates) -> list[str]:
    """How soon an urgent lead is found depends on both, so the defaults must not decide them."""
    return [
        f"{place}: set {name} to a number, with its reason"
        for place, _, source in _sources(templates)
        for name in ("BatchSize", "ParallelizationFactor")
        if not isinstance(source.get(name), int)
    ]


def retries_are_finite(templates: Templates) -> list[str]:
    """A record that always fails must stop blocking its shard."""
    broken = []
    for place, _, source in _sources(templates):
        retries, age = source.get("MaximumRetryAttempts"), source.get("MaximumRecordAgeInSeconds")
        if not (isinstance(retries, int) and retries >= 0):
            broken.append(f"{place}: set MaximumRetryAttempts to a number; the default, -1, retries forever")
        if not (isinstance(age, int) and 0 < age <= _OLDEST_ALLOWED):
            broken.append(f"{place}: set MaximumRecordAgeInSeconds to a number; the default, -1, means forever")
    return broken


def failed_records_are_kept(templates: Templates) -> list[str]:
    """Failed records go to our queue, and the function's role may send them there."""
    broken = []
    for place, function, source in _sources(templates):
        failure = source.get("DestinationConfig", {}).get("OnFailure", {})
        queue = getatt(failure.get("Destination"), "Arn")
        if failure.get("Type") != "SQS" or templates.main["Resources"].get(queue, {}).get("Type") != "AWS::SQS::Queue":
            broken.append(f"{place}: set DestinationConfig.OnFailure to the Arn of an SQS queue in this template")
            continue
        role = templates.main["Resources"].get(function.role, {}).get("Properties", {})
        allowed = any(
            "sqs:SendMessage" in listed(statement["Action"]) and failure["Destination"] in listed(statement["Resource"])
            for policy in role.get("Policies", [])
            for _, statement in statements(policy)
        )
        if not allowed:
            broken.append(f"{place}: allow {function.role} sqs:SendMessage on {queue}, or failed records are lost")
    return broken


def nothing_is_skipped_at_the_start(templates: Templates) -> list[str]:
    """LATEST skips records written while the event source is created. TRIM_HORIZON does not."""
    return [
        f"{place}: set StartingPosition: TRIM_HORIZON"
        for place, _, source in _sources(templates)
        if source.get("StartingPosition") != "TRIM_HORIZON"
    ]


def only_leads_start_a_function(templates: Templates) -> list[str]:
    """Timeline entries and expiries arrive on the stream too. Only the webhook looks at leads that changed."""
    broken = []
    for place, function, source in _sources(templates):
        events = ["INSERT", "MODIFY"] if function.service == "webhook" else ["INSERT"]
        filters = source.get("FilterCriteria", {}).get("Filters", [])
        patterns = [json.loads(entry["Pattern"]) for entry in filters]
        # A record passes if one filter matches, so each filter must be this narrow.
        if not patterns or any(
            pattern.get("eventName") != events
            or pattern.get("dynamodb", {}).get("Keys", {}).get("sk") != {"S": ["LEAD"]}
            for pattern in patterns
        ):
            broken.append(f'{place}: filter on "eventName":{events} and on the sort key LEAD')
    return broken


def stream_sources_are_events(templates: Templates) -> list[str]:
    """The rules above read a function's Events and would miss a separate mapping."""
    return [
        f"{place}: declare it under Events of its function"
        for place, _ in templates.of_type("AWS::Lambda::EventSourceMapping")
    ]
