# ruff: noqa: ANN401 - the clients take whatever AWS may be asked
"""AWS in memory: a table that knows DynamoDB's expressions, SES, SNS and a secret, each behind its client's methods.

What it does not know of DynamoDB is an error, never a wrong answer. Every call goes over a `Wire`, which decides what
becomes of it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from functools import cache
from types import SimpleNamespace
from typing import Any, NoReturn, Protocol

import boto3
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

type Item = dict[str, dict[str, Any]]
type Key = tuple[str, str]

_URL = "https://aws.example.com/"
_PAGE = 3  # so few that whoever forgets the next page is noticed


class Fate(Enum):
    """What becomes of a call."""

    WELL = auto()
    DIES_BEFORE = auto()  # the process ends before anything is done
    DIES_AFTER = auto()  # it is done, and the process ends
    FAILS = auto()  # nothing is done, and the caller hears of it
    ANSWER_LOST = auto()  # it is done, and the caller hears of an error
    REPEATED = auto()  # it is done, the answer is lost, and the SDK does it again


class Wire(Protocol):
    """What lies between a client and AWS."""

    def carry[T](self, service: str, do: Callable[[], T], lost: Callable[[Exception], NoReturn], *, again: bool) -> T:
        """Do it or not, and return its answer or not. `again` is whether the SDK repeats it; `lost` raises."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail that SES took."""

    at: datetime
    to: str
    subject: str
    text: str
    tags: Mapping[str, str]

    @property
    def lead_id(self) -> str | None:
        """The lead that it is about."""
        return self.tags.get("lead_id")


@dataclass(kw_only=True)
class Cloud:
    """What AWS holds. `watch` sees each change of an item: before, after."""

    wire: Wire
    now: Callable[[], datetime]
    watch: Callable[[Item, Item], None]
    items: dict[Key, Item] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # by the topic
    refusing: dict[str, str] = field(default_factory=dict)  # by address, or "" for all: SES's error code

    def dynamodb(self) -> Any:
        return Table(self)

    def ses(self) -> Any:
        return SimpleNamespace(send_email=self._send_email)

    def sns(self) -> Any:
        return SimpleNamespace(publish=self._publish)

    def read_secret(self) -> str:
        return self.wire.carry("secrets", lambda: "made-up-secret", _raise, again=True)

    def _publish(self, *, TopicArn: str, Subject: str, Message: str) -> None:  # noqa: N803 - as SNS calls them
        assert TopicArn
        assert Message
        self.wire.carry("sns", lambda: self.told.append(Subject), _raise, again=True)

    def _send_email(self, **asked: Any) -> dict[str, str]:
        (to,) = asked["Destination"]["ToAddresses"]
        content = asked["Content"]["Simple"]
        mail = Mail(
            at=self.now(),
            to=to,
            subject=content["Subject"]["Data"],
            text=content["Body"]["Text"]["Data"],
            tags={tag["Name"]: tag["Value"] for tag in asked["EmailTags"]},
        )

        def take() -> dict[str, str]:
            if code := self.refusing.get("") or self.refusing.get(to):
                raise ClientError({"Error": {"Code": code, "Message": ""}}, "SendEmail")
            self.mails.append(mail)
            return {"MessageId": f"made-up-{len(self.mails)}"}

        return self.wire.carry("ses", take, _raise, again=False)


