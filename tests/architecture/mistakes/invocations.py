"""Careless edits of the retries of a failed event."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import invocations
from tests.architecture.templates import Templates

_DELIVERY = "DeliveryFunction/Properties/EventInvokeConfig"


def mistakes(_: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    again = invocations.what_failed_comes_again_and_is_kept_nowhere
    yield Mutation(again, "never retried", put(f"{_DELIVERY}/MaximumRetryAttempts", 0))
    kept = {"OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": "FailedRecordsQueue.Arn"}}}
    yield Mutation(again, "an event with addresses in a queue", put(f"{_DELIVERY}/DestinationConfig", kept))
    for name in ("FollowUpFunction", "CanaryFunction"):
        yield Mutation(again, f"{name} is also retried by Lambda", remove(f"{name}/Properties/EventInvokeConfig"))
