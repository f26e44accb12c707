"""Tests of updates have what they need of earlier releases: stored items, and the commit of the previous release."""

from packaging.version import Version

from tests.unit.test_items_of_earlier_releases import FILES
from tests.upgrades.previous import RELEASE
from tools.operate.upgrade_check.command import ROOT
from tools.operate.upgrade_check.releases import released, version_of

FIRST = Version("0.2.0")  # nobody deployed 0.1.0, and its items are not read


def test_each_earlier_release_has_its_items() -> None:
    expected = {each for each in released(ROOT) if FIRST <= Version(each) < Version(version_of(ROOT))}
    missing = sorted(expected - {file.stem for file in FILES}, key=Version)
    assert not missing, f"run python -m tests.items.make RELEASE COMMIT for {missing}: tests/items/make.py"


def test_the_previous_release_is_the_one_before_the_newest() -> None:
    assert released(ROOT)[-2] == RELEASE, (
        "edit tests/upgrades/previous.py: RELEASE and COMMIT are those of the last tag"
    )
