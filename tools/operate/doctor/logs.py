"""The command that prints what a function logged."""

import shlex
from datetime import timedelta

from tools.operate.doctor.known import Known

ERRORS = '?ERROR ?"Task timed out"'


def log_command(stack: Known, function: str, pattern: str, back: timedelta) -> str:
    """Return the command that prints the lines of a function's log that match a pattern."""
    since = int((stack.now - back).timestamp()) * 1000
    return (
        f"aws logs filter-log-events --log-group-name /aws/lambda/{function} --start-time {since}"
        f" --filter-pattern {shlex.quote(pattern)} --query 'events[].message'"
    )
