"""A plugin for pytest that asks a second DynamoDB whatever the unit tests ask the one in memory.

The unit tests of the table code run on `tests.unit.dynamodb`, which is our own reading of AWS's documentation. With
this plugin, each request also goes to the server of `tests.opinions.servers` that the environment names, and the two
answers are compared. A difference fails no unit test. All are written into a file; see test_table_code.py.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import boto3
import pytest
import pytest_socket
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import settings

from tests.architecture.templates import ROOT, load
from tests.unit.dynamodb import NAME, PAGE, MemoryDynamoDB

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.unit.dynamodb import Key
    from tests.unit.expressions import Item

URL: Final = "SECOND_OPINION_URL"
FINDINGS: Final = "SECOND_OPINION_FINDINGS"
# Examples of each property. The unit tests try more.
EXAMPLES = 5
# A table with more items takes too long to fill.
_MOST_ITEMS = 300
# Tables at the server: some tests use one for leads and one for the audit.
_MOST_TABLES = 4

type Answer = dict[str, Any]


@dataclass
class Table:
    """A table at the server, with the items that it has."""

    client: "DynamoDBClient"
    name: str
    items: "dict[Key, Item]" = field(default_factory=dict)

    def hold(self, items: "Mapping[Key, Item]") -> None:
        """Make its items those of the table in memory."""
        for pk, sk in self.items.keys() - items.keys():
            self.client.delete_item(TableName=self.name, Key={"pk": {"S": pk}, "sk": {"S": sk}})
        for key, item in items.items():
            if self.items.get(key) != item:
                self.client.put_item(TableName=self.name, Item=item)
        self.remember(items)

    def remember(self, items: "Mapping[Key, Item]") -> None:
        self.items = {key: dict(item) for key, item in items.items()}

    def ask(self, operation: str, asked: Mapping[str, Any]) -> Answer:
        method: Callable[..., Any] = getattr(self.client, _METHODS[operation])
        try:
            return dict(method(**{**asked, "TableName": self.name}))
        except ClientError as error:
            return refused(error)


_METHODS = {
    "GetItem": "get_item",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "Query": "query",
    "Scan": "scan",
}


def refused(error: ClientError) -> Answer:
    """Return an error as an answer: its code, and the item that a failed condition found."""
    found = error.response.get("Item")
    return {"Error": error.response["Error"]["Code"]} | ({"Item": found} if found else {})


class Mirror:
    """Sends requests to the server and keeps the differences. `asked` counts the requests that it sent."""

    def __init__(self, url: str) -> None:
        self._client = boto3.client(
            "dynamodb",
            "us-east-1",
            endpoint_url=url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )
        self._tables: dict[int, Table] = {}
        self.asked = 0
        self.differences: Counter[str] = Counter()
        self.example: dict[str, str] = {}

    def table(self, memory: MemoryDynamoDB) -> Table:
        """Return the table at the server for one in memory: its own, or the one that was used longest ago."""
        found = self._tables.pop(id(memory), None)
        if found is None and len(self._tables) == _MOST_TABLES:
            found = self._tables.pop(next(iter(self._tables)))
        self._tables[id(memory)] = found = found or self._create()
        found.hold(memory.items)
        return found

    def _create(self) -> Table:
        name = f"opinion-{uuid4()}"
        self._client.create_table(TableName=name, **shape())
        self._client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        return Table(self._client, name)

    def compare(self, operation: str, asked: Mapping[str, Any], ours: Answer, theirs: Answer) -> None:
        """Note how the answers differ."""
        self.asked += 1
        for what in differences(ours, theirs):
            self.differences[f"{operation}: {what}"] += 1
            self.example.setdefault(
                f"{operation}: {what}", json.dumps({"asked": asked, "ours": ours, "theirs": theirs}, default=str)
            )


def shape() -> dict[str, Any]:
    """Return the arguments of `create_table` for the table of infra/data.yaml."""
    declared = load((ROOT / "infra" / "data.yaml").read_text("utf-8"))["Resources"]["Table"]["Properties"]
    return {
        part: declared[part] for part in ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
    }


def differences(ours: Answer, theirs: Answer) -> Iterator[str]:
    """Yield how the server's answer differs from ours."""
    if ours.get("Error") != theirs.get("Error"):
        yield f"error {theirs.get('Error')} instead of {ours.get('Error')}"
        return
    if "Error" in ours:
        if "Item" in ours and "Item" not in theirs:
            yield "no item with the failed condition"
        elif alike(ours.get("Item")) != alike(theirs.get("Item")):
            yield "another item with the failed condition"
        return
    for part in ("Item", "Attributes", "Items", "Count", "ScannedCount"):
        if alike(ours.get(part) or None) != alike(theirs.get(part) or None):
            yield f"other {part}"


