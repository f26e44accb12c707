"""Converts the values that we store to DynamoDB's typed form and back.

Writing has its own 20 lines of code, because storing a lead must not wait for boto3. Reading uses boto3's code.
"""

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3.dynamodb.types import TypeDeserializer
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


def typed(value: object) -> "AttributeValueTypeDef":
    """Return `value` in DynamoDB's typed form, as boto3 does. Raises TypeError for a type that we never store."""
    match value:
        case str():
            return {"S": str(value)}
        case bool():  # before int, because a bool is an int too
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case list():
            return {"L": [typed(each) for each in value]}
        case dict():
            return {"M": {name: typed(each) for name, each in value.items()}}
        case set() if value and all(isinstance(each, str) for each in value):
            return {"SS": [str(each) for each in value]}
    raise TypeError(f"a {type(value).__name__} is never stored")


def plain(value: Any) -> Any:  # noqa: ANN401 - anything we store
    """Return the value of DynamoDB's typed form; numbers come back as Decimal. Raises TypeError."""
    return _deserializer().deserialize(value)


@cache
def _deserializer() -> "TypeDeserializer":
    # Imported here because `submit` reads nothing and must not load boto3.
    from boto3.dynamodb.types import TypeDeserializer  # noqa: PLC0415

    return TypeDeserializer()
