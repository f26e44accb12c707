"""The template's parameters: what each is for, its default and its rules, in the groups that people see."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from tools.template_file import read

ROOT: Final = Path(__file__).parents[2]
TEMPLATE: Final = ROOT / "template.yaml"

# Lambda and EventBridge Scheduler accept names of at most this many characters.
_LONGEST_NAME: Final = 64
_EXAMPLE: Final = re.compile(r"(?:Example: |such as )(.+?)(?:\.\s|,? without |\.?$)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of template.yaml. A number is kept as the text that CloudFormation gets."""

    name: str
    group: str
    description: str
    constraint: str
    kind: str = "String"
    default: str | None = None
    pattern: str | None = None
    values: tuple[str, ...] = ()
    smallest: float | None = None
    largest: float | None = None

    @property
    def is_list(self) -> bool:
        """Whether it is several values, separated by commas."""
        return self.kind == "CommaDelimitedList"

    @property
    def example(self) -> str | None:
        """The example in its description, or the one in its error message."""
        for text in (self.description, self.constraint):
            if found := _EXAMPLE.search(text):
                return found[1].strip()
        return None


@cache
def document() -> dict[str, Any]:
    """Return template.yaml as data."""
    return read(TEMPLATE.read_text("utf-8"))


@cache
def parameters() -> tuple[Parameter, ...]:
    """Return the parameters in the order of their groups, which is the order of the questions."""
    declared = document()["Parameters"]
    return tuple(
        _parameter(name, group["Label"]["default"], declared[name])
        for group in document()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
        for name in group["Parameters"]
    )


def _parameter(name: str, group: str, declared: dict[str, Any]) -> Parameter:
    return Parameter(
        name=name,
        group=group,
        description=declared["Description"].strip(),
        constraint=declared["ConstraintDescription"].strip(),
        kind=declared["Type"],
        default=str(declared["Default"]) if "Default" in declared else None,
        pattern=declared.get("AllowedPattern"),
        values=tuple(map(str, declared.get("AllowedValues", ()))),
        smallest=declared.get("MinValue"),
        largest=declared.get("MaxValue"),
    )


@cache
def longest_stack_name() -> int:
    """Return how many characters a stack's name may have. The names of functions and schedules start with it."""
    suffixes = [
        value.removeprefix("${AWS::StackName}")
        for key, value in _strings(document()["Resources"])
        if key in {"FunctionName", "Name"} and value.startswith("${AWS::StackName}")
    ]
    return _LONGEST_NAME - max(map(len, suffixes))


def _strings(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _strings(each, key if name.startswith("Fn::") else name)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each, key)
