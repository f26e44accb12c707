"""Logs expire, and each function has its own log group."""

from collections import Counter

from tests.architecture.templates import Templates

_GROUP = "AWS::Logs::LogGroup"


def logs_are_not_kept_for_ever(templates: Templates) -> list[str]:
    """By default, logs never expire."""
    return [
        f"{place}: set RetentionInDays: !Ref LogRetentionDays"
        for place, group in templates.of_type(_GROUP)
        if not group["Properties"].get("RetentionInDays")
    ]


def each_function_has_its_own_log(templates: Templates) -> list[str]:
    """A group that Lambda creates has no retention. And a function's role can be limited to its own group."""
    groups = {place.split(": ")[1] for place, _ in templates.of_type(_GROUP)}
    uses = Counter(function.log_group for function in templates.functions())
    return [
        f"{function.id}: set LoggingConfig: {{ LogGroup: !Ref ... }} to a log group in this template that no other uses"
        for function in templates.functions()
        if function.log_group not in groups or uses[function.log_group] > 1
    ]
