"""The functions: whether they are ready, run when they should, and end without errors."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, unknown, yellow
from tools.operate.doctor.known import Known
from tools.operate.doctor.logs import ERRORS, log_command

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

_KIND: Final = "AWS::Lambda::Function"
_PERIOD: Final = timedelta(minutes=5)
_BACK: Final = timedelta(days=1)
_LATELY: Final = timedelta(hours=1)
_METRICS: Final = ("Invocations", "Errors", "Throttles")
# The functions that a schedule starts, and after how long without a run something is wrong. Figures come minutes late.
LONGEST_REST: Final[Mapping[str, timedelta]] = {
    "follow-up": timedelta(minutes=15),
    "webhook": timedelta(minutes=15),
    "erase": timedelta(minutes=20),
    "canary": timedelta(minutes=75),
}


@dataclass(frozen=True, slots=True)
class _Counts:
    """When something happened, in periods that begin at these times, and how often."""

    by_time: Mapping[datetime, float]

    @property
    def total(self) -> int:
        return int(sum(self.by_time.values()))

    @property
    def last(self) -> datetime | None:
        return max((at for at, count in self.by_time.items() if count), default=None)


def states(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say which functions are not ready to run."""
    functions = stack.of_kind(_KIND)
    bad = 0
    for each in functions:
        # Not get_function, which also returns a link to the code. The answer has the function's environment: of that,
        # nothing is printed.
        found = ask.functions.get_function_configuration(FunctionName=each.id)
        trouble = list(_state(stack, each.id, found.get("State"), found.get("StateReason")))
        if found.get("LastUpdateStatus") == "Failed":
            reason = found.get("LastUpdateStatusReason", "no reason given")
            trouble.append(
                red(
                    f"The last update of {each.id} failed: {reason}",
                    "Mend that, and deploy again:",
                    stack.make("deploy"),
                )
            )
        reserved = ask.functions.get_function_concurrency(FunctionName=each.id).get("ReservedConcurrentExecutions")
        if reserved == 0:
            trouble.append(
                red(
                    f"{each.id} may not run: somebody reserved a concurrency of 0 for it. Nothing does its work.",
                    "If nobody stopped it on purpose, let it run again:",
                    f"aws lambda delete-function-concurrency --function-name {each.id}",
                )
            )
        bad += bool(trouble)
        yield from trouble
    if not bad:
        yield green(f"All {len(functions)} functions are ready.")


def _state(stack: Known, name: str, state: str | None, reason: str | None) -> Iterator[Finding]:
    # The local AWS tells no state.
    if state == "Pending":
        yield yellow(f"{name} is being created.", "Wait a minute, and run the doctor again.")
    elif state not in {"Active", None}:
        yield red(
            f"{name} cannot run. It is {state}: {reason or 'no reason given'}",
            "Mend that, and deploy again:",
            stack.make("deploy"),
        )


def runs(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say when each function last ran, and which had errors within a day."""
    names = [each.id for each in stack.of_kind(_KIND)]
    counts = _counted(ask, names, stack.now)
    if stack.endpoint and not all(counts[name]["Invocations"].total for name in names):
        yield unknown("The local AWS keeps no figures about functions that AWS itself starts.")
        return
    for name in names:
        yield from _rest(stack, name, counts[name]["Invocations"].last)
        yield from _errors(stack, name, counts[name]["Errors"])
        if throttled := counts[name]["Throttles"].total:
            yield yellow(
                f"{name} could not start because too many functions of the account ran. Within a day: {throttled}.",
                "Ask AWS for more concurrency, which often takes a day. Until then, deploy with a lower ThrottleBurst:",
                "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384"
                " --desired-value 1000",
            )
    last = {name: counts[name]["Invocations"].last for name in names}
    said = (f"{_short(stack, name)} {at:%H:%M}" if at else f"{_short(stack, name)} never" for name, at in last.items())
    yield green(f"Last runs within a day, to five minutes (UTC): {', '.join(said)}.")


def _short(stack: Known, function: str) -> str:
    return function.removeprefix(f"{stack.name}-")


def _rest(stack: Known, name: str, last: datetime | None) -> Iterator[Finding]:
    longest = LONGEST_REST.get(_short(stack, name))
    if longest is None or stack.now - max(last or stack.created, stack.created) <= longest + _PERIOD:
        return
    yield red(
        f"{name} has not run since {last:%H:%M} UTC." if last else f"{name} has not run within a day.",
        "Its schedule starts it. Mend what is red under Triggers. If nothing is, start it by hand, and read its errors"
        " five minutes later:",
        f"aws lambda invoke --function-name {name} --invocation-type Event answer.json",
        log_command(stack, name, ERRORS, _LATELY),
    )


def _errors(stack: Known, name: str, errors: _Counts) -> Iterator[Finding]:
    if errors.last is None:
        return
    said = f"{name} ended with errors within a day: {errors.total}, the last at {errors.last:%H:%M} UTC."
    mend = (
        "Read its log. A last line with Task timed out means that AWS or a network was slow. An AccessDenied means that"
        " a permission was changed: deploy again. After an error, later runs send what is due, so mend the cause and"
        " see whether the errors stop:"
    )
    read = log_command(stack, name, ERRORS, _BACK)
    lately = stack.now - errors.last <= _LATELY
    yield red(said, mend, read) if lately else yellow(said, mend, read)


def _counted(ask: Clients, names: Sequence[str], now: datetime) -> dict[str, dict[str, _Counts]]:
    """Return the counts of each function by metric."""
    wanted = [(name, metric) for name in names for metric in _METRICS]
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Lambda",
                    "MetricName": metric,
                    "Dimensions": [{"Name": "FunctionName", "Value": name}],
                },
                "Period": int(_PERIOD.total_seconds()),
                "Stat": "Sum",
            },
        }
        for number, (name, metric) in enumerate(wanted)
    ]
    found: dict[str, dict[datetime, float]] = {each["Id"]: {} for each in queries}
    pages = ask.metrics.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=now - _BACK, EndTime=now
    )
    for page in pages:
        for each in page["MetricDataResults"]:
            found[each["Id"]] |= dict(zip(each["Timestamps"], each["Values"], strict=True))
    counts: dict[str, dict[str, _Counts]] = {name: {} for name in names}
    for number, (name, metric) in enumerate(wanted):
        counts[name][metric] = _Counts(found[f"q{number}"])
    return counts


CHECKS: Final = (Check("Functions", states), Check("Runs and errors", runs))
