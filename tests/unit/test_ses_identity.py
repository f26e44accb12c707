"""Which identities of SES can stand for an address."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.operate.ses_identity import identities_of

LABELS = st.lists(st.text("abcxyz0123456789-", min_size=1, max_size=8), min_size=2, max_size=6)


@pytest.mark.parametrize(
    ("address", "identities"),
    [
        ("leads@example.com", ("leads@example.com", "example.com")),
        (
            "leads@mail.clinic.example.com",
            ("leads@mail.clinic.example.com", "mail.clinic.example.com", "clinic.example.com", "example.com"),
        ),
        ("clinic.example.com", ("clinic.example.com", "example.com")),
        ("leads@localhost", ("leads@localhost",)),
        ("", ("",)),
    ],
)
def test_identities_are_the_address_its_domain_and_those_above(address: str, identities: tuple[str, ...]) -> None:
    assert identities_of(address) == identities


@given(labels=LABELS)
def test_identities_of_an_address_go_from_exact_to_general(labels: list[str]) -> None:
    address, *domains = identities_of(f"leads@{'.'.join(labels)}")
    assert address == f"leads@{'.'.join(labels)}"
    assert domains[0] == ".".join(labels)
    assert [each.count(".") for each in domains] == list(range(len(labels) - 1, 0, -1))
    assert all(above == below.partition(".")[2] for below, above in pairwise(domains))