def alike(value: Any) -> Any:  # noqa: ANN401 - any part of an answer
    """Return a value with its sets in order and its numbers as numbers."""
    match value:
        case {"SS": list(texts), **rest} if not rest:
            return {"SS": sorted(texts)}
        case {"N": number, **rest} if not rest:
            return {"N": Decimal(number)}
        case dict():
            return {name: alike(each) for name, each in value.items()}
        case list():
            return [alike(each) for each in value]
    return value


def in_full(ask: Callable[[Mapping[str, Any]], Answer], asked: Mapping[str, Any]) -> Answer:
    """Read all pages from the first one on. Their items are sorted: an index or a scan leaves the order open."""
    answer: Answer = {"Count": 0, "ScannedCount": 0}
    items: list[Item] = []
    start: dict[str, Any] = {}
    while True:
        page = ask({name: value for name, value in asked.items() if name not in {"Limit", "ExclusiveStartKey"}} | start)
        if "Error" in page:
            return page
        items += page.get("Items", [])
        answer |= {count: answer[count] + page[count] for count in ("Count", "ScannedCount")}
        if "LastEvaluatedKey" not in page:
            return answer | {
                "Items": sorted(items, key=lambda item: json.dumps(alike(item), default=str, sort_keys=True))
            }
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def mirrored(mirror: Mirror) -> None:
    """Let each request to a table in memory go to the server too."""
    do = MemoryDynamoDB._do  # noqa: SLF001 - the one method that all requests go through

    def answer(memory: MemoryDynamoDB, operation: str, asked: Mapping[str, Any]) -> Answer:
        try:
            return do(memory, operation, dict(asked))
        except ClientError as error:
            return refused(error)

    def both(memory: MemoryDynamoDB, operation: str, asked: dict[str, Any]) -> Answer:
        if memory.broken or memory.stale or asked["TableName"] != NAME or len(memory.items) > _MOST_ITEMS:
            return do(memory, operation, asked)
        with sockets():
            table = mirror.table(memory)
            if operation == "Scan" or "IndexName" in asked:
                requests, charges = len(memory.requests), len(memory._log)  # noqa: SLF001
                ours = in_full(lambda each: answer(memory, operation, each), asked)
                del memory.requests[requests:], memory._log[charges:]  # noqa: SLF001
                mirror.compare(operation, asked, ours, in_full(lambda each: table.ask(operation, each), asked))
                return do(memory, operation, asked)
            page = {"Limit": PAGE} if operation == "Query" and "Limit" not in asked else {}
            theirs = table.ask(operation, asked | page)
            try:
                ours = do(memory, operation, asked)
            except ClientError as error:
                mirror.compare(operation, asked, refused(error), theirs)
                raise
            table.remember(memory.items)
            mirror.compare(operation, asked, ours, theirs)
            return ours

    MemoryDynamoDB._do = both  # type: ignore[method-assign, assignment] # noqa: SLF001 - the plugin is about this method


class sockets:  # noqa: N801 - used like contextlib's functions
    """Let the mirror reach the server, though unit tests have no network."""

    def __enter__(self) -> None:
        pytest_socket.enable_socket()

    def __exit__(self, *_: object) -> None:
        pytest_socket.disable_socket(allow_unix_socket=True)


def pytest_configure(config: pytest.Config) -> None:
    """Start, if the environment names a server."""
    if url := os.environ.get(URL):
        # After tests/unit/conftest.py, which loads its own. The requests are alike in most examples.
        settings.register_profile("mirror", settings.get_profile("ci"), max_examples=EXAMPLES)
        settings.load_profile("mirror")
        mirror = Mirror(url)
        mirrored(mirror)
        config.stash[_MIRROR] = mirror


def pytest_unconfigure(config: pytest.Config) -> None:
    """Write what was found."""
    if mirror := config.stash.get(_MIRROR, None):
        found = {"asked": mirror.asked, "differences": mirror.differences, "examples": mirror.example}
        Path(os.environ[FINDINGS]).write_text(json.dumps(found, indent=1), encoding="utf-8")


_MIRROR = pytest.StashKey[Mirror]()
