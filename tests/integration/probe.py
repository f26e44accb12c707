"""A function that calls AWS under the role of another one, and says what was denied."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.deployed import Deployed

type Probe = Callable[[str, list[tuple[str, str, dict[str, object]]]], dict[str, str]]

_PROBE = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    outcomes = {}
    for service, operation, arguments in event:
        try:
            getattr(boto3.client(service), operation)(**arguments)
            outcomes[operation] = "allowed"
        except ClientError as error:
            code = error.response["Error"]["Code"]
            denied = code.startswith(("AccessDenied", "AuthorizationError"))
            outcomes[operation] = "denied" if denied else "allowed: " + code
    return outcomes
"""


@contextmanager
def probing(deployed: Deployed) -> Iterator[Probe]:
    """Yield a function that makes calls under the role of the named function, and returns how each operation ended."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("probe.py", _PROBE)
    made: list[str] = []

    def run(function: str, calls: list[tuple[str, str, dict[str, object]]]) -> dict[str, str]:
        role = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-{function}")["Role"]
        name = f"probe-{function}"
        if name not in made:
            deployed.lambdas.create_function(
                FunctionName=name,
                Role=role,
                Runtime="python3.13",
                Handler="probe.handler",
                Code={"ZipFile": archive.getvalue()},
                Timeout=60,
            )
            made.append(name)
        answer = deployed.lambdas.invoke(FunctionName=name, Payload=json.dumps(calls).encode())
        outcomes: dict[str, str] = json.load(answer["Payload"])
        assert "errorMessage" not in outcomes, outcomes
        return outcomes

    yield run
    for name in made:
        deployed.lambdas.delete_function(FunctionName=name)
