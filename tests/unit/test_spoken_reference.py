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


_PREFIXES = st.from_regex("[A-Z]{2,4}", fullmatch=True)


@given(st.from_regex(REFERENCE_PATTERN, fullmatch=True))
def test_every_reference_is_read_as_itself(reference: str) -> None:
    prefix, _, rest = reference.partition("-")
    assert reference_in(reference, prefix) == reference
    assert reference_in(reference.lower().replace("-", " "), prefix) == reference
    assert possible_reference(reference, prefix) == possible_reference(rest, prefix) == reference


@given(st.from_regex(REFERENCE_PATTERN, fullmatch=True), _PREFIXES)
def test_a_reference_from_before_the_clinic_chose_other_letters_is_found(reference: str, prefix: str) -> None:
    assert reference_in(f" {reference.lower()} ", prefix) == possible_reference(reference, prefix) == reference


@pytest.mark.parametrize(("name", "prefix"), [("Martinez", "MAR"), ("Harrison", "HA"), ("Santiago", "SA")])
def test_a_name_that_begins_with_the_clinics_letters_is_no_sure_reference(name: str, prefix: str) -> None:
    assert reference_in(name, prefix) is None
    assert reference_in(f"{prefix} 7q2m 4xhd", prefix) == f"{prefix}-7Q2M-4XHD"
