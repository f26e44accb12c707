"""What starts the functions: schedules, the stream of the table, and rules for SES's reports."""

import json
import shlex
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, yellow
from tools.operate.doctor.known import Known

_GONE: Final = "ResourceNotFoundException"
# CloudFormation believes that such a resource exists. It deletes the old name after it has created the new one.
_AGAIN: Final = "Deploying the same version again does not bring it back."
_OTHER_NAME: Final = f"{_AGAIN} Change its Name in template.yaml (add a 2, for example), and deploy:"
_BRING_BACK: Final = f"{_AGAIN} Rename it in template.yaml (its name below Events, any new name), and deploy:"
# What UpdateSchedule takes. It replaces the whole schedule.
_OF_SCHEDULE: Final = ("ScheduleExpression", "ScheduleExpressionTimezone", "Description")


def schedules(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say which schedules do not start their function."""
    known = stack.of_kind("AWS::Scheduler::Schedule")
    fine = 0
    for each in known:
        name = each.id.rpartition("|")[2]
        try:
            found = ask.schedules.get_schedule(Name=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != _GONE:
                raise
            yield red(
                f"The schedule {name} is gone, so nothing starts its function.", _OTHER_NAME, stack.make("deploy")
            )
            continue
        if found["State"] == "ENABLED":
            fine += 1
        else:
            yield red(
                f"The schedule {name} ({found.get('Description', found['ScheduleExpression'])}) is off.",
                "Turn it on:",
                _enabled(name, found),
            )
    if fine:
        yield green(f"{fine} of {len(known)} schedules are on.")


def _enabled(name: str, schedule: dict[str, Any]) -> str:
    words = ["aws", "scheduler", "update-schedule", "--name", name, "--state", "ENABLED"]
    for member in _OF_SCHEDULE:
        if schedule.get(member):
            words += ["--" + "".join(f"-{c.lower()}" if c.isupper() else c for c in member)[1:], schedule[member]]
    words += ["--flexible-time-window", json.dumps(schedule["FlexibleTimeWindow"])]
    words += ["--target", json.dumps(schedule["Target"])]
    return shlex.join(words)


def streams(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say which readers of the table's stream do not run. Without notify's, alerts are a minute late."""
    known = stack.of_kind("AWS::Lambda::EventSourceMapping")
    fine = 0
    for each in known:
        try:
            found = ask.functions.get_event_source_mapping(UUID=each.id)
        except ClientError as error:
            if error.response["Error"]["Code"] != _GONE:
                raise
            yield red(
                f"{each.name}, a reader of the stream, is gone: alerts are late.", _BRING_BACK, stack.make("deploy")
            )
            continue
        function = found.get("FunctionArn", each.name).rpartition(":")[2]
        state, result = found.get("State", ""), found.get("LastProcessingResult", "")
        if state != "Enabled":
            changing = state in {"Enabling", "Updating", "Creating"}
            yield (yellow if changing else red)(
                f"{function} does not read the table's stream ({state}). The sweep does its work meanwhile, late.",
                "Wait a minute, and run the doctor again." if changing else "Turn it on:",
                *(() if changing else (f"aws lambda update-event-source-mapping --uuid {each.id} --enabled",)),
            )
        elif result.startswith("PROBLEM"):
            yield yellow(
                f"{function} has trouble with the table's stream: {result}",
                "Read the log of the function (see Runs and errors), and mend the cause. The sweep does its work"
                " meanwhile, late.",
            )
        else:
            fine += 1
    if fine:
        yield green(f"{fine} of {len(known)} readers of the stream are on.")


def rules(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say which rules do not pass on SES's reports."""
    known = stack.of_kind("AWS::Events::Rule")
    fine = 0
    for each in known:
        name = _rule_name(each.id)
        try:
            state = ask.rules.describe_rule(Name=name).get("State")
        except ClientError as error:
            if error.response["Error"]["Code"] != _GONE:
                raise
            yield red(f"The rule {name} is gone, so bounces go unnoticed.", _BRING_BACK, stack.make("deploy"))
            continue
        if state == "DISABLED":
            yield red(
                f"The rule {name} is off, so nobody notices when an alert bounces, and the fallback recipients are not"
                " told. SES's reports of the time when it was off do not come back.",
                "Turn it on:",
                f"aws events enable-rule --name {name}",
            )
        else:
            fine += 1
    if fine:
        yield green(f"{fine} of {len(known)} rules for SES's reports are on.")


def _rule_name(physical_id: str) -> str:
    """Return the name of a rule. CloudFormation knows it by "name", "bus|name" or an ARN that ends in "/name"."""
    return physical_id.rpartition("|")[2].rpartition("/")[2]


CHECKS: Final = (Check("Schedules", schedules), Check("Stream", streams), Check("Rules", rules))
