"""Checks the audit of a stack from outside: `python -m tools.operate.audit --stack NAME [--last NUMBER:DIGEST ...]`.

Exit code 0: the chain is consistent, and has the entries that `--last` names. 1: it is not, and the output says where.
2: nothing is known. The chain alone proves nothing against somebody who could write the whole table again.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from shared.leads.audit_chain import EMPTY, NO_DIGEST, Mark, StoredEntry, verify
from shared.store.audit import Audit, AuditError
from tools.operate.stack import OperateError, output

_OUTPUT: Final = "AuditTable"
_MARK: Final = re.compile(r"([0-9]{1,12}):([0-9a-f]{16,64})")
_PROGRESS_EVERY: Final = 5_000
# A chain that somebody wrote again may have a problem in each entry.
_MOST_PROBLEMS: Final = 20

WHOLE, BROKEN, UNKNOWN = 0, 1, 2

_NAME_ONE: Final = (
    "Only the last entry named in a digest email proves that nobody wrote it again: make audit-verify"
    " LAST=number:digest"
)

type Say = Callable[[str], object]


def main(arguments: list[str], say: Say = print) -> int:
    """Check the audit that the arguments name, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make audit-verify", description=__doc__)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--last", type=_marks, action="extend", default=[], help="from a digest email; repeatable")
    options = parser.parse_args(arguments)
    try:
        session = boto3.Session()
        table = output(session, options.stack, _OUTPUT)
        return check(Audit(session.client("dynamodb"), table), datetime.now(UTC), options.last, say)
    except OperateError as error:
        say(str(error))
    except AuditError as error:
        say(f"The audit could not be read ({error.reason}), so nothing is known about it. Try again.")
    except NoRegionError:
        say("Found no AWS region. Name the stack's region: AWS_DEFAULT_REGION=us-east-1 make audit-verify ...")
    except (ClientError, BotoCoreError) as error:
        say(f"The audit could not be checked: {type(error).__name__}: {error}")
    return UNKNOWN


def check(audit: Audit, now: datetime, marks: Sequence[Mark], say: Say) -> int:
    """Check the chain, say what was found, and return the exit code. `marks` may be in any order. Raises AuditError."""
    read = _Read(audit.entries(), say)
    problems = verify(read, now, *marks)
    shown = list(islice(problems, _MOST_PROBLEMS))
    more = sum(1 for _ in problems)
    for problem in shown:
        say(problem)
    if more:
        say(f"... and {more:,} more problems.")
    say(f"Looked at {read.count:,} entries. The last one is {read.last}")
    if shown:
        say("The audit is not whole. Somebody changed the table: keep it as it is, and find out who had access to it.")
        return BROKEN
    if not read.count:
        say(f"The audit has no entries, so nothing is known: it may have been emptied. {_NAME_ONE}")
        return UNKNOWN
    say(_consistent(read.last.number, max((mark.number for mark in marks), default=0)))
    return WHOLE


class _Read:
    """The entries of a chain, counted while they are read."""

    def __init__(self, entries: Iterable[StoredEntry], say: Say) -> None:
        self._entries = entries
        self._say = say
        self.count = 0
        self.last = EMPTY

    def __iter__(self) -> Iterator[StoredEntry]:
        for stored in self._entries:
            if stored.foreign_key is not None:
                yield stored
                continue
            self.count += 1
            self.last = Mark(stored.entry.number, stored.digest)
            if self.count % _PROGRESS_EVERY == 0:
                self._say(f"... {self.count:,} entries, up to {stored.entry.at:%Y-%m-%d}")
            yield stored


def _consistent(end: int, known: int) -> str:
    """Return what is proven. `known` is the number of the newest entry that somebody named, or 0."""
    if not known:
        return f"The chain is consistent. {_NAME_ONE}"
    if end == known:
        return f"The audit is unchanged up to entry {known:,}, which is its last one."
    after = "1 entry after it is" if end == known + 1 else f"{end - known:,} entries after it are"
    return (
        f"The audit is unchanged up to entry {known:,}. The {after} consistent. Only a newer digest email proves that"
        " nobody wrote them again."
    )


def _marks(text: str) -> list[Mark]:
    return [_mark(each) for each in text.split(",")]


def _mark(text: str) -> Mark:
    found = _MARK.fullmatch(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(
            "LAST is a number and a digest, such as LAST=1234:0f3a9c... from an email, or several with commas"
        )
    number = int(found[1])
    return Mark(number, found[2]) if number else Mark(0, NO_DIGEST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
