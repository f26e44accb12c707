"""dialing: a number becomes a link that a phone can dial, and staff read what an unusual number may cost."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from shared.leads.contact import normalize_phone, read_phone
from shared.leads.countries import COUNTRIES
from shared.leads.dialing import caution, phone_link
from tests.unit.words import any_text


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("(202) 555-0147", "tel:+12025550147"),
        ("202.555.0199 x12", "tel:+12025550199;ext=12"),
        ("+44 20 7946 0018", "tel:+442079460018"),
    ],
)
def test_a_number_becomes_a_link_with_its_extension(typed: str, link: str) -> None:
    assert phone_link(normalize_phone(typed) or "") == link


@pytest.mark.parametrize(
    "text", ["", "2025550147", "+1", "+12025550147;x", "+12025550147 ext. ", "+1202555014\u0667", "*31#"]
)
def test_what_was_never_checked_is_no_link(text: str) -> None:
    assert phone_link(text) is None


@given(any_text)
def test_no_text_makes_a_caution_fail(text: str) -> None:
    caution(text)
    assert phone_link(text) is None or phone_link(text) == f"tel:{text.replace(' ext. ', ';ext=')}"


@pytest.mark.parametrize(
    ("number", "words", "costly"),
    [
        ("+19005550100", "Premium-rate number: calling it may cost money that somebody else earns.", True),
        (
            "+449098790000",
            "Premium-rate number in the United Kingdom: calling it may cost money that somebody else earns.",
            True,
        ),
        ("+979123456789", "Premium-rate number: calling it may cost money that somebody else earns.", True),
        ("+870773111632", "Satellite phone: calling it may cost a lot of money.", True),
        ("+881612345678", "Satellite phone: calling it may cost a lot of money.", True),
        ("+88216123456", "Satellite phone or worldwide network: calling it may cost a lot of money.", True),
        ("+8831001234", "Satellite phone or worldwide network: calling it may cost a lot of money.", True),
        ("+442079460018", "Number in the United Kingdom: calling it may cost extra.", False),
        ("+442079460018 ext. 12", "Number in the United Kingdom: calling it may cost extra.", False),
        ("+44199", "Number in the United Kingdom: calling it may cost extra.", False),  # no valid number
        ("+14165550123", "Number in Canada: calling it may cost extra.", False),
        ("+18765550123", "Number in Jamaica: calling it may cost extra.", False),
        ("+447012345678", "Special-rate number in the United Kingdom: calling it may cost extra.", False),
        ("+80012345678", "Number without a country: calling it may cost extra.", False),
    ],
)
def test_a_number_that_may_cost_extra_says_so(number: str, words: str, costly: bool) -> None:  # noqa: FBT001
    found = caution(number)
    assert found is not None
    assert (found.words, found.costly) == (words, costly)


PREMIUM = "Premium-rate number"


@pytest.mark.parametrize(
    ("typed", "zone", "words"),
    [
        *(
            (typed, None, PREMIUM)
            for typed in ("+1 900 555 0100", "1-900-555-0100", "(900) 555-0100", "001 900 555 0100")
        ),
        *((typed, None, PREMIUM) for typed in ("900-555-0100 (cell)", "900-555-0100 x5", "call 900 555 0100 now")),
        ("0909 8790000", "Europe/London", f"{PREMIUM} in the United Kingdom"),
        ("+44 (0)909 8790000", None, f"{PREMIUM} in the United Kingdom"),
        ("0044 909 8790000", None, f"{PREMIUM} in the United Kingdom"),
        ("0899 12 34 56", "Europe/Paris", f"{PREMIUM} in France"),
        ("0900 1 234567", "Europe/Berlin", f"{PREMIUM} in Germany"),
        ("1900 654 321", "Australia/Sydney", f"{PREMIUM} in Australia"),
        ("00 870 773 111 632", None, "Satellite phone"),
        ("011 8816 1234 5678", "America/New_York", "Satellite phone"),
        ("+881 6 1234 5678 (sat phone)", None, "Satellite phone"),
        ("00 882 16 123 456", "Europe/Paris", "Satellite phone or worldwide network"),
        ("+979 1 2345 6789", None, PREMIUM),
    ],
)
def test_a_costly_number_is_costly_however_it_is_typed(typed: str, zone: str | None, words: str) -> None:
    number = read_phone(typed, zone).number
    assert number is not None
    found = caution(number)
    assert found is not None
    assert found.costly
    assert found.words.startswith(f"{words}: ")


@pytest.mark.parametrize(
    "number", ["+12025550147", "+12025550147 ext. 12", "+18005550199", "+17875550123", "+10000000000"]
)
def test_an_ordinary_number_of_our_country_needs_no_caution(number: str) -> None:
    assert caution(number) is None


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_region_has_a_name_and_its_premium_numbers_are_costly(region: str) -> None:
    assert region in COUNTRIES, "add its name to functions/shared/leads/countries.py"
    for kind in (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        found = caution(phonenumbers.format_number(example, PhoneNumberFormat.E164))
        if phonenumbers.number_type(example) == PhoneNumberType.PREMIUM_RATE:
            assert found is not None
            assert found.costly
        elif region in {"US", "PR", "GU", "VI", "AS", "MP"}:
            assert found is None
        else:
            assert found is not None
            assert COUNTRIES[phonenumbers.region_code_for_number(example) or ""] in found.words


def test_no_name_is_left_of_a_region_that_is_no_more() -> None:
    assert set(COUNTRIES) == phonenumbers.SUPPORTED_REGIONS


@given(st.sampled_from(sorted(COUNTRIES)))
def test_a_caution_is_one_sentence(region: str) -> None:
    example = phonenumbers.example_number(region)
    found = caution(phonenumbers.format_number(example, PhoneNumberFormat.E164)) if example else None
    assert found is None or found.words.count(". ") == 0
