"""Other items that belong to erased leads: their timelines, and the records of their person and content."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from shared.store.belongings import WEBHOOK
from shared.store.keys import LEAD_SORT_KEY, attributes
from shared.store.report_item import REPORT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.store.keys import Item

_LEAD: Final = "LEAD#"


class Kind(StrEnum):
    """What an item that belongs to a lead is, in words for a report."""

    TIMELINE = "an entry of the timeline"
    REPORT = "what the report of a month counts"
    WEBHOOK = "what the webhook told"
    PERSON = "a record of the person's requests"
    URGENT = "a record of an urgent request"
    CONFIRMED = "a record of a confirmation"
    REPEATS = "a count of repeated content"


# By the sort key of an item in a lead's partition.
_OWN: Final = {REPORT: Kind.REPORT, WEBHOOK: Kind.WEBHOOK}
# The beginning of an item's key, and the attribute that names its leads: one id, or a set of entries that end in an id.
_NAMED_IN: Final = {
    "PERSON#": (Kind.PERSON, "lead_id", "requests"),
    "URGENT#": (Kind.URGENT, "lead_id", None),
    "CONFIRMED#": (Kind.CONFIRMED, "lead_id", None),
    "REPEATS#": (Kind.REPEATS, None, "lead_ids"),
}
# Versions before 0.8.0 stored one item for each person, with a set of requests. Its sort key is this.
_OLD_SORT_KEY: Final = "PERSON"
_OF_DIGESTS: Final = ("PERSON#", "URGENT#", "CONFIRMED#")


def kind_of(item: "Item", lead_ids: frozenset[str]) -> Kind | None:
    """Return what an item is if it belongs to one of the leads, or None. A lead's own item is not meant."""
    pk = str(item["pk"]["S"])
    if pk.startswith(_LEAD):
        if pk.removeprefix(_LEAD) not in lead_ids or item["sk"]["S"] == LEAD_SORT_KEY:
            return None
        return _OWN.get(str(item["sk"]["S"]), Kind.TIMELINE)
    for beginning, (kind, one, several) in _NAMED_IN.items():
        if pk.startswith(beginning):
            named = bool(one and one in item and item[one]["S"] in lead_ids)
            return kind if named or (several and _entries(item, several, lead_ids)) else None
    return None


def is_old(item: "Item") -> bool:
    """Whether an item is a person's as versions before 0.8.0 stored it. Its key is of an older secret."""
    return str(item["pk"]["S"]).startswith("PERSON#") and item["sk"]["S"] == _OLD_SORT_KEY


class Remains:
    """The items in the DynamoDB table. All methods raise botocore's errors, and are safe to repeat."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def clear(self, lead_ids: frozenset[str], digests: Iterable[str], fingerprints: Iterable[str]) -> None:
        """Remove what belongs to some leads, as far as its key is known. `prove` finds the rest."""
        partitions = [f"{_LEAD}{lead_id}" for lead_id in sorted(lead_ids)]
        partitions += [f"{beginning}{digest}" for digest in sorted(digests) for beginning in _OF_DIGESTS]
        partitions += [f"REPEATS#{fingerprint}" for fingerprint in sorted(fingerprints)]
        for partition in partitions:
            for item in self._in(partition):
                self.remove(item, lead_ids)

    def remove(self, item: "Item", lead_ids: frozenset[str]) -> None:
        """Remove an item that belongs to one of the leads, or what it says about them if it has other leads too."""
        if kind_of(item, lead_ids) is None:
            return
        one, several = next(
            (names[1:] for beginning, names in _NAMED_IN.items() if str(item["pk"]["S"]).startswith(beginning)),
            (None, None),
        )
        if several and (own := _entries(item, several, lead_ids)):
            self._drop(item, several, own)
        elif one:
            # Another lead may have taken the place meanwhile.
            self._delete(item, f"{one} = :own", {":own": {"S": str(item[one]["S"])}})
        else:
            self._client.delete_item(TableName=self._table, Key=_key(item))

    def delete(self, pk: str, sk: str) -> None:
        """Delete one item."""
        self._client.delete_item(TableName=self._table, Key={"pk": {"S": pk}, "sk": {"S": sk}})

    def _in(self, partition: str) -> "Iterator[Item]":
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition}},
            ConsistentRead=True,
        )
        return (item for page in pages for item in page["Items"])

    def _drop(self, item: "Item", name: str, entries: set[str]) -> None:
        """Remove entries from a set, and the item if nothing is left in it."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(item),
                ConditionExpression="attribute_exists(pk)",  # an update would bring back an item that expired
                UpdateExpression=f"DELETE {name} :entries",
                ExpressionAttributeValues=attributes({":entries": entries}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
        self._delete(item, f"attribute_not_exists({name})")

    def _delete(self, item: "Item", condition: str, values: "dict[str, AttributeValueTypeDef] | None" = None) -> None:
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=_key(item),
                ConditionExpression=condition,
                **({"ExpressionAttributeValues": values} if values else {}),  # type: ignore[arg-type] # AWS refuses empty ones
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return


def _key(item: "Item") -> "dict[str, AttributeValueTypeDef]":
    return {"pk": item["pk"], "sk": item["sk"]}


def _entries(item: "Item", name: str, lead_ids: frozenset[str]) -> set[str]:
    """Return the entries of a set that name one of the leads: each is an id, or ends in one."""
    found: set[str] = set(item[name]["SS"]) if name in item else set()
    return {entry for entry in found if entry.rpartition("#")[2] in lead_ids}
