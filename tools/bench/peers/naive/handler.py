"""A typical first search result: about twenty lines without any checks."""

import json
import os
import uuid
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Store any request."""
    item = json.loads(event["body"])
    item["id"] = str(uuid.uuid4())
    table.put_item(Item=item)
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"id": item["id"]}),
    }
