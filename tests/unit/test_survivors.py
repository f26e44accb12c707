"""tests.survivors: each change can still be made, so the list cannot rot."""

import pytest

from tests.survivors import ROOT, SURVIVORS, Survivor


@pytest.mark.parametrize("survivor", SURVIVORS, ids=lambda survivor: f"{survivor.number}-{survivor.loss}")
def test_a_change_has_its_place_and_its_tests(survivor: Survivor) -> None:
    text = (ROOT / "functions" / survivor.file).read_text(encoding="utf-8")
    assert text.count(survivor.old) == 1
    assert survivor.old != survivor.new
    assert all((ROOT / "tests/unit" / name).is_file() for name in survivor.tests)


def test_every_one_that_was_found_is_tried() -> None:
    assert set(range(1, 27)) <= {survivor.number for survivor in SURVIVORS}
