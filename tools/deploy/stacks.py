"""The stack as CloudFormation knows it: its status, and a change set or a deletion that is carried out."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from tools.deploy.errors import DeployError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef

_STACK: Final = "AWS::CloudFormation::Stack"
_CERTIFICATE: Final = "AWS::CertificateManager::Certificate"
_LOOK_EVERY_SECONDS: Final = 3.0
_TELL_EVERY_SECONDS: Final = 5.0
# The beginning of the reason of each resource that CloudFormation gave up because another one failed.
_GIVEN_UP: Final = ("Resource creation cancel", "Resource update cancel")
_GOOD: Final = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"}
# A first deployment failed, and nothing in the stack was ever in use.
NEVER_USED: Final = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}
NEW: Final = {None, "REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The first resource that failed, and why."""

    name: str
    kind: str
    reason: str


class Stack:
    """One stack in CloudFormation, by its name. Methods raise botocore's errors."""

    def __init__(
        self,
        client: "CloudFormationClient",
        name: str,
        *,
        seconds: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._name = name
        self._seconds = seconds
        self._sleep = sleep

    def described(self, name: str | None = None) -> "StackTypeDef | None":
        """Return what CloudFormation says about it, or None if there is no such stack."""
        try:
            return self._client.describe_stacks(StackName=name or self._name)["Stacks"][0]
        except ClientError as error:
            # CloudFormation has no error of its own for this.
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise

    def status(self) -> str | None:
        """Return its status, or None if there is no such stack."""
        found = self.described()
        return found["StackStatus"] if found else None

    def parameters(self) -> Mapping[str, str]:
        """Return the parameters it was deployed with."""
        found = self.described()
        if not found or found["StackStatus"] in NEW | NEVER_USED:
            return {}
        return {each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", [])}

    def outputs(self) -> Mapping[str, str]:
        """Return its outputs by their names."""
        found = self.described()
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])} if found else {}

    def delete(self, say: Callable[[str], None]) -> None:
        """Delete it and wait until it is gone. Raises DeployError with the reason if it is not."""
        found = self.described()
        if not found:
            return
        stack_id, before = found["StackId"], self._now(found["StackId"])
        self._client.delete_stack(StackName=self._name)
        for status in self._followed(stack_id, before, say):
            if status == "DELETE_COMPLETE":
                return
        raise DeployError(f"The stack could not be deleted. {explained(self._failure(stack_id, before))}")

    def execute(self, change_set: str, say: Callable[[str], None]) -> None:
        """Carry out a change set, with progress. Raises DeployError with the reason if it fails."""
        found = self._client.describe_change_set(ChangeSetName=change_set)
        stack_id = found["StackId"]
        before = self._now(stack_id)
        self._client.execute_change_set(ChangeSetName=change_set)
        status: str | None = None
        for status in self._followed(stack_id, before, say):
            if status in _GOOD:
                return
        raise DeployError(explained(self._failure(stack_id, before)) + f" The stack's status: {status}.")

    def discard(self, change_set: str) -> None:
        """Forget a change set that nobody wants, and the empty stack that a first one comes with."""
        with suppress(ClientError):
            self._client.delete_change_set(ChangeSetName=change_set)
            if self.status() == "REVIEW_IN_PROGRESS":
                self._client.delete_stack(StackName=self._name)

    def _now(self, stack_id: str) -> datetime | None:
        """Return CloudFormation's time of the newest event. Its clock may differ from this machine's."""
        newest = self._client.describe_stack_events(StackName=stack_id)["StackEvents"]
        return max((event["Timestamp"] for event in newest), default=None)

    def _followed(self, stack_id: str, before: datetime | None, say: Callable[[str], None]) -> Iterator[str]:
        """Say what happens until the stack is at rest, and yield its last status."""
        started = told = self._seconds()
        said = ""
        records: set[str] = set()
        while True:
            self._sleep(_LOOK_EVERY_SECONDS)
            events = list(self._events(stack_id, before))
            status = (self.described(stack_id) or {"StackStatus": "DELETE_COMPLETE"})["StackStatus"]
            begun = any(event.get("PhysicalResourceId") == stack_id for event in events) or status == "DELETE_COMPLETE"
            rests = not status.endswith("_IN_PROGRESS") or status in _GOOD
            for record in _awaited(events):
                if record not in records:
                    records.add(record)
                    say(f"  A certificate waits for a DNS record. Without a HostedZoneId, create it now: {record}")
            now = self._seconds()
            line = _progress(events)
            if (begun and rests) or (line != said and now - told >= _TELL_EVERY_SECONDS):
                minutes, seconds = divmod(int(now - started), 60)
                say(f"  {minutes}:{seconds:02}  {line}")
                said, told = line, now
            if begun and rests:
                yield status
                return

    def _events(self, stack_id: str, since: datetime | None) -> "Iterator[StackEventTypeDef]":
        """Yield the events of the stack and its nested stacks since a time, the newest first in each stack."""
        nested = set()
        for page in self._client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
            for event in page["StackEvents"]:
                if since and event["Timestamp"] <= since:
                    break
                yield event
                inner = event.get("PhysicalResourceId", "")
                if event.get("ResourceType") == _STACK and inner not in {"", stack_id}:
                    nested.add(inner)
            else:
                continue
            break
        for inner in sorted(nested):
            try:
                yield from self._events(inner, since)
            except ClientError:
                continue  # it is gone, and the event of its parent says so

    def _failure(self, stack_id: str, since: datetime | None) -> Failure | None:
        failed = [
            event
            for event in self._events(stack_id, since)
            if event["ResourceStatus"].endswith("_FAILED")
            and not event.get("ResourceStatusReason", "").startswith(_GIVEN_UP)
        ]
        # A nested stack fails because one of its resources did.
        failed.sort(key=lambda event: (event.get("ResourceType") == _STACK, event["Timestamp"]))
        for event in failed:
            return Failure(
                name=event.get("LogicalResourceId", "?"),
                kind=event.get("ResourceType", "?"),
                reason=event.get("ResourceStatusReason", "no reason given").rstrip("."),
            )
        return None


