"""Invokes a function of a stack with a job."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# Longer than any function may run. No retries: a run that is repeated is another run.
CONFIG: Final = Config(connect_timeout=10, read_timeout=920, retries={"total_max_attempts": 1})

type Run = Callable[[dict[str, Any]], dict[str, Any]]


class FunctionFailedError(Exception):
    """The function ended with an error."""


def invoking(client: "LambdaClient", function: str) -> Run:
    """Return a function that invokes `function` with a job. It raises FunctionFailedError and botocore's errors."""

    def run(job: dict[str, Any]) -> dict[str, Any]:
        answer = client.invoke(FunctionName=function, Payload=json.dumps(job).encode())
        if answer.get("FunctionError"):
            raise FunctionFailedError
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        return result

    return run
