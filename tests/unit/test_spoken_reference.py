"""shared.leads.spoken_reference: a reference is found as people read it out and type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.identity import REFERENCE_PATTERN
from shared.leads.spoken_reference import possible_reference, reference_in


@pytest.mark.parametrize(
    "typed",
    ["KC-7Q2M-4XHD", "kc-7q2m-4xhd", " KC 7Q2M 4XHD ", "KC7Q2M4XHD", "7Q2M-4XHD", "7q2m4xhd", "kc_7q2m.4xhd"],
)
def test_a_reference_is_found_however_it_is_written(typed: str) -> None:
    assert reference_in(typed) == "KC-7Q2M-4XHD"


def test_letters_that_people_misread_are_read_as_digits() -> None:
    assert reference_in("KC-OIL2-4XHD") == "KC-0112-4XHD"


@pytest.mark.parametrize("typed", ["", "KC-", "KC-7Q2M", "KC-7Q2M-4XHDD", "Robinson", "55501470", "KC-7U2M-4XHD"])
def test_what_is_no_reference(typed: str) -> None:
    assert reference_in(typed) is None


@given(st.from_regex(REFERENCE_PATTERN, fullmatch=True))
def test_every_reference_is_read_as_itself(reference: str) -> None:
    assert reference_in(reference) == reference
    assert reference_in(reference.lower().replace("-", " ")) == reference
    assert possible_reference(reference) == possible_reference(reference[3:]) == reference
