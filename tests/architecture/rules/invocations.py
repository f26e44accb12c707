"""Asynchronous invocations: a failed event is retried and kept nowhere."""

from tests.architecture.templates import Templates


def what_failed_comes_again_and_is_kept_nowhere(templates: Templates) -> list[str]:
    """A schedule's next run is its retry. SES's events contain addresses, so no queue keeps a failed one."""
    broken = []
    for function in templates.functions():
        types = {event["Type"] for event in function.events.values()}
        config = function.properties.get("EventInvokeConfig", {})
        retries = config.get("MaximumRetryAttempts")
        if any(each.startswith("Schedule") for each in types) and retries != 0:
            broken.append(f"{function.id}: set EventInvokeConfig MaximumRetryAttempts: 0; the next run is the retry")
        if "EventBridgeRule" in types and retries not in {1, 2}:
            broken.append(f"{function.id}: set EventInvokeConfig MaximumRetryAttempts: 2")
        if "DestinationConfig" in config or "DeadLetterQueue" in function.properties:
            broken.append(f"{function.id}: its events may contain addresses, so remove the queue for failed ones")
    return broken
