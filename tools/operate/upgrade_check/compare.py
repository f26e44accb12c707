"""Compares the templates of a deployed stack with those of a checkout."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tools.operate.upgrade_check.conditions import existing, parameters_of
from tools.operate.upgrade_check.finding import Finding, Weight
from tools.operate.upgrade_check.releases import INDEXES
from tools.operate.upgrade_check.template import MAIN, NESTED, Tree, plain

# What a clinic cannot get back. Everything else is made again.
DATA: Final = {
    "AWS::DynamoDB::Table": "TABLE",
    "AWS::Cognito::UserPool": "STAFF ACCOUNTS",
    "AWS::KMS::Key": "KEY",
    "AWS::SecretsManager::Secret": "SECRET",
}
_FUNCTION: Final = "AWS::Serverless::Function"
_TABLE: Final = "AWS::DynamoDB::Table"
# The policies that keep a resource when it leaves its stack.
_KEPT: Final = frozenset({"Retain", "RetainExceptOnCreate"})
# The schemas of CloudFormation do not say it of these: Cognito fixes them when a pool is created.
_FIXED: Final = {"AWS::Cognito::UserPool": {"AliasAttributes", "UsernameAttributes", "UsernameConfiguration"}}
# How data is protected: the property, and what it must not lose.
_PROTECTIONS: Final = {
    "DeletionProtectionEnabled": "protection against deletion",
    "DeletionProtection": "protection against deletion",
    "PointInTimeRecoverySpecification": "point-in-time recovery",
    "TimeToLiveSpecification": "the attribute that says when an item ends",
    "SSESpecification": "encryption",
}

type CreateOnly = Callable[[str], set[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The templates of a stack, and its parameters. Both by MAIN, or by the resource of the nested stack."""

    templates: Mapping[str, Tree]
    parameters: Mapping[str, Mapping[str, str]]

    def resources(self, name: str, other: Tree | None = None) -> dict[str, Tree]:
        """Return the resources of a template that exist, with the parameters of the stack."""
        template = self.templates[name] if other is None else other
        return existing(template, parameters_of(template, self.parameters.get(name, {})))


def compare(deployed: Side, checkout: Mapping[str, Tree], create_only: CreateOnly) -> Iterator[Finding]:
    """Yield what an update does. `create_only` names the properties of a type that replace a resource."""
    yield from _parameters(deployed, checkout[MAIN])
    stacks = {MAIN} | {
        name for name, each in deployed.resources(MAIN, checkout[MAIN]).items() if each["Type"] == NESTED
    }
    for name in sorted(deployed.templates.keys() | stacks, key=lambda each: (each != MAIN, each)):
        before = deployed.resources(name) if name in deployed.templates else {}
        after = deployed.resources(name, checkout[name]) if name in stacks else {}
        yield from _resources(name, before, after, create_only)


def _parameters(deployed: Side, template: Tree) -> Iterator[Finding]:
    given, declared = deployed.parameters[MAIN], template.get("Parameters", {})
    for name in sorted(declared.keys() - given.keys()):
        if "Default" in declared[name]:
            default = declared[name]["Default"] or "empty"
            yield Finding(Weight.KNOW, "Parameters", f"{name} is new. Default: {default}. {_words(declared[name])}")
        else:
            yield Finding(Weight.CARE, "Parameters", f"{name} is new and needs a value. {_words(declared[name])}")
    for name in sorted(given.keys() - declared.keys()):
        yield Finding(
            Weight.CARE, "Parameters", f"{name} is gone. Remove it from `parameter_overrides` in samconfig.toml."
        )
    for name in sorted(given.keys() & declared.keys()):
        if not _allowed(given[name], declared[name]):
            yield Finding(
                Weight.STOP,
                "Parameters",
                f"{name} does not allow its value of now anymore. {declared[name].get('ConstraintDescription', '')}",
            )


def _words(parameter: Tree) -> str:
    """Return the first sentence of a parameter's description."""
    return " ".join(str(parameter.get("Description", "")).split()).partition(". ")[0].removesuffix(".") + "."


def _allowed(value: str, parameter: Tree) -> bool:
    values = [str(each) for each in parameter.get("AllowedValues", ())]
    parts = value.split(",") if parameter.get("Type") == "CommaDelimitedList" else [value]
    pattern = parameter.get("AllowedPattern")
    # CloudFormation's patterns are Java's. Ours are the same in both.
    return (not values or value in values) and (not pattern or all(re.fullmatch(pattern, each) for each in parts))


def _resources(
    stack: str, before: Mapping[str, Tree], after: Mapping[str, Tree], create_only: CreateOnly
) -> Iterator[Finding]:
    new = {name: after[name] for name in sorted(after.keys() - before.keys())}
    functions = [name for name, each in new.items() if each["Type"] == _FUNCTION]
    for name in functions:
        yield Finding(Weight.KNOW, "Functions", f"{_named(stack, name)} is created.")
    if others := ", ".join(name for name in new if name not in functions):
        yield Finding(Weight.KNOW, "New", f"In {stack}: {others}")
    for name in sorted(before.keys() - after.keys()):
        yield _gone(stack, name, before[name])
    for name in sorted(before.keys() & after.keys()):
        yield from _kept(stack, name, before[name], after[name], create_only)


