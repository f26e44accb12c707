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
    newest = re.findall(r"^## \[(\d[^\]]*)\]", CHANGELOG, re.MULTILINE)[0]
    assert newest == project["version"], (
        f"pyproject.toml has version {project['version']}: add its entry to CHANGELOG.md"
    )


def test_versions_fall_and_each_has_its_date() -> None:
    headings = re.findall(r"^## .*$", CHANGELOG, re.MULTILINE)
    if headings[0] == "## [Unreleased]":
        del headings[0]
    entries = [re.fullmatch(r"## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", heading) for heading in headings]
    found = [(Version(entry[1]), date.fromisoformat(entry[2])) for entry in entries if entry]
    assert len(found) == len(headings) >= 2, "edit CHANGELOG.md: a version's heading is `## [1.2.3] - 2026-01-31`"
    assert found == sorted(found, reverse=True), "edit CHANGELOG.md: the newest version comes first"


def test_changes_are_of_the_kinds_that_readers_know() -> None:
    others = sorted(set(re.findall(r"^### (.*)$", CHANGELOG, re.MULTILINE)) - KINDS)
    assert not others, f"edit CHANGELOG.md: instead of {others} use {sorted(KINDS)}"