def _awaited(events: "list[StackEventTypeDef]") -> Iterator[str]:
    """Yield each DNS record that a certificate waits for. CloudFormation names it only in an event."""
    for event in events:
        reason = event.get("ResourceStatusReason", "")
        waits = event["ResourceStatus"].endswith("_IN_PROGRESS") and "DNS Record" in reason
        if waits and event.get("ResourceType") == _CERTIFICATE:
            yield reason


def _progress(events: "list[StackEventTypeDef]") -> str:
    last: dict[tuple[str, str], tuple[datetime, str]] = {}
    for event in events:
        key = (event["StackId"], event.get("LogicalResourceId", "?"))
        if event.get("PhysicalResourceId") != event["StackId"] and (
            key not in last or event["Timestamp"] >= last[key][0]
        ):
            status = event["ResourceStatus"]
            if key in last and event["Timestamp"] == last[key][0] and status.endswith("_IN_PROGRESS"):
                continue
            last[key] = (event["Timestamp"], status)
    working = sorted(name for (_, name), (_, status) in last.items() if status.endswith("_IN_PROGRESS"))
    done = len(last) - len(working)
    shown = ", ".join(working[:4]) + (f" and {len(working) - 4} more" if len(working) > 4 else "")  # noqa: PLR2004
    return f"{done} parts done." + (f" In progress: {shown}" if working else "")


# What the reason of a failure contains, and what to do about it.
_CURES: Final = (
    ("EmailIdentity", "already exist", "SES already knows the sender: answer no to CreateSenderIdentity."),
    (
        "LogGroup",
        "already exist",
        "A log group is left from an earlier stack. Delete it in CloudWatch, or use another stack name.",
    ),
    (
        "",
        "already exist",
        "It is left from an earlier stack or belongs to another one. Delete it, or use another stack name.",
    ),
    ("ApiGateway", "CloudWatch Logs role", "Answer create to ApiGatewayLogsRole."),
    ("", "not authorized", "Your credentials do not allow this. Use those of somebody who may create these resources."),
    ("", "AccessDenied", "Your credentials do not allow this. Use those of somebody who may create these resources."),
    ("WAFv2", "", "Without the firewall, the deployment goes on: answer no to Firewall."),
    ("ManagedLoginBranding", "", "Without a look, the deployment goes on: answer no to SignInBranding."),
    ("", "limit", "The account has reached a quota. Raise it in the Service Quotas console."),
)


def explained(failure: Failure | None) -> str:
    """Return why a deployment failed and what to do, in words."""
    if failure is None:
        return "CloudFormation gives no reason. The stack's events in its console may say more."
    cure = next(
        (
            cure
            for kind, reason, cure in _CURES
            if kind in f"{failure.kind} {failure.reason}" and reason.lower() in failure.reason.lower()
        ),
        "",
    )
    return f"{failure.name} ({failure.kind}) failed: {failure.reason}.{' ' * bool(cure)}{cure}"
