"""Links the requests of one person by their email address and phone number.

The table stores only HMACs of addresses and numbers, with the stack's key. So a reader of the table cannot look up a
person by trying addresses.
"""

import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.leads.contact import normalize_email, normalize_phone
from shared.leads.history import History
from shared.leads.identity import reference
from shared.leads.lead import Lead
from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# Two years after their last request, a person is forgotten.
KEPT: Final = timedelta(days=730)
# Maximum requests kept for each address or number, to limit the size of an item. When it is full, the second oldest
# request is dropped and the first stays. So a count of 50 means 50 or more.
MOST_REQUESTS: Final = 50


def blinded(key: bytes, value: str) -> str:
    """Return the HMAC-SHA256 of `value`, in hexadecimal."""
    return hmac.digest(key, value.encode(), "sha256").hex()


def ways(lead: Lead) -> tuple[str, ...]:
    """Return the person's address and number, each as the text that `blinded` takes."""
    known = (f"email:{lead.email.lower()}" if lead.email else "", f"phone:{lead.phone}" if lead.phone else "")
    return tuple(filter(None, known))


class People:
    """The requests of each person, in the DynamoDB table."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def history(self, lead: Lead, key: bytes) -> History | None:
        """Return the person's earlier requests, or None if `lead` is their first. Writes nothing.

        The same address or number means the same person. The order depends on when requests were received, not on when
        they were recorded. A request is recorded after its attempt has ended, so two concurrent requests of one person
        may not see each other. Then both are alerted at once: one email more, and nothing is lost. Raises botocore's
        errors.
        """
        own = _entry(lead)
        earlier = [entry for entry in self._known(lead, key) if entry < own]
        if not earlier:
            return None
        first, latest = _parts(earlier[0]), _parts(earlier[-1])
        owner, address = self._owner(first[1])
        return History(
            number=min(len(earlier) + 1, MOST_REQUESTS),
            since=first[0],
            latest=latest[0],
            first_reference=reference(first[1]),
            first_claimed_by=owner,
            first_owner_address=address,
        )

    def others(self, lead: Lead, key: bytes) -> tuple[str, ...]:
        """Return the ids of the person's other requests, oldest first: at most the newest `MOST_REQUESTS`.

        Raises botocore's errors.
        """
        ids = dict.fromkeys(_parts(entry)[1] for entry in self._known(lead, key))
        ids.pop(lead.id, None)
        return tuple(ids)[-MOST_REQUESTS:]

    def by_contact(self, text: str, key: bytes) -> tuple[str, ...]:
        """Return the ids of the requests from an email address or a phone number, as somebody typed it, oldest first.

        Return none if `text` is neither. Raises botocore's errors.
        """
        email, phone = normalize_email(text), normalize_phone(text)
        way = f"email:{email.lower()}" if email else f"phone:{phone}" if phone else None
        return tuple(_parts(entry)[1] for entry in sorted(self._requests(_key(way, key)))) if way else ()

    def record(self, lead: Lead, key: bytes, now: datetime) -> None:
        """Add `lead` to the person's requests. Idempotent. Raises botocore's errors.

        Call this only right after a write that failed if the lead was deleted. Otherwise a deleted person comes back.
        """
        own = _entry(lead)
        for item_key in _keys(lead, key):
            for _ in range(2):
                held = self._add(item_key, own, now)
                if held is None or not self._drop(item_key, sorted(held)[1]):
                    break

    def _known(self, lead: Lead, key: bytes) -> list[str]:
        """Return the person's requests under their address and their number, oldest first."""
        return sorted({entry for item_key in _keys(lead, key) for entry in self._requests(item_key)})

    def _requests(self, key: dict[str, "AttributeValueTypeDef"]) -> set[str]:
        response = self._client.get_item(
            TableName=self._table, Key=key, ProjectionExpression="requests", ConsistentRead=True
        )
        return set(response.get("Item", {}).get("requests", {}).get("SS", ()))

    def _add(self, key: dict[str, "AttributeValueTypeDef"], own: str, now: datetime) -> set[str] | None:
        """Add a request to one item. Return None on success, or the requests in the item if it is full."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key,
                ConditionExpression=(
                    "attribute_not_exists(requests) OR size(requests) < :most OR contains(requests, :own)"
                ),
                UpdateExpression="ADD requests :added SET expires_at = :end, #schema = :schema",
                ExpressionAttributeNames={"#schema": "schema"},
                ExpressionAttributeValues=keys.attributes(
                    {
                        ":most": MOST_REQUESTS,
                        ":own": own,
                        ":added": {own},
                        ":end": keys.epoch_seconds(now + KEPT),
                        ":schema": keys.SCHEMA,
                    }
                ),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item: keys.Item = error.response.get("Item", {})  # type: ignore[assignment] # the stubs do not declare Item
            return set(item["requests"]["SS"])
        return None

    def _drop(self, key: dict[str, "AttributeValueTypeDef"], entry: str) -> bool:
        """Remove a request from one item. Return False if the item was deleted meanwhile."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key,
                ConditionExpression="attribute_exists(pk)",
                UpdateExpression="DELETE requests :dropped",
                ExpressionAttributeValues=keys.attributes({":dropped": {entry}}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _owner(self, lead_id: str) -> tuple[str | None, str | None]:
        """Return the id of the owner of a lead, and their own email address if they are not a recipient."""
        names = ("claimed_by", "owner_address")
        response = self._client.get_item(
            TableName=self._table, Key=keys.key(lead_id), ProjectionExpression=", ".join(names)
        )
        item = response.get("Item", {})  # the lead may be deleted
        owner, address = (str(item[name]["S"]) if name in item else None for name in names)
        return owner, address


def _keys(lead: Lead, key: bytes) -> list[dict[str, "AttributeValueTypeDef"]]:
    """Return the keys of the person's items: one for the address, one for the number."""
    return [_key(way, key) for way in ways(lead)]


def _key(way: str, key: bytes) -> dict[str, "AttributeValueTypeDef"]:
    return {"pk": {"S": f"PERSON#{blinded(key, way)}"}, "sk": {"S": "PERSON"}}


def _entry(lead: Lead) -> str:
    return f"{keys.timestamp(lead.received_at)}#{lead.id}"


def _parts(entry: str) -> tuple[datetime, str]:
    received_at, _, lead_id = entry.partition("#")
    return keys.moment(received_at), lead_id
