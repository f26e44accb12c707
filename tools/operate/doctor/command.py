"""The command: looks at the stack, prints the page, and returns the exit code."""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.operate.doctor.check import examine
from tools.operate.doctor.clients import clients
from tools.operate.doctor.fetch import fetching
from tools.operate.doctor.known import look_up
from tools.operate.doctor.report import COULD_NOT_LOOK, Report, as_json, as_text, exports, failed_as_json
from tools.operate.doctor.subjects import SUBJECTS
from tools.operate.errors import explained
from tools.operate.stack import OperateError

# A check that has begun may take some seconds more.
_SECONDS: Final = 50.0


def doctor(begin: Callable[[], boto3.Session], stack: str, *, page: str, machine: bool) -> int:
    """Examine a stack and print what was found: as text, or as JSON if `machine`. Return the exit code.

    `begin` finds the credentials, which may fail, too: AWS_PROFILE may name a profile that is not there.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    begun, calls = time.monotonic(), count()
    try:
        ask = clients(begin(), fetching(local=bool(endpoint)), lambda: next(calls))
        _say(f"Looking at {stack} ...")
        known = look_up(ask.stacks, stack, now=datetime.now(UTC), page=page, endpoint=endpoint)
    except (OperateError, ClientError, BotoCoreError) as error:
        reason = explained(error)
        print(failed_as_json(stack, reason) if machine else reason, file=sys.stdout if machine else sys.stderr)
        return COULD_NOT_LOOK
    lines = examine(ask, known, SUBJECTS, _say, lambda: begun + _SECONDS - time.monotonic())
    report = Report(
        stack=known,
        lines=lines,
        calls=next(calls),
        seconds=time.monotonic() - begun,
        exports=exports(known.region, os.environ),
    )
    painted = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(as_json(report) if machine else as_text(report, painted=painted))
    return report.code


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
