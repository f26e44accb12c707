"""DynamoDB in memory, behind a real boto3 client: botocore checks and writes each request, and reads each answer.

It knows the few expressions that small adapters use. What it does not know is an error, never a wrong answer.
"""

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type _Item = dict[str, dict[str, Any]]

NAME = "made-up-table"
_FAILED = "ConditionalCheckFailedException"


@dataclass
class MemoryTable:
    """One table. `broken` names operations that fail, `calls` those that were asked for."""

    items: dict[tuple[str, str], _Item] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    def client(self) -> "DynamoDBClient":
        """Return a client of this table."""
        config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
        client = boto3.client("dynamodb", region_name="us-east-1", config=config)
        answer: Any = self._answer  # the stubs know no handler that returns something
        client.meta.events.register("before-send.dynamodb", answer)
        return client

    def put(self, item: Mapping[str, Any]) -> None:
        """Put an item there, as whoever it belongs to does."""
        self.items[_key(dict(item))] = dict(item)

    def keys(self) -> list[tuple[str, str]]:
        """Return what is there."""
        return sorted(self.items)

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        operation = str(_text(request.headers["X-Amz-Target"])).partition(".")[2]
        self.calls.append(operation)
        asked = json.loads(_text(request.body))
        assert asked["TableName"] == NAME
        status = 200
        answer: dict[str, Any]
        if operation in self.broken:
            status, answer = 500, {"__type": "InternalServerError", "message": ""}
        else:
            try:
                answer = getattr(self, f"_{operation}")(asked)
            except _ConditionError as error:
                status, answer = 400, {"__type": _FAILED, "message": "", "Item": error.item}
        return AWSResponse(request.url, status, HTTPHeaders(), _Raw(json.dumps(answer).encode()))

    def _GetItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - as DynamoDB calls it
        item = self.items.get(_key(asked["Key"]))
        return {} if item is None else {"Item": _projected(item, asked)}

    def _PutItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.items[_key(asked["Item"])] = asked["Item"]
        return {}

    def _UpdateItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        item = self.items.get(_key(asked["Key"]), {})
        _check(item, asked)
        item = dict(asked["Key"]) | item
        verb, _, assignments = asked["UpdateExpression"].partition(" ")
        assert verb == "SET"
        for assignment in assignments.split(", "):
            name, value = assignment.split(" = ")
            item[_name(name, asked)] = asked["ExpressionAttributeValues"][value]
        self.items[_key(item)] = item
        return {"Attributes": item} if asked.get("ReturnValues") == "ALL_NEW" else {}

    def _DeleteItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        _check(self.items.get(_key(asked["Key"]), {}), asked)
        self.items.pop(_key(asked["Key"]), None)
        return {}

    def _Query(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert asked["KeyConditionExpression"] == "pk = :pk"
        pk = asked["ExpressionAttributeValues"][":pk"]["S"]
        found = [key for key in sorted(self.items) if key[0] == pk and key > _key(asked.get("ExclusiveStartKey"))]
        page = found[:2]  # small pages, so that whoever forgets the rest is noticed
        last = {"LastEvaluatedKey": _keys_of(self.items[page[-1]])} if len(found) > len(page) else {}
        return {"Items": [_projected(self.items[key], asked) for key in page], **last}


class _ConditionError(Exception):
    def __init__(self, item: _Item) -> None:
        super().__init__()
        self.item = item


class _Raw(io.BytesIO):
    def stream(self, *_: object) -> Iterator[bytes]:
        yield self.read()


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _key(item: _Item | None) -> tuple[str, str]:
    return (item["pk"]["S"], item["sk"]["S"]) if item else ("", "")


def _keys_of(item: _Item) -> _Item:
    return {name: item[name] for name in ("pk", "sk")}


def _projected(item: _Item, asked: dict[str, Any]) -> _Item:
    wanted = asked.get("ProjectionExpression")
    return item if wanted is None else {name: item[name] for name in wanted.split(", ") if name in item}


def _name(name: str, asked: dict[str, Any]) -> str:
    return str(asked["ExpressionAttributeNames"][name]) if name.startswith("#") else name


def _check(item: _Item, asked: dict[str, Any]) -> None:
    condition = asked.get("ConditionExpression")
    if condition and not any(_holds(term, item, asked) for term in condition.split(" OR ")):
        raise _ConditionError(item)


def _holds(term: str, item: _Item, asked: dict[str, Any]) -> bool:
    if absent := re.fullmatch(r"attribute_not_exists\((\S+)\)", term):
        return _name(absent[1], asked) not in item
    name, sign, value = term.split(" ")
    if (stored := item.get(_name(name, asked))) is None:
        return False
    given = asked["ExpressionAttributeValues"][value]["S"]
    return bool({"=": stored["S"] == given, "<": stored["S"] < given}[sign])
