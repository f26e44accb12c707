"""Careless edits of log groups."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import logs
from tests.architecture.templates import Templates


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    for place, _ in templates.of_type("AWS::Logs::LogGroup"):
        group = place.split(": ")[1]
        for_ever = remove(f"{group}/Properties/RetentionInDays")
        yield Mutation(logs.logs_are_not_kept_for_ever, f"{group} without retention", for_ever)

    own = logs.each_function_has_its_own_log
    for function in templates.functions():
        yield Mutation(own, f"{function.id} without a log", remove(f"{function.id}/Properties/LoggingConfig"))
    neighbours = put("FollowUpFunction/Properties/LoggingConfig/LogGroup", {"Ref": "NotifyLog"})
    yield Mutation(own, "two functions, one log", neighbours)
