"""The record of indexes allows each update from one release to the next."""

from packaging.version import Version

from tests.architecture.index_record import FIRST, RECORD


def test_each_release_after_the_first_adds_one_index() -> None:
    several = [release for release, added in RECORD.items() if release != FIRST and len(added) != 1]
    assert not several, (
        f"edit tests/architecture/index_record.py: AWS creates one index per update, so split {several} into several "
        "releases, and say in CHANGELOG.md that operators deploy them one after the other"
    )


def test_no_index_is_added_twice() -> None:
    names = [name for added in RECORD.values() for name in added]
    assert len(names) == len(set(names)), "edit tests/architecture/index_record.py: each index is created once"


def test_releases_are_in_order() -> None:
    assert list(RECORD) == sorted(RECORD, key=Version), (
        "edit tests/architecture/index_record.py: the oldest comes first"
    )