def _gone(stack: str, name: str, resource: Tree) -> Finding:
    what = _named(stack, name)
    if resource["Type"] == _FUNCTION:
        return Finding(Weight.CARE, "Functions", f"{what} is deleted.")
    kept = resource.get("DeletionPolicy") in _KEPT
    if resource["Type"] in DATA:
        loud = _loud(stack, name, resource)
        end = (
            "LEAVES THE STACK. It is kept, but nothing uses it anymore." if kept else "IS DELETED, WITH WHAT IS IN IT."
        )
        return Finding(Weight.STOP, "Deleted", f"{loud} {end}")
    if resource["Type"] == NESTED:
        return Finding(Weight.CARE, "Deleted", f"{what} is deleted, with what it created, except what follows here.")
    return Finding(Weight.KNOW, "Deleted", f"{what} {'leaves the stack and is kept' if kept else 'is deleted'}.")


def _kept(stack: str, name: str, before: Tree, after: Tree, create_only: CreateOnly) -> Iterator[Finding]:
    what, loud = _named(stack, name), _loud(stack, name, before)
    if before["Type"] != after["Type"]:
        yield Finding(Weight.STOP, "Replaced", f"{what} becomes {after['Type']}, which CloudFormation refuses.")
        return
    old, new = (plain(each.get("Properties", {})) for each in (before, after))
    changed = {each for each in old.keys() | new.keys() if old.get(each) != new.get(each)}
    if before["Type"] == _TABLE:
        yield from _indexes(what, loud, old, new)
    if changed and (replacing := sorted(changed & (create_only(before["Type"]) | _FIXED.get(before["Type"], set())))):
        yield _replaced(what if before["Type"] not in DATA else loud, before, after, replacing)
    if before["Type"] in DATA:
        yield from _protection(loud, before, after, old, new)
    if changed:
        yield Finding(Weight.KNOW, "Changed", f"{what}: {', '.join(sorted(changed))}")


def _replaced(what: str, before: Tree, after: Tree, properties: list[str]) -> Finding:
    why = f"{', '.join(properties)} cannot change in place."
    if before["Type"] not in DATA:
        return Finding(Weight.CARE, "Replaced", f"{what} is replaced: {why}")
    kept = after.get("UpdateReplacePolicy") in _KEPT
    rest = "The old one is kept, but nothing uses it anymore." if kept else "THE OLD ONE IS DELETED."
    return Finding(Weight.STOP, "Replaced", f"{what} IS REPLACED BY AN EMPTY ONE: {why} {rest}")


def _protection(what: str, before: Tree, after: Tree, old: Tree, new: Tree) -> Iterator[Finding]:
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        if before.get(policy) in _KEPT and after.get(policy) not in _KEPT:
            yield Finding(Weight.STOP, "Protection", f"{what} LOSES {policy}: Retain. Deleting the stack deletes it.")
    for name, protection in _PROTECTIONS.items():
        if name in old and old[name] != new.get(name):
            lost = not new.get(name) or "false" in str(new[name]).lower() or new[name] == "INACTIVE"
            weight = Weight.STOP if lost else Weight.CARE
            yield Finding(weight, "Protection", f"{what} {'LOSES' if lost else 'CHANGES'} {name} ({protection}).")


def _indexes(what: str, loud: str, old: Tree, new: Tree) -> Iterator[Finding]:
    before, after = (
        {each["IndexName"]: each for each in side.get("GlobalSecondaryIndexes", ())} for side in (old, new)
    )
    created, deleted = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    changed = [name for name in sorted(before.keys() & after.keys()) if _shape(before[name]) != _shape(after[name])]
    for name in changed:
        yield Finding(
            Weight.STOP, "Indexes", f"{what}: the index {name} changes, which AWS refuses. Give it a new name."
        )
    for name in created:
        yield Finding(Weight.KNOW, "Indexes", f"{what}: the index {name} is created. AWS fills it in the background.")
    for name in deleted:
        yield Finding(Weight.CARE, "Indexes", f"{what}: the index {name} is deleted. The functions of now may use it.")
    if len(created) + len(deleted) > 1:
        yield Finding(Weight.STOP, "Indexes", _too_many(loud, created, deleted))


def _too_many(what: str, created: list[str], deleted: list[str]) -> str:
    releases = [INDEXES[name] for name in INDEXES if name in created]
    steps = ", then ".join(dict.fromkeys(releases)) if len(set(releases)) > 1 else "a release with one of the changes"
    return (
        f"{what} CHANGES {len(created) + len(deleted)} INDEXES, AND AWS CHANGES ONE PER UPDATE. Deploy these releases"
        f" one after the other: {steps}."
    )


def _shape(index: Tree) -> Any:  # noqa: ANN401 - of a template
    attributes = index.get("Projection", {}).get("NonKeyAttributes", [])
    return index["KeySchema"], index.get("Projection", {}).get("ProjectionType"), sorted(attributes)


def _named(stack: str, name: str) -> str:
    return name if stack == MAIN else f"{name} of {stack}"


def _loud(stack: str, name: str, resource: Tree) -> str:
    """Return the name of something with data in it, in capital letters."""
    return f"{DATA.get(resource['Type'], resource['Type'])} {_named(stack, name)}".upper()
