"""tests.survivors: each change can still be made, so the list stays useful."""

import pytest

from tests.survivors import ROOT, SURVIVORS, Survivor


@pytest.mark.parametrize("survivor", SURVIVORS, ids=lambda survivor: f"{survivor.number}-{survivor.loss}")
def test_a_change_has_its_place_and_its_tests(survivor: Survivor) -> None:
    text = (ROOT / "functions" / survivor.file).read_text(encoding="utf-8")
    where = f"number {survivor.number} in tests/survivors.py"
    assert text.count(survivor.old) == 1, (
        f"functions/{survivor.file} has the old text of {where} {text.count(survivor.old)} times; it must occur once."
        " Copy the line as it now is into tests/survivors.py."
    )
    assert survivor.old != survivor.new, f"{where} changes nothing"
    missing = [name for name in survivor.tests if not (ROOT / "tests/unit" / name).is_file()]
    assert not missing, f"{where} names tests that do not exist: {missing}"


def test_every_one_that_was_found_is_tried() -> None:
    missing = sorted(set(range(1, 27)) - {survivor.number for survivor in SURVIVORS})
    assert not missing, f"put numbers {missing} back into tests/survivors.py"
