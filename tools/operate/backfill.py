"""`make backfill`: asks `follow_up` to add what the desk needs to stored leads, until each lead has it. Safe to repeat.

One run of the function handles some thousands. This prints its progress.
"""

import json
import sys
from collections.abc import Callable
from typing import Any, Final

import boto3
from botocore.config import Config

# Longer than the function may run. No retries: a run that is repeated is another run.
_CONFIG: Final = Config(connect_timeout=10, read_timeout=200, retries={"total_max_attempts": 1})


class FunctionFailedError(Exception):
    """The function ended with an error."""


def backfill(run: Callable[[dict[str, Any]], dict[str, Any]], say: Callable[[str], None]) -> bool:
    """Return whether every lead has what the desk needs. `run` invokes the function with a job."""
    looked_at = written = failed = 0
    after: str | None = None
    while True:
        done = run({"job": "backfill", "after": after})
        looked_at, written, failed = looked_at + done["looked_at"], written + done["written"], failed + done["failed"]
        say(f"{looked_at} requests looked at, {written} written, {failed} failed")
        after = done["next"]
        if after is None:
            break
    if failed:
        say("Some requests failed: the log of FollowUpFunction says which. Run this again.")
    return not failed


def invoking(stack: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a function that invokes `follow_up` of a stack. It raises FunctionFailedError and botocore's errors."""
    client = boto3.client("lambda", config=_CONFIG)

    def run(job: dict[str, Any]) -> dict[str, Any]:
        answer = client.invoke(FunctionName=f"{stack}-follow-up", Payload=json.dumps(job).encode())
        if answer.get("FunctionError"):
            raise FunctionFailedError
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        return result

    return run


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(0 if backfill(invoking(sys.argv[1]), _say) else 1)
    except FunctionFailedError:
        sys.exit("The function stopped with an error. Read the log of FollowUpFunction, and run this again.")
