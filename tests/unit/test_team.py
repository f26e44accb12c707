"""Recipients keep their id when the lists change. Operators find an address by its position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.team import FORMER_RECIPIENT, Recipient, Team, display_name, is_shared_mailbox

ADDRESSES = st.emails().map(str.lower)


def test_an_id_is_what_it_was_when_links_were_sent() -> None:
    assert Recipient("frontdesk@example.com").id == "r-bca654dee5c2"
    assert Recipient("nurse@example.com").id == "r-d1176763f4b6"


@given(ADDRESSES)
def test_the_case_of_letters_and_spaces_make_no_other_recipient(address: str) -> None:
    assert Recipient(f" {address.upper()} ").id == Recipient(address.upper().lower()).id


@given(ADDRESSES, ADDRESSES)
def test_two_addresses_are_two_recipients(one: str, other: str) -> None:
    assert (Recipient(one).id == Recipient(other).id) is (one == other)


def test_another_channel_is_another_recipient() -> None:
    assert Recipient("frontdesk@example.com", channel="sms").id != Recipient("frontdesk@example.com").id


def test_operators_find_an_address_by_its_position() -> None:
    team = Team(staff=("r-1", "r-2"), fallback=("r-3",))
    assert team.position("r-2") == "2nd address of AlertRecipients"
    assert team.position("r-3") == "1st address of FallbackRecipients"
    assert team.position("r-9") == FORMER_RECIPIENT


def test_an_address_on_both_lists_is_one_recipient() -> None:
    assert Team(staff=("r-1", "r-2"), fallback=("r-1", "r-3")).everybody == ("r-1", "r-2", "r-3")


@pytest.mark.parametrize(
    "name",
    [
        *("info", "office", "frontdesk", "front-desk", "front.desk", "Front_Desk2", "reception", "team", "staff"),
        *("contact", "hello", "admin", "clinic", "intake", "appointments", "scheduling", "nurses", "postmaster"),
        *("INFO", "info2", "2info", "clinic-intake", "intake.team", "info+leads", " info"),
    ],
)
def test_an_address_that_several_people_read_is_called_a_shared_mailbox(name: str) -> None:
    assert is_shared_mailbox(f"{name}@example.com")
    assert display_name(f"{name}@example.com") == f"{name}@example.com (a shared mailbox)"


@pytest.mark.parametrize(
    "name", ["nurse", "jordan", "casey.example", "j.office-example", "informed", "staffan", "7", ""]
)
def test_a_persons_address_is_shown_as_it_is(name: str) -> None:
    assert display_name(f"{name}@example.com") == f"{name}@example.com"


@given(st.text())
def test_any_text_is_shared_or_not(text: str) -> None:
    assert text in display_name(text)
