"""What a change set will do, in words."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError, ParamValidationError, WaiterError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# What holds data or accounts. Its loss or its exchange for an empty one cannot be undone by another deployment.
PRECIOUS: Final = {
    "AWS::DynamoDB::Table": "TABLE",
    "AWS::Cognito::UserPool": "USER POOL (THE STAFF ACCOUNTS)",
    "AWS::KMS::Key": "KEY",
    "AWS::SecretsManager::Secret": "SECRET",
}
_WORDS: Final = {"Add": "added", "Modify": "changed", "Remove": "removed", "Import": "taken over", "Dynamic": "changed"}
_PREVIEW: Final = "preview-of-nested-stacks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: of which resource, of which type, how, and which of its properties."""

    name: str
    kind: str
    action: str
    replaces: str = "False"  # True, False or Conditional, as CloudFormation says it
    properties: tuple[str, ...] = ()

    @property
    def loses(self) -> bool:
        """Whether something with data or accounts goes, or may go."""
        return self.kind in PRECIOUS and (self.action == "Remove" or self.replaces in {"True", "Conditional"})


def read(client: "CloudFormationClient", change_set: str, *, prefix: str = "") -> list[Change]:
    """Return the changes in a change set, and in those of its nested stacks. Raises botocore's errors."""
    changes = []
    for page in client.get_paginator("describe_change_set").paginate(ChangeSetName=change_set):
        for each in page.get("Changes", []):
            found: Any = each.get("ResourceChange", {})
            changes.append(_change(found, prefix))
            if found.get("ChangeSetId"):
                changes += read(client, found["ChangeSetId"], prefix=f"{prefix}{found['LogicalResourceId']}/")
    return changes


def _change(found: dict[str, Any], prefix: str) -> Change:
    targets = [detail.get("Target", {}) for detail in found.get("Details", [])]
    return Change(
        name=prefix + found.get("LogicalResourceId", "?"),
        kind=found.get("ResourceType", "?"),
        action=found.get("Action", "Modify"),
        replaces=found.get("Replacement", "False"),
        properties=tuple(sorted({target["Name"] for target in targets if target.get("Name")})),
    )


def read_nested(client: "CloudFormationClient", change_set: str, upload: Callable[[str], str]) -> list[Change] | None:
    """Return the changes with those of nested stacks, by a second change set that is never executed.

    `upload` stores a template for CloudFormation and returns its address, because ours is too long for a call.
    The SAM CLI's change set only says that a nested stack changes, and the tables and the user pool are in nested
    stacks. Return None if AWS does not say more: a change set of nested stacks can fail where the deployment does not.
    """
    preview: str | None = None
    try:
        first = client.describe_change_set(ChangeSetName=change_set)
        # A text if it is YAML, and data if it is JSON.
        template: Any = client.get_template(ChangeSetName=change_set, TemplateStage="Original")["TemplateBody"]
        preview = client.create_change_set(
            StackName=first["StackId"],
            ChangeSetName=_PREVIEW,
            TemplateURL=upload(template if isinstance(template, str) else json.dumps(template)),
            Parameters=first.get("Parameters", []),
            Capabilities=first.get("Capabilities", []),
            Tags=first.get("Tags", []),
            IncludeNestedStacks=True,
        )["Id"]
        waiter = client.get_waiter("change_set_create_complete")
        waiter.wait(ChangeSetName=preview, WaiterConfig={"Delay": 2, "MaxAttempts": 60})
        return read(client, preview)
    except (ClientError, WaiterError, ParamValidationError):
        return None
    finally:
        if preview:
            with suppress(ClientError):
                client.delete_change_set(ChangeSetName=preview)


def in_words(changes: Iterable[Change], *, first: bool) -> Iterator[str]:
    """Yield lines that say what a deployment does. A first one only adds, so its parts are counted."""
    changes = list(changes)
    if first:
        counted = Counter(_kind(change.kind) for change in changes)
        yield f"It creates {len(changes)} parts: " + ", ".join(
            f"{number} x {kind}" for kind, number in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
        )
        return
    for change in sorted(changes, key=lambda each: (not each.loses, list(_WORDS).index(each.action), each.name)):
        yield _line(change)
    if not changes:
        yield "No resource changes."


def _line(change: Change) -> str:
    if change.loses:
        what = f"THE {PRECIOUS[change.kind]} {change.name}"
        if change.action == "Remove":
            return f"REMOVES {what} FROM THE STACK. Nothing in the stack uses its data anymore."
        may = "MAY REPLACE" if change.replaces == "Conditional" else "REPLACES"
        return f"{may} {what} BY AN EMPTY ONE. The stack no longer uses what is in the old one."
    # CloudFormation never replaces a nested stack.
    replaces = "False" if change.kind == "AWS::CloudFormation::Stack" else change.replaces
    replaced = {"True": "replaced", "Conditional": "changed, perhaps replaced"}.get(replaces)
    action = replaced if change.action == "Modify" and replaced else _WORDS[change.action]
    properties = f": {', '.join(change.properties)}" if change.properties else ""
    return f"{action:<8} {change.name} ({_kind(change.kind)}){properties}"


def _kind(kind: str) -> str:
    return kind.removeprefix("AWS::").replace("::", " ")
