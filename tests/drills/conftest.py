"""The system for drills: a proxy in front of AWS, no scheduled sweep, and a printed table of results."""

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deployed import Deployed
from tests.drills.drill import FUNCTIONS, DeadlyProxy, Drill, schedule
from tests.faults import through

_TABLE = Path(__file__).parents[2] / "docs" / "failures.md"
_HERE = "tests/drills/"


@pytest.fixture(scope="package")
def proxy(deployed: Deployed) -> Iterator[DeadlyProxy]:
    """The proxy, with every function behind it and the schedule off."""
    with schedule(deployed, on=False), DeadlyProxy(deployed) as proxy, through(deployed, proxy, *FUNCTIONS):
        yield proxy


@pytest.fixture
def drill(deployed: Deployed, proxy: DeadlyProxy, record_property: Callable[[str, object], None]) -> Iterator[Drill]:
    """One drill. Afterwards everything works again."""
    before = len(deployed.all_mails())
    drill = Drill(deployed, proxy, lambda what: record_property("saw", what), mails_before=before)
    drill.put_off_the_rest()
    yield drill
    proxy.clear()
    deployed.set_sandbox(on=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the failure table of the docs with the results of the drills."""
    reports = [
        report
        for outcome in ("passed", "failed", "error")
        for report in terminalreporter.stats.get(outcome, [])
        if report.nodeid.startswith(_HERE) and (report.when == "call" or outcome != "passed")
    ]
    if not reports:
        return
    titles = {  # by the name of the row's drill
        name: row.split("|")[1].replace("**", "").strip()
        for row in _TABLE.read_text("utf-8").splitlines()
        if row.startswith("|")
        for name in re.findall(r"\[`(test_\w+)`\]", row)
    }
    terminalreporter.section("drills: what happens when ...")
    order = list(titles)
    for report in sorted(
        reports, key=lambda report: order.index(name) if (name := report.location[2]) in order else -1
    ):
        title = titles.get(report.location[2], report.location[2])
        terminalreporter.write_line(f"{'ok' if report.passed else 'FAILED':6}  {title}  ({report.duration:.1f} s)")
        for name, what in report.user_properties:
            if name == "saw":
                terminalreporter.write_line(textwrap.indent(textwrap.fill(str(what), 108), " " * 10))
    passed = sum(report.passed for report in reports)
    terminalreporter.write_line(f"{passed} of {len(reports)} drills ok")
