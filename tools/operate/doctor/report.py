"""The doctor's page: as text for people, and as one JSON document for programs."""

import json
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap
from typing import Final

from tools.operate.doctor.check import Line
from tools.operate.doctor.finding import Color
from tools.operate.doctor.known import Known

# Exit codes, for scripts. 3 is for a doctor who could not look at all.
CODES: Final = {Color.GREEN: 0, Color.UNKNOWN: 1, Color.YELLOW: 1, Color.RED: 2}
COULD_NOT_LOOK: Final = 3
_ORDER: Final = tuple(Color)
_WIDTH: Final = 110
_INDENT: Final = " " * 11
_PAINT: Final = {Color.GREEN: "32", Color.YELLOW: "33", Color.RED: "31;1", Color.UNKNOWN: "35"}


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the checks found about a stack, and what that took. `exports` are the variables for the lines to type."""

    stack: Known
    lines: Sequence[Line]
    calls: int
    seconds: float
    exports: Mapping[str, str]

    @property
    def worst(self) -> Color:
        """The worst color."""
        return max((line.finding.color for line in self.lines), key=_ORDER.index, default=Color.GREEN)

    @property
    def code(self) -> int:
        """The exit code."""
        return CODES[self.worst]


def exports(region: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with which the AWS CLI reaches the stack that the doctor looked at, from its environment.

    The region can come from a profile or from samconfig.toml, and make deploy starts the doctor with its own profile.
    """
    names = {"AWS_DEFAULT_REGION"} | ({"AWS_REGION"} & environment.keys())  # the AWS CLI prefers AWS_REGION
    same = (name for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL") if environment.get(name))
    return dict.fromkeys(sorted(names), region) | {name: environment[name] for name in same}


def as_text(report: Report, *, painted: bool) -> str:
    """Return the page. `painted` adds colors for a terminal."""
    return "\n".join(_rows(report, painted=painted))


def _rows(report: Report, *, painted: bool) -> Iterator[str]:
    stack = report.stack
    yield f"{stack.name}, account {stack.account}, {stack.region}, {stack.now:%Y-%m-%d %H:%M} UTC"
    if any(line.finding.commands for line in report.lines):
        yield "\nType this first in each new terminal, so that the lines below reach this stack:"
        yield f"  export {' '.join(f'{name}={shlex.quote(value)}' for name, value in report.exports.items())}"
    for subject, lines in groupby(report.lines, key=lambda line: line.subject):
        yield f"\n{subject}"
        for line in lines:
            yield from _row(line, painted=painted)
    counts = Counter(line.finding.color for line in report.lines)
    total = ", ".join(f"{counts[color]} {color}" for color in reversed(_ORDER) if counts[color])
    yield f"\n{total}. The doctor made {report.calls} calls to AWS in {report.seconds:.0f} seconds and changed nothing."
    for color in (Color.RED, Color.YELLOW):
        named = dict.fromkeys(f"{line.subject} ({line.check})" for line in report.lines if line.finding.color is color)
        if named:
            yield f"{_label(color, str(color), painted=painted)}: {', '.join(named)}"


def _row(line: Line, *, painted: bool) -> Iterator[str]:
    color = line.finding.color
    found = wrap(f"{line.check}: {line.finding.found}", _WIDTH, break_long_words=False, break_on_hyphens=False)
    yield f"  {_label(color, f'{color:<7}', painted=painted)}  {found[0]}"
    for more in (*found[1:], *wrap(line.finding.do, _WIDTH, break_long_words=False, break_on_hyphens=False)):
        yield f"{_INDENT}{more}"
    for command in line.finding.commands:
        yield f"{_INDENT}  {command}"


def _label(color: Color, word: str, *, painted: bool) -> str:
    return f"\x1b[{_PAINT[color]}m{word}\x1b[0m" if painted else word


def as_json(report: Report) -> str:
    """Return the same as one JSON document."""
    stack = report.stack
    document = {
        "stack": stack.name,
        "account": stack.account,
        "region": stack.region,
        "at": stack.now.isoformat(timespec="seconds"),
        "worst": report.worst,
        "exit_code": report.code,
        "calls": report.calls,
        "seconds": round(report.seconds, 1),
        "lines": [
            {
                "subject": line.subject,
                "check": line.check,
                "color": line.finding.color,
                "found": line.finding.found,
                "do": line.finding.do,
                "commands": line.finding.commands,
            }
            for line in report.lines
        ],
    }
    return json.dumps(document, indent=2)


def failed_as_json(stack: str, reason: str) -> str:
    """Return the document of a doctor who could not look at all."""
    return json.dumps({"stack": stack, "exit_code": COULD_NOT_LOOK, "error": reason, "lines": []}, indent=2)
