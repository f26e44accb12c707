"""The command: reads the stack and the checkout, compares them, and prints what an update will do."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import boto3
from packaging.version import Version

from tools.operate.stack import outputs
from tools.operate.upgrade_check.compare import CreateOnly, Side, compare
from tools.operate.upgrade_check.deployed import read, status
from tools.operate.upgrade_check.finding import Finding, Weight
from tools.operate.upgrade_check.releases import STEPS, Deployed, after, deployed_release, released, version_of
from tools.operate.upgrade_check.report import report, worst
from tools.operate.upgrade_check.schemas import create_only
from tools.operate.upgrade_check.template import checkout

ROOT: Final = Path(__file__).parents[3]
_ENDED: Final = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}


def upgrade_check(session: boto3.Session, stack: str, *, colors: bool, root: Path = ROOT) -> tuple[str, int]:
    """Return the report about an update of `stack` to the checkout in `root`, and the exit code.

    The code is 0 if there is nothing to watch out for, 3 if there is, and 4 if the update would fail or lose
    something. Raises OperateError, and botocore's errors.
    """
    values = outputs(session, stack)
    title, findings = check(read(session, stack), status(session, stack), values, root, create_only)
    text = report(stack, f"{stack} in {session.region_name}: {title}", findings, colors=colors)
    return text, int(worst(findings))


def check(
    side: Side, state: str, values: Mapping[str, str], root: Path, replacing: CreateOnly
) -> tuple[str, list[Finding]]:
    """Return the first line of the report, and the findings."""
    releases, version = released(root), version_of(root)
    deployed = deployed_release(values, side.templates, releases)
    brought = after(releases, deployed, version)
    findings = [*_stack(state), *_steps(brought), *compare(side, checkout(root), replacing)]
    if Version(deployed.oldest) > Version(version):
        findings.append(
            Finding(Weight.CARE, "Stack", f"The stack has a newer release than this checkout. See {_ROLL_BACK} first.")
        )
    return _title(deployed, version, brought), findings


_ROLL_BACK: Final = "docs/operations/roll-back.md"


def _title(deployed: Deployed, version: str, brought: Sequence[str]) -> str:
    between = f" Releases in the update: {', '.join(brought)} (CHANGELOG.md)." if brought else ""
    return f"{deployed} is deployed, and this checkout is {version}.{between}"


def _stack(state: str) -> Iterator[Finding]:
    if state in _ENDED:
        return
    if state.endswith("_IN_PROGRESS"):
        text = f"The stack is at work ({state}). Wait until it has ended, and check again."
    else:
        text = f"The last deployment failed ({state}). See {_ROLL_BACK}, If an update fails."
    # After UPDATE_FAILED, the next deployment goes on. The others refuse one.
    yield Finding(Weight.CARE if state == "UPDATE_FAILED" else Weight.STOP, "Stack", text)


def _steps(brought: Sequence[str]) -> Iterator[Finding]:
    for step in STEPS:
        if step.release in brought:
            if step.before:
                yield Finding(Weight.CARE, "Before", f"{step.release}: {step.before}")
            if step.after:
                yield Finding(Weight.CARE, "After", f"{step.release}: {step.after}")