class Table:
    """A client of DynamoDB with one table."""

    exceptions = boto3.client(
        "dynamodb", region_name="us-east-1", aws_access_key_id="made-up", aws_secret_access_key="made-up"
    ).exceptions

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._tries: list[Callable[..., None]] = []
        self.meta = SimpleNamespace(events=SimpleNamespace(register=lambda _name, note: self._tries.append(note)))

    def get_item(self, **asked: Any) -> dict[str, Any]:
        def get() -> dict[str, Any]:
            item = self._cloud.items.get(_key(asked["Key"]))
            return {} if item is None else {"Item": _projected(item, asked)}

        return self._carry(get)

    def put_item(self, **asked: Any) -> None:
        def lost(error: Exception) -> NoReturn:
            for note in self._tries:
                note(None, error)
            raise error

        self._cloud.wire.carry("dynamodb", lambda: self._write(self._put(asked), asked), lost, again=True)

    def update_item(self, **asked: Any) -> dict[str, Any]:
        def update() -> dict[str, Any]:
            return {"Attributes": dict(self._write(self._updated(asked), asked))}

        return self._carry(update)

    def delete_item(self, **asked: Any) -> None:
        def delete() -> None:
            key = _key(asked["Key"])
            self._check(key, asked)
            self._cloud.items.pop(key, None)

        self._carry(delete)

    def query(self, **asked: Any) -> dict[str, Any]:
        def query() -> dict[str, Any]:
            index = asked.get("IndexName")
            keys = {"agenda": ("agenda_shard", "agenda_at"), "worklist": ("worklist", "received_at")}
            partition, order = keys[index] if index else ("pk", "sk")
            holds = _parsed(asked["KeyConditionExpression"])
            found = sorted(
                (item for item in self._cloud.items.values() if partition in item and order in item),
                key=lambda item: (item[order]["S"], _key(item)),
                reverse=not asked.get("ScanIndexForward", True),
            )
            found = [item for item in found if _truth(holds, item, asked)]
            if start := asked.get("ExclusiveStartKey"):
                at = (start[order]["S"], _key(start))
                found = [item for item in found if (item[order]["S"], _key(item)) > at]
            most = min(asked.get("Limit", _PAGE), _PAGE) if "Limit" not in asked else asked["Limit"]
            page = found[:most]
            last = {"LastEvaluatedKey": page[-1]} if len(found) > most else {}
            return {"Items": [_projected(item, asked) for item in page], **last}

        return self._carry(query)

    def get_paginator(self, operation: str) -> Any:
        assert operation == "query"

        def paginate(**asked: Any) -> Iterator[dict[str, Any]]:
            start: dict[str, Any] | None = {}
            while start is not None:
                page = self.query(**asked, **({"ExclusiveStartKey": start} if start else {}))
                yield page
                start = page.get("LastEvaluatedKey")

        return SimpleNamespace(paginate=paginate)

    def _carry[T](self, do: Callable[[], T]) -> T:
        return self._cloud.wire.carry("dynamodb", do, _raise, again=True)

    def _write(self, item: Item, asked: Mapping[str, Any]) -> Item:
        assert asked["TableName"]
        self._set(item)
        return item

    def _set(self, item: Item) -> None:
        key = _key(item)
        before = self._cloud.items.get(key, {})
        self._cloud.items[key] = item
        self._cloud.watch(before, item)

    def _put(self, asked: Mapping[str, Any]) -> Item:
        self._check(_key(asked["Item"]), asked)
        return dict(asked["Item"])

    def _check(self, key: Key, asked: Mapping[str, Any]) -> None:
        item = self._cloud.items.get(key, {})
        condition = asked.get("ConditionExpression")
        if condition and not _truth(_parsed(condition), item, asked):
            answer: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
            if item and asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
                answer["Item"] = dict(item)
            raise self.exceptions.ConditionalCheckFailedException(answer, "Write")

    def _updated(self, asked: Mapping[str, Any]) -> Item:
        key = _key(asked["Key"])
        self._check(key, asked)
        item = dict(asked["Key"]) | self._cloud.items.get(key, {})
        clauses = re.split(r"\b(SET|REMOVE|ADD|DELETE) ", asked["UpdateExpression"])[1:]
        for verb, clause in zip(clauses[::2], clauses[1::2], strict=True):
            for part in clause.split(","):
                _change(item, verb, part.split(), asked)
        return item


def _raise(error: Exception) -> NoReturn:
    raise error


def failure(service: str, *, done: bool) -> Exception:
    """Return what the SDK raises where it had no connection, or no answer although it is `done`."""
    url = f"{_URL}{service}"
    return ReadTimeoutError(endpoint_url=url) if done else EndpointConnectionError(endpoint_url=url)


