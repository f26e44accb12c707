"""DynamoDB in memory: one table with the indexes of infra/data.yaml, behind the methods of a boto3 client.

It checks requests against botocore's service model, evaluates expressions, and counts capacity units as AWS documents
them. It raises an error for anything it does not know.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import RLock
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, Protocol, cast

import boto3
import yaml
from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator

from tests.unit.expressions import (
    Expression,
    InvalidRequestError,
    Item,
    Scope,
    condition,
    key_condition,
    plain,
    projection,
    update,
)

if TYPE_CHECKING:
    from botocore.model import Shape
    from mypy_boto3_dynamodb import DynamoDBClient

type Key = tuple[str, str]

NAME: Final = "made-up-table"
PAGE: Final = 3  # items per page without a Limit: so few that a reader that ignores the next page is noticed

_TABLE_KEY = ("pk", "sk")
_MOST_KEY_BYTES = (2048, 1024)
_MOST_BYTES = 400 * 1024
_WRITE_UNIT, _READ_UNIT = 1024, 4096
_SERVER_ERRORS = frozenset({"InternalServerError", "ServiceUnavailable"})
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
_COMMON = frozenset({"TableName", "ExpressionAttributeNames", "ExpressionAttributeValues"})
_CONDITION = frozenset({"ConditionExpression", "ReturnValues", "ReturnValuesOnConditionCheckFailure"})
# The known parameters of each operation. Any other is an error, whether or not AWS knows it.
_PARAMETERS = {
    "GetItem": frozenset({"TableName", "Key", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"}),
    "PutItem": _COMMON | _CONDITION | {"Item"},
    "UpdateItem": _COMMON | _CONDITION | {"Key", "UpdateExpression"},
    "DeleteItem": _COMMON | _CONDITION | {"Key"},
    "Query": _COMMON
    | {
        "IndexName",
        "KeyConditionExpression",
        "FilterExpression",
        "ProjectionExpression",
        "Limit",
        "ExclusiveStartKey",
        "ScanIndexForward",
        "ConsistentRead",
        "Select",
    },
    "Scan": frozenset({"TableName", "Limit", "ExclusiveStartKey", "ConsistentRead"}),
}


class Carry(Protocol):
    """How a call gets to DynamoDB and its response back. Tests make it fail."""

    def __call__[T](self, do: Callable[[], T], lost: Callable[[Exception], NoReturn], *, again: bool) -> T:
        """Make the call or not. Return its response, or call `lost`, which raises an error as the SDK would.

        If `again` is true, the SDK may repeat the call.
        """


class Charge(NamedTuple):
    """The capacity units of one request. A query's key has no sort key."""

    operation: str
    key: Key
    units: float


class Index(NamedTuple):
    """A secondary index. `key` has its hash key and perhaps a range key. `attributes` are those that it projects."""

    key: tuple[str, ...]
    attributes: frozenset[str]

    def entry(self, item: Item | None) -> Item | None:
        """Return the index's entry of an item, or None if the item is not in it."""
        if not item or any(name not in item for name in self.key):
            return None
        return {name: value for name, value in item.items() if name in self.attributes}


@cache
def indexes() -> dict[str, Index]:
    """Return the table's indexes as the template declares them."""

    class Loader(yaml.SafeLoader):
        """Reads each of a template's short forms, such as `!Ref x`, as None."""

    Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)
    path = Path(__file__).parents[2] / "infra/data.yaml"
    template = yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 - a safe loader's child
    found = {}
    for index in template["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"]:
        key = tuple(each["AttributeName"] for each in index["KeySchema"])
        if index["Projection"]["ProjectionType"] not in {"INCLUDE", "KEYS_ONLY"}:
            raise NotImplementedError(index["Projection"])
        held = {*_TABLE_KEY, *key, *index["Projection"].get("NonKeyAttributes", ())}
        found[index["IndexName"]] = Index(key, frozenset(held))
    return found


class _Service(NamedTuple):
    shapes: dict[str, "Shape"]
    exceptions: Any
    validator: Any


@cache
def _service() -> _Service:
    client = boto3.client("dynamodb", "us-east-1", aws_access_key_id="made-up", aws_secret_access_key="made-up")
    model = client.meta.service_model
    shapes = {name: model.operation_model(name).input_shape for name in _PARAMETERS}
    return _Service(cast("dict[str, Shape]", shapes), client.exceptions, ParamValidator())


# ---- sizes, as https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html says


