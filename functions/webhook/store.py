"""What the webhook keeps in the table: one item beside each lead, and one about the receiver's health."""

from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from shared.leads.agenda import Lane, partition, shard
from shared.leads.response import ResponseState
from shared.store.belongings import webhook_item_key
from shared.store.keys import SCHEMA, attributes, epoch_seconds, moment, moment_in, timestamp
from shared.store.typed import plain
from webhook.health import Health
from webhook.signals import Kind, Signal
from webhook.told import Told

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.store.keys import Item

    type _Key = dict[str, AttributeValueTypeDef]

_HEALTH: Final["_Key"] = {"pk": {"S": "WEBHOOK"}, "sk": {"S": "WEBHOOK"}}


class Tellings:
    """The items beside leads in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def read(self, lead_id: str) -> Told:
        """Return what was told about a lead."""
        item = _item(self._client, self._table, webhook_item_key(lead_id))
        return _told(item) if item else Told()

    def write(self, lead_id: str, told: Told, ends: datetime) -> bool:
        """Write the next version, which ends at a time. Return False if somebody else wrote meanwhile."""
        due_at, lane = told.due_at, Lane.WEBHOOK_RINGS if told.is_ring_due else Lane.WEBHOOK
        values: dict[str, object] = {
            "announced": told.announced or None,
            "visible_at": _written(told.visible_at),
            "seen": str(told.seen),
            "outcome": told.outcome,
            "undeliverable": told.undeliverable or None,
            "rang_at": _written(told.rang_at),
            "rings_at": _written(told.rings_at),
            "pending": [_stored(each) for each in told.pending] or None,
            "tries": told.tries or None,
            "retry_at": _written(told.retry_at),
            "leased_until": _written(told.leased_until),
            # On the agenda, in lanes of its own that no sweep reads.
            "agenda_shard": partition(lane, shard(lead_id)) if due_at else None,
            "agenda_at": _written(due_at),
            # The index has this too. So a run finds a ring even if the item's other signals have waited for long.
            "overdue_since": _written(told.rings_at),
            "expires_at": epoch_seconds(ends),
        }
        return _put(self._client, self._table, webhook_item_key(lead_id), values, told.version)


class ReceiversHealth:
    """The item about the receiver. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def read(self) -> Health:
        """Return the receiver's health."""
        item = _item(self._client, self._table, _HEALTH)
        if item is None:
            return Health()
        return Health(
            address=_text(_of(item, "address")),
            failures=_number(item, "failures"),
            failing_since=moment_in(item, "failing_since"),
            disabled_at=moment_in(item, "disabled_at"),
            gone=bool(_of(item, "gone")),
            probe_at=moment_in(item, "probe_at"),
            rests_until=moment_in(item, "rests_until"),
            catch_up=bool(_of(item, "catch_up")),
            version=_number(item, "version"),
        )

    def write(self, health: Health) -> bool:
        """Write the next version. Return False if somebody else wrote meanwhile; the next try corrects that."""
        values: dict[str, object] = {
            "address": health.address,
            "failures": health.failures or None,
            "failing_since": _written(health.failing_since),
            "disabled_at": _written(health.disabled_at),
            "gone": health.gone or None,
            "probe_at": _written(health.probe_at),
            "rests_until": _written(health.rests_until),
            "catch_up": health.catch_up or None,
        }
        return _put(self._client, self._table, _HEALTH, values, health.version)


def _item(client: "DynamoDBClient", table: str, key: "_Key") -> "Item | None":
    return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")


def _put(client: "DynamoDBClient", table: str, key: "_Key", values: dict[str, object], version: int) -> bool:
    """Write an item as the version after `version`. An item that was deleted meanwhile stays deleted.

    When the SDK repeats a put whose answer was lost, it finds its own item. A mark makes each put unique.
    """
    item = key | attributes({"schema": SCHEMA, "version": version + 1, "written": uuid4().hex, **values})
    try:
        client.put_item(
            TableName=table,
            Item=item,
            ConditionExpression="version = :read" if version else "attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **({"ExpressionAttributeValues": attributes({":read": version})} if version else {}),  # type: ignore[arg-type] # AWS refuses empty ones
        )
    except client.exceptions.ConditionalCheckFailedException as error:
        found: Item = error.response.get("Item", {})  # type: ignore[assignment] # the stubs do not declare Item
        return found.get("written") == item["written"]
    return True


def _told(item: "Item") -> Told:
    return Told(
        announced=bool(_of(item, "announced")),
        visible_at=moment_in(item, "visible_at"),
        seen=ResponseState(str(_of(item, "seen"))),
        outcome=_text(_of(item, "outcome")),
        undeliverable=bool(_of(item, "undeliverable")),
        rang_at=moment_in(item, "rang_at"),
        rings_at=moment_in(item, "rings_at"),
        pending=tuple(_signal(each) for each in plain(item["pending"])) if "pending" in item else (),
        tries=_number(item, "tries"),
        retry_at=moment_in(item, "retry_at"),
        leased_until=moment_in(item, "leased_until"),
        version=_number(item, "version"),
    )


def _stored(signal: Signal) -> dict[str, object]:
    known: dict[str, object] = {
        "kind": str(signal.kind),
        "at": timestamp(signal.at),
        "since": timestamp(signal.since),
        "state": str(signal.state),
    }
    return known | ({"outcome": signal.outcome} if signal.outcome else {})


def _signal(stored: dict[str, str]) -> Signal:
    return Signal(
        kind=Kind(stored["kind"]),
        at=moment(stored["at"]),
        since=moment(stored["since"]),
        state=ResponseState(stored["state"]),
        outcome=stored.get("outcome"),
    )


def _of(item: "Item", name: str) -> object:
    return plain(item[name]) if name in item else None


def _number(item: "Item", name: str) -> int:
    return int(plain(item[name])) if name in item else 0


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _written(at: datetime | None) -> str | None:
    return timestamp(at) if at else None
