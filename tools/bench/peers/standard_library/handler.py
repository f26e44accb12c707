"""Lower bound: the same write with only the standard library, signed and sent by hand over a kept connection."""

import hashlib
import hmac
import http.client
import json
import os
import time
import uuid
from typing import Any

REGION = os.environ["AWS_REGION"]
ENDPOINT = os.environ.get("AWS_ENDPOINT_URL") or f"https://dynamodb.{REGION}.amazonaws.com"
SCHEME, HOST = ENDPOINT.rstrip("/").split("://")
TABLE_NAME = os.environ["TABLE_NAME"]

# Connects at the first request, and again if the server closed the connection while Lambda froze the process.
connect = http.client.HTTPSConnection if SCHEME == "https" else http.client.HTTPConnection
connection = connect(HOST, timeout=5)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Store any request."""
    item = json.loads(event["body"])
    item["id"] = str(uuid.uuid4())
    dynamodb("PutItem", {"TableName": TABLE_NAME, "Item": {name: attribute(value) for name, value in item.items()}})
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"id": item["id"]}),
    }


def attribute(value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a JSON value in DynamoDB's format."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float():
            return {"N": str(value)}
        case list():
            return {"L": [attribute(each) for each in value]}
        case _:
            return {"M": {name: attribute(each) for name, each in value.items()}}


def dynamodb(action: str, document: dict[str, Any]) -> None:
    """Call DynamoDB. Raises RuntimeError if it returns an error."""
    body = json.dumps(document).encode()
    headers = signed(
        {
            "content-type": "application/x-amz-json-1.0",
            "host": HOST,
            "x-amz-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
            "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"],
            "x-amz-target": f"DynamoDB_20120810.{action}",
        },
        body,
    )
    try:
        status, answer = post(headers, body)
    except (http.client.HTTPException, ConnectionError):  # the server closed the kept connection
        connection.close()
        status, answer = post(headers, body)
    if status != http.client.OK:
        raise RuntimeError(f"{action} gave {status}: {answer!r}")


def post(headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Send one request and read the whole response, so the connection can be reused."""
    connection.request("POST", "/", body, headers)
    response = connection.getresponse()
    return response.status, response.read()


def signed(headers: dict[str, str], body: bytes) -> dict[str, str]:
    """Return the sorted `headers` with an AWS Signature Version 4 for them and the body."""
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"

    moment = headers["x-amz-date"]
    scope = f"{moment[:8]}/{REGION}/dynamodb/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"

    key = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    return headers | {
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={key.hex()}"
    }
