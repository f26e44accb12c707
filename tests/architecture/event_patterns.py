"""The events that an EventBridge pattern matches, for the operators that the templates use.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from typing import Any


def matches(pattern: dict[str, Any], event: object) -> bool:
    """Whether a pattern matches an event. Raises ValueError for an operator that is not implemented here."""
    for name, wanted in pattern.items():
        if name == "$or":
            if not any(matches(choice, event) for choice in wanted):
                return False
            continue
        if not isinstance(event, dict) or name not in event:
            return False
        found = event[name]
        if isinstance(wanted, dict):
            if not matches(wanted, found):
                return False
        elif not any(_one(choice, value) for choice in wanted for value in _values(found)):
            return False
    return True


def _values(found: object) -> list[object]:
    """Return the values of a leaf. In a list, one matching entry is enough."""
    return found if isinstance(found, list) else [found]


def _one(choice: object, value: object) -> bool:
    # A CloudFormation reference stands for its resolved text.
    if not isinstance(choice, dict) or set(choice) & {"Ref", "Fn::GetAtt", "Fn::Sub"}:
        return choice == value
    if set(choice) != {"anything-but"}:
        raise ValueError(f"teach {__name__} the operator {set(choice)}")
    excluded = choice["anything-but"]
    return value not in (excluded if isinstance(excluded, list) else [excluded])
