"""The table commands of docs/operations.md as API calls, so tests can run them."""

import json
import re
import shlex
from pathlib import Path
from string import Template
from typing import Any

_DOCUMENT = Path(__file__).parents[1] / "docs" / "operations.md"


def looks(*, table: str) -> list[dict[str, Any]]:
    """Return the arguments for DynamoDB's Scan of each documented command."""
    commands = re.findall(r"^aws dynamodb scan (.*?)```", _DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [_scan(_options(command, {"TABLE": table})) for command in commands]


def _scan(options: dict[str, str]) -> dict[str, Any]:
    # Option names of the CLI and their API names. The values of two of them are JSON.
    names = {"--table-name": "TableName", "--filter-expression": "FilterExpression"}
    names |= {"--projection-expression": "ProjectionExpression"}
    parsed = {"--expression-attribute-values": "ExpressionAttributeValues"}
    parsed |= {"--expression-attribute-names": "ExpressionAttributeNames"}
    return {names[option]: value for option, value in options.items() if option not in parsed} | {
        parsed[option]: json.loads(value) for option, value in options.items() if option in parsed
    }


def _options(command: str, values: dict[str, str]) -> dict[str, str]:
    command = command.replace("\\\n", " ")  # shlex would keep a continued line as a word
    words = [Template(word).substitute(values) for word in shlex.split(command)]
    return dict(zip(words[::2], words[1::2], strict=True))
