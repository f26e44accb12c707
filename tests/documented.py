"""The commands of docs/operations.md for the table, as calls: what is documented is tested."""

import json
import re
import shlex
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any

_DOCUMENT = Path(__file__).parents[1] / "docs" / "operations.md"


def looks(*, table: str) -> list[dict[str, Any]]:
    """Return the arguments that each documented look at the table has for DynamoDB's Scan."""
    commands = re.findall(r"^aws dynamodb scan (.*?)```", _DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [_scan(_options(command, {"TABLE": table})) for command in commands]


def _scan(options: dict[str, str]) -> dict[str, Any]:
    # As the CLI names them, and as the API does; the values of two of them are JSON.
    names = {"--table-name": "TableName", "--filter-expression": "FilterExpression"}
    names |= {"--projection-expression": "ProjectionExpression"}
    parsed = {"--expression-attribute-values": "ExpressionAttributeValues"}
    parsed |= {"--expression-attribute-names": "ExpressionAttributeNames"}
    return {names[option]: value for option, value in options.items() if option not in parsed} | {
        parsed[option]: json.loads(value) for option, value in options.items() if option in parsed
    }


def _options(command: str, values: dict[str, str]) -> dict[str, str]:
    command = command.replace("\\\n", " ")  # shlex keeps a continued line as a word
    words = [Template(word).substitute(values) for word in shlex.split(command)]
    return dict(zip(words[::2], words[1::2], strict=True))


def release(*, table: str, lead_id: str, now: datetime) -> dict[str, Any]:
    """Return the arguments that the command has for DynamoDB's UpdateItem."""
    (command,) = re.findall(
        r"^aws dynamodb update-item (.*?)```", _DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    values = {"TABLE": table, "PK": f"LEAD#{lead_id}", "NOW": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"}
    options = _options(command, values)
    return {
        "TableName": options.pop("--table-name"),
        "Key": json.loads(options.pop("--key")),
        "ConditionExpression": options.pop("--condition-expression"),
        "UpdateExpression": options.pop("--update-expression"),
        "ExpressionAttributeValues": json.loads(options.pop("--expression-attribute-values")),
        **options,  # none, or botocore complains
    }


def apply(update: dict[str, Any], item: MutableMapping[str, Any]) -> None:
    """Change `item` as DynamoDB would: `SET a = :b, ... REMOVE c, ...` under the condition `a = :b`."""
    values = update["ExpressionAttributeValues"]
    name, value = update["ConditionExpression"].split(" = ")
    assert item[name] == values[value], "the condition does not hold"
    assert item["pk"] == update["Key"]["pk"]
    written, removed = update["UpdateExpression"].removeprefix("SET ").split("REMOVE ")
    for assignment in written.split(","):
        name, value = assignment.strip().split(" = ")
        item[name] = values[value]
    for name in removed.split(","):
        item.pop(name.strip(), None)
