"""docs/operations/alarms.md explains every alarm, and every reason that SES gives, with the command to type."""

import re
from pathlib import Path

from shared.services.mailer import OUTCOMES
from tests.architecture.templates import load

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations" / "alarms.md").read_text("utf-8")
EDIT = "edit docs/operations/alarms.md"


def named(heading: str) -> list[str]:
    """Return the names in the first column of the table below a heading."""
    section = OPERATIONS.partition(f"{heading}\n")[2]
    rows = re.findall(r"^\| (`.*?) \|", section.partition("\n#")[0], re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def test_the_table_has_every_alarm_of_the_template_once_and_no_other() -> None:
    resources = load((ROOT / "infra" / "monitoring.yaml").read_text("utf-8"))["Resources"]
    alarms = [name for name, resource in resources.items() if resource["Type"] == "AWS::CloudWatch::Alarm"]
    told = named("# Alarms")
    twice = sorted({name for name in told if told.count(name) > 1})
    assert sorted(told) == sorted(alarms), (
        f"{EDIT} under Alarms: add {sorted(set(alarms) - set(told))}, remove {sorted(set(told) - set(alarms))},"
        f" keep one row of {twice}"
    )


def test_the_table_has_every_reason_of_ses_that_means_something_to_us() -> None:
    told = set(named("## SES's reasons"))
    assert told == set(OUTCOMES), (
        f"{EDIT} under SES's reasons: add {sorted(set(OUTCOMES) - told)}, remove {sorted(told - set(OUTCOMES))}"
    )


def test_every_command_of_make_is_one() -> None:
    commands = re.findall(r"`?make ([a-z-]+)", OPERATIONS)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert {"redrive", "release"} <= set(commands), f"{EDIT}: name `make redrive` and `make release`"
    unknown = sorted({command for command in commands if f"\n{command}:" not in makefile})
    assert not unknown, f"{EDIT}: the Makefile has no {', '.join(unknown)}"


def test_every_log_line_that_is_to_be_looked_for_is_written() -> None:
    lines = re.findall(r"look for `([a-z ]+)`", OPERATIONS) + re.findall(r"of `([a-z ]+ failed)` in", OPERATIONS)
    assert len(lines) >= 5, f"this test no longer finds the log lines: correct it, or {EDIT}"
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "functions").rglob("*.py"))
    unwritten = [line for line in lines if f'"{line}"' not in source]
    assert not unwritten, f"{EDIT}: no function logs {unwritten}"


def test_every_link_within_the_page_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", OPERATIONS, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    broken = [link for link in re.findall(r"\]\(#([^)]+)\)", OPERATIONS) if link not in anchors]
    assert not broken, f"{EDIT}: it has no headings for the links {broken}"