def _key(item: Mapping[str, Any]) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def _projected(item: Item, asked: Mapping[str, Any]) -> Item:
    wanted = asked.get("ProjectionExpression")
    return dict(item) if wanted is None else {name: item[name] for name in wanted.split(", ") if name in item}


def _change(item: Item, verb: str, part: list[str], asked: Mapping[str, Any]) -> None:
    match verb, part:
        case "SET", [name, "=", value]:
            item[_name(name, asked)] = _value(value, asked)
        case "REMOVE", [name]:
            item.pop(_name(name, asked), None)
        case "ADD", [name, value]:
            item[name] = _added(item.get(name), _value(value, asked))
        case "DELETE", [name, value]:
            left = set(item[name]["SS"]) - set(_value(value, asked)["SS"])
            item[name] = {"SS": sorted(left)}
        case _:
            raise AssertionError(verb, part)


def _added(stored: dict[str, Any] | None, more: dict[str, Any]) -> dict[str, Any]:
    if "N" in more:
        return {"N": str(Decimal(stored["N"] if stored else 0) + Decimal(more["N"]))}
    return {"SS": sorted({*(stored["SS"] if stored else ()), *more["SS"]})}


def _name(name: str, asked: Mapping[str, Any]) -> str:
    return str(asked["ExpressionAttributeNames"][name]) if name.startswith("#") else name


def _value(name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = asked["ExpressionAttributeValues"][name]
    assert value != {"SS": []}
    return value


# Conditions are parsed once: or-and-comparison, as nested tuples.
type _Parsed = tuple[Any, ...]
_TOKEN = re.compile(r"\s*(AND\b|OR\b|<=|>=|[=<>(),]|[:#]?\w+)")


@cache
def _parsed(expression: str) -> _Parsed:  # noqa: C901 - one function for each level
    tokens = _TOKEN.findall(expression)
    assert "".join(tokens) == re.sub(r"\s", "", expression), expression

    def either() -> _Parsed:
        terms = [both()]
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            terms.append(both())
        return "OR", *terms

    def both() -> _Parsed:
        terms = [term()]
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            terms.append(term())
        return "AND", *terms

    def term() -> _Parsed:
        if tokens[0] == "(":
            tokens.pop(0)
            inner = either()
            assert tokens.pop(0) == ")"
            return inner
        left = operand()
        if left[0] in {"attribute_exists", "attribute_not_exists", "contains"}:
            return left
        return tokens.pop(0), left, operand()

    def operand() -> _Parsed:
        word = tokens.pop(0)
        if not tokens or tokens[0] != "(":
            return (word,)
        given = []
        while tokens.pop(0) != ")":
            given.append(tokens.pop(0))
        return word, *given

    parsed = either()
    assert not tokens, expression
    return parsed


def _truth(parsed: _Parsed, item: Item, asked: Mapping[str, Any]) -> bool:  # noqa: C901, PLR0911 - one case for each word
    def stored(name: str) -> dict[str, Any] | None:
        return _value(name, asked) if name.startswith(":") else item.get(_name(name, asked))

    def plain(operand: _Parsed) -> Any:
        match operand:
            case "size", name:
                value = stored(name)
                return None if value is None else Decimal(len(value["SS"]))
            case (name,):
                value = stored(name)
                return None if value is None else Decimal(value["N"]) if "N" in value else value["S"]

    match parsed:
        case "OR", *terms:
            return any(_truth(each, item, asked) for each in terms)
        case "AND", *terms:
            return all(_truth(each, item, asked) for each in terms)
        case "attribute_exists", name:
            return stored(name) is not None
        case "attribute_not_exists", name:
            return stored(name) is None
        case "contains", name, value:
            return value is not None and _value(value, asked)["S"] in (stored(name) or {"SS": ()})["SS"]
        case sign, left, right:
            one, other = plain(left), plain(right)
            if one is None or other is None:
                return False
            return bool({"=": one == other, "<": one < other, "<=": one <= other, ">=": one >= other}[sign])
    raise AssertionError(parsed)
