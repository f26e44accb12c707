"""Careless edits of a function that reads the table's stream."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, change_statement, put, remove
from tests.architecture.rules import streams
from tests.architecture.templates import Templates

_SOURCE = "NotifyFunction/Properties/Events/NewLeads/Properties"
_PATTERN = f"{_SOURCE}/FilterCriteria/Filters/0/Pattern"


def mistakes(_: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    isolated = streams.bad_records_are_isolated
    yield Mutation(isolated, "no bisect", remove(f"{_SOURCE}/BisectBatchOnFunctionError"))
    yield Mutation(isolated, "bisect off", put(f"{_SOURCE}/BisectBatchOnFunctionError", value=False))
    yield Mutation(isolated, "no partial failures", remove(f"{_SOURCE}/FunctionResponseTypes"))

    for name in ("BatchSize", "ParallelizationFactor"):
        yield Mutation(streams.its_size_is_stated, f"no {name}", remove(f"{_SOURCE}/{name}"))

    finite = streams.retries_are_finite
    yield Mutation(finite, "retries by default", remove(f"{_SOURCE}/MaximumRetryAttempts"))
    yield Mutation(finite, "endless retries", put(f"{_SOURCE}/MaximumRetryAttempts", -1))
    yield Mutation(finite, "age by default", remove(f"{_SOURCE}/MaximumRecordAgeInSeconds"))
    yield Mutation(finite, "any age", put(f"{_SOURCE}/MaximumRecordAgeInSeconds", -1))

    kept = streams.failed_records_are_kept
    yield Mutation(kept, "no destination", remove(f"{_SOURCE}/DestinationConfig"))
    yield Mutation(kept, "no such queue", remove("FailedRecordsQueue"))
    no_sending = change_statement("NotifyRole", "ReportFailedRecords", Action="sqs:ReceiveMessage")
    yield Mutation(kept, "the role may not send to the queue", no_sending)

    start = streams.nothing_is_skipped_at_the_start
    yield Mutation(start, "no position", remove(f"{_SOURCE}/StartingPosition"))
    yield Mutation(start, "LATEST", put(f"{_SOURCE}/StartingPosition", "LATEST"))

    new = streams.only_leads_start_a_function
    yield Mutation(new, "no filter", remove(f"{_SOURCE}/FilterCriteria"))
    yield Mutation(new, "deletions pass", put(_PATTERN, '{"dynamodb":{"Keys":{"sk":{"S":["LEAD"]}}}}'))
    changes = '{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"sk":{"S":["LEAD"]}}}}'
    yield Mutation(new, "changes pass", put(_PATTERN, changes))
    yield Mutation(new, "timeline entries pass", put(_PATTERN, '{"eventName":["INSERT"]}'))

    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {}}
    yield Mutation(streams.stream_sources_are_events, "a separate mapping", put("Mapping", mapping))
