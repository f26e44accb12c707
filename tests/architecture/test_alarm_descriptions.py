"""Each alarm's email names a section of a page below docs/operations, and both exist."""

import re
from collections.abc import Mapping

import pytest

from tests.architecture.templates import ROOT, read_templates

_PAGES = {
    str(page.relative_to(ROOT)): set(re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE))
    for page in (ROOT / "docs" / "operations").glob("*.md")
}
_LONGEST = 1024  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
ALARMS = {
    place.rpartition(" ")[2]: str(alarm["Properties"].get("AlarmDescription", ""))
    for place, alarm in read_templates().of_type("AWS::CloudWatch::Alarm")
}


def problems(description: str, pages: Mapping[str, set[str]]) -> list[str]:
    named = re.findall(r'see "([^"]+)"(?: in (docs/[a-z/-]+\.md))?', description, re.IGNORECASE)
    found = [
        f'{page} has no section "{name}"' if page else f'page missing: see "{name}" in docs/operations/....md'
        for name, page in named
        if name not in pages.get(page, ())
    ]
    if not named:
        found.append('name the section to read: see "..." in docs/operations/....md')
    if len(description) > _LONGEST:
        found.append(f"CloudWatch allows {_LONGEST} characters")
    return found


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_names_the_section_to_read(alarm: str) -> None:
    assert problems(ALARMS[alarm], _PAGES) == []


@pytest.mark.parametrize(
    ("description", "problem"),
    [
        ("SES accepts no email.", 'name the section to read: see "..." in docs/operations/....md'),
        ('See "Alarms".', 'page missing: see "Alarms" in docs/operations/....md'),
        ('See "Gone" in docs/operations/alarms.md.', 'docs/operations/alarms.md has no section "Gone"'),
        ('See "Alarms" in docs/operations/alarms.md.' + " " * 1024, "CloudWatch allows 1024 characters"),
    ],
)
def test_a_description_that_leads_nowhere_is_noticed(description: str, problem: str) -> None:
    assert problems(description, {"docs/operations/alarms.md": {"Alarms"}}) == [problem]
