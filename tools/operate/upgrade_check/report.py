"""The report of an upgrade check, as text for a terminal."""

from collections.abc import Sequence
from typing import Final

from tools.operate.upgrade_check.finding import Finding, Weight

_ORDER: Final = (
    *("Before", "Stack", "Indexes", "Replaced", "Deleted", "Protection", "Parameters", "Functions", "New", "Changed"),
    "After",
)
_MARKS: Final = {Weight.KNOW: "      ", Weight.CARE: "CARE  ", Weight.STOP: "STOP  "}
_COLORS: Final = {Weight.CARE: "33", Weight.STOP: "31"}  # yellow, red
_VERDICTS: Final = {
    Weight.KNOW: "Nothing to watch out for. Deploy with: make deploy STACK={stack}",
    Weight.CARE: "Read what is marked CARE. Then deploy with: make deploy STACK={stack}",
    Weight.STOP: "DO NOT DEPLOY YET: what is marked STOP would fail or lose something.",
}


def worst(findings: Sequence[Finding]) -> Weight:
    """Return how much the worst finding matters."""
    return max((each.weight for each in findings), default=Weight.KNOW)


def report(stack: str, title: str, findings: Sequence[Finding], *, colors: bool) -> str:
    """Return the report about a stack: the findings by heading, and what to do."""
    lines = [title]
    for heading in _ORDER:
        found = sorted((each for each in findings if each.heading == heading), key=lambda each: -each.weight)
        if found:
            lines += ["", heading, *(_line(each, colors=colors) for each in found)]
    verdict = worst(findings)
    return "\n".join([*lines, "", _colored(_VERDICTS[verdict].format(stack=stack), verdict, colors=colors)])


def _line(finding: Finding, *, colors: bool) -> str:
    return f"  {_colored(_MARKS[finding.weight] + finding.text, finding.weight, colors=colors)}"


def _colored(text: str, weight: Weight, *, colors: bool) -> str:
    return f"\033[{_COLORS[weight]}m{text}\033[0m" if colors and weight in _COLORS else text
