"""The template's rules about several answers or the region, checked as CloudFormation does before it starts."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.deploy.template import document

REGION: Final = "AWS::Region"


class _UnknownError(Exception):
    """A rule uses a function or a value that is not known here. CloudFormation checks it later."""


def broken(values: Mapping[str, str], rules: Mapping[str, Any] | None = None) -> list[str]:
    """Return what the rules say about these parameters, and about the region, which is `AWS::Region`.

    A rule about a value that is missing is left to CloudFormation.
    """
    found: list[str] = []
    for rule in (document().get("Rules", {}) if rules is None else rules).values():
        try:
            if _true(rule.get("RuleCondition", True), values):
                found += _of_rule(rule, values)
        except _UnknownError:
            continue
    return found


def _of_rule(rule: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
    for each in rule["Assertions"]:
        if not _true(each["Assert"], values):
            yield " ".join(each.get("AssertDescription", "An answer does not fit the others.").split())


def _true(test: Any, values: Mapping[str, str]) -> bool:  # noqa: ANN401 - YAML
    match test:
        case bool():
            return test
        case {"Fn::Not": [inner]}:
            return not _true(inner, values)
        case {"Fn::And": list(inner)}:
            return all(_true(each, values) for each in inner)
        case {"Fn::Or": list(inner)}:
            return any(_true(each, values) for each in inner)
        case {"Fn::Equals": [one, other]}:
            return _value(one, values) == _value(other, values)
        case {"Fn::Contains": [list(several), one]}:
            return _value(one, values) in [_value(each, values) for each in several]
    raise _UnknownError


def _value(value: Any, values: Mapping[str, str]) -> str:  # noqa: ANN401 - YAML
    match value:
        case {"Ref": name} if name in values:
            return values[name]
        case str() | int() | float():
            return str(value)
    raise _UnknownError
