"""CHANGELOG.md is in the form of Keep a Changelog, and its newest version is the project's."""

import re
import tomllib
from datetime import date
from pathlib import Path

from packaging.version import Version

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_newest_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    newest = re.findall(r"^## \[([^\]]+)\]", CHANGELOG, re.MULTILINE)[0]
    assert newest == project["version"], "CHANGELOG.md and pyproject.toml name different versions: add an entry"


def test_versions_fall_and_each_has_its_date() -> None:
    headings = re.findall(r"^## .*$", CHANGELOG, re.MULTILINE)
    entries = [re.fullmatch(r"## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", heading) for heading in headings]
    found = [(Version(entry[1]), date.fromisoformat(entry[2])) for entry in entries if entry]
    assert len(found) == len(headings) >= 2
    assert found == sorted(found, reverse=True)


def test_changes_are_of_the_kinds_that_readers_know() -> None:
    assert set(re.findall(r"^### (.*)$", CHANGELOG, re.MULTILINE)) <= KINDS
