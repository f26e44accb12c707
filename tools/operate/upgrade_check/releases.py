"""The releases: which lie between two, and what an operator does before and after the update to each."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.version import Version

from tools.operate.upgrade_check.template import MAIN, Tree

_HEADING: Final = re.compile(r"^## \[(\d+\.\d+\.\d+)\]", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What an operator does around the update to a release. docs/operations/upgrade.md has the same table."""

    release: str
    before: str = ""
    after: str = ""


STEPS: Final = (
    Step(release="0.7.0", before="Deploy 0.6.1 first if you run 0.6.0 or older.", after="Run `make backfill`."),
    Step(
        release="0.8.0",
        before="Read the days in `[retention]` in `functions/clinic.toml`: the backfill sets when each closed request"
        " ends, and those whose days are over are deleted.",
        after="Run `make backfill`.",
    ),
    Step(release="0.9.0", after="Run `make docs`, and paste the form again."),
    Step(release="0.10.0", after="Run `make backfill`."),
)

# The release that created each index of the table of leads. A release creates one at most.
INDEXES: Final = {
    "agenda": "0.2.0",
    "worklist": "0.2.0",
    "reference": "0.6.1",
    "desk": "0.7.0",
    "report": "0.10.0",
}

# The output with the version, and the last release without it.
VERSION: Final = "Version"
LAST_WITHOUT_VERSION: Final = "0.10.0"


@dataclass(frozen=True, slots=True)
class Deployed:
    """The release that is deployed: exactly, or the oldest and the newest that it can be."""

    oldest: str
    newest: str

    def __str__(self) -> str:
        return self.oldest if self.oldest == self.newest else f"{self.oldest} or later, up to {self.newest}"


def released(root: Path) -> list[str]:
    """Return the releases in CHANGELOG.md, oldest first."""
    return _HEADING.findall((root / "CHANGELOG.md").read_text("utf-8"))[::-1]


def version_of(root: Path) -> str:
    """Return the version of a checkout."""
    return str(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def deployed_release(outputs: Mapping[str, str], templates: Mapping[str, Tree], releases: Sequence[str]) -> Deployed:
    """Return which release is deployed. Older ones do not say, so what they have tells how old they can be."""
    if stated := outputs.get(VERSION):
        return Deployed(stated, stated)
    has = [release for release, there in _marks(templates).items() if there]
    oldest = max(has, key=Version, default=releases[0])
    lacks = [
        release for release, there in _marks(templates).items() if not there and Version(release) > Version(oldest)
    ]
    until = min(lacks, key=Version, default=None)
    before = [each for each in releases if Version(oldest) <= Version(each) <= Version(LAST_WITHOUT_VERSION)]
    newest = [each for each in before if until is None or Version(each) < Version(until)]
    return Deployed(oldest, newest[-1] if newest else oldest)


def _marks(templates: Mapping[str, Tree]) -> dict[str, bool]:
    """Return what tells releases apart: the release, and whether the stack has what it brought."""
    indexes = {
        index["IndexName"]
        for template in templates.values()
        for resource in template["Resources"].values()
        for index in resource.get("Properties", {}).get("GlobalSecondaryIndexes", ())
    }
    return {release: name in indexes for name, release in INDEXES.items()} | {
        "0.8.0": "EraseFunction" in templates[MAIN]["Resources"]
    }


def after(releases: Sequence[str], deployed: Deployed, version: str) -> list[str]:
    """Return the releases that an update to `version` brings, oldest first."""
    return [each for each in releases if Version(deployed.oldest) < Version(each) <= Version(version)]
