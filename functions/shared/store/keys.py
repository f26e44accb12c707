"""Keys and moments: how the table names its items and writes times."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.store.typed import typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, PutItemInputTypeDef

    type Item = Mapping[str, AttributeValueTypeDef]

LEAD_SORT_KEY = "LEAD"
# The digest is on the agenda like a lead. This takes the place of a lead's id.
DIGEST = "DIGEST"
# The version of the stored format, on every item. A later version can recognize old items by it.
SCHEMA = 1


def timestamp(moment: datetime) -> str:
    """Return `moment` (aware) as fixed-width UTC text with milliseconds, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Return the moment that `timestamp` wrote."""
    return datetime.fromisoformat(text)


def moment_in(item: "Item", name: str) -> datetime | None:
    """Return the moment in an attribute of an item, or None if the item has none."""
    return moment(str(item[name]["S"])) if name in item else None


def epoch_seconds(moment: datetime) -> int:
    """Return `moment` (aware) in the form that DynamoDB's time to live needs."""
    return int(moment.timestamp())


def key(lead_id: str) -> dict[str, "AttributeValueTypeDef"]:
    """Return the primary key of a lead."""
    return {"pk": {"S": f"LEAD#{lead_id}"}, "sk": {"S": LEAD_SORT_KEY}}


def lead_id_of(keys: "Item") -> str:
    """Return the id of the lead that `keys` (a primary key) belongs to."""
    return str(keys["pk"]["S"]).removeprefix("LEAD#")


def desk_at(moment: datetime, lead_id: str) -> str:
    """Return the place of a lead in a list of the desk: by time, and by id if two leads have the same time."""
    return f"{timestamp(moment)}#{lead_id}"


def attributes(values: dict[str, object]) -> dict[str, "AttributeValueTypeDef"]:
    """Return `values` in DynamoDB's typed form, without those that are None."""
    return {
        name: {"S": value} if type(value) is str else typed(value)  # most are, and a visitor waits
        for name, value in values.items()
        if value is not None
    }


def put_if_new(table_name: str, item: "Item") -> "PutItemInputTypeDef":
    """Return the request that stores `item` if its key is free. Otherwise the answer has the item with that key."""
    return {
        "TableName": table_name,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
