"""Which resources of a template exist, with these parameters."""

from collections.abc import Mapping
from typing import Any

from tools.operate.upgrade_check.template import Tree


def parameters_of(template: Tree, given: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that an update would use: what the stack has, and the defaults of new ones."""
    declared: Tree = template.get("Parameters", {})
    return {
        name: given.get(name, _as_text(parameter.get("Default", "")))
        for name, parameter in declared.items()
        if name in given or "Default" in parameter
    }


def existing(template: Tree, parameters: Mapping[str, str]) -> dict[str, Tree]:
    """Return the resources that exist with these parameters. If a condition cannot be told, the resource counts."""
    conditions: Tree = template.get("Conditions", {})
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if "Condition" not in resource
        or _holds({"Condition": resource["Condition"]}, conditions, parameters) is not False
    }


def _holds(condition: Any, conditions: Tree, parameters: Mapping[str, str]) -> bool | None:  # noqa: ANN401 - of a template
    match condition:
        case {"Condition": str(name)}:
            return _holds(conditions.get(name), conditions, parameters)
        case {"Fn::Equals": [one, other]}:
            values = [_value(each, parameters) for each in (one, other)]
            return None if None in values else values[0] == values[1]
        case {"Fn::Not": [one]}:
            held = _holds(one, conditions, parameters)
            return None if held is None else not held
        case {"Fn::And": list(several)}:
            all_held = [_holds(each, conditions, parameters) for each in several]
            return False if False in all_held else None if None in all_held else True
        case {"Fn::Or": list(several)}:
            any_held = [_holds(each, conditions, parameters) for each in several]
            return True if True in any_held else None if None in any_held else False
    return None


def _value(value: Any, parameters: Mapping[str, str]) -> str | None:  # noqa: ANN401 - of a template
    match value:
        case {"Ref": str(name)}:
            return parameters.get(name)
        case str() | bool() | int() | float():
            return _as_text(value)
    return None


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
