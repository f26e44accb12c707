"""Invokes a function of a stack with a job."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError

from tools.operate.stack import OperateError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# Longer than any function may run. No retries: a run that is repeated is another run.
CONFIG: Final = Config(connect_timeout=10, read_timeout=920, retries={"total_max_attempts": 1})

type Run = Callable[[dict[str, Any]], dict[str, Any]]


class FunctionFailedError(Exception):
    """The function ended with an error."""


def invoking(client: "LambdaClient", function: str) -> Run:
    """Return a function that invokes `function` with a job.

    It raises FunctionFailedError, OperateError if there is no such function, and botocore's errors.
    """

    def run(job: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = client.invoke(FunctionName=function, Payload=json.dumps(job).encode())
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            raise OperateError(
                f"There is no function {function}. Deploy this version first: docs/deploy.md, Update."
            ) from None
        if answer.get("FunctionError"):
            raise FunctionFailedError
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        return result

    return run
