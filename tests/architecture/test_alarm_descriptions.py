"""Each alarm's email points to a section of docs/operations.md that exists."""

import re
from pathlib import Path

import pytest

from tests.architecture.templates import ROOT, read_templates

_GUIDE = Path("docs/operations.md")
_LONGEST = 1024  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
ALARMS = {
    place.rpartition(" ")[2]: str(alarm["Properties"].get("AlarmDescription", ""))
    for place, alarm in read_templates().of_type("AWS::CloudWatch::Alarm")
}


def problems(description: str, headings: set[str]) -> list[str]:
    named = re.findall(r'see "([^"]+)"', description, re.IGNORECASE)
    found = [f'{_GUIDE} has no section "{name}"' for name in named if name not in headings]
    if not named or str(_GUIDE) not in description:
        found.append(f'name the section to read: see "..." in {_GUIDE}')
    if len(description) > _LONGEST:
        found.append(f"CloudWatch allows {_LONGEST} characters")
    return found


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_names_the_section_to_read(alarm: str) -> None:
    headings = set(re.findall(r"^#+ (.*)$", (ROOT / _GUIDE).read_text(encoding="utf-8"), re.MULTILINE))
    assert problems(ALARMS[alarm], headings) == []


@pytest.mark.parametrize(
    ("description", "problem"),
    [
        ("SES accepts no email.", 'name the section to read: see "..." in docs/operations.md'),
        ('See "Alarms".', 'name the section to read: see "..." in docs/operations.md'),
        ('See "Gone" in docs/operations.md.', 'docs/operations.md has no section "Gone"'),
        ('See "Alarms" in docs/operations.md.' + " " * 1024, "CloudWatch allows 1024 characters"),
    ],
)
def test_a_description_that_leads_nowhere_is_noticed(description: str, problem: str) -> None:
    assert problems(description, {"Alarms"}) == [problem]