def size_of(item: Mapping[str, Any]) -> int:
    """Return the size of an item in bytes, attribute names included."""
    return sum(_bytes(name) + _size(value) for name, value in item.items())


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _size(value: Mapping[str, Any]) -> int:  # noqa: PLR0911 - one case for each type
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return _bytes(content)
        case "N":
            return _number_size(content)
        case "B":
            return len(content)
        case "BOOL" | "NULL":
            return 1
        case "SS" | "NS" | "BS":
            return sum(_size({kind[0]: each}) for each in content)
        case "L":
            return 3 + sum(1 + _size(each) for each in content)
        case "M":
            return 3 + sum(1 + _bytes(name) + _size(each) for name, each in content.items())
    raise NotImplementedError(kind)


@cache
def _number_size(number: str) -> int:
    """Return the documented approximation: one byte for every two significant digits, plus one byte."""
    digits = "".join(map(str, plain({"N": number})[1].as_tuple().digits)).strip("0")
    return 1 + (len(digits) + 1) // 2


def _units(size: int, unit: int) -> int:
    return max(1, -(-size // unit))


# ---- the table


@dataclass(kw_only=True)
class MemoryDynamoDB:
    """One table. Clients made by `client` share it.

    `carry` decides what happens to each call, `watch` sees each change of an item (before, after; empty where there is
    none), and `broken` has the error code that an operation fails with. `stale`: a read that is not consistent returns
    the state before the last write of that key. A test with very many calls can turn `strict` off to save time:
    requests are then not checked against the service model, and their units are not counted. `requests` has each
    request in order: operation, parameters.
    """

    items: dict[Key, Item] = field(default_factory=dict)
    carry: Carry | None = None
    watch: Callable[[Item, Item], None] | None = None
    broken: dict[str, str] = field(default_factory=dict)
    stale: bool = False
    strict: bool = True
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _log: list[Charge] = field(default_factory=list)
    _before: dict[Key, Item | None] = field(default_factory=dict)
    _turn: RLock = field(default_factory=RLock)

    def client(self) -> "DynamoDBClient":
        """Return a client of this table."""
        return cast("DynamoDBClient", MemoryClient(self))

    def put(self, item: Mapping[str, Any]) -> None:
        """Put an item there without cost. A stale read returns it too."""
        key = _key(item)
        self.items[key] = dict(item)
        self._before.pop(key, None)

    @property
    def log(self) -> list[Charge]:
        """Each charged request, in order."""
        if not self.strict:
            raise NotImplementedError("units are counted by a strict table only")
        return self._log

    @property
    def write_units(self) -> float:
        """The write units that AWS charges for all requests."""
        return sum(each.units for each in self.log if each.operation in _WRITES)

    @property
    def read_units(self) -> float:
        """The read units that AWS charges for all requests."""
        return sum(each.units for each in self.log if each.operation not in _WRITES)

    def asked(self, operation: str) -> list[dict[str, Any]]:
        """Return the parameters of each request of one operation."""
        return [parameters for name, parameters in self.requests if name == operation]

    # ---- one request

    def check(self, operation: str, asked: dict[str, Any]) -> None:
        """Raise the error that botocore raises for a request that does not fit its model."""
        if self.strict:
            service = _service()
            report = service.validator.validate(asked, service.shapes[operation])
            if report.has_errors():
                raise ParamValidationError(report=report.generate_report())
        if unknown := asked.keys() - _PARAMETERS[operation]:
            raise NotImplementedError(f"{operation}: {sorted(unknown)}")

    def do(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Do a request and return the response. Threads take turns. Raises botocore's errors."""
        with self._turn:
            return self._do(operation, asked)

    def _do(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        self.requests.append((operation, asked))
        if code := self.broken.get(operation):
            raise _error(code, operation, 500 if code in _SERVER_ERRORS else 400)
        if asked["TableName"] != NAME:
            raise _error("ResourceNotFoundException", operation)
        try:
            match operation:
                case "GetItem":
                    return self._get(asked)
                case "PutItem":
                    return self._put(asked)
                case "UpdateItem":
                    return self._update(asked)
                case "DeleteItem":
                    return self._delete(asked)
                case "Query":
                    return self._query(asked)
                case "Scan":
                    return self._scan(asked)
        except InvalidRequestError as error:
            raise _error("ValidationException", operation, message=str(error)) from None
        raise NotImplementedError(operation)

    def _read(self, key: Key, *, consistent: bool) -> Item | None:
        return self._before[key] if self.stale and not consistent and key in self._before else self.items.get(key)

    def _get(self, asked: dict[str, Any]) -> dict[str, Any]:
        key, consistent = _whole_key(asked["Key"]), asked.get("ConsistentRead", False)
        wanted = _parsed(projection, asked, "ProjectionExpression")
        scope = _scope(asked, wanted)
        item = self._read(key, consistent=consistent)
        self._charge_read("GetItem", key, [item] if item else [], consistent=consistent)
        return {} if item is None else {"Item": _projected(item, wanted, scope)}

    def _put(self, asked: dict[str, Any]) -> dict[str, Any]:
        item = dict(asked["Item"])
        _check_item(item)
        for value in item.values():
            plain(value)
        if (returned := asked.get("ReturnValues", "NONE")) not in {"NONE", "ALL_OLD"}:
            raise InvalidRequestError("Return values set to invalid value")
        key, expected = _key(item), _parsed(condition, asked, "ConditionExpression")
        scope = _scope(asked, expected)
        before = self.items.get(key)
        self._expect("PutItem", key, asked, expected.run(scope.of(before or {})) if expected else True, item)
        self._write("PutItem", key, item)
        return {"Attributes": dict(before)} if before and returned == "ALL_OLD" else {}

    def _update(self, asked: dict[str, Any]) -> dict[str, Any]:
        key, expected = _whole_key(asked["Key"]), _parsed(condition, asked, "ConditionExpression")
        changes = _parsed(update, asked, "UpdateExpression")
        scope = _scope(asked, expected, changes)
        before = self.items.get(key)
        wanted = expected.run(scope.of(before or {})) if expected else True
        item = dict(before or asked["Key"])
        names: frozenset[str] = frozenset()
        if changes and (wanted or before):
            names = changes.run(scope.of(item))
            if names & set(_TABLE_KEY):
                raise InvalidRequestError("Cannot update attribute: it is part of the key")
            if not (before or names & item.keys()):
                raise NotImplementedError("an update that only removes, of an item that is not there")
        self._expect("UpdateItem", key, asked, wanted, item)
        _check_item(item)
        self._write("UpdateItem", key, item)
        returned = asked.get("ReturnValues", "NONE")
        kept = {"ALL_NEW": item, "UPDATED_NEW": item, "ALL_OLD": before, "UPDATED_OLD": before}.get(returned) or {}
        if returned.startswith("UPDATED"):
            kept = {name: value for name, value in kept.items() if name in names}
        return {"Attributes": dict(kept)} if kept else {}

    def _delete(self, asked: dict[str, Any]) -> dict[str, Any]:
        key, expected = _whole_key(asked["Key"]), _parsed(condition, asked, "ConditionExpression")
        if (returned := asked.get("ReturnValues", "NONE")) not in {"NONE", "ALL_OLD"}:
            raise InvalidRequestError("Return values set to invalid value")
        scope = _scope(asked, expected)
        before = self.items.get(key)
        self._expect("DeleteItem", key, asked, expected.run(scope.of(before or {})) if expected else True, None)
        self._write("DeleteItem", key, None)
        return {"Attributes": dict(before)} if before and returned == "ALL_OLD" else {}

    def _expect(self, operation: str, key: Key, asked: dict[str, Any], holds: bool, item: Item | None) -> None:  # noqa: FBT001 - one place for the four
        """Raise the error of a failed condition. It costs what the larger of the two items would."""
        if holds:
            return
        before = self.items.get(key)
        if self.strict:
            size = max(size_of(before) if before else 0, size_of(item) if item else 0)
            self._log.append(Charge(operation, key, _units(size, _WRITE_UNIT)))
        answer: Any = {
            "Error": {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"},
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }
        if before and asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
            answer["Item"] = dict(before)
        raise _service().exceptions.ConditionalCheckFailedException(answer, operation)

    def _write(self, operation: str, key: Key, item: Item | None) -> None:
        before = self.items.get(key)
        if self.strict:
            self._charge_write(operation, key, before, item)
        self._before[key] = before
        if item is None:
            self.items.pop(key, None)
        else:
            self.items[key] = item
        if self.watch:
            self.watch(before or {}, item or {})

    def _charge_write(self, operation: str, key: Key, before: Item | None, item: Item | None) -> None:
        size = size_of(item) if item else 0
        if size > _MOST_BYTES:
            raise InvalidRequestError("Item size has exceeded the maximum allowed size")
        units = _units(max(size, size_of(before) if before else 0), _WRITE_UNIT)
        units += sum(_index_units(index, before, item) for index in indexes().values())
        self._log.append(Charge(operation, key, units))

    def _charge_read(self, operation: str, key: Key, read: list[Item], *, consistent: bool) -> None:
        if self.strict:
            units = _units(sum(map(size_of, read)), _READ_UNIT)
            self._log.append(Charge(operation, key, units if consistent else units / 2))

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        name, consistent = asked.get("IndexName"), asked.get("ConsistentRead", False)
        if name is not None and name not in indexes():
            raise InvalidRequestError(f"The table does not have the specified index: {name}")
        if name is not None and consistent:
            raise InvalidRequestError("Consistent reads are not supported on global secondary indexes")
        if "KeyConditionExpression" not in asked:
            raise InvalidRequestError("Either the KeyConditions or KeyConditionExpression parameter must be specified")
        index = indexes()[name] if name else None
        partition, *order = index.key if index else _TABLE_KEY
        keys = _parsed(key_condition, asked, "KeyConditionExpression")
        wanted = _parsed(projection, asked, "ProjectionExpression")
        kept = _parsed(condition, asked, "FilterExpression")
        scope = _scope(asked, keys, wanted, kept)
        assert keys
        wanted_keys = keys.run(scope)
        wanted_keys.check(partition, *order)
        entries = [
            entry
            for key in self.items.keys() | (self._before.keys() if self.stale else ())
            if (item := self._read(key, consistent=consistent))
            and item.get(partition) == {"S": wanted_keys.partition}  # says no to most items of a large table at once
            and (entry := index.entry(item) if index else item)
            and entry in wanted_keys
        ]

        def place(entry: Item) -> tuple[str, ...]:
            return (*(entry[each]["S"] for each in order), *_key(entry))

        forward = asked.get("ScanIndexForward", True)
        entries.sort(key=place, reverse=not forward)
        if start := asked.get("ExclusiveStartKey"):
            if start.keys() != {*_TABLE_KEY, partition, *order}:
                raise InvalidRequestError("The provided starting key is invalid")
            entries = [
                each for each in entries if (place(each) > place(start)) is forward and place(each) != place(start)
            ]
        limit = asked.get("Limit")
        page = entries[: limit or PAGE]
        answer: dict[str, Any] = {}
        # AWS stops at the limit before it knows whether more items follow.
        if len(entries) > len(page) or (limit and len(page) == limit):
            answer["LastEvaluatedKey"] = {each: page[-1][each] for each in (*_TABLE_KEY, partition, *order)}
        self._charge_read("Query", (wanted_keys.partition, ""), page, consistent=consistent)
        found = [_projected(each, wanted, scope, index) for each in page if not kept or kept.run(scope.of(each))]
        counts = {"Count": len(found), "ScannedCount": len(page)} | answer
        match asked.get("Select"):
            case None:
                return {"Items": found} | counts
            case "COUNT":
                return counts
        raise NotImplementedError(f"Select: {asked['Select']}")

    def _scan(self, asked: dict[str, Any]) -> dict[str, Any]:
        consistent = asked.get("ConsistentRead", False)
        known = sorted(self.items.keys() | (self._before.keys() if self.stale else ()))
        start = _whole_key(asked["ExclusiveStartKey"]) if "ExclusiveStartKey" in asked else None
        entries = [
            item
            for key in known
            if (start is None or key > start) and (item := self._read(key, consistent=consistent)) is not None
        ]
        limit = asked.get("Limit")
        page = entries[: limit or PAGE]
        answer: dict[str, Any] = {}
        if len(entries) > len(page) or (limit and len(page) == limit):
            answer["LastEvaluatedKey"] = {name: page[-1][name] for name in _TABLE_KEY}
        self._charge_read("Scan", ("", ""), page, consistent=consistent)
        return {"Items": [dict(each) for each in page], "Count": len(page), "ScannedCount": len(page)} | answer


class MemoryClient:
    """The methods of a client that the production code calls. Each client has its own event handlers."""

    def __init__(self, table: MemoryDynamoDB) -> None:
        self._table = table
        self._tries: list[tuple[str, Callable[..., object]]] = []
        self.meta = SimpleNamespace(events=SimpleNamespace(register=self._register))
        self.exceptions = _service().exceptions

    def get_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3 takes them, here and below
        return self._call("GetItem", asked)

    def put_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
        return self._call("PutItem", asked)

    def update_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
        return self._call("UpdateItem", asked)

    def delete_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
        return self._call("DeleteItem", asked)

    def query(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
        return self._call("Query", asked)

    def scan(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
        return self._call("Scan", asked)

    def get_paginator(self, name: str) -> Any:  # noqa: ANN401 - boto3 makes its paginators at run time
        if name not in {"query", "scan"}:
            raise NotImplementedError(name)
        read = self.query if name == "query" else self.scan

        def paginate(*, PaginationConfig: dict[str, int] | None = None, **asked: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401, N803
            limit = {"Limit": PaginationConfig["PageSize"]} if PaginationConfig else {}
            start: dict[str, Any] = {}
            while True:
                page = read(**asked, **limit, **start)
                yield page
                if "LastEvaluatedKey" not in page:
                    return
                start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

        return SimpleNamespace(paginate=paginate)

    def _register(self, event: str, handler: Callable[..., object]) -> None:
        if event == "before-parse.dynamodb.Query":
            return  # there is no answer in JSON to parse
        if event not in {f"needs-retry.dynamodb.{operation}" for operation in _PARAMETERS}:
            raise NotImplementedError(event)
        self._tries.append((event, handler))

    def _call(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        self._table.check(operation, asked)

        def do() -> dict[str, Any]:
            try:
                answer = self._table.do(operation, asked)
            except ClientError as error:
                self._tried(operation, error.response["ResponseMetadata"]["HTTPStatusCode"])
                raise
            self._tried(operation, 200)
            return answer

        def lost(error: Exception) -> NoReturn:
            self._tried(operation, error)
            raise error

        carry = self._table.carry
        return carry(do, lost, again=True) if carry else do()

    def _tried(self, operation: str, outcome: int | Exception) -> None:
        """Tell the handlers how a try ended, as botocore does: with a status or with its own error."""
        for event, handler in self._tries:
            if event.endswith(f".{operation}"):
                if isinstance(outcome, Exception):
                    handler(response=None, caught_exception=outcome)
                else:
                    handler(response=(SimpleNamespace(status_code=outcome), {}), caught_exception=None)


def _error(code: str, operation: str, status: int = 400, message: str = "") -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    known: Any = getattr(_service().exceptions, code, ClientError) if code in _MODELED else ClientError
    error: ClientError = known(answer, operation)
    return error


_MODELED = frozenset(
    {
        "ConditionalCheckFailedException",
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "ResourceNotFoundException",
        "ThrottlingException",
    }
)


def _key(item: Mapping[str, Any]) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def _whole_key(asked: Mapping[str, Any]) -> Key:
    if asked.keys() != set(_TABLE_KEY):
        raise InvalidRequestError("The provided key element does not match the schema")
    _check_item(asked)
    return _key(asked)


def _check_item(item: Mapping[str, Any]) -> None:
    for name, most in zip(_TABLE_KEY, _MOST_KEY_BYTES, strict=True):
        if not 0 < _bytes(item.get(name, {}).get("S", "")) <= most:
            raise InvalidRequestError(f"One or more parameter values were invalid: the key {name}")
    for index in indexes().values():
        for name in index.key:
            if name in item and not item[name].get("S"):
                raise InvalidRequestError(f"One or more parameter values are not valid: the index key {name}")


def _parsed[**P, R](
    parse: Callable[[str], Expression[P, R]], asked: Mapping[str, Any], name: str
) -> Expression[P, R] | None:
    return parse(asked[name]) if name in asked else None


def _scope(asked: Mapping[str, Any], *expressions: Expression[Any, Any] | None) -> Scope:
    """Return the values of an expression's placeholders. As on AWS, each must be defined and used."""
    names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
    for kind, given in (("Names", names), ("Values", values)):
        if not given and f"ExpressionAttribute{kind}" in asked:
            raise InvalidRequestError(f"ExpressionAttribute{kind} must not be empty")
    used = frozenset[str]().union(*(each.placeholders for each in expressions if each))
    if used != names.keys() | values.keys():
        raise InvalidRequestError(f"placeholders unused or undefined: {sorted(used ^ (names.keys() | values.keys()))}")
    for value in values.values():
        plain(value)
    return Scope(names, values, {})


def _projected(
    item: Item, wanted: Expression[[Scope], frozenset[str]] | None, scope: Scope, index: Index | None = None
) -> Item:
    if wanted is None:
        return dict(item)
    names = wanted.run(scope)
    if index and names - index.attributes:
        raise InvalidRequestError("One or more parameter values were invalid: not projected into the index")
    return {name: value for name, value in item.items() if name in names}


def _index_units(index: Index, before: Item | None, after: Item | None) -> int:
    old, new = index.entry(before), index.entry(after)
    if old == new:
        return 0
    if old and new and all(old[name] == new[name] for name in index.key):
        return _units(max(size_of(old), size_of(new)), _WRITE_UNIT)
    return sum(_units(size_of(each), _WRITE_UNIT) for each in (old, new) if each)
