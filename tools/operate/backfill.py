"""`make backfill`: asks `follow_up` to add what the desk needs to stored leads, until each lead has it. Safe to repeat.

One run of the function handles some thousands. This prints its progress.
"""

import sys
from collections.abc import Callable

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.operate import invoke
from tools.operate.errors import explained
from tools.operate.invoke import FunctionFailedError, Run
from tools.operate.stack import OperateError


def backfill(run: Run, say: Callable[[str], object]) -> bool:
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


def invoking(stack: str) -> Run:
    """Return a function that invokes `follow_up` of a stack. It raises FunctionFailedError and botocore's errors."""
    return invoke.invoking(boto3.client("lambda", config=invoke.CONFIG), f"{stack}-follow-up")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(stack: str) -> int:
    """Run the command and return the exit code. Expected errors are printed without a traceback."""
    try:
        return 0 if backfill(invoking(stack), _say) else 1
    except FunctionFailedError:
        problem = "The function stopped with an error. Read the log of FollowUpFunction, and run this again."
    except (OperateError, ClientError, BotoCoreError) as error:
        problem = explained(error)
    print(problem, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
