"""DynamoDB's typed form of the values that we keep, and back.

boto3 has the same in one of its parts, and loads all the others with it: docs/decisions/0016-what-a-start-loads.md.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


def typed(value: object) -> "AttributeValueTypeDef":
    """Return `value` in DynamoDB's typed form. Raises TypeError where it is nothing that we keep."""
    match value:
        case str():
            return {"S": str(value)}
        case bool():  # before int, which it is as well
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case list():
            return {"L": [typed(each) for each in value]}
        case dict():
            return {"M": {name: typed(each) for name, each in value.items()}}
        case set() if value and all(isinstance(each, str) for each in value):
            return {"SS": [str(each) for each in value]}
    raise TypeError(f"a {type(value).__name__} is kept nowhere")


def plain(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever is kept
    """Return what `typed` was given; numbers come back as Decimal."""
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N":
            return Decimal(content)
        case "L":
            return [plain(each) for each in content]
        case "M":
            return {name: plain(each) for name, each in content.items()}
        case "SS":
            return set(content)
        case "NULL":  # by hand: we leave out what is not there
            return None
    raise TypeError(f"{kind} is kept nowhere")
